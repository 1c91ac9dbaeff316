/** `xero-m2m/policy` for Cloudflare Workers. */

import module from "./policy.wasm";
import start from "../questions.js";

start(module);

export * from "../questions.js";
