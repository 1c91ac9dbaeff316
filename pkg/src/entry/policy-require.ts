/** `xero-m2m/policy` for `require` in Node.js. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import start from "../policy/policy.js";

start(readFileSync(join(__dirname, "policy.wasm")));

export * from "../policy/policy.js";
