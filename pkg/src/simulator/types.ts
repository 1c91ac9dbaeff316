/** The types of a local Xero. */

import type { Country } from "../shared/codes.js";
import type { SimulatorLogEntry } from "./log.js";

/** Options of a local Xero. All have a default; the same seed gives the same company, ids and credentials. */
export interface SimulatorOptions {
  /** A whole number that decides every name, id and amount. Default 1. */
  seed?: number;
  /** Default: from the seed. */
  clientId?: string;
  /** Default: from the seed. */
  clientSecret?: string;
  /** The scopes configured on the connection. Default: every one that a custom connection can choose today. */
  scopes?: string | readonly string[];
  /** The day on which the connection was created, `YYYY-MM-DD`. Default 2026-04-29, the first day without broad scopes. */
  createdOn?: string;
  /** The name of the organisation, if there is only one. Default: from `organisations`. */
  organisation?: string;
  /**
   * The names of the organisations, 1 to 100. The custom connection is to the first; users of the Web and the PKCE app can
   * connect each. Each has books, an id and limits of its own. Default: one, `"Harbour & Pine (Demo)"`.
   */
  organisations?: readonly string[];
  /** The country of the organisations. Default `"AU"`. */
  country?: Country;
  /** The number of invoices and bills of each organisation at the start. Default 3,000. */
  invoices?: number;
  /**
   * The books of the first organisation: lists of records as Xero's JSON has them, by name, such as `{ Contacts: [...],
   * Invoices: [...] }`, or a dump. Without a list of settings (accounts, tax rates, items and the like) the demo company's
   * are used; other lists that are not given are empty. Default: the demo company.
   */
  company?: SimulatorCompany;
  /**
   * True to answer 501 to reads that the local Xero has no data for. Without it they get an answer of the right form with
   * nothing in it and the header `X-Local-Xero: shape`. Writes of more than 50 elements or 3.5 MB, which Xero's sources advise
   * against, are then refused with 400. Default false.
   */
  strict?: boolean;
  /**
   * False for an empty `GET /connections` with the token of the custom connection; reports about Xero's own answer contradict
   * each other. Default true: it names the organisation.
   */
  listsConnection?: boolean;
  /** The lifetime of an access token, in milliseconds that are whole seconds. Default 1,800,000: 30 minutes. */
  tokenLifetimeMs?: number;
  /** The status of `invalid_client`; Xero's own is not known. Default 400. */
  invalidClientStatus?: 400 | 401;
  /**
   * Rate limits: `true` for those that Xero publishes (5 calls at once, 60 a minute, 5,000 a day, 10,000 of the app a
   * minute), in windows that begin at instants from the seed. Default: none.
   */
  limits?: boolean | SimulatorLimits;
  /** The time until a response, in milliseconds, so that calls can be in flight at once. Default 0. */
  latencyMs?: number;
  /** False for a connection that was never authorised. Default true. */
  authorised?: boolean;
  /**
   * The scopes that the Web and the PKCE app can ask users for; of them, `app.connections` and `marketplace.billing` are those
   * of the Web app itself. Default: every one that Xero offers today.
   */
  appScopes?: string | readonly string[];
  /**
   * The redirect addresses of both apps, compared exactly: `https://`, or `http://localhost`. Default
   * `["http://localhost:8765/callback"]`.
   */
  redirectUris?: readonly string[];
  /**
   * The reading of the 30 minutes in which a used refresh token is accepted again; Xero's rule is not published. With
   * `"lenient"` every token that it gave is accepted, with `"strict"` only the last of them. By both, the use of one of them
   * ends the 30 minutes. Default `"lenient"`.
   */
  grace?: "lenient" | "strict";
  /** The answer of users at the authorize endpoint, as in {@link Simulator.consent}. Default `"ask"`. */
  consent?: SimulatorConsent;
  /**
   * The webhook of the apps, with events of every organisation: an address on this machine, and the key of the signatures
   * (default: from the seed). Nothing is sent before the address has shown its intent to receive. Default: none.
   */
  webhooks?: { url: string; key?: string };
  /** Fault rules, as in {@link Simulator.fault}. */
  faults?: readonly string[];
  /** The base URL: the issuer of the tokens; its path is a prefix of every path. Default: set by `listen`. */
  baseUrl?: string;
  /** The clock, in milliseconds since the epoch. Default: the system's. */
  now?: () => number;
  /** Gets an entry for each request when its response has ended; an error of the function is ignored. Default: no log. */
  log?: (entry: SimulatorLogEntry) => void;
}

/** The books of an organisation: lists of records by name. */
export type SimulatorCompany = Readonly<Record<string, unknown>>;

/** Rate limits of a local Xero. The defaults are those that Xero publishes. */
export interface SimulatorLimits {
  /** Calls at once. */
  inFlight?: number;
  /** Calls of an app in a minute, to one organisation. */
  minute?: number;
  /** Calls of an app in a day, to one organisation. */
  day?: number;
  /** Calls of an app in a minute, to all organisations. */
  appMinute?: number;
  /** False to leave the remaining counts out of responses. Default true. */
  headers?: boolean;
}

/**
 * The answer of a user whom an app asks for access: `"ask"` shows a page to the person at the browser, `"refuse"` refuses,
 * `"all"` consents for every organisation as user 1. An object consents for the named organisations (default: all) as user 1
 * or 2 (default: 1).
 */
export type SimulatorConsent = "ask" | "refuse" | "all" | { user?: 1 | 2; organisations?: readonly string[] };

/** An organisation of a local Xero. */
export interface SimulatorOrganisation {
  /** Its id: the value of the header `xero-tenant-id`. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** The id of its App Store subscription to the Web app. Xero meant to end these subscriptions by 1 July 2026. */
  readonly subscriptionId: string;
}

/** The Web or the PKCE app of a local Xero. */
export interface SimulatorApp {
  /** Its client id. */
  readonly clientId: string;
  /** Its client secret; the PKCE app has none. */
  readonly clientSecret?: string;
  /**
   * Environment variables for a service: the credentials, a key for the vault of the PKCE app and, while the local Xero
   * listens, the addresses.
   */
  readonly env: Readonly<Record<string, string>>;
}

/** The state of the custom connection: never authorised, authorised, edited since, or cut off by a reset of the demo company. */
export type SimulatorState = "unauthorised" | "active" | "deactivated" | "reset";

/** The webhook of a local Xero. */
export interface SimulatorWebhooks {
  /** The key of the signatures, as the developer portal shows it. */
  readonly key: string;
  /**
   * `"intent-to-receive"` until the address has answered signed bodies with 200 and others with 401, then `"active"`;
   * `"disabled"` if it did not, or if it failed for 24 hours.
   */
  readonly state: "intent-to-receive" | "active" | "disabled";
  /** Asks the address for its intent to receive, as a person does in the developer portal. Resolves to the state after it. */
  validate(): Promise<SimulatorWebhooks["state"]>;
  /** Resolves when all that is to be sent now was answered, or had no answer in five seconds. */
  settled(): Promise<void>;
}

/** Counts of a local Xero since it was created. */
export interface SimulatorCounts {
  /** Requests to the token endpoint. */
  tokenRequests: number;
  /** Requests to the API. */
  apiRequests: number;
  /** Requests of both kinds that got a status of 400 or more. */
  refusals: number;
  /** Requests that a fault rule applied to. */
  faults: number;
}

/** The address on which a local Xero listens. */
export interface ListenOptions {
  /** The port; 0 is any free one. Default: 0. */
  port?: number;
  /** A loopback address or `localhost`. Default: `127.0.0.1`. */
  host?: string;
  /** HTTPS instead of HTTP, with a certificate of its own for this machine; see {@link SimulatorServer.authority}. Default false. */
  https?: boolean;
  /**
   * Also a proxy, for programs that have Xero's addresses in their code: it answers for `https://identity.xero.com`,
   * `https://login.xero.com` and `https://api.xero.com`, with a certificate of its own, and refuses every other host. The
   * issuer of the tokens is then `https://identity.xero.com`. Default false.
   */
  proxy?: boolean;
}

/** A local Xero that is listening. */
export interface SimulatorServer {
  /** Its address, such as `http://127.0.0.1:4010`: both the identity and the API URL, and that of the proxy. */
  url: string;
  /**
   * With `https` or `proxy`: the certificate, as PEM, that programs have to trust. It was made for this server, is valid for a
   * day, and permits no names but Xero's three hosts and this machine; the key that it signed with is gone.
   */
  authority?: string;
  /** Stops listening and closes the open connections. */
  close(): Promise<void>;
}

/** A local Xero. */
export interface Simulator {
  /** A `fetch` that sends every request to this local Xero, to any host: for the `fetch` option of a client. */
  readonly fetch: typeof globalThis.fetch;
  /** The client id of the custom connection. */
  readonly clientId: string;
  /** The client secret of the custom connection. */
  readonly clientSecret: string;
  /** The scopes configured at the start. */
  readonly scopes: readonly string[];
  /** The day the connection was created. */
  readonly createdOn: string;
  /** The name of the first organisation, that of the custom connection. */
  readonly organisation: string;
  /** The organisations. */
  readonly organisations: readonly SimulatorOrganisation[];
  /** The Web app: users consent to it, and it has tokens of its own. */
  readonly web: SimulatorApp;
  /** The PKCE app: users consent to it; it has no secret. */
  readonly pkce: SimulatorApp;
  /** Environment variables for a service with the custom connection: the credentials and, while it listens, the addresses. */
  readonly env: Readonly<Record<string, string>>;
  /** Its time: that of the clock and the time that `advance` added. */
  now(): number;
  /** Moves its time forward by `ms` milliseconds. Throws a `XeroError` with `code` `invalid_option` for a number below 0 or of more than a hundred years. */
  advance(ms: number): void;
  /** The counts since it was created. */
  counts(): SimulatorCounts;
  /** The state of the connection. */
  readonly state: SimulatorState;
  /**
   * Changes the scopes of the connection, as in the developer portal: it is then deactivated until it is authorised again.
   * Throws a `XeroError` with `code` `invalid_option` for scopes that it cannot have, such as a broad one that was removed, and
   * for an argument that is neither a text nor a list of texts.
   */
  edit(scopes: string | readonly string[]): void;
  /** Authorises the connection, as its user does. */
  authorise(): void;
  /**
   * Sets the answer of users whom the Web or the PKCE app asks for access. Throws a `XeroError` with `code` `invalid_option`
   * for an organisation that there is not.
   *
   * @example
   * ```ts
   * simulator.consent({ user: 2, organisations: ["Kea Outdoor Hire"] });
   * ```
   */
  consent(answer: SimulatorConsent): void;
  /** Resets the demo company: its books are as at the start, and the connection is cut off until it is authorised again. */
  reset(): void;
  /**
   * Makes requests go wrong, by a rule of one line: `identity`, `api`, `any`, or `rotate` for the exchanges of refresh tokens,
   * perhaps a method and the beginning of a path; then a status, `late=90s` or one of `reset`, `reset-head`, `reset-body`, `silent`, `slow-head`, `slow-body`, `cut-gzip`,
   * `wrong-length`, `huge`, `bad-utf8`; then, as needed, `body=` (`accounting`, `payroll`, `model`, `problem`, `text`,
   * `html`, `empty`), `retry-after=`, `problem=`, `first=3`, `after=3`, `every=3`, `share=1/100`, `performed`
   * or, before the fault, `then`.
   * Returns a function that removes the rule. Throws a `XeroError` with `code` `invalid_option` that names the word it cannot
   * read, or for an argument that is no text.
   *
   * @example
   * ```ts
   * const mend = simulator.fault("api GET /Invoices 503 retry-after=2 first=3");
   * simulator.fault("rotate then silent first=1"); // The refresh token is replaced, and the answer is lost.
   * ```
   */
  fault(rule: string): () => void;
  /**
   * Serves it over HTTP on this machine. Port 0, the default, is any free one; `host` has to be a loopback address. Rejects
   * with a `XeroError` with `code` `invalid_option` for another host, or where the platform serves no HTTP.
   *
   * Besides Xero's own paths, `GET /simulator` responds with its time, state and counts; `POST /simulator/advance?ms=60000`
   * moves its time, `POST /simulator/edit?scopes=files`, `/simulator/authorise` and `/simulator/reset` change its state;
   * `POST /simulator/consent?answer=all`, or `?user=2&organisation=NAME`, sets the answer of users.
   */
  listen(options?: ListenOptions): Promise<SimulatorServer>;
  /** Closes it: stops listening and frees its memory. */
  close(): Promise<void>;
  /** The webhook, with the option `webhooks`. */
  readonly webhooks?: SimulatorWebhooks;
  /** Returns the books of the first organisation, for the option `company`: they are then the same, with the same ids. */
  dump(): SimulatorCompany;
}
