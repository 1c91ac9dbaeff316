/** For Vercel's edge runtime, where bytes cannot be compiled: the module is a static import, marked as it wants it. */

import module from "./xero-m2m.wasm?module";
import { start } from "../client/core.js";

start(module, { isolated: true });

export * from "../client/exports.js";
