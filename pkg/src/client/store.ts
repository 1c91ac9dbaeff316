/** The store that keeps a token between processes. */

import { POLL_MS, isolated } from "./core.js";
import { Limit } from "./ending.js";
import type { Lifetime } from "./lifetime.js";

/** A token as a store keeps it. It opens the organisation until it ends: keep it as safe as the client secret. */
export interface StoredToken {
  /** The access token. */
  accessToken: string;
  /** The instant at which it was asked for, in milliseconds since the epoch. */
  obtainedAt: number;
  /** The instant at which it ends, in milliseconds since the epoch. */
  expiresAt: number;
  /** The scopes it carries, space-separated, if that is known. */
  scopes?: string;
}

/**
 * Keeps a token where the next process, function or isolate finds it, so that a cold start makes no token request.
 *
 * The key is a text that names the connection and the scopes of the token, without anything secret. A store is a cache:
 * a failure in it means "no token" and never fails a call. Saves and erases come one after the other.
 *
 * @example A store in memory, for the pattern.
 * ```ts
 * const tokens = new Map<string, string>();
 * const store: TokenStore = {
 *   load: (key) => JSON.parse(tokens.get(key) ?? "null"),
 *   save: (key, token) => void tokens.set(key, JSON.stringify(token)),
 *   erase: (key) => void tokens.delete(key),
 * };
 * ```
 */
export interface TokenStore {
  /** The token under this key, or nothing. It is given two seconds. */
  load(key: string): StoredToken | null | undefined | Promise<StoredToken | null | undefined>;
  /** Keeps a token under this key, at most until it ends. */
  save(key: string, token: StoredToken): void | Promise<void>;
  /** Forgets the token under this key: Xero no longer accepts it. */
  erase(key: string): void | Promise<void>;
}

/** @internal Asks the store; an answer that makes no sense is none. */
export async function load(store: TokenStore, key: string): Promise<StoredToken | undefined> {
  try {
    // A store may do anything, such as make a call: not before the actions of the core are performed.
    await undefined;
    const token = await store.load(key);
    if (!token) return undefined;
    // Read once: it may have getters.
    const { accessToken, obtainedAt, expiresAt, scopes } = token;
    const fit =
      typeof accessToken === "string" &&
      typeof obtainedAt === "number" &&
      typeof expiresAt === "number" &&
      (scopes === undefined || typeof scopes === "string");
    return fit ? { accessToken, obtainedAt, expiresAt, ...(scopes !== undefined && { scopes }) } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @internal Saves and erases, in the order in which the core wants them.
 *
 * No call fails by an error of the store: a token that was not kept costs the next process one request.
 */
export class StoreWrites {
  #count = 0;
  /** The number of the latest one that is over. */
  #over = 0;
  #latest: Promise<void> | undefined;

  /** Writes after the writes before, each of which is given `ms` milliseconds. */
  add(write: () => void | Promise<void>, ms: number, lifetime: Lifetime): Promise<void> {
    return (this.#latest = this.#write(write, new Limit(ms, lifetime, undefined), this.#latest));
  }

  async #write(write: () => void | Promise<void>, limit: Limit, before: Promise<void> | undefined): Promise<void> {
    const number = ++this.#count;
    let poll: ReturnType<typeof setInterval> | undefined;
    try {
      // The write before may have ended with its request, if requests are isolated.
      const polled = (done: (value: void) => void): void => {
        poll = setInterval(() => this.#over >= number - 1 && done(), POLL_MS);
      };
      if (before && this.#over < number - 1) await limit.within<unknown>(isolated ? new Promise<void>(polled) : before);
    } catch {
      // It took too long, or the client was closed.
    }
    clearInterval(poll);
    limit.done();
    try {
      // A store may do anything, as above.
      await undefined;
      await write();
    } catch {
      // The next process asks for a token.
    } finally {
      this.#over = Math.max(this.#over, number);
    }
  }
}
