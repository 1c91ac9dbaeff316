/** One answer: the calls of all texts, and the library's review of them. */

import { type RequiredScopes, parseScopes, requiredScopes, review } from "xero-m2m/policy";
import { gathered } from "./gathered.js";
import type { Answer, Question } from "./protocol.js";

/** Answers a question. Throws the errors of the library. */
export function answer(question: Question): Answer {
  const { scopes: pasted, calls: text, traces, taken, choice, sender, organisation, ...facts } = question;
  const { calls, ...read } = gathered([readText(text), ...traces], taken);
  const parsed = parseScopes(pasted);
  // A connection that is to be created has no organisation to switch from.
  const known = { ...facts, ...(organisation && parsed.scopes.length > 0 ? { organisation } : {}) };
  const reviewed = review({
    scopes: parsed.scopes,
    calls: calls.operations.length + calls.unread > 0 ? calls : undefined,
    choice,
    sender,
    ...known,
  });
  const { operations, ...basis } = calls;
  return { ...reviewed, ...read, parsed, asked: { scopes: reviewed.scopes, calls: operations, ...basis, ...known } };
}

let last: { text: string; found: RequiredScopes } | undefined;

/** The calls of a text. The last one is remembered: most questions change something else. */
function readText(text: string): RequiredScopes {
  if (last?.text !== text) last = { text, found: requiredScopes(text) };
  return last.found;
}
