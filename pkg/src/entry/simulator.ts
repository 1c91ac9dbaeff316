/**
 * A local imitation of Xero, to test against: one custom connection to one demo company. It is not Xero; the
 * documentation of the Rust module `simulator` lists what it imitates.
 *
 * @module
 */

import { inflated } from "../shared/bytes.js";
import wasm from "../glue/simulator-wasm.js";
import { start } from "../simulator/core.js";

start(inflated(wasm), {
  http: () => import("node:http"),
  https: () => import("node:https"),
  crypto: () => import("node:crypto"),
});

export * from "../simulator/simulator.js";
