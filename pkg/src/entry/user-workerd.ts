/** `xero-m2m/user` for Cloudflare Workers. */

import module from "./user.wasm";
import { start } from "../vault/core.js";

start(module, { isolated: true });

export * from "../user/exports.js";
