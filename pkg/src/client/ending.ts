/** Waiting that ends: by a timer, by the caller's signal, or with the client. */

import { type XeroError, failure } from "../shared/errors.js";
import type { Lifetime } from "./lifetime.js";

/** The longest time that a timer of the host can be set to. */
const MAX_TIMER_MS = 2_147_483_647;

/** Sets a timer. A time that no timer can have is cut to one that it can. */
export function after(ms: number, act: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(act, Math.min(Math.max(0, ms), MAX_TIMER_MS));
}

/** Ignores a promise, or any other value, with its rejection. */
export function ignore(value: unknown): void {
  if (typeof value === "object" && value !== null) Promise.resolve(value).then(undefined, () => {});
}

/** Callbacks by signal, and the one listener that serves them all: Node.js warns of more than ten on one signal. */
const listening = new WeakMap<AbortSignal, { acts: Set<() => void>; listener: () => void }>();

/** Calls `act` when the signal aborts. Returns a function that prevents it. */
export function onAbort(signal: AbortSignal | null | undefined, act: () => void): () => void {
  if (!signal) return () => {};
  let entry = listening.get(signal);
  if (!entry) {
    const acts = new Set<() => void>();
    entry = { acts, listener: () => acts.forEach((one) => one()) };
    listening.set(signal, entry);
    signal.addEventListener("abort", entry.listener);
  }
  const { acts, listener } = entry;
  // A function of its own: the same `act` may be given twice.
  const one = (): void => act();
  acts.add(one);
  return () => {
    if (!acts.delete(one) || acts.size > 0) return;
    listening.delete(signal);
    signal.removeEventListener("abort", listener);
  };
}

/** The end of a request: its time limit, the end of the client, the caller's own signal. */
export class Limit {
  /** Aborts at the end. Handed to `fetch`, it also ends the reading of a body after {@link done}, if the caller aborts. */
  readonly signal: AbortSignal;
  /** The time limit has passed. */
  timedOut = false;
  readonly #controller = new AbortController();
  /** Rejects what is waited for: one thing after another. */
  #reject: ((reason: unknown) => void) | undefined;
  #leave: (() => void) | undefined;
  #unlisten: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @throws `XeroError` `invalid_option` if the signal is not one of this platform's. */
  constructor(ms: number, lifetime: Lifetime | undefined, signal: AbortSignal | null | undefined) {
    const own = this.#controller.signal;
    this.signal = signal ? joined(own, signal) : own;
    this.end = (): void => {
      this.#reject?.(undefined);
      this.#controller.abort();
    };
    this.#leave = lifetime?.before(this.end);
    if (signal) this.#unlisten = onAbort(signal, this.end);
    if (signal?.aborted) this.end();
    this.allow(ms);
  }

  /** Ends it now. */
  readonly end: () => void;

  /** Allows this much from now on. */
  allow(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#controller.signal.aborted) return;
    this.#timer = after(ms, () => {
      this.timedOut = true;
      this.end();
    });
  }

  /** The value of a promise. Rejects at the end of the limit, whether or not the promise ever settles. */
  within<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(resolve, reject);
      this.#reject = reject;
      if (this.#controller.signal.aborted) queueMicrotask(() => reject(undefined));
    });
  }

  /** Lets the process end before: its caller waits elsewhere, or there is none any more. */
  inBackground(): this {
    const timer: unknown = this.#timer;
    if (typeof timer === "object") (timer as { unref?(): void } | null)?.unref?.();
    else (globalThis as { Deno?: { unrefTimer?(timer: unknown): void } }).Deno?.unrefTimer?.(timer);
    return this;
  }

  /** Ends the limit without aborting. */
  done(): void {
    clearTimeout(this.#timer);
    this.#leave?.();
    this.#unlisten?.();
  }
}

function joined(own: AbortSignal, signal: AbortSignal): AbortSignal {
  try {
    return AbortSignal.any([own, signal]);
  } catch {
    throw noSignal();
  }
}

/** The error for a `signal` that is none. */
export function noSignal(): XeroError {
  return failure("invalid_option", "the `signal` of the call is not an AbortSignal of this platform");
}
