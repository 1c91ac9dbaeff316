/** The judgement of a step, and the words that several steps share. */

import type { XeroError } from "xero-m2m";
import type { HealthState, HealthStep } from "../shared/health.js";

/** @internal */
export type Judged = Omit<HealthStep, "number" | "name" | "title">;

/** @internal */
export const ok = (message: string, details?: string[]): Judged => ({
  state: "ok",
  message,
  ...(details?.length && { details }),
});
/** @internal */
export const unknown = (message: string, advice?: string): Judged => ({
  state: "unknown",
  message,
  ...(advice && { advice }),
});

/** @internal A step by an error, with its code and correlation id. */
export function of(error: XeroError, state: HealthState, advice: string, message = error.message): Judged {
  const { code, correlationId } = error;
  return { state, message, advice, code, ...(correlationId && { correlationId }) };
}

/** @internal */
export const NO_TOKEN = "not known without a token";

/** @internal A text from outside, on one line and without anything that a terminal would obey. */
export function oneLine(text: string): string {
  return text.slice(0, 200).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
}
