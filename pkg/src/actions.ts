/** What the core tells the client to do: `Action` of the Rust module `token`, as it crosses. */

import type { XeroErrorDetails } from "./errors.js";

export type Action =
  | { do: "use"; generation: number }
  | { do: "keep"; generation: number; obtainedAt: number; expiresAt: number }
  | { do: "save"; generation: number }
  | { do: "erase" }
  | { do: "load" }
  | { do: "send"; attempt: number; deadline: number }
  | { do: "wait"; until: number; why: "loading" | "asking" | "resting" }
  | { do: "fail"; error: XeroErrorDetails };
