/** What goes to and comes from `fetch`. */

import { type XeroError, failure } from "./errors.js";
import type { Lifetime } from "./lifetime.js";

/** What a text of an answer came to. */
export interface Text {
  text: string;
  /** Whether there was more of it. */
  cut: boolean;
}

/** Reads at most `limit` bytes of a body and leaves the rest. */
export async function readText(response: Response, limit: number): Promise<Text> {
  // An injected `fetch` may answer with something that has no stream.
  if (!response.body?.getReader) {
    const text = await response.text();
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
      void reader.cancel().catch(() => {});
      return { text: text + decoder.decode(value.subarray(0, value.byteLength - (read - limit))), cut: true };
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** A header, or the empty text. */
export function header(response: Response, name: string): string {
  return response.headers.get(name) ?? "";
}

/**
 * The number under which Xero can find a call. Captures show the first name, Xero's prose the second. What is no UUID is
 * not passed on: whoever answers in Xero's place could echo a secret there.
 */
export function correlationId(response: Response): string | undefined {
  const id = header(response, "xero-correlation-id") || header(response, "x-correlation-id");
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? id : undefined;
}

const KINDS = ["application/json", "application/pdf", "application/xml", "text/html", "text/plain", "text/xml"];

/** What an answer calls itself, if that is a usual name. */
export function kind(response: Response): string {
  const [type = ""] = header(response, "content-type").toLowerCase().split(";", 1);
  return KINDS.find((known) => known === type.trim()) ?? "something else";
}

const LEFT = ["x-minlimit-remaining", "x-daylimit-remaining", "x-appminlimit-remaining"] as const;
const LIMITS = ["x-rate-limit-problem", "retry-after", ...LEFT];

/** The headers about limits, a line for each, as the core reads them. */
export function limits(response: Response): string {
  return LIMITS.map((name) => header(response, name)).join("\n");
}

/** What an answer says is left of the minute, the day and the app's minute. */
export function left(response: Response): (number | undefined)[] {
  return LEFT.map((name) => {
    const value = header(response, name);
    return /^\d+$/.test(value) ? Number(value) : undefined;
  });
}

/** What ends a request: its time limit, the end of the client, the caller's own signal. */
export interface Limited {
  signal: AbortSignal;
  /** Allows this much from now on. */
  allow(ms: number): void;
  /** Leaves only the caller's own signal, which also ends the reading of a body. */
  done(): void;
}

/** Limits a request to `ms`, the life of the client, and the caller's own signal. */
export function limited(ms: number, lifetime: Lifetime, signal: AbortSignal | null | undefined): Limited {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const allow = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(TIMED_OUT), Math.max(0, ms));
  };
  const outlived = lifetime.before(() => controller.abort());
  allow(ms);
  return {
    signal: signal ? AbortSignal.any([controller.signal, signal]) : controller.signal,
    allow,
    done: () => {
      clearTimeout(timer);
      outlived();
    },
  };
}

const TIMED_OUT = Symbol("timed out");

/** What a rejection of `fetch` means, which was given `signal`. Not every `fetch` rejects with its signal's reason. */
export function unreachable(thrown: unknown, url: string, signal: AbortSignal): XeroError {
  const { host } = new URL(url);
  if (signal.reason === TIMED_OUT) return failure("timeout", `${host} did not answer within the time allowed`);
  return failure("offline", `cannot reach ${host}${reason(thrown)}; nothing came back`);
}

/** What it means that the body of an answer, read under `signal`, cannot be read to its end. */
export function brokenOff(thrown: unknown, signal: AbortSignal | undefined): XeroError {
  if (signal?.reason === TIMED_OUT) return failure("timeout", "the answer was not complete within the time allowed");
  return failure("offline", `the answer broke off before it was complete${reason(thrown)}`);
}

/** The word of the system for it, such as ECONNREFUSED. Nothing else of a foreign error is quoted. */
function reason(thrown: unknown): string {
  for (let error = thrown, depth = 0; typeof error === "object" && error !== null && depth < 5; depth++) {
    const { code, cause } = error as { code?: unknown; cause?: unknown };
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return ` (${code})`;
    error = cause;
  }
  return "";
}

/** Resolves when `pending` settles, after `ms`, when the caller's signal aborts or the client ends. */
export function pause(
  pending: Promise<unknown> | undefined,
  ms: number,
  lifetime: Lifetime,
  signal: AbortSignal | null | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      outlived();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    const outlived = lifetime.before(() => done());
    signal?.addEventListener("abort", done);
    void pending?.then(done, done);
  });
}
