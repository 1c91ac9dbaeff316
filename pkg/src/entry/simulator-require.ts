/** `xero-m2m/simulator` for `require` in Node.js. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../simulator/core.js";

start(readFileSync(join(__dirname, "simulator.wasm")), {
  http: () => import("node:http"),
  https: () => import("node:https"),
  crypto: () => import("node:crypto"),
});

export * from "../simulator/simulator.js";
