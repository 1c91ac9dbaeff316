/** Where the tokens of a client come from if it does not ask for them itself. */

import type { AccessToken } from "./access-token.js";

/** A token of a source. */
export interface SourceToken {
  accessToken: string;
  /** When it was asked for, and when it ends, in milliseconds since the epoch. */
  obtainedAt: number;
  expiresAt: number;
  /** The scopes that it carries, space-separated, if they are known. */
  scopes: string | undefined;
}

/**
 * Gives a token that can be used now, and another one than `held`, which ends soon or was refused. Rejects with a `XeroError`;
 * one that is not retryable is not asked for again before a minute is over.
 */
export type TokenSource = (held: AccessToken | undefined) => Promise<SourceToken>;

/** The option of a client that has a {@link TokenSource}: other parts of this package set it. */
export const SOURCE = Symbol.for("xero-m2m.source");

/** The options of a client whose tokens come from elsewhere. */
export interface Sourced {
  [SOURCE]?: TokenSource | undefined;
}
