/** What the core tells the client to do, as it crosses. */

import type { XeroErrorDetails } from "../shared/errors.js";

/** About tokens: `Action` of the Rust module `token`. */
export type Action =
  | { do: "use"; generation: number }
  | { do: "keep"; generation: number; obtainedAt: number; expiresAt: number }
  | { do: "save"; generation: number }
  | { do: "erase" }
  | { do: "load" }
  | { do: "send"; attempt: number; deadline: number }
  | { do: "wait"; until: number; why: "loading" | "asking" | "resting" }
  | { do: "fail"; error: XeroErrorDetails };

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
  inFlight: number;
  minuteReserve: number;
  dayReserve: number;
  queue: number;
  /** A place in flight is free again after this long, whatever happened. */
  leaseMs: number;
  retry: number;
  /** Feeds the jitter of the pauses. */
  seed: number;
}

/** What the limiter wants done, in order, and when to wake it: absent while nothing waits. */
export interface Taken {
  moves: Move[];
  wake?: number;
}

/** What the core wants done about calls that wait: `Action` of the Rust module `limits`. */
export interface Move {
  /** The call; none for a pause of all. It may be sent, unless one of the others says more. */
  ticket?: number;
  /** It is not sent. */
  error?: XeroErrorDetails;
  /** What it, or everything, waits for, and until when at the latest. */
  why?: string;
  until?: number;
}
