/**
 * A local imitation of Xero, to test against: one custom connection to one demo company. It is not Xero; what it plays
 * and what it does not is told by the documentation of the Rust module `simulator`.
 *
 * @module
 */

import { bytesOf } from "../shared/bytes.js";
import wasm from "../glue/simulator-wasm.js";
import start from "../simulator/simulator.js";

start(bytesOf(wasm), () => import("node:http"));

export * from "../simulator/simulator.js";
