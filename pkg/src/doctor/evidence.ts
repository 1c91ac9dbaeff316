/** What a diagnosis has seen. */

import type { AccessToken, XeroError, XeroEvent } from "xero-m2m";
import type { Calls, Review, Scopes } from "xero-m2m/policy";
import type { FleetState } from "xero-m2m/user";
import type { Guard } from "../shared/guard.js";
import type { VaultHealth } from "../shared/health.js";

/** @internal The evidence of a diagnosis. */
export interface Evidence {
  clientId: string;
  identityUrl: string;
  apiUrl: string;
  /** Removes texts that must not be shown. */
  guard: Guard;
  /** True if the id or secret that was sent begins or ends with a quotation mark or white space. */
  wrapped?: boolean;
  /** The number of client secrets, and the position of the accepted one. */
  secrets: number;
  secret?: number | undefined;
  createdOn: string | undefined;
  /** The id of the organisation that the connection is to reach. */
  organisation?: string | undefined;
  wanted: Scopes | undefined;
  calls: Calls | undefined;
  token?: AccessToken;
  /** The error if there is no token. */
  tokenError?: XeroError;
  /** The error if some of the requested scopes are not configured. */
  unconfigured?: XeroError;
  /** The call that was made with the token. */
  call?: { operation: string; path: string; body?: unknown; error?: XeroError };
  /** For a connection of a user: the kind of its app, and the state of its vault, or the error instead. */
  vault?: { app: "web" | "pkce"; state: VaultHealth } | { app: "web" | "pkce"; error: XeroError };
  /** For a connection with a fleet: its state, or the error instead. */
  fleet?: { state: FleetState } | { error: XeroError };
  /** The rest of the limits. */
  left?: Extract<XeroEvent, { type: "limit.learnt" }>;
  /**
   * The times of each answer: of its request, of its arrival, and of sending by the clock of the other side (NaN: not given);
   * and whether it came from a local Xero.
   */
  heard: { sentAt: number; cameAt: number; date: number; local: boolean }[];
}

/** @internal The evidence, and the review of the scopes that were granted; absent if they are not known. */
export type Seen = Evidence & { reviewed?: Review };
