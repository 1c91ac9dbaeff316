/** The wasm module of the policy. */

import { __wbg_reset_state, initSync } from "../glue/policy.js";
import { Module } from "../shared/module.js";

/** @internal The module that all functions of the policy call. */
export const core = new Module("xero-m2m/policy", initSync, __wbg_reset_state);
