/**
 * Scope policy: no secret, no network, any runtime that has WebAssembly.
 *
 * Every answer is plain JSON, described by `xero-m2m/policy.schema.json`. The same input gives the same answer, in the
 * same order: the day of the answer is an argument. Every sentence names its rule, its source and how sure it is.
 *
 * @module
 */

import { bytesOf } from "../shared/bytes.js";
import wasm from "../glue/policy-wasm.js";
import start from "../policy/policy.js";

start(bytesOf(wasm));

export * from "../policy/policy.js";
