/** The vault of a login: its newest access token, renewed by one process at a time. */

import { teller } from "../client/events.js";
import { Lifetime } from "../client/lifetime.js";
import type { Waits } from "../client/source.js";
import { API_URL, IDENTITY_URL } from "../shared/addresses.js";
import { putNumber, putText, takeNumber, takeText } from "../shared/crossing.js";
import { defined } from "../shared/defined.js";
import { failure } from "../shared/errors.js";
import { type ExchangeAnswer, type OpenParts, type VaultAction, putAnswer, takeExchangeRequest, takeOpenParts } from "./actions.js";
import { type Organisation, ask } from "./core.js";
import { Driver } from "./driver.js";
import { type NoAnswer, exchange, send } from "./exchange.js";
import { Sealer, documentKey } from "./seal.js";
import type { SharedStore } from "./store.js";

export type { Found, SharedStore, Turn } from "./store.js";

/** The time that a caller waits at most, in milliseconds, if no other is given. */
const TIMEOUT_MS = 30_000;

/** What a {@link Vault} is made from. */
export interface VaultOptions {
  /** The store that keeps the tokens; it has to be durable. */
  readonly store: SharedStore;
  readonly clientId: string;
  /**
   * The client secret of a Web app; absent for a PKCE app, whose vault needs `key`. Or several: the first is the app's, the others
   * only open what they sealed.
   */
  readonly clientSecret?: string | readonly string[];
  /** A key of 32 bytes in base64url, or several: the first seals, all open. Default: a key made from the client secret. */
  readonly key?: string | readonly string[];
  /** A sealed login, which is used if the vault is empty: see {@link Vault.seed}. */
  readonly seed?: string;
  readonly identityUrl?: string;
  readonly apiUrl?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** The time that a caller waits at most, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number;
  readonly onEvent?: (event: VaultEvent) => void;
  /** Keeps the work of a request alive after it, where requests are isolated. */
  readonly waitUntil?: (promise: Promise<unknown>) => void;
}

/** The reason why a login is lost: Xero refuses it, it was not used for 60 days, or a copy of the vault used it. */
export type LostWhy = "refused" | "unused" | "copied";

/** Something that a vault did. `at` is the time of it, in milliseconds since 1970. */
export type VaultEvent =
  /** This process begins to renew the tokens. */
  | { readonly type: "vault.claimed"; readonly at: number }
  /** A new access token was saved. `generation` counts them. */
  | { readonly type: "vault.saved"; readonly at: number; readonly generation: number }
  /** A request may be under way whose answer reaches no process; one more renewal follows. */
  | { readonly type: "vault.unsure"; readonly at: number }
  /** Xero accepts no token of the login any more. */
  | { readonly type: "vault.lost"; readonly at: number; readonly why: LostWhy }
  /** The store failed, or took no document, for the first time since it last worked; `why` is for people. */
  | { readonly type: "vault.away"; readonly at: number; readonly why: string };

/** An access token of a vault. The token itself is not enumerable: printing or copying the object does not spread it. */
export interface HeldToken {
  /** Counts the access tokens that were saved. */
  readonly generation: number;
  readonly accessToken: string;
  /** The time at which it was asked for, in milliseconds since 1970 by the clock of this machine. */
  readonly obtainedAt: number;
  /** Its end, in milliseconds since 1970 by the clock of this machine. */
  readonly expiresAt: number;
  /** The scopes it carries, space-separated, if they are known. */
  readonly scopes: string | undefined;
  /** The organisations of the login. */
  readonly organisations: readonly Organisation[];
  /** The number of organisations that did not fit into the vault; absent if there is none. */
  readonly organisationsLeftOut?: number;
}

/** The needs of a caller. */
export interface Wanted {
  notGeneration?: number;
  marginMs?: number;
  /** The time that the caller waits at most, if that is less than the option `timeoutMs`. */
  deadlineMs?: number;
  signal?: AbortSignal;
  /** Takes the error that the caller would get if its time ended, whenever it waits. */
  waits?: Waits;
}

/** The state of a vault, without secrets. Times are in milliseconds since 1970, by the clock of the store. */
export interface VaultState {
  /**
   * `empty`: no login was saved. `foreign`: the store holds something else, a vault that was cut, or one of another release.
   * `closed`: no key of this process opens it. `damaged`: this process has its key, which does not open it. `open`: this process
   * can use it.
   */
  readonly is: "empty" | "foreign" | "closed" | "damaged" | "open";
  /** The reason why the store takes no document from this process; absent if none is known. */
  readonly failure?: string;
  /**
   * True if the store took a document from this process just now: the same one was put again. False without a `failure`: another
   * process renews the tokens, and it is not known. Absent without a login.
   */
  readonly written?: boolean;
  /** Counts the access tokens that were saved. */
  readonly generation?: number;
  /** The time of the latest save. */
  readonly savedAt?: number;
  /** The whole days since then. */
  readonly savedDaysAgo?: number;
  /** The end of the newest access token. */
  readonly expiresAt?: number;
  /** The time at which Xero ends the login if it is not used before. */
  readonly endsUnusedAt?: number;
  /** The whole days until then. */
  readonly daysLeft?: number;
  /** True if these are so few that somebody should look why no service uses the login. */
  readonly endsSoon?: boolean;
  /** Set if Xero refuses the login. */
  readonly lost?: { readonly why: LostWhy; readonly since: number };
  /** The process that renews the tokens now, by its random number, and the end of its claim. */
  readonly claimedBy?: { readonly process: number; readonly until: number };
  /** Set if one more renewal follows, after this time. */
  readonly unsureUntil?: number;
  /** The scopes of the newest access token, if they are known. */
  readonly scopes?: string;
  /** The organisations of the login, if the vault is open. */
  readonly organisations?: readonly Organisation[];
  /** The number of organisations that did not fit into the vault; absent if there is none. */
  readonly organisationsLeftOut?: number;
}

/** The tokens of a login that is not saved yet. Its secrets are private. */
export class LoginGrant {
  /** The organisations that the user let the app reach with this login. */
  readonly organisations: readonly Organisation[];
  /** The scopes of the login, space-separated, if they are known. */
  readonly scopes: string | undefined;
  readonly #text: string;

  /** @internal */
  constructor(text: string) {
    const parts = ask(
      (wasm, length) => wasm.describeGrant(length),
      takeOpenParts,
      () => putText(text),
    );
    this.#text = text;
    this.organisations = organisationsOf(parts);
    this.scopes = parts.scopes;
  }

  /** @internal */
  static textOf(grant: LoginGrant): string {
    return grant.#text;
  }
}

/** @internal The vault of a login. Several vaults with the same store and app, in any number of processes, share one login. */
export class Vault {
  readonly #options: VaultOptions;
  readonly #driver: Driver;
  readonly #sealer: Sealer;
  readonly #timeoutMs: number;
  readonly #end = new Lifetime();

  /** @throws `XeroError` `invalid_option` for options that cannot work. */
  constructor(options: VaultOptions) {
    const { store, clientId, clientSecret, key, seed, fetch, waitUntil } = options;
    if (typeof store?.swap !== "function") throw failure("invalid_option", "the vault needs a store with a method swap()");
    if (store.durable !== true) {
      throw failure(
        "invalid_option",
        "the store of the vault is not durable: it can lose what it acknowledged, and with it the login. Use file(), postgres(), durableObject() or another store that keeps what it acknowledged",
      );
    }
    const keys = key === undefined ? [] : typeof key === "string" ? [key] : [...key];
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const secrets = [clientSecret ?? []].flat().filter(Boolean);
    this.#sealer = new Sealer({ clientId, secrets: secrets.length > 0 ? () => Promise.resolve(secrets) : undefined, keys });
    const tell = teller(options.onEvent);
    const identityUrl = options.identityUrl ?? IDENTITY_URL;
    const apiUrl = options.apiUrl ?? API_URL;
    this.#driver = new Driver({
      core: { identityUrl, apiUrl, clientId, clientSecret: secrets[0], timeoutMs: this.#timeoutMs },
      store,
      documentKey: () => documentKey(identityUrl, clientId, "vault:1"),
      sealer: this.#sealer,
      seed,
      fetch,
      waitUntil,
      tell: (notice) => tell?.(told(notice)),
    });
  }

  /**
   * Resolves to the newest token of the vault, or to a renewed one if the newest has the generation `notGeneration` or ends within
   * `marginMs`.
   *
   * @throws `XeroError` `login_required`, `vault_copied`, `vault_unavailable`, `vault_key_mismatch`, or the error of the exchange.
   */
  async take(wanted: Wanted = {}): Promise<HeldToken> {
    const { notGeneration, marginMs, deadlineMs, signal, waits } = wanted;
    const question = { on: "want", ...this.#time(deadlineMs), ...defined({ notGeneration, marginMs }) } as const;
    return this.#held(await this.#driver.ask(question, signal, waits));
  }

  /** Renews the token if it was obtained longer ago than a day, so that the login does not end unused (rule R33: after 60 days). */
  async keepAlive(deadlineMs?: number): Promise<HeldToken> {
    return this.#held(await this.#driver.ask({ on: "want", ...this.#time(deadlineMs), keepAlive: true }));
  }

  /** The beginning and the end of the time for a question that is asked now. */
  #time(deadlineMs = Infinity): { since: number; deadline: number } {
    const since = this.#driver.now();
    return { since, deadline: since + Math.min(this.#timeoutMs, deadlineMs) };
  }

  #held(answer: Awaited<ReturnType<Driver["ask"]>>): HeldToken {
    if (answer.do !== "use") throw failure("trapped", "the vault gave another answer than a token; please report this");
    const { generation, accessToken, obtainedAt, expiresAt, scopes, organisationsLeftOut: left } = answer;
    const token = Object.defineProperty({}, "accessToken", { value: accessToken }) as { accessToken: string };
    const organisations = organisationsOf(answer);
    const more = defined({ organisationsLeftOut: left });
    return Object.freeze(Object.assign(token, { generation, obtainedAt, expiresAt, scopes, organisations }, more));
  }

  /**
   * Saves the tokens of a login. The living login of another user, and something that is not understood, are replaced only with
   * `replace`.
   */
  async login(grant: LoginGrant, options: { replace?: boolean } = {}): Promise<HeldToken> {
    await this.#driver.login(LoginGrant.textOf(grant), options.replace ?? false);
    return this.take();
  }

  /**
   * Exchanges the code of a login (RFC 6749 section 4.1.3), and asks for its organisations.
   *
   * @throws `XeroError` with the error of either request.
   */
  async exchangeCode(code: string, redirectUri: string, verifier?: string): Promise<LoginGrant> {
    const { fetch } = this.#options;
    const number = this.#driver.number();
    const request = ask(
      (wasm, length) => wasm.codeRequest(number, length),
      takeExchangeRequest,
      () => [code, redirectUri, verifier].forEach(putText),
    );
    const sent = Date.now();
    const answer = whole(await exchange(fetch, request, this.#timeoutMs, this.#end).answer);
    const grant = ask(
      (wasm, length) => wasm.codeAnswer(length, sent, Date.now()),
      takeText,
      () => putAnswer(answer),
    );
    const { url, authorization, maxBytes } = ask(
      (wasm, length) => wasm.connectionsRequest(number, length),
      () => ({ url: takeText(), authorization: takeText(), maxBytes: takeNumber() }),
      () => putText(grant),
    );
    const headers = { accept: "application/json", authorization };
    const { status, body } = whole(await send(fetch, url, { headers }, maxBytes, this.#timeoutMs, this.#end).answer);
    const complete = ask(
      (wasm, length) => wasm.connectionsAnswer(length),
      takeText,
      () => {
        putText(grant);
        putNumber(status);
        putText(body);
      },
    );
    return new LoginGrant(complete);
  }

  /**
   * Revokes the login: all tokens and connections of its user with this app, in every organisation. The vault keeps its tokens,
   * which Xero no longer accepts.
   */
  async revoke(): Promise<void> {
    await this.look();
    const { fetch } = this.#options;
    const number = this.#driver.number();
    const request = ask((wasm) => wasm.revocationRequest(number), takeExchangeRequest);
    const { status } = whole(await exchange(fetch, request, this.#timeoutMs, this.#end).answer);
    if (status !== 200) throw failure("server_error", `Xero did not revoke the login (status ${status})`);
  }

  /** Resolves to the state of the vault. A login that this process can use is put there again, as the proof that it can be saved. */
  async look(deadlineMs?: number): Promise<VaultState> {
    const answer = await this.#driver.ask({ on: "look", ...this.#time(deadlineMs) });
    if (answer.do !== "show") throw failure("trapped", "the vault gave another answer than its state; please report this");
    return stateOf(answer);
  }

  /** Seals the tokens of a login as a text for the option `seed`, for a platform on which no one can log in. */
  async seed(grant: LoginGrant): Promise<string> {
    const number = this.#driver.number();
    return this.#sealer.seal(LoginGrant.textOf(grant), ask((wasm) => wasm.seedBound(number), takeText));
  }

  /** Waits until every token is saved, and ends the vault. */
  async close(): Promise<void> {
    await this.#driver.close();
    this.#end.end();
  }
}

/** A notice of the core as an event. */
const told = ({ type, generation, why }: Extract<VaultAction, { do: "tell" }>): VaultEvent =>
  ({ type, at: Date.now(), ...defined({ generation, why }) }) as VaultEvent;

/** The answer of a request, or its error. */
function whole(answer: ExchangeAnswer | NoAnswer): ExchangeAnswer {
  if ("status" in answer) return answer;
  throw failure(answer.code, answer.message);
}

/** The organisations of a login, of which the core gives three texts each. */
function organisationsOf({ organisations: texts = [] }: Partial<OpenParts>): readonly Organisation[] {
  const found: Organisation[] = [];
  for (let at = 0; at + 2 < texts.length; at += 3) {
    const [id = "", connectionId = "", name = ""] = texts.slice(at, at + 3);
    found.push(Object.freeze({ id, name, connectionId }));
  }
  return Object.freeze(found);
}

function stateOf({ do: _, lost, lostSince, claimedBy, claimedUntil, organisations, ...state }: Extract<VaultAction, { do: "show" }>): VaultState {
  const { is, endsUnusedAt, endsSoon, written, ...plain } = state;
  return {
    is,
    ...defined(plain),
    ...(endsUnusedAt !== undefined && { endsUnusedAt, endsSoon, written }),
    ...(lost && { lost: { why: lost, since: lostSince! } }),
    ...(claimedBy !== undefined && { claimedBy: { process: claimedBy, until: claimedUntil! } }),
    ...(is === "open" && { organisations: organisationsOf({ organisations }) }),
  };
}
