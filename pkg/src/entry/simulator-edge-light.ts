/** `xero-m2m/simulator` for Vercel's edge runtime. */

import module from "./simulator.wasm?module";
import start from "../local-xero.js";

start(module);

export * from "../local-xero.js";
