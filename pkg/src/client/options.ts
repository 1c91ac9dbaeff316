/** What a {@link CustomConnection} is made from, and the checks of it. */

import { API_URL, IDENTITY_URL } from "../shared/addresses.js";
import type { KnownScope } from "../shared/codes.js";
import { failure } from "../shared/errors.js";
import type { XeroEvent } from "./events.js";
import { type Shape, checkKnown, checkValues, isFunction, isText } from "../shared/check.js";
import type { ClientSecret } from "./secrets.js";
import { FLEET, SOURCE, type Sourced, type TokenSource } from "./source.js";
import type { TokenStore } from "./store.js";
import type { SharedStore } from "../vault/store.js";

/** A scope: one that the catalogue knows, or any other name, since Xero adds some. */
export type Scope = KnownScope | (string & {});

/** What a {@link CustomConnection} is made from. */
export interface CustomConnectionOptions {
  /**
   * The client id of the custom connection, from its page in Xero's developer portal. `undefined`, as a variable of the
   * environment may be, is refused when the client is made.
   */
  clientId: string | undefined;
  /**
   * The client secret, or a function that gives it, which is called before every token request: a function lets a
   * secret be rotated without a restart and keeps it in its vault meanwhile. If Xero refuses its secret, it is asked
   * once more. Or several of either, the current one first: the next is tried if Xero answers `invalid_client`, and
   * nothing else, and the one that worked is used from then on. {@link XeroEvent} has its number.
   *
   * It may be `undefined` or empty, so that a module can make its client before there is an environment: then the first
   * call fails with `secret_unavailable`.
   */
  clientSecret: ClientSecret | readonly ClientSecret[] | undefined;
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
  /**
   * The id of the organisation that the connection has to reach: `OrganisationID` in the answer to `GET /Organisation`. It is
   * compared with the organisation in each token, where there is one; if the connection was switched to another organisation, calls fail
   * with `organisation_changed`, nothing is sent, and a stored token of the other organisation is dropped. Default: any.
   */
  organisation?: string | undefined;
  /** Whether a call that no granted scope opens is refused before it is sent. Default: true. */
  preflight?: boolean | undefined;
  /**
   * How long an attempt at a call, or at a token request, may take until its answer begins, in milliseconds. A token request
   * has ten seconds at most. Default: 30,000.
   */
  timeoutMs?: number | undefined;
  /**
   * How long a call or `token()` may take in all, in milliseconds: waiting for a limit, every attempt and the pauses between; with
   * `json` and `pages` also the reading of its answer, with `fetch` until the answer begins. Default: 300,000.
   */
  deadlineMs?: number | undefined;
  /**
   * How many times a call is sent again at most that was lost, or answered with 408, 425, 502 to 504 or 520 to 599. Only reads are, and
   * writes with an `Idempotency-Key`, as long as Xero remembers it; those not after a 500, which Xero would only repeat.
   * Default: 3.
   */
  retry?: number | undefined;
  /**
   * Whether every write gets an `Idempotency-Key` of its own, where its operation takes one by Xero's specification: then it
   * is sent again after a lost answer, and carried out once. A call can have its own key, or none: `idempotencyKey`.
   * Default: false; in Deno and Bun true, because their `fetch` by itself sends a write again whose connection was closed.
   */
  idempotencyKeys?: boolean | undefined;
  /**
   * How Xero's limits are kept: calls wait for room instead of being refused. `false` leaves them to the caller. Default:
   * true, which is 5 calls in flight and 1,000 waiting, with nothing reserved.
   */
  limits?: boolean | Limits | undefined;
  /** Where to keep the token between processes. Default: nowhere. */
  store?: TokenStore | undefined;
  /**
   * What all processes of a service share: a store, or the options of a fleet. Then all of them use one token, and one asks Xero
   * for it; and together they keep Xero's limits. It takes the place of `store`. While the store is away, each process goes on with
   * its token and its part of the limits, and asks for a token of its own when that ends. Default: nothing is shared.
   */
  fleet?: SharedStore | FleetOptions | undefined;
  /** Another `fetch`, for a proxy or a test. Default: the global one at the time of the call. */
  fetch?: typeof globalThis.fetch | undefined;
  /**
   * Keeps a renewal of the token alive that began with a request which may end before it: `waitUntil` of
   * `cloudflare:workers` or of `@vercel/functions`. Without it such a renewal is made again by the next request. Default:
   * none; servers need none.
   */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /**
   * Called with everything that the client does, right after it. It may close the client, abort or make calls; what it throws,
   * and the rejection of a promise that it returns, are ignored.
   */
  onEvent?: ((event: XeroEvent) => unknown) | undefined;
  /** The identity service. Default: `https://identity.xero.com`. https, or http on this machine; may have a path. */
  identityUrl?: string | undefined;
  /** The APIs. Default: `https://api.xero.com`. https, or http on this machine; may have a path. */
  apiUrl?: string | undefined;
}

/**
 * How Xero's limits are kept. Xero allows an organisation's connection 5 calls at once, 60 a minute, and 1,000 or 5,000 a
 * day; the remaining counts are learnt from its answers, because other programs may spend from them too.
 */
export interface Limits {
  /** How many calls may be in flight at once. Fewer than 5 where other programs use the same connection. Default: 5. */
  inFlight?: number | undefined;
  /** How many calls of each minute are kept for calls with `priority: "high"`; at most 30. Default: 0. */
  minuteReserve?: number | undefined;
  /** How many calls of each day are kept for them; at most half a day's. Default: 0. */
  dayReserve?: number | undefined;
  /** How many calls of each priority may wait; one more fails with `queue_full`. Default: 1,000. */
  queue?: number | undefined;
}

/** What the processes of a fleet share, and where. */
export interface FleetOptions {
  /** The store: `redis()`, `postgres()`, `durableObject()`, or any other {@link SharedStore}, given to `withFleet()`. */
  store: SharedStore;
  /**
   * The key that seals the token in the store: 32 bytes in base64url, as `npx xero-m2m key` makes one, or several, of which the
   * first seals and all open. Default: made from the client secret.
   */
  key?: string | readonly string[] | undefined;
  /** How many processes to reckon with as long as the store was never reached: each then keeps to its part of the limits. Default: 4. */
  members?: number | undefined;
  /** What is shared: the token, Xero's limits, or both. Default: both; on Workers and the edge, where requests cannot wait for each other, the token. */
  share?: readonly ("token" | "limits")[] | undefined;
}

/** @internal The options with their defaults. */
export type Settled = Pick<CustomConnectionOptions, "clientSecret"> & {
  [Name in
    | "clientId"
    | "preflight"
    | "timeoutMs"
    | "deadlineMs"
    | "retry"
    | "idempotencyKeys"
    | "identityUrl"
    | "apiUrl"]: NonNullable<CustomConnectionOptions[Name]>;
} & {
  limits: { [Name in keyof Limits]-?: number } & { on: boolean };
  waitUntil: ((promise: Promise<unknown>) => void) | undefined;
  onEvent: ((event: XeroEvent) => unknown) | undefined;
  scopes: readonly string[] | undefined;
  createdOn: string | undefined;
  organisation: string | undefined;
  store: TokenStore | undefined;
  source: TokenSource | undefined;
  fleet: FleetOptions | undefined;
  fetch: typeof globalThis.fetch | undefined;
};

/** The longest time that a timer of the host can be set to. */
const MAX_TIMER_MS = 2_147_483_647;

/** The globals of runtimes whose `fetch` sends a request again, unasked, when a connection that it had kept was closed. */
const RESENDING = ["Deno", "Bun"];

const isSecret = (value: unknown) => value === undefined || isText(value) || isFunction(value);

const DURATION: [(value: unknown) => boolean, string] = [
  (value) => typeof value === "number" && value >= 1 && value <= MAX_TIMER_MS,
  `a number of milliseconds from 1 to ${MAX_TIMER_MS}`,
];

const COUNT: [(value: unknown) => boolean, string] = [
  (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1_000_000,
  "a whole number from 0 to 1,000,000",
];

/** The options about limits. */
const LIMITS: Shape<Limits> = {
  inFlight: [(value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 5, "1, 2, 3, 4 or 5"],
  minuteReserve: [(value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 30, "a whole number from 0 to 30"],
  dayReserve: COUNT,
  queue: COUNT,
};

const isMethodOf = (object: unknown, name: string | symbol) => isFunction((object as Record<string | symbol, unknown>)[name]);

const isStore = (value: unknown): value is SharedStore => typeof value === "object" && value !== null && isMethodOf(value, "swap");

/** The options of a fleet. */
const FLEET_OPTIONS: Shape<FleetOptions> = {
  store: [isStore, "a store, such as postgres() makes one"],
  key: [(value) => isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText)), "a key, or a list of keys"],
  members: [(value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1_000, "a whole number from 1 to 1,000"],
  share: [
    (value) => Array.isArray(value) && value.length > 0 && value.every((what) => what === "token" || what === "limits"),
    'a list of "token" and "limits"',
  ],
};

/** Every option: what it has to be, in code and in words. */
/** @internal The options, each with its check. */
export const OPTIONS: Shape<CustomConnectionOptions> = {
  clientId: [isText, "a string"],
  clientSecret: [
    (value) => (Array.isArray(value) ? value.length > 0 && value.every(isSecret) : isSecret(value)),
    "a string, a function that gives one, or a list of these",
  ],
  scopes: [
    (value) => value === "configured" || (Array.isArray(value) && value.every(isText)),
    '"configured" or a list of scopes',
  ],
  createdOn: [isText, "a day written as YYYY-MM-DD"],
  organisation: [isText, "the id of an organisation"],
  preflight: [(value) => typeof value === "boolean", "true or false"],
  timeoutMs: DURATION,
  deadlineMs: DURATION,
  retry: COUNT,
  idempotencyKeys: [(value) => typeof value === "boolean", "true or false"],
  limits: [
    (value) => typeof value === "boolean" || (typeof value === "object" && value !== null),
    "true, false, or an object with numbers",
  ],
  waitUntil: [isFunction, "a function"],
  onEvent: [isFunction, "a function"],
  store: [
    (value) =>
      typeof value === "object" && value !== null && ["load", "save", "erase"].every((name) => isMethodOf(value, name)),
    "an object with load, save and erase",
  ],
  fleet: [
    (value) => isStore(value) || (typeof value === "object" && value !== null && isStore((value as FleetOptions).store)),
    "a store, such as postgres() makes one, or an object with one as its store",
  ],
  fetch: [isFunction, "a function"],
  identityUrl: [isText, "a URL"],
  apiUrl: [isText, "a URL"],
};

/** @internal Checks the options and fills in the defaults. */
export function settle(options: CustomConnectionOptions): Settled {
  checkKnown("new CustomConnection()", options, OPTIONS);
  const { clientId, clientSecret } = options;
  if (clientId === undefined || clientId === "") {
    throw failure("invalid_option", "clientId is missing; is its environment variable set?");
  }
  // Undefined it may be, forgotten it may not.
  if (!("clientSecret" in options)) throw failure("invalid_option", "the option clientSecret is missing");
  checkValues(options, OPTIONS);
  const { scopes } = options;
  const limits = typeof options.limits === "object" ? options.limits : {};
  checkKnown("limits", limits, LIMITS);
  checkValues(limits, LIMITS);
  const fleet = isStore(options.fleet) ? { store: options.fleet } : options.fleet;
  if (fleet) {
    checkKnown("fleet", fleet, FLEET_OPTIONS);
    checkValues(fleet, FLEET_OPTIONS);
    if (!isMethodOf(fleet.store, FLEET)) {
      throw failure("invalid_option", "the store of fleet does not bring the code of a fleet: give it to withFleet() of xero-m2m/shared");
    }
    if (options.store) throw failure("invalid_option", "fleet and store exclude each other: a fleet is a store for the token too; leave store out");
  }
  return {
    clientId,
    clientSecret,
    scopes: scopes === undefined || scopes === "configured" ? undefined : [...scopes],
    createdOn: options.createdOn,
    organisation: options.organisation,
    preflight: options.preflight ?? true,
    timeoutMs: options.timeoutMs ?? 30_000,
    deadlineMs: options.deadlineMs ?? 300_000,
    retry: options.retry ?? 3,
    idempotencyKeys: options.idempotencyKeys ?? RESENDING.some((name) => name in globalThis),
    limits: {
      on: options.limits !== false,
      inFlight: limits.inFlight ?? 5,
      minuteReserve: limits.minuteReserve ?? 0,
      dayReserve: limits.dayReserve ?? 0,
      queue: limits.queue ?? 1_000,
    },
    waitUntil: options.waitUntil,
    onEvent: options.onEvent,
    store: options.store,
    source: (options as Sourced)[SOURCE],
    fleet,
    fetch: options.fetch,
    identityUrl: options.identityUrl ?? IDENTITY_URL,
    apiUrl: options.apiUrl ?? API_URL,
  };
}
