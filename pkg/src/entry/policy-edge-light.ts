/** `xero-m2m/policy` for Vercel's edge runtime. */

import module from "./policy.wasm?module";
import start from "../policy/policy.js";

start(module);

export * from "../policy/policy.js";
