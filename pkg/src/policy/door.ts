/** The parts of questions that the wasm module of the policy reads, as the structs of `src/wasm/policy.rs` do. */

import type { PlanDetails, PlanQuestion } from "./policy.js";

/** The part of a plan's question besides scopes. */
export interface Planned extends Pick<PlanQuestion, "recorded"> {
  unread: number;
  details: PlanDetails;
}

/** The part of a review's question besides scopes and calls. */
export interface ReviewAsked {
  exists: boolean;
  wanted: string | undefined;
  choice: number;
  details: PlanDetails;
}
