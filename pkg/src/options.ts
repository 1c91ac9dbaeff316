/** What a {@link CustomConnection} is made from, and the checks of it. */

import type { KnownScope } from "./codes.js";
import { failure } from "./errors.js";
import { type Shape, checkKnown, checkValues, isFunction, isText } from "./shape.js";
import type { TokenStore } from "./store.js";

/** A scope: one that the catalogue knows, or any other name, since Xero adds some. */
export type Scope = KnownScope | (string & {});

/** What a {@link CustomConnection} is made from. */
export interface CustomConnectionOptions {
  /** The client id of the custom connection, from its page in Xero's developer portal. */
  clientId: string;
  /**
   * The client secret, or a function that gives it, which is called before every token request: a function lets a
   * secret be rotated without a restart and keeps it in its vault meanwhile.
   */
  clientSecret: string | (() => string | Promise<string>);
  /**
   * The scopes to ask for. `"configured"`, the default, sends no `scope` and takes everything that is configured on the
   * connection. A list asks for exactly these; if one of them is not configured, Xero refuses the whole request.
   */
  scopes?: "configured" | readonly Scope[] | undefined;
  /**
   * When the connection was created, as `YYYY-MM-DD`. Then the dated rules apply before a call is sent: a connection
   * created on or after 2026-04-29 has no journals, for example.
   */
  createdOn?: string | undefined;
  /** Whether a call that no granted scope opens is refused before it is sent. Default: true. */
  preflight?: boolean | undefined;
  /**
   * How long a call may take until its answer begins, and `token()` in all, in milliseconds. The body of an answer may
   * take longer: give an `AbortSignal` to limit that. Default: 30,000.
   */
  timeoutMs?: number | undefined;
  /** Where to keep the token between processes. Default: nowhere. */
  store?: TokenStore | undefined;
  /** Another `fetch`, for a proxy or a test. Default: the global one at the time of the call. */
  fetch?: typeof globalThis.fetch | undefined;
  /** The identity service. Default: `https://identity.xero.com`. https, or http on this machine; may have a path. */
  identityUrl?: string | undefined;
  /** The APIs. Default: `https://api.xero.com`. https, or http on this machine; may have a path. */
  apiUrl?: string | undefined;
}

/** @internal The options with their defaults. */
export type Settled = {
  [Name in "clientId" | "clientSecret" | "preflight" | "timeoutMs" | "identityUrl" | "apiUrl"]: NonNullable<
    CustomConnectionOptions[Name]
  >;
} & {
  scopes: readonly string[] | undefined;
  createdOn: string | undefined;
  store: TokenStore | undefined;
  fetch: typeof globalThis.fetch | undefined;
};

/** The longest time that a timer of the host can be set to. */
const MAX_TIMER_MS = 2_147_483_647;

const isMethodOf = (object: unknown, name: string) => isFunction((object as Record<string, unknown>)[name]);

/** Every option: what it has to be, in code and in words. */
const OPTIONS: Shape<CustomConnectionOptions> = {
  clientId: [isText, "a string"],
  clientSecret: [(value) => isText(value) || isFunction(value), "a string, or a function that gives one"],
  scopes: [
    (value) => value === "configured" || (Array.isArray(value) && value.every(isText)),
    '"configured" or a list of scopes',
  ],
  createdOn: [isText, "a day written as YYYY-MM-DD"],
  preflight: [(value) => typeof value === "boolean", "true or false"],
  timeoutMs: [
    (value) => typeof value === "number" && value >= 1 && value <= MAX_TIMER_MS,
    `a number of milliseconds from 1 to ${MAX_TIMER_MS}`,
  ],
  store: [
    (value) =>
      typeof value === "object" && value !== null && ["load", "save", "erase"].every((name) => isMethodOf(value, name)),
    "an object with load, save and erase",
  ],
  fetch: [isFunction, "a function"],
  identityUrl: [isText, "a URL"],
  apiUrl: [isText, "a URL"],
};

/** @internal Checks the options and fills in the defaults. */
export function settle(options: CustomConnectionOptions): Settled {
  checkKnown("new CustomConnection()", options, OPTIONS);
  for (const name of ["clientId", "clientSecret"] as const) {
    if (options[name] === undefined || options[name] === "") {
      throw failure("invalid_option", `${name} is missing; is its environment variable set?`);
    }
  }
  checkValues(options, OPTIONS);
  const { scopes } = options;
  return {
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    scopes: scopes === undefined || scopes === "configured" ? undefined : [...scopes],
    createdOn: options.createdOn,
    preflight: options.preflight ?? true,
    timeoutMs: options.timeoutMs ?? 30_000,
    store: options.store,
    fetch: options.fetch,
    identityUrl: options.identityUrl ?? "https://identity.xero.com",
    apiUrl: options.apiUrl ?? "https://api.xero.com",
  };
}
