/** For Cloudflare Workers, which cannot compile bytes: the module is a static import. */

import module from "./xero-m2m.wasm";
import { start } from "../client/core.js";

start(module, { isolated: true });

export * from "../client/exports.js";
