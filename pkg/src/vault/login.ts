/** The rules of a login, in Rust (`src/shared/login.rs`). */

import * as crossing from "../shared/crossing.js";
import { ask } from "./core.js";

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

const putWaiting = ({ port, state }: Waiting): void => {
  crossing.putNumber(port);
  crossing.putText(state);
};

function takeJudged(): Judged {
  const kind = crossing.takeByte();
  const text = crossing.takeText();
  return kind === 0 ? { code: text } : kind === 1 ? { refused: text } : { stray: text };
}

/** @internal The decisions of a login. */
export const login = {
  /** The address that the user opens, and the redirect address. Throws `invalid_option` or `insecure_url`. */
  address: (asked: Asked): { address: string; redirectUri: string } =>
    ask(
      (wasm, length) => wasm.loginAddress(length),
      () => ({ address: crossing.takeText(), redirectUri: crossing.takeText() }),
      () => {
        putWaiting(asked);
        [asked.clientId, asked.scopes, asked.authorizeUrl, asked.challenge].forEach(crossing.putText);
      },
    ),
  /** Judges a request by its method, its target and its header `Host`. */
  callback: (waiting: Waiting, method: string, target: string, host: string): Judged =>
    ask(
      (wasm, length) => wasm.loginCallback(length),
      takeJudged,
      () => {
        putWaiting(waiting);
        [method, target, host].forEach(crossing.putText);
      },
    ),
  /** Judges the address that the browser ended at. */
  pasted: (waiting: Waiting, text: string): Judged =>
    ask(
      (wasm, length) => wasm.loginPasted(length),
      takeJudged,
      () => {
        putWaiting(waiting);
        crossing.putText(text);
      },
    ),
};
