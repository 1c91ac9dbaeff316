/** `xero-m2m/user` for Vercel's edge runtime. */

import module from "./user.wasm?module";
import { start } from "../vault/core.js";

start(module, { isolated: true });

export * from "../user/exports.js";
