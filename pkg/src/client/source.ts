/** Where the tokens of a client come from if it does not ask for them itself. */

import type { XeroErrorCode } from "../shared/errors.js";
import type { CallEvent } from "./actions.js";
import type { AccessToken } from "./access-token.js";
import type { FleetEvent } from "./events.js";
import type { SharedStore } from "../vault/store.js";

/** A token of a source. */
export interface SourceToken {
  accessToken: string;
  /** When it was asked for, and when it ends, in milliseconds since the epoch. */
  obtainedAt: number;
  expiresAt: number;
  /** The scopes that it carries, space-separated, if they are known. */
  scopes: string | undefined;
}

/** Takes what an attempt waits for besides Xero: the error of callers whose time ends meanwhile. */
export type Waits = (reason: { code: XeroErrorCode; message: string }) => void;

/**
 * Gives a token that can be used now, and another one than `held`, which ends soon or was refused. Rejects with a `XeroError`;
 * one that is not retryable is not asked for again before a minute is over.
 */
export type TokenSource = (held: AccessToken | undefined, waits: Waits) => Promise<SourceToken>;

/** The member of the `init` of a call with the milliseconds of its `deadlineMs` that are spent: other parts of this package set it. */
export const SPENT = Symbol.for("xero-m2m.spent");

/** Such an `init`. */
export interface Spent {
  [SPENT]?: number;
}

/** The option of a client that has a {@link TokenSource}: other parts of this package set it. */
export const SOURCE = Symbol.for("xero-m2m.source");

/** The options of a client whose tokens come from elsewhere. */
export interface Sourced {
  [SOURCE]?: TokenSource | undefined;
}

/** The tokens that the processes of a fleet share. */
export interface SharedTokens {
  /**
   * Resolves to a token of another process, another than `held`; to `ask`: this process asks Xero itself, and reports the result of
   * it; or to `spare`: the token at hand is used on. `urgent` if `held` cannot be used any more. Rejects with a `XeroError`.
   */
  take(held: string | undefined, urgent: boolean): Promise<SourceToken | "ask" | "spare">;
  granted(token: SourceToken): void;
  denied(code: XeroErrorCode): void;
  /** Takes note of the calls of the client, if the limits are shared. */
  calls(event: FleetTraffic): void;
  /** Looks whether something is due, where no request has timers of another. */
  look(): void;
  close(): Promise<void>;
}

/** What happens to the calls of a client: how many there are, one is sent, was answered, or is over without an answer. */
export type FleetTraffic =
  | { on: "load"; sends: number; inFlight: number; normal: number; high: number; repeatable: boolean }
  | { on: "begun"; call: number }
  | {
      on: "answered";
      call: number;
      status: number;
      problem?: string | undefined;
      retryAfter?: string | undefined;
      minute?: string | undefined;
      day?: string | undefined;
      appMinute?: string | undefined;
    }
  | { on: "lost"; call: number };

/** The limits that a fleet shares. */
export interface SharedLimits {
  core: { inFlight: number; minuteReserve: number; dayReserve: number; timeoutMs: number; members: number };
  /** Takes what the client may send. */
  allow: (allowance: Omit<Extract<CallEvent, { on: "allowed" }>, "on">) => void;
}

/** What the part of a client in a fleet is made from. */
export interface FleetSettings {
  store: SharedStore;
  clientId: string;
  identityUrl: string;
  /** The scopes that are asked for; absent for all that are configured. */
  scopes: readonly string[] | undefined;
  /** The id of the organisation that a token has to reach. */
  organisation: string | undefined;
  /** The client secrets, the current one first. */
  secrets: () => Promise<readonly string[]>;
  /** The secrets are texts, and never change. */
  areFixed: boolean;
  key: string | readonly string[] | undefined;
  /** Absent if the limits are not shared. */
  limits: SharedLimits | undefined;
  waitUntil: ((promise: Promise<unknown>) => void) | undefined;
  tell: ((event: FleetEvent) => void) | undefined;
}

/** The module that has the code of a fleet: `xero-m2m/user`. */
export interface FleetModule {
  joinFleet(settings: FleetSettings): Promise<SharedTokens>;
}

/** The member of a store that brings this module: who has no such store has no code of a fleet. */
export const FLEET = Symbol.for("xero-m2m.fleet");

/** A store that brings it. */
export interface WithFleet extends SharedStore {
  [FLEET](): Promise<FleetModule>;
}
