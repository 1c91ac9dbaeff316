/** Why a request got no answer. */

import { isUnsent, isolated, reasonOf } from "./core.js";
import type { Limit } from "./ending.js";
import { type XeroError, failure } from "../shared/errors.js";
import { UNREADABLE, codeOf } from "../shared/system-code.js";
import { failedBody, isStream } from "./watched.js";

/** A request that got no answer. */
export interface Unanswered {
  error: XeroError;
  /** It is certain that nothing of it was sent. */
  unsent: boolean;
}

/** Why `fetch` rejected, or what it resolved to is no answer. */
export function unanswered(thrown: unknown, url: string, init: RequestInit, limit: Limit, sends: number): Unanswered {
  const { host } = new URL(url);
  if (limit.timedOut) return { error: failure("timeout", `${host} did not answer within the time allowed`), unsent: false };
  const { body } = init;
  const code = codeOf(thrown);
  const failed = code === UNREADABLE ? { unsent: false } : failedBody(body);
  if (failed) return { error: failure("invalid_option", "the body of the call cannot be read to its end: its stream or file failed"), ...failed };
  // A code such as ERR_INVALID_URL is about an argument.
  const option = code && !code.includes("ERR_INVALID") ? undefined : refusedOption(url, init);
  if (option) return { error: failure("invalid_option", `${option}; the call was not sent`), unsent: true };
  const unsent = isUnsent(code);
  const what = !unsent ? "nothing came back" : sends > 1 ? "nothing was sent this time" : "nothing was sent";
  const other = isolated && isStream(body) ? ", or the stream given as its body failed" : "";
  const error = failure(...(reasonOf?.(thrown, code, host) ?? (["offline", `cannot reach ${host}${code && ` (${code})`}${other}; ${what}`] as const)));
  return { error, unsent };
}

/** Why the body of an answer cannot be read to its end. */
export function brokenOff(thrown: unknown, limit: Limit): Unanswered {
  const code = codeOf(thrown);
  const error = limit.timedOut
    ? failure("timeout", "the answer was not complete within the time allowed")
    : failure("offline", `the answer broke off before it was complete${code && ` (${code})`}`);
  return { error, unsent: false };
}

/** The member of `init` that the platform does not take, in words; `undefined` if it takes them all. */
function refusedOption(url: string, init: RequestInit): string | undefined {
  const { dispatcher, duplex } = init as { dispatcher?: { dispatch?: unknown }; duplex?: unknown };
  if (isStream(init.body) && duplex !== "half") return 'a body that is a stream needs `duplex: "half"` beside it';
  if (isStream(init.body) && init.keepalive) return "a body that is a stream cannot have `keepalive`";
  if (dispatcher && typeof dispatcher.dispatch !== "function") return "`dispatcher` is no dispatcher of undici";
  for (const name of ["mode", "credentials", "cache", "referrer", "referrerPolicy", "keepalive", "priority", "window"] as const) {
    if (init[name] === undefined) continue;
    try {
      new Request(url, { [name]: init[name] });
    } catch {
      return `this platform's fetch does not take the \`${name}\` of the call`;
    }
  }
  return undefined;
}
