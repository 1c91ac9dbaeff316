/** Xero's validation messages, in the shapes that its APIs use. */

import { type Guard, WITHHELD } from "./guard.js";
import { member } from "./any-case.js";

/** One validation message. Its text is Xero's own and may quote the data that was sent: show it to people, do not log it. */
export interface ValidationMessage {
  /** The message, in Xero's words. */
  message: string;
  /** The index of the element of the request, from 0, if the response counts them. */
  element?: number;
  /** The name of the field, if the response has one. */
  field?: string;
}

/** The most messages, and the most characters of each; the rest is left out. */
const MOST = 100;
const LONGEST = 500;

/**
 * Returns the messages in the body of a refusal: accounting's elements with their validation errors, payroll's invalid
 * fields, the model state of projects and files, the errors of bank feeds' problem documents, or else its only message.
 * A message or field that does not pass `guard` is replaced by {@link WITHHELD}.
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
