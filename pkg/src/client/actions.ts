/**
 * What crosses between this package and its core: events one way, actions the other. The contract between the two is in
 * `src/call/mod.rs`: report one event, perform every action in order, then report the next; set one timer for `wake`.
 *
 * The exports of the core that take part:
 *
 * - `open(options: CoreOptions): number`: a connection. Besides the options that there are in `actions.ts`, `unlimited` for
 *   `limits: false`, `inform` if there is a listener, and `isolated` where requests live apart.
 * - `handle(connection: number, event: CallEvent, clock: number, measured: number): CallAction[]`: everything that happens.
 *   `clock` is `Date.now()`, `measured` a clock that is never set and never runs backwards, in whole milliseconds.
 * - `tokenRequest(connection: number, attempt: number, secret: string, clock: number): TokenRequest`: the bytes of a token
 *   request, which is sent now.
 * - `close(connection: number, clock: number, measured: number): CallAction[]`: a `fail` with `closed` for every call. The
 *   number of the connection means nothing afterwards.
 */

import type { XeroErrorCode, XeroErrorDetails, XeroLimit } from "../shared/errors.js";
import type { WaitReason } from "./events.js";

/** Something that happened. `call` is a number that the driver chose, larger than every number before. */
export type CallEvent =
  /** A caller makes a call. */
  | ({ on: "begin"; call: number } & CallBegin)
  /** A caller wants a token and no call: it gets `use` or `fail`. `deadline` is measured. */
  | { on: "want"; call: number; deadline: number }
  /** The driver of a call goes on with it, as the action `resume` asks. */
  | { on: "resume"; call: number }
  /** The answer to a call that was sent. */
  | ({ on: "answered"; call: number } & CallAnswer)
  /** The beginning of the body that `read` asked for; empty if it cannot be read. */
  | { on: "body"; call: number; body: string }
  /** A call that was sent got no answer. `unsent`: certainly nothing of it left this machine. */
  | { on: "lost"; call: number; code: XeroErrorCode; message: string; unsent?: boolean }
  /** The caller is gone. No action about this call follows. */
  | { on: "aborted"; call: number }
  /** The instant of `wake` has come. */
  | { on: "tick" }
  /** The identity service answered. `moreSecrets`: there is another secret to try. */
  | {
      on: "token";
      attempt: number;
      status: number;
      contentType: string;
      retryAfter: string;
      body: string;
      cut: boolean;
      moreSecrets: boolean;
    }
  /** A token request got no answer or was not sent. */
  | { on: "noToken"; attempt: number; code: XeroErrorCode; message: string }
  /** What the store has: nothing, or a token with its instants by the clock. */
  | { on: "loaded"; accessToken?: string; obtainedAt?: number; expiresAt?: number; scopes?: string };

/** A call, as the core has to know it. */
export interface CallBegin {
  method: string;
  target: string;
  /** It has a body. */
  hasBody: boolean;
  /** Its body can be sent more than once. */
  resendable: boolean;
  /** Its `Idempotency-Key`: the caller's own; one to be made where the operation takes one; one that has to be made. */
  key?: "own" | "ifTaken" | "required";
  /** It goes before others and may use what the limits reserve. */
  high: boolean;
  /** The measured instant at which the caller gives up. */
  deadline: number;
  /** When it was sent first, measured, if the driver carries on with a call of a core that was replaced. */
  firstSent?: number;
  /** With `firstSent`: it is under way, and `answered` or `lost` follows. */
  inFlight?: boolean;
}

/** An answer of an API, as the core has to know it. */
export interface CallAnswer {
  status: number;
  /** `X-Rate-Limit-Problem`, `Retry-After` and the three `X-…-Remaining`, where the answer has them. */
  problem?: string;
  retryAfter?: string;
  minute?: string;
  day?: string;
  appMinute?: string;
  /** With a body: `WWW-Authenticate`. */
  wwwAuthenticate?: string;
  /** The beginning of the body of an answer that is no success, if the driver reads bodies for this caller. */
  body?: string;
  /** The number of complaints about the data of the call that were found in the body, if they were looked for. */
  complaints?: number;
  /** The driver cannot use the answer although its status is a success: it is not JSON, for example. */
  code?: XeroErrorCode;
  message?: string;
}

/**
 * Something to do now. Those with a `call` are for that caller (where requests live apart: for its mailbox), the others for
 * the driver that reported the event. Instants of `send` and `wake` are measured, all others are by the clock.
 */
export type CallAction =
  /** Send the call; report `answered` or `lost`. `until`: when its answer has to begin; `deadline`: to end, if it is read. */
  | { do: "send"; call: number; url: string; generation: number; until: number; deadline: number; makeKey?: true; operation?: string }
  /** Report `resume`, if the caller is still there. Only if the option `isolated` is set. */
  | { do: "resume"; call: number }
  /** Read the beginning of the body of a copy of the answer; report `body`. */
  | { do: "read"; call: number }
  /** The answer at hand is not the caller's: release it. */
  | { do: "discard"; call: number }
  /** The answer at hand is the caller's. `error` is what it amounts to, if its body was reported and it is no success. */
  | { do: "give"; call: number; error?: XeroErrorDetails }
  /** The caller gets an error. */
  | { do: "fail"; call: number; error: XeroErrorDetails }
  /** The caller gets the token. */
  | { do: "use"; call: number; generation: number }
  /** For the listener, if the option `inform` is set. */
  | { do: "queued"; call: number; why: WaitReason; until: number }
  | { do: "admitted"; call: number; waitedMs: number }
  | { do: "retry"; call: number; until: number }
  | { do: "refused"; code: XeroErrorCode }
  | { do: "paused"; why: XeroLimit; until: number }
  /** Send a token request; report `token` or `noToken`. */
  | { do: "ask"; attempt: number }
  /** Send it once more: with another secret, or to learn which scopes are configured. */
  | { do: "askAgain"; attempt: number; nextSecret: boolean }
  /** Hold this token; `scopes` are separated by spaces, absent if they are not known. */
  | { do: "keep"; generation: number; accessToken: string; obtainedAt: number; expiresAt: number; scopes?: string }
  /** Write the token of this generation to the store. */
  | { do: "save"; generation: number }
  /** Empty the store. */
  | { do: "erase" }
  /** Ask the store; report `loaded`. */
  | { do: "load" }
  /** The last of a list, if the instant of the timer has changed: measured; absent if no timer is needed. */
  | { do: "wake"; at?: number };

/** A token request. */
export interface TokenRequest {
  /** When to give it up, by the clock. */
  deadline: number;
  url: string;
  authorization: string;
  accept: string;
  contentType: string;
  body: string;
  /** The most bytes of its answer that are worth reading. */
  maxBytes: number;
}

/** The options of a connection, as the core reads them. */
export interface CoreOptions {
  clientId: string;
  scopes: readonly string[] | undefined;
  createdOn: string | undefined;
  organisation: string | undefined;
  preflight: boolean;
  identityUrl: string;
  apiUrl: string;
  timeoutMs: number;
  /** There is a store to ask. */
  stored: boolean;
  /** Xero's limits are left to the callers: the four numbers that follow mean nothing. */
  unlimited: boolean;
  inFlight: number;
  minuteReserve: number;
  dayReserve: number;
  queue: number;
  /** A place in flight is free again after this long, whatever happened. */
  leaseMs: number;
  retry: number;
  /** The actions for a listener are wanted. */
  inform: boolean;
  /** Requests are isolated from each other: no other may go on with a call. */
  isolated: boolean;
  /** Feeds the jitter of the pauses. */
  seed: number;
}
