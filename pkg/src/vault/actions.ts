/** Events and actions of the vault as they cross to Rust (`src/wasm/vault.rs`). `src/shared/event.rs` describes each. */

import type { XeroErrorCode, XeroErrorDetails } from "../shared/errors.js";

/** The question of a caller. */
export type VaultAsk =
  | { on: "want"; deadline: number; since: number; again?: boolean; marginMs?: number; maxAgeMs?: number; notGeneration?: number }
  | { on: "look"; deadline: number };

/** The answer to a token request. */
export interface ExchangeAnswer {
  status: number;
  contentType: string;
  retryAfter: string;
  body: string;
  cut: boolean;
}

/** A request that got no answer. */
export interface NoAnswer {
  code: XeroErrorCode;
  message: string;
  /** The code of the system, such as ECONNREFUSED, if there is one. */
  cause: string;
}

/** An event, as the driver reports it. */
export type VaultCoreEvent =
  | VaultAsk
  | { on: "login"; grant: string; replace: boolean }
  | { on: "found"; ticket: number; swapped: boolean; version: number; document?: string | undefined; at: number }
  | { on: "away"; ticket: number; message?: string }
  | { on: "opened" | "seedOpened"; ticket: number; text?: string | undefined }
  | { on: "sealed"; ticket: number; text: string }
  | ({ on: "answered"; ticket: number } & ExchangeAnswer)
  | ({ on: "lost"; ticket: number } & NoAnswer)
  | { on: "tick" };

/** The parts of a login that are no secrets. Of each organisation there are three texts: id, connection, name. */
export interface OpenParts {
  scopes?: string;
  organisations: string[];
  organisationsLeftOut?: number;
}

/** A token request. */
export interface ExchangeRequest {
  url: string;
  authorization?: string;
  accept: string;
  contentType: string;
  body: string;
  maxBytes: number;
}

/** The state of a vault. */
export interface CoreState extends Partial<OpenParts> {
  is: "empty" | "foreign" | "closed" | "open";
  generation?: number;
  savedAt?: number;
  expiresAt?: number;
  endsUnusedAt?: number;
  lost?: "refused" | "unused" | "copied";
  lostSince?: number;
  claimedBy?: number;
  claimedUntil?: number;
  unsureUntil?: number;
}

/** The answer to a caller. */
export type CallerAnswer =
  | ({ do: "use"; generation: number; accessToken: string; obtainedAt: number; expiresAt: number } & OpenParts)
  | { do: "wait"; until: number }
  | { do: "fail"; error: XeroErrorDetails }
  | ({ do: "show" } & CoreState);

/** An action, which the driver performs. */
export type VaultAction =
  | CallerAnswer
  | { do: "swap"; ticket: number; version: number; at: number; slackMs: number; deadline: number; document?: string }
  | { do: "open"; ticket: number; text: string; bound: string }
  | { do: "openSeed"; ticket: number; bound: string }
  | { do: "seal"; ticket: number; text: string; bound: string }
  | ({ do: "exchange"; ticket: number; deadline: number } & ExchangeRequest)
  | { do: "loggedIn"; generation?: number; error?: XeroErrorDetails }
  | { do: "tell"; type: "vault.claimed" | "vault.saved" | "vault.unsure" | "vault.lost"; generation?: number; why?: "refused" | "unused" | "copied" }
  | { do: "unable"; ticket: number }
  | { do: "wake"; at?: number; busy: boolean };

/** The options of a vault in the core. */
export interface VaultCoreOptions {
  identityUrl: string;
  apiUrl: string;
  clientId: string;
  clientSecret?: string | undefined;
  timeoutMs: number;
  owner: number;
  random: number;
  seed: boolean;
}
