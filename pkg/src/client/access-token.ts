/** An access token and what it is good for. */
export interface AccessToken {
  /**
   * The token itself. The property is not enumerable: printing, copying or serialising the object does not spread it.
   */
  readonly accessToken: string;
  /** When it ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The scopes it carries, in alphabetical order; absent if neither Xero's answer nor the token itself has them. */
  readonly scopes?: readonly string[];
  /** The number of names that were left out of `scopes` because they held a token or a secret; absent if none was. */
  readonly scopesWithheld?: number;
}
