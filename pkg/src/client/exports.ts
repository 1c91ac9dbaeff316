/** What the entries for a service export, once the core is there. */

export type { AccessToken } from "./access-token.js";
export { CustomConnection } from "./client.js";
export type { KnownScope } from "../shared/codes.js";
export {
  XeroError,
  type XeroErrorBlame,
  type XeroErrorCode,
  type XeroErrorDetails,
  type XeroLimit,
} from "../shared/errors.js";
export type { FleetEvent, WaitReason, XeroEvent } from "./events.js";
export type { CustomConnectionOptions, FleetOptions, Limits, Scope } from "./options.js";
export type { CallInit } from "./request.js";
export type { PagesOptions } from "./pages.js";
export type { ClientSecret } from "./secrets.js";
export type { StoredToken, TokenStore } from "./store.js";
export type { Answer, Body, RecordOf, Reply, Untyped, XeroApi } from "./typed.js";
export type { ValidationMessage } from "../shared/validation.js";

export { catalogueVersion, version } from "./core.js";
