/**
 * Machine-to-machine access to Xero custom connections.
 *
 * @module
 */

import { bytesOf } from "./bytes.js";
import { catalogueVersion as coreCatalogueVersion, initSync, version as coreVersion } from "./glue/core.js";
import wasm from "./glue/core-wasm.js";

initSync({ module: bytesOf(wasm) });

export { CustomConnection, type AccessToken } from "./client.js";
export type { KnownScope } from "./codes.js";
export {
  XeroError,
  type XeroErrorBlame,
  type XeroErrorCode,
  type XeroErrorDetails,
  type XeroLimit,
} from "./errors.js";
export type { WaitReason, XeroEvent } from "./events.js";
export type { CustomConnectionOptions, Limits, Scope } from "./options.js";
export type { PagesOptions } from "./pages.js";
export type { ClientSecret } from "./secrets.js";
export type { StoredToken, TokenStore } from "./store.js";
export type { ValidationMessage } from "./validation.js";

/** The version of the catalogue of scopes, operations and rules inside: the day it was last compared with Xero's. */
export const catalogueVersion: string = coreCatalogueVersion();

/** The version of this package. */
export const version: string = coreVersion();
