/** `xero-m2m/policy` for Cloudflare Workers. */

import module from "./policy.wasm";
import start from "../policy/policy.js";

start(module);

export * from "../policy/policy.js";
