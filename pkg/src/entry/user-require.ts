/** `xero-m2m/user` for `require` in Node.js. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../vault/core.js";

start(readFileSync(join(__dirname, "user.wasm")));

export * from "../user/exports.js";
