/**
 * Machine-to-machine access to Xero custom connections.
 *
 * @module
 */

import { bytesOf } from "./bytes.js";
import { start } from "./core.js";
import wasm from "./glue/core-wasm.js";

start(bytesOf(wasm), { doctor: () => import("xero-m2m/doctor") });

export * from "./exports.js";
