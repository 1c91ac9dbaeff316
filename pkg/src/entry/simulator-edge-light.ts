/** `xero-m2m/simulator` for Vercel's edge runtime. */

import module from "./simulator.wasm?module";
import { start } from "../simulator/core.js";

start(module);

export * from "../simulator/simulator.js";
