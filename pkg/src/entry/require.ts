/** `xero-m2m` for `require` in Node.js, which reads the module from its file. Bundlers take the ES module instead. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../client/core.js";
import { reasonOf } from "../client/reasons.js";

start(readFileSync(join(__dirname, "xero-m2m.wasm")), { reasonOf, doctor: () => import("xero-m2m/doctor") });

export * from "../client/exports.js";
