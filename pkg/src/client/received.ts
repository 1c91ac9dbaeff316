/** What a `fetch` resolved to, read once. It may be the caller's own `fetch`, so nothing about the value is taken for granted. */

import type { CallEvent } from "./actions.js";
import { type Limit, ignore } from "./ending.js";

/** An answer. */
export interface Received {
  /** The value that `fetch` gave: it is the caller's. */
  response: Response;
  /** 0 for a redirect that was not followed, where the platform hides it. */
  status: number;
  ok: boolean;
  /** A header; the empty text if there is none, or none that is a text. */
  header(name: string): string;
}

/** The message for a value of a `fetch` that is no answer. */
export const NO_RESPONSE = "the function given as `fetch` resolved to something that is no Response";

/** Calls `fetch` within a limit. It may be the caller's own, and ignore its signal. `undefined` for a value that is no answer. */
export async function receive(
  fetch: typeof globalThis.fetch = globalThis.fetch,
  url: string,
  init: RequestInit,
  limit: Limit,
): Promise<Received | undefined> {
  const asked = Promise.resolve(fetch(url, init));
  let value: Response;
  try {
    value = await limit.within(asked);
  } catch (thrown) {
    // It may still come.
    asked.then(discard, () => {});
    throw thrown;
  }
  // As `Response.error()` is: by the platform's words a network error. Only a redirect that is hidden has no status either.
  if (attempt(() => value.status) === 0 && attempt(() => value.type) !== "opaqueredirect") throw new TypeError();
  return received(value);
}

/** Reads what a `fetch` resolved to; `undefined` if it is no answer. */
function received(value: unknown): Received | undefined {
  const response = value as Response;
  const status = attempt(() => response.status);
  const headers = attempt(() => response.headers);
  if (!Number.isInteger(status) || status! < 0 || status! > 999) return undefined;
  return {
    response,
    status: status!,
    ok: status! >= 200 && status! < 300,
    header: (name) => {
      const found: unknown = attempt(() => headers!.get(name));
      return typeof found === "string" || typeof found === "number" ? String(found) : "";
    },
  };
}

/** The value of `read`; `undefined` if it throws, as a getter or a method of a foreign object may. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The text of an answer. */
export interface Text {
  text: string;
  /** There was more of it. */
  cut: boolean;
}

/** Reads at most `limit` bytes of the body of an answer and leaves the rest. A body that is no web stream is read whole. */
export async function readText({ response }: Received, limit: number): Promise<Text> {
  if (limit === Infinity || typeof response.body?.getReader !== "function") {
    const read: unknown = await response.text();
    const text = typeof read === "string" ? read : "";
    return { text: text.slice(0, limit), cut: text.length > limit };
  }
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let read = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), cut: false };
    read += value.byteLength;
    if (read > limit) {
      ignore(reader.cancel());
      return { text: text + decoder.decode(value.subarray(0, value.byteLength - (read - limit))), cut: true };
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** A copy of an answer, whose body can be read beside the first; `undefined` if the platform can make none. */
export function copied(answer: Received): Received | undefined {
  const response = attempt(() => answer.response.clone());
  return response && { ...answer, response: response as Response };
}

/** Releases the connection of an answer that will not be read. */
export function discard(value: unknown): void {
  attempt(() => {
    const body = (value as Response).body as unknown as Record<string, ((...given: unknown[]) => unknown) | undefined> | null;
    // A web stream is cancelled. A stream of Node.js is destroyed, and must not end the process by an error.
    body?.on?.("error", () => {});
    if (body?.cancel) ignore(body.cancel());
    else body?.destroy?.();
  });
}

/**
 * The number under which Xero can find a call. Captures show the first name, Xero's prose the second. A value that is no UUID is
 * not passed on: a server in Xero's place could put a secret there.
 */
export function correlationId({ header }: Received): string | undefined {
  const id = header("xero-correlation-id") || header("x-correlation-id");
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? id : undefined;
}

const KINDS = ["application/json", "application/pdf", "application/xml", "text/html", "text/plain", "text/xml"];

/** The media type of an answer, if it is a usual one. */
export function kind({ header }: Received): string {
  const [type = ""] = header("content-type").toLowerCase().split(";", 1);
  return KINDS.find((known) => known === type.trim()) ?? "something else";
}

/** The kind of a body as the core has to know it; `undefined` for a list of records, and for an object with a record in it. */
export function recordsOf(body: unknown): "scalar" | "bare" | "refusal" | undefined {
  if (Array.isArray(body) ? !body.some(isRecord) : !isRecord(body)) return "scalar";
  const { ErrorNumber, Status, pagination: _, Warnings: __, ...rest } = body as Record<string, unknown>;
  if (ErrorNumber !== undefined || Status === "ERROR") return "refusal";
  return Object.values(rest).some((value) => (Array.isArray(value) ? value.some(isRecord) : isRecord(value))) || Array.isArray(body) ? undefined : "bare";
}

/** An object with members. */
const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

/** An answer as the core has to know it, without its body. */
export function answered(call: number, { status, header }: Received): Extract<CallEvent, { on: "answered" }> {
  const of = (name: string): string | undefined => header(name) || undefined;
  return {
    on: "answered",
    call,
    status,
    problem: of("x-rate-limit-problem"),
    retryAfter: of("retry-after"),
    minute: of("x-minlimit-remaining"),
    day: of("x-daylimit-remaining"),
    appMinute: of("x-appminlimit-remaining"),
  };
}

/**
 * Checks that an answer announces a body. The length that comes with a 304, or in answer to HEAD, is that of another
 * answer (RFC 9110 sections 8.6, 9.3.2 and 15.4.5).
 */
export function announcesBody(method: string, { status, header }: Received): boolean {
  const bodiless = method.toUpperCase() === "HEAD" || status === 204 || status === 304;
  return !bodiless && Number(header("content-length")) > 0;
}
