/** For Vercel's edge runtime, which cannot compile bytes: the module is a static import with the mark `?module`. */

import module from "./xero-m2m.wasm?module";
import { start } from "../client/core.js";

start(module, { isolated: true });

export * from "../client/exports.js";
