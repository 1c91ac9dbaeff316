/** What a client does, as it happens: for logs and measurements. No event holds a token, a secret or a part of a body. */

import { ignore } from "./ending.js";
import type { XeroErrorCode, XeroLimit } from "../shared/errors.js";

/** What a queued call waits for. */
export type WaitReason = "pause" | "in_flight" | "minute" | "day" | "app_minute";

/** One thing that happened. `at` is when, in milliseconds since the epoch; `call` numbers the calls of a client from 1. */
export type XeroEvent =
  /** A token was asked for. `secret` is the number of the secret among several, from 0. */
  | { type: "token.asked"; at: number; attempt: number; secret: number }
  /** A token arrived, with the secret of the number `secret`, or was found in the store. */
  | {
      type: "token.renewed";
      at: number;
      expiresAt: number;
      scopes?: readonly string[];
      /** See `scopesWithheld` of `AccessToken`. */
      scopesWithheld?: number;
      secret?: number;
    }
  /** There is no token, for now or until somebody acts. */
  | { type: "token.refused"; at: number; code: XeroErrorCode; secret: number }
  /** A call has to wait. */
  | { type: "call.queued"; at: number; call: number; why: WaitReason; until: number }
  /** A call may be sent. */
  | { type: "call.admitted"; at: number; call: number; waitedMs: number }
  /** A call goes out, for the first time (`attempt` 1) or again. */
  | { type: "call.sent"; at: number; call: number; attempt: number; method: string; operation?: string }
  /** A call will be sent again: `why` is the status of the answer, or why there was none. */
  | { type: "call.retried"; at: number; call: number; attempt: number; why: XeroErrorCode | number; until: number }
  /** A call was answered. */
  | { type: "call.answered"; at: number; call: number; attempt: number; status: number; tookMs: number; correlationId?: string }
  /** A call is over without an answer that can be used. With an `outcome` it is a write that Xero may have carried out. */
  | { type: "call.failed"; at: number; call: number; attempt: number; code: XeroErrorCode | "aborted"; outcome?: "unknown" }
  /** The remaining counts of an answer. */
  | { type: "limit.learnt"; at: number; minuteLeft?: number; dayLeft?: number; appMinuteLeft?: number }
  /** Xero asked for a pause. */
  | { type: "limit.paused"; at: number; why: XeroLimit; until: number }
  | FleetEvent;

/** One thing that happened to the part of a client in a fleet. */
export type FleetEvent =
  /** The store of the fleet answered for the first time. `members` counts the processes that were there last, with this one. */
  | { type: "fleet.joined"; at: number; members?: number }
  /** The fleet lets this process send so many calls more. They are sent before `until`, or given back. */
  | { type: "limit.leased"; at: number; calls: number; until: number }
  /** The store failed, or was too slow. Until `until` nothing is asked of it, and the client goes on by itself. */
  | { type: "fleet.away"; at: number; why: string; until: number }
  /** The store answers again. */
  | { type: "fleet.back"; at: number }
  /** The token of another process was adopted. `generation` counts the tokens of the fleet. */
  | { type: "fleet.token"; at: number; from: "others"; generation: number };

/**
 * @internal Calls a listener, after what the client is doing: it may close the client, abort or make a call. Its errors are
 * ignored, also those of a promise that it returns.
 */
export function teller<Event>(listener: ((event: Event) => unknown) | undefined): ((event: Event) => void) | undefined {
  if (!listener) return undefined;
  const call = (event: Event): void => {
    try {
      ignore(listener(event));
    } catch {
      // What fails in a log must not fail a call.
    }
  };
  return (event) => queueMicrotask(() => call(event));
}
