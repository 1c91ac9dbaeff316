/** `xero-m2m/simulator` for Cloudflare Workers. */

import module from "./simulator.wasm";
import { start } from "../simulator/core.js";

start(module);

export * from "../simulator/simulator.js";
