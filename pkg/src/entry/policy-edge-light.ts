/** `xero-m2m/policy` for Vercel's edge runtime. */

import module from "./policy.wasm?module";
import start from "../questions.js";

start(module);

export * from "../questions.js";
