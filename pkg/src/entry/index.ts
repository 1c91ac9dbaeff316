/**
 * Machine-to-machine access to Xero custom connections.
 *
 * @module
 */

import { bytesOf } from "../shared/bytes.js";
import { start } from "../client/core.js";
import wasm from "../glue/core-wasm.js";

start(bytesOf(wasm), { doctor: () => import("xero-m2m/doctor") });

export * from "../client/exports.js";
