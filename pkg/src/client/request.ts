/** A call on its way out: the arguments of `fetch`, made uniform. */

import { checkHeader } from "./core.js";
import { noSignal } from "./ending.js";
import { type XeroError, type XeroErrorCode, failure } from "../shared/errors.js";
import type { HeadersLike } from "./platform.js";
import { OPTIONS } from "./options.js";
import { isStream, watch } from "./watched.js";

/** The second argument of {@link CustomConnection.fetch}: the platform's, and two members of this package. */
export interface CallInit extends RequestInit {
  /** `"high"`: goes before other calls that wait for Xero's limits, and may use what `limits` reserves. */
  priority?: "high" | "low" | "auto";
  /**
   * The `Idempotency-Key` of a write, of 1 to 128 characters: Xero carries out a write once, however often it arrives with
   * the same key within six minutes. `true` makes a key for this call; `false` makes none, with any value of
   * the client's option `idempotencyKeys`. Of a call with this header, too, the two have to be the same.
   */
  idempotencyKey?: string | boolean | undefined;
}

/** @internal A call as the client sends it. */
export interface Outgoing {
  method: string;
  target: string;
  /** Everything for `fetch` but the headers and the signal. */
  init: RequestInit;
  /** The caller's headers. */
  own: Headers | undefined;
  signal: AbortSignal | null | undefined;
  /** Its body can be sent twice: a stream cannot. */
  resendable: boolean;
  /** Its `Idempotency-Key`, as the call asks for it: its own, one that is made, none, or as the client's option has it. */
  key: "own" | boolean | undefined;
  /** It goes before others, and may use the calls that are reserved for it. */
  high: boolean;
  /** The client reads the body: if it breaks off, so did the attempt. */
  whole: boolean;
  /** The value that the client made of the body. */
  value?: unknown;
  /** Its number among the calls of its client. */
  number: number;
  /** How many times it was sent, and the status of the last answer, or why there was none. */
  sends: number;
  last: XeroErrorCode | number;
}

/** The members of `init` that may stand on a prototype, as they do on a class or a `Request`. */
const MEMBERS = [
  "method",
  "body",
  "headers",
  "signal",
  "redirect",
  "priority",
  "idempotencyKey",
  "duplex",
  "keepalive",
  "integrity",
  "mode",
  "credentials",
  "cache",
  "referrer",
  "referrerPolicy",
  "dispatcher",
  "cf",
  "next",
  "xero-m2m.tenant",
] as const;

/** @internal The options of `json`, which has arguments for the first two. */
export const JSON_INIT = Object.fromEntries(MEMBERS.slice(2).map((name) => [name, 0]));

export const KEY = "idempotency-key";

type Members = CallInit & { duplex?: string };

/**
 * @internal Reads the arguments of `fetch`. They are sent as they are at the moment of the call; later changes have no effect.
 *
 * @param patient Waits for the body of a `Request`, no longer than the call may take.
 * @throws `XeroError` `invalid_header` for a header that cannot be sent or is the library's own; `invalid_option` for a body
 *   that is in use elsewhere, or a value of `idempotencyKey` that is none.
 */
export function outgoing(
  input: string | URL | Request,
  init: CallInit | null | undefined,
  patient: <T>(promise: Promise<T>) => Promise<T>,
): Outgoing | Promise<Outgoing> {
  const given = isRequest(init) ? unpacked(init) : dictionary(init);
  if (!isRequest(input) && !given.request) return uniform(textOf(input, "path"), given);
  const first: Given = isRequest(input) ? { ...unpacked(input), ...given } : given;
  const { request } = first;
  const target = isRequest(input) ? input.url : textOf(input, "path");
  // As the platform has it: a body of null in `init` leaves that of the Request.
  if (!request || first.body != null) return uniform(target, first);
  return patient(request.arrayBuffer()).then((body) =>
    uniform(target, body.byteLength > 0 || !isRead(first.method) ? { ...first, body } : first),
  );
}

/** The members of an `init`, and the `Request` whose body has to be read for it. */
type Given = Members & { request?: Request };

function isRequest(value: unknown): value is Request {
  return typeof value === "object" && value !== null && "arrayBuffer" in value && "url" in value;
}

function isRead(method = "GET"): boolean {
  return /^(get|head)$/i.test(method);
}

/** A `Request` as the second argument of `fetch`. Its body is read, so that it can be sent twice. */
function unpacked(request: Request): Given {
  const { method, headers, signal, redirect } = request;
  return { method, headers, signal, redirect, ...(request.body && { request }) };
}

/**
 * @internal Reads `init` as the platform reads a dictionary: by name, wherever the member stands. One that is undefined is not there.
 * Members that only the platform knows are handed on.
 *
 * @throws `XeroError` `invalid_option` for the name of a member in another spelling, and for an option of the client.
 */
export function dictionary(init: CallInit | null | undefined): Given {
  if (init !== null && init !== undefined && typeof init !== "object" && typeof init !== "function") {
    throw failure("invalid_option", 'the options of a call have to be an object, such as { method: "POST" }');
  }
  const read: Record<string, unknown> = {};
  for (const name of init ? new Set([...Object.keys(init), ...MEMBERS]) : []) {
    const value = (init as Record<string, unknown>)[name];
    if (value === undefined) continue;
    if (!(MEMBERS as readonly string[]).includes(name)) checkSpelling(name);
    read[name] = name === "method" ? textOf(value, "method") : value;
  }
  return read;
}

/** Options of this client that have the names of options of others, which hand theirs on to the `fetch` that they are given. */
const OF_OTHERS = ["fetch", "retry"];

/** Refuses a member that the platform would ignore in silence, although the caller means one that there is. */
function checkSpelling(name: string): void {
  const plain = name.replaceAll(/[-_]/g, "").toLowerCase();
  const meant = MEMBERS.find((member) => member.toLowerCase() === plain);
  if (meant) throw failure("invalid_option", `a call has no option \`${name}\`; it is written \`${meant}\``);
  if (name in OPTIONS && !OF_OTHERS.includes(name)) throw failure("invalid_option", `\`${name}\` is an option of the client, not of a call`);
}

/** @internal @throws `XeroError` `invalid_option` for an argument that the platform can make no text of. */
export function textOf(value: unknown, name: string): string {
  try {
    const text = `${value as string}`;
    if (value != null && !text.startsWith("[object ")) return text;
  } catch {
    // A symbol, or an object without a text.
  }
  throw failure("invalid_option", `the ${name} of a call has to be a text`);
}

function uniform(target: string, given: Given): Outgoing {
  const { request, idempotencyKey, headers, body: givenBody, signal, ...rest } = given;
  const { method = "GET", integrity } = given;
  if (integrity) {
    throw failure("invalid_option", "`integrity` is for files whose content is known, and an answer of Xero's is not; leave it out");
  }
  const body = snapshot(givenBody);
  let own = headers === undefined ? undefined : checked(headers);
  if (typeof idempotencyKey === "string") {
    const option = checked([[KEY, idempotencyKey]]).get(KEY)!;
    const header = own?.get(KEY) ?? option;
    if (header !== option) {
      throw failure("invalid_option", "the call has two keys: one in the header Idempotency-Key, another as `idempotencyKey`; give one");
    }
    own ??= new Headers();
    own.set(KEY, option);
  } else if (idempotencyKey !== undefined && typeof idempotencyKey !== "boolean") {
    throw failure("invalid_option", "`idempotencyKey` has to be a key, true or false");
  }
  if (signal && !signal.throwIfAborted) throw noSignal();
  if (given.priority !== undefined && !["high", "low", "auto"].includes(given.priority)) {
    throw failure("invalid_option", '`priority` has to be "high", "low" or "auto"');
  }
  return {
    method,
    target,
    init: {
      ...rest,
      method: method.toUpperCase(),
      ...(body !== undefined && { body }),
      // Followed, a redirect would carry the token to wherever it points.
      redirect: given.redirect === "error" ? "error" : "manual",
    },
    own,
    signal,
    resendable: !isStream(body),
    key: own?.has(KEY) ? "own" : (idempotencyKey as boolean | undefined),
    high: given.priority === "high",
    whole: false,
    number: 0,
    sends: 0,
    last: 0,
  };
}

/** @internal Gives a call an `Idempotency-Key` of its own, the same for each time that it is sent. */
export function makeKey(call: Outgoing): void {
  if (call.own?.has(KEY)) return;
  call.own = new Headers(call.own);
  call.own.set(KEY, crypto.randomUUID());
}

/** A body as it is now: what can be changed later is copied. */
function snapshot(body: BodyInit | null | undefined): BodyInit | null | undefined {
  if (typeof body === "symbol") throw badBody("is a symbol");
  if (typeof body !== "object" || body === null) return body;
  if (body instanceof ArrayBuffer) return body.slice(0);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  if (body instanceof URLSearchParams) return new URLSearchParams(body);
  if (isForm(body)) {
    // Of its own kind: it may be that of another library. A file keeps its name.
    const copy = new (body.constructor as typeof FormData)();
    for (const [name, value] of body) copy.append(name, value as string);
    return copy;
  }
  if ("locked" in body && body.locked) throw badBody("is a stream that something else reads already");
  if (isStream(body)) return watch(body);
  if ("arrayBuffer" in body) return body;
  try {
    // The platform makes a text of anything else, and so later than now.
    return String(body);
  } catch {
    throw badBody("cannot be made a text");
  }
}

function isForm(body: object): body is FormData {
  return "append" in body && "getAll" in body && Symbol.iterator in body;
}

function badBody(what: string): XeroError {
  return failure("invalid_option", `the body of the call ${what}; the call was not sent`);
}

function checked(headers: HeadersLike): Headers {
  const own = readable(headers);
  for (const [name, value] of [...own]) if (!checkHeader(name, value)) own.delete(name);
  return own;
}

/** @internal @throws `XeroError` `invalid_header` for headers that the platform does not take. */
export function readable(headers: HeadersLike | undefined): Headers {
  try {
    return new Headers(headers);
  } catch {
    // The error of the platform quotes the value.
    throw failure("invalid_header", "a header has a name or a value that cannot be sent, such as one with a line break");
  }
}

/** @internal The headers of a call, with its token. */
export function headersOf({ own }: Outgoing, accessToken: string): HeadersLike {
  const authorization = `Bearer ${accessToken}`;
  if (!own) return { accept: "application/json", authorization };
  const headers = new Headers(own);
  if (!headers.has("accept")) headers.set("accept", "application/json");
  headers.set("authorization", authorization);
  return headers;
}
