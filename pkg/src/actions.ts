/** What the core tells the client to do, as it crosses. */

import type { XeroErrorDetails } from "./errors.js";

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
