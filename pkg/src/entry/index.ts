/**
 * Machine-to-machine access to Xero custom connections.
 *
 * @module
 */

import { bytesOf } from "../shared/bytes.js";
import { start } from "../client/core.js";
import { reasonOf } from "../client/reasons.js";
import wasm from "../glue/core-wasm.js";

start(bytesOf(wasm), { reasonOf, doctor: () => import("xero-m2m/doctor") });

export * from "../client/exports.js";
