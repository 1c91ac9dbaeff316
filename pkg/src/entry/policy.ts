/**
 * Scope policy: no secret, no network, any runtime that has WebAssembly.
 *
 * Every result is plain JSON, described by `xero-m2m/policy.schema.json`. The same input gives the same result, in the
 * same order: the day is an argument. Every sentence names its rule, its source and its confidence.
 *
 * @module
 */

import { inflated } from "../shared/bytes.js";
import wasm from "../glue/policy-wasm.js";
import start from "../policy/policy.js";

start(inflated(wasm));

export * from "../policy/policy.js";
