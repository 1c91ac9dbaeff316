/** What Xero says is wrong with the data of a call, in the shapes that its APIs have for it. */

import { type Guard, WITHHELD } from "./guard.js";
import { member } from "./any-case.js";

/** One thing that Xero found wrong. Its text is Xero's and may quote what was sent: show it to people, keep it from logs. */
export interface ValidationMessage {
  /** Xero's words. */
  message: string;
  /** Which element of the request it is about, from 0, where the answer counts them. */
  element?: number;
  /** The field it is about, where the answer names one. */
  field?: string;
}

/** More than this many messages, and more than this many characters of one, are left out. */
const MOST = 100;
const LONGEST = 500;

/**
 * The messages in the body of a refusal: accounting's elements with their validation errors, payroll's invalid fields,
 * the model state of projects and files, the errors of bank feeds' problem documents, or else the one message there is.
 * A message or field that `guard` does not let through is replaced by words that say so.
 */
export function validation(text: string, guard: Guard): readonly ValidationMessage[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [];
  }
  const found: ValidationMessage[] = [];
  const add = (message: unknown, more: Omit<ValidationMessage, "message"> = {}): void => {
    if (typeof message === "string" && message !== "" && found.length < MOST) {
      const { field } = more;
      found.push({
        message: guard.passes(message) ? message.slice(0, LONGEST) : WITHHELD,
        ...more,
        ...(field !== undefined && { field: guard.shown(field) }),
      });
    }
  };
  list(body, "elements").forEach((value, element) => {
    for (const error of list(value, "validationerrors")) add(member(error, "message"), { element });
  });
  for (const error of list(body, "validationerrors")) add(member(error, "message"));
  for (const problem of [body, member(body, "problem")]) {
    for (const error of list(problem, "invalidfields")) {
      const field = member(error, "name");
      add(member(error, "reason"), typeof field === "string" ? { field } : {});
    }
  }
  const state = member(body, "modelstate");
  if (typeof state === "object" && state !== null) {
    for (const [field, messages] of Object.entries(state)) for (const message of [messages].flat()) add(message, { field });
  }
  for (const error of list(body, "errors")) add(typeof error === "string" ? error : (member(error, "message") ?? member(error, "detail")));
  if (found.length === 0) {
    for (const place of [body, member(body, "problem")]) {
      add(["message", "detail", "title"].map((name) => member(place, name)).find((text) => typeof text === "string"));
    }
  }
  return found;
}

function list(value: unknown, name: string): unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}
