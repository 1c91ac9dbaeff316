/** A call on its way out: what `fetch` takes, made uniform. */

import { run } from "./core.js";
import { failure } from "./errors.js";
import * as core from "./glue/core.js";

/** A call as the client sends it. */
export interface Outgoing {
  method: string;
  target: string;
  /** Everything for `fetch` but the headers and the signal. */
  init: RequestInit;
  signal: AbortSignal | null | undefined;
  /** Whether its body can be sent twice: a stream cannot. */
  resendable: boolean;
  /** Whether it carries an `Idempotency-Key`. */
  keyed: boolean;
  /** Whether it may be sent again after it was refused for a limit, or lost. */
  repeatable: boolean;
  /** Whether it goes before others, and may use what is kept for such calls. */
  urgent: boolean;
  /** Whether the client reads the body, which is then `text`, and belongs to the attempt: if it breaks off, so did that. */
  whole: boolean;
  text?: string;
  /** Its number among the calls of its client. */
  number: number;
  /** How many times it was sent, and with the token of which generation the last time. */
  sends: number;
  generation: number;
  /** The headers, with this token. */
  headers(accessToken: string): HeadersInit;
}

/**
 * Reads the arguments of `fetch`.
 *
 * @throws `XeroError` `invalid_header` for a header that cannot be sent or is the library's own.
 */
export async function outgoing(input: string | URL | Request, init: RequestInit = {}): Promise<Outgoing> {
  if (typeof input === "object" && "method" in input) return outgoing(input.url, await unpacked(input, init));
  const method = init.method ?? "GET";
  const own = init.headers === undefined ? undefined : checked(init.headers);
  const keyed = own?.has("idempotency-key") ?? false;
  const resendable = !isStream(init.body);
  return {
    method,
    target: String(input),
    // Followed, a redirect would carry the token to wherever it points.
    init: { ...init, method: method.toUpperCase(), redirect: init.redirect === "error" ? "error" : "manual" },
    signal: init.signal,
    whole: false,
    number: 0,
    sends: 0,
    generation: 0,
    resendable,
    keyed,
    repeatable: resendable && run(() => core.isRepeatable(method, keyed)),
    urgent: (init as { priority?: string }).priority === "high",
    headers: (accessToken) => withToken(own, accessToken),
  };
}

/** A `Request` as the second argument of `fetch`, overridden by `init`. Its body is read, so that it can be sent twice. */
async function unpacked(request: Request, init: RequestInit): Promise<RequestInit> {
  const { method, headers, signal, redirect } = request;
  const body = request.body && init.body === undefined ? await request.arrayBuffer() : null;
  // To `fetch`, a member that is undefined is one that is not there.
  const given = Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));
  return { method, headers, signal, redirect, ...(body && { body }), ...given };
}

function checked(headers: HeadersInit): Headers {
  const own = readable(headers);
  for (const [name, value] of own) run(() => core.checkHeader(name, value));
  return own;
}

function readable(headers: HeadersInit): Headers {
  try {
    return new Headers(headers);
  } catch {
    // The error of the platform quotes the value.
    throw failure("invalid_header", "a header has a name or a value that cannot be sent, such as one with a line break");
  }
}

function withToken(own: Headers | undefined, accessToken: string): HeadersInit {
  const authorization = `Bearer ${accessToken}`;
  if (!own) return { accept: "application/json", authorization };
  const headers = new Headers(own);
  if (!headers.has("accept")) headers.set("accept", "application/json");
  headers.set("authorization", authorization);
  return headers;
}

function isStream(body: unknown): boolean {
  return typeof body === "object" && body !== null && ("getReader" in body || Symbol.asyncIterator in body);
}
