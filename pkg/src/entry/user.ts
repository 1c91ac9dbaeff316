/**
 * Connections that a user authorised: a Web or PKCE app, its login in a vault that several processes share.
 *
 * @module
 */

import { bytesOf } from "../shared/bytes.js";
import wasm from "../glue/shared-wasm.js";
import { start } from "../vault/core.js";

start(bytesOf(wasm));

export * from "../user/exports.js";
