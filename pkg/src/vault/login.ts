/** The rules of a login, in Rust (`src/shared/login.rs`). */

import { loginAddress, loginCallback, loginOutlook, loginPasted } from "../glue/shared.js";
import { run } from "./core.js";

/** @internal A login that waits for its callback. */
export interface Waiting {
  /** The port of `localhost` that Xero sends the browser to. */
  readonly port: number;
  /** Random, and used once. */
  readonly state: string;
}

/** @internal The question for the address that a user opens. */
export interface Asked extends Waiting {
  readonly clientId: string;
  /** Separated by blanks; `offline_access` is added. */
  readonly scopes: string;
  /** Default: Xero's. */
  readonly authorizeUrl?: string | undefined;
  /** The challenge of PKCE, by SHA-256. */
  readonly challenge?: string | undefined;
}

/** @internal A request or a pasted address, judged: a code, or a sentence about it. A stray one changes nothing. */
export type Judged = { code: string } | { refused: string } | { stray: string };

/** @internal The decisions of a login. */
export const login = {
  /** The address that the user opens, and the redirect address. Throws `invalid_option` or `insecure_url`. */
  address: (asked: Asked) => run(loginAddress, asked) as { address: string; redirectUri: string },
  /** Judges a request by its method, its target and its header `Host`. */
  callback: (waiting: Waiting, method: string, target: string, host: string) =>
    run(loginCallback, waiting, method, target, host) as Judged,
  /** Judges the address that the browser ended at. */
  pasted: (waiting: Waiting, text: string) => run(loginPasted, waiting, text) as Judged,
  /** The whole days until Xero ends a login that is not used, and if these are few. */
  outlook: (endsUnusedAt: number, now: number) => run(loginOutlook, endsUnusedAt, now) as { days: number; soon: boolean },
};
