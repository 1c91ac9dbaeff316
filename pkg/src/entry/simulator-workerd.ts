/** `xero-m2m/simulator` for Cloudflare Workers. */

import module from "./simulator.wasm";
import start from "../local-xero.js";

start(module);

export * from "../local-xero.js";
