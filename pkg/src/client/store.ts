/** Where a token may be kept between processes. */

/** A token as a store keeps it. It opens the organisation until it ends: keep it as safe as the client secret. */
export interface StoredToken {
  /** The access token. */
  accessToken: string;
  /** When it was asked for, in milliseconds since the epoch. */
  obtainedAt: number;
  /** When it ends, in milliseconds since the epoch. */
  expiresAt: number;
  /** The scopes it carries, space-separated, if that is known. */
  scopes?: string;
}

/**
 * Keeps a token where the next process, function or isolate finds it, so that a cold start asks for none.
 *
 * The key is a text that says which connection and scopes the token is for, without anything secret. A store is a
 * cache: whatever fails in it means "no token" and never fails a call.
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

/** @internal Tells the store something. Its errors are ignored. */
export async function tell(act: () => void | Promise<void>): Promise<void> {
  try {
    await undefined;
    await act();
  } catch {
    // A token that was not kept costs the next process one request.
  }
}
