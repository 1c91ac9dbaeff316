/** The local Xero: its options, its `fetch`, its server. */

import {
  initSync,
  simulator_add_fault,
  simulator_change,
  simulator_close,
  simulator_connection,
  simulator_counts,
  simulator_handle,
  simulator_open,
  simulator_remove_fault,
  simulator_set_base_url,
  simulator_set_in_flight,
  simulator_set_jwk,
  simulator_signed,
  version as moduleVersion,
} from "../glue/simulator.js";
import { type Answer, deliver, spoilt } from "./delivery.js";
import { type XeroError, failure } from "../shared/errors.js";
import { type Check, type Names, type Shape, TEXTS, checkKnown, isFunction, isText, kindOf } from "../shared/check.js";

/** The version of the simulator, which is that of the package. */
export let version = "";

/** What serves HTTP, where something does. Loaded when it is needed: not every runtime has it. */
let http: (() => Promise<typeof import("node:http")>) | undefined;

/** @internal Makes its core. Whatever passes on all of this file does not pass on this. */
export default function start(module: WebAssembly.Module | BufferSource, server?: typeof http): void {
  http = server;
  initSync({ module });
  version = moduleVersion();
}

/** What there is to choose. Everything has a default; the same seed gives the same company, ids and credentials. */
export interface SimulatorOptions {
  /** A whole number that decides every name, id and amount. Default 1. */
  seed?: number;
  /** Default: from the seed. */
  clientId?: string;
  /** Default: from the seed. */
  clientSecret?: string;
  /** The scopes configured on the connection. Default: every one that a custom connection can choose today. */
  scopes?: string | readonly string[];
  /** The day the connection was created, `YYYY-MM-DD`. Default 2026-04-29, from when on there are granular scopes only. */
  createdOn?: string;
  /** The name of the organisation. */
  organisation?: string;
  /** The country of the organisation. Default `"AU"`. */
  country?: "AU" | "NZ" | "UK" | "US";
  /** How many invoices and bills there are at the start. Default 3,000. */
  invoices?: number;
  /** How long a token lives, in whole seconds. Default 1,800,000: 30 minutes. */
  tokenLifetimeMs?: number;
  /** The status of `invalid_client`. Xero's is not known. Default 400. */
  invalidClientStatus?: 400 | 401;
  /**
   * Rate limits: `true` for those that Xero publishes (5 calls at once, 60 a minute, 5,000 a day, 10,000 of the app a
   * minute), in windows that begin at instants from the seed. Default: none.
   */
  limits?: boolean | SimulatorLimits;
  /** How long an answer takes, in milliseconds, so that calls are under way at once. Default 0. */
  latencyMs?: number;
  /** Whether the connection has been authorised. Default true. */
  authorised?: boolean;
  /** Which requests go wrong, and how: rules as in {@link Simulator.fault}. */
  faults?: readonly string[];
  /** Where it can be reached: the issuer of the tokens; its path is a prefix of every path. `listen` sets its own. */
  baseUrl?: string;
  /** The clock, in milliseconds since the epoch. Default: the system's. */
  now?: () => number;
}

/** What the local Xero allows; what is left out is as Xero publishes it. */
export interface SimulatorLimits {
  /** Calls at once. */
  inFlight?: number;
  /** Calls of the organisation in a minute. */
  minute?: number;
  /** Calls of the organisation in a day. */
  day?: number;
  /** Calls of the app in a minute. */
  appMinute?: number;
  /** Whether answers say what is left. */
  headers?: boolean;
}

/** Whether the connection can be used: never authorised, authorised, edited since, or cut by a reset demo company. */
export type SimulatorState = "unauthorised" | "active" | "deactivated" | "reset";

/** What the simulator has seen so far. */
export interface SimulatorCounts {
  /** Requests to the token endpoint. */
  tokenRequests: number;
  /** Requests to the API. */
  apiRequests: number;
  /** Requests of both kinds that were answered with a status of 400 or more. */
  refusals: number;
  /** Requests that went wrong by a rule. */
  faults: number;
}

/** Where a simulator listens. */
export interface ListenOptions {
  /** The port; 0 is any free one. Default: 0. */
  port?: number;
  /** A loopback address or `localhost`. Default: `127.0.0.1`. */
  host?: string;
}

/** A simulator that is listening. */
export interface SimulatorServer {
  /** Its address, such as `http://127.0.0.1:4010`: both the identity and the API URL. */
  url: string;
  /** Stops listening, and ends what is still connected. */
  close(): Promise<void>;
}

/** A local Xero. */
export interface Simulator {
  /** A `fetch` that ends in this simulator, whatever the host: for the `fetch` option of a client. */
  readonly fetch: typeof globalThis.fetch;
  /** The client id of the connection. */
  readonly clientId: string;
  /** The client secret of the connection. */
  readonly clientSecret: string;
  /** The scopes that are configured. */
  readonly scopes: readonly string[];
  /** The day the connection was created. */
  readonly createdOn: string;
  /** The name of the organisation. */
  readonly organisation: string;
  /** Variables for a service: the credentials and, while it listens, the addresses. */
  readonly env: Readonly<Record<string, string>>;
  /** Its time: that of the clock, and what `advance` added. */
  now(): number;
  /** Moves its time. */
  advance(ms: number): void;
  /** What it has seen so far. */
  counts(): SimulatorCounts;
  /** Whether the connection can be used. */
  readonly state: SimulatorState;
  /**
   * Changes the scopes of the connection, as in the developer portal: it is then deactivated until it is authorised again.
   * Throws a `XeroError` with `code` `invalid_option` for scopes that it cannot have, such as a broad one that was removed.
   */
  edit(scopes: string | readonly string[]): void;
  /** Authorises the connection, as its user does. */
  authorise(): void;
  /** Resets the demo company: its books are as at the start, and the connection is cut until it is authorised again. */
  reset(): void;
  /**
   * Makes requests go wrong, by a rule of one line: `identity`, `api` or `any`, perhaps a method and the beginning of a
   * path; then a status or one of `reset`, `reset-head`, `reset-body`, `silent`, `slow-head`, `slow-body`, `cut-gzip`,
   * `wrong-length`, `huge`, `bad-utf8`; then, as needed, `body=` (`accounting`, `payroll`, `model`, `problem`, `text`,
   * `html`, `empty`), `retry-after=`, `problem=`, `first=3`, `after=3`, `every=3`, `share=1/100`, `performed`.
   * Returns a function that takes the rule away. Throws a `XeroError` with `code` `invalid_option` that says which word it is.
   *
   * @example
   * ```ts
   * const mend = simulator.fault("api GET /Invoices 503 retry-after=2 first=3");
   * ```
   */
  fault(rule: string): () => void;
  /**
   * Serves it over HTTP on this machine. Port 0, the default, is any free one; `host` has to be a loopback one.
   *
   * Beside Xero's own paths, `GET /simulator` answers with its time, state and counts; `POST /simulator/advance?ms=60000`
   * moves its time, `POST /simulator/edit?scopes=files`, `/simulator/authorise` and `/simulator/reset` change its state.
   */
  listen(options?: ListenOptions): Promise<SimulatorServer>;
  /** Ends it: what is listening, and the memory of its company. */
  close(): Promise<void>;
}

const whole = (most: number): [Check, string] => [
  (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most,
  `a whole number from 0 to ${most}`,
];
const TEXT: [Check, string] = [isText, "a text"];
const IS_BOOLEAN: [Check, string] = [(value) => typeof value === "boolean", "true or false"];
const isLimits: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** What a delay can be: a timer of the host takes no more. */
const MOST_LATENCY_MS = 2_147_483_647;
const COUNT = whole(2 ** 32 - 1);

/** The kinds of values; the core refuses what there cannot be of a kind. */
const OPTIONS: Shape<SimulatorOptions> = {
  seed: whole(Number.MAX_SAFE_INTEGER),
  clientId: TEXT,
  clientSecret: TEXT,
  scopes: TEXTS,
  createdOn: TEXT,
  organisation: TEXT,
  country: TEXT,
  invoices: whole(1_000_000),
  tokenLifetimeMs: whole(Number.MAX_SAFE_INTEGER),
  invalidClientStatus: [(value) => value === 400 || value === 401, "400 or 401"],
  limits: [(value) => typeof value === "boolean" || isLimits(value), "true, false or an object"],
  latencyMs: [
    (value) => typeof value === "number" && value >= 0 && value <= MOST_LATENCY_MS,
    `a number of milliseconds from 0 to ${MOST_LATENCY_MS}`,
  ],
  authorised: IS_BOOLEAN,
  faults: [(value) => Array.isArray(value) && value.every(isText), "a list of texts"],
  baseUrl: TEXT,
  now: [isFunction, "a function"],
};
const LIMITS: Shape<SimulatorLimits> = { inFlight: COUNT, minute: COUNT, day: COUNT, appMinute: COUNT, headers: IS_BOOLEAN };
const LISTEN: Names<ListenOptions> = { port: 1, host: 1 };

/** What the wasm module answers. */
type Reply = Answer | { status?: undefined; ticket: number; input: string };

const LOOPBACK = ["127.0.0.1", "::1", "localhost"];

/** The most bytes of a body that is read from a socket: Xero's own limit is below that. */
const MAX_BODY = 20_000_000;

/** Refuses options that are unknown or of another kind. `within` says what they are options of. */
function checkOptions<T extends object>(what: string, given: T, shape: Shape<T>, within = ""): void {
  checkKnown(what, given, shape);
  for (const [name, [check, words]] of Object.entries<[Check, string]>(shape)) {
    const value = given[name as keyof T];
    if (value !== undefined && !check(value)) {
      throw failure("invalid_option", `${within}${name} has to be ${words}, not ${kindOf(value)}`);
    }
  }
}

/** What the core answers; what it refuses is a `XeroError`. */
function asked<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    const { code, message } = error as XeroError;
    throw code ? failure(code, message) : error;
  }
}

/**
 * Opens a local Xero.
 *
 * Throws a `XeroError` with `code` `invalid_option` that names the option if there is no such option, if its value is of
 * another kind, or if there can be no such connection: for example a scope that a connection of that day cannot hold.
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  checkOptions("createSimulator()", options, OPTIONS);
  if (typeof options.limits === "object") checkOptions("limits", options.limits, LIMITS, "limits.");
  const { now: clock = Date.now, scopes, limits, latencyMs = 0, ...rest } = options;
  let ahead = 0;
  const now = () => clock() + ahead;
  const today = new Date(now());
  if (Number.isNaN(today.getTime())) {
    throw failure("invalid_option", "now has to return milliseconds since the epoch, and what it returned is no instant");
  }

  const handle = asked(() =>
    simulator_open({
      ...rest,
      scopes: wire(scopes),
      limits: limits === true ? {} : limits || undefined,
      today: today.toISOString().slice(0, 10),
    }),
  );
  const connection = simulator_connection(handle) as Pick<
    Simulator,
    "clientId" | "clientSecret" | "scopes" | "createdOn" | "organisation"
  >;
  const change = (name: string, scopes = "") => asked(() => simulator_change(handle, name, scopes)) as SimulatorState;
  let inFlight = 0;
  /** What `fetch` was given, until it is answered: a signal that nothing refers to is collected and never fires. */
  const underWay = new Set<object>();
  const servers = new Set<SimulatorServer>();
  let url: string | undefined;

  let key: Promise<CryptoKey> | undefined;
  async function signingKey(): Promise<CryptoKey> {
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const { privateKey, publicKey } = await crypto.subtle.generateKey(
      { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
      false,
      ["sign", "verify"],
    );
    const { n = "", e = "" } = await crypto.subtle.exportKey("jwk", publicKey);
    // The id is the key's thumbprint (RFC 7638).
    const members = new TextEncoder().encode(JSON.stringify({ e, kty: "RSA", n }));
    const thumbprint = await crypto.subtle.digest("SHA-256", members);
    simulator_set_jwk(handle, n, e, base64url(thumbprint));
    return privateKey;
  }

  async function answer(
    method: string,
    target: string,
    headers: Iterable<[string, string]>,
    body: Uint8Array,
  ): Promise<Answer> {
    const privateKey = await (key ??= signingKey());
    const at = now();
    simulator_set_in_flight(handle, inFlight);
    let reply = simulator_handle(handle, method, target, [...headers], body, at) as Reply;
    if (reply.status === undefined) {
      const input = new TextEncoder().encode(reply.input);
      const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", privateKey, input);
      reply = simulator_signed(handle, reply.ticket, base64url(signature)) as Answer;
    }
    reply.headers.push(["Date", new Date(at).toUTCString()], ["Server", `xero-m2m-simulator/${version}`]);
    if (latencyMs > 0) {
      inFlight += 1;
      await new Promise((resolve) => setTimeout(resolve, latencyMs));
      inFlight -= 1;
    }
    return reply;
  }

  /** What takes back the faults that were asked for over HTTP. */
  const overHttp: (() => void)[] = [];

  function fault(rule: string): () => void {
    const number = asked(() => simulator_add_fault(handle, rule));
    return () => simulator_remove_fault(handle, number);
  }

  /** What is no part of Xero: its time and counts, for whoever tests a service in another process. */
  function control(method: string, target: string, headers: Callers): Answer | undefined {
    const { pathname, searchParams } = new URL(target, "http://localhost");
    if (!/^\/simulator(?:\/|$)/.test(pathname)) return undefined;
    if (!isFromHere(headers)) {
      return json(403, {
        error: "/simulator answers programs and pages of this machine; the Host or the Origin of this request is another",
      });
    }
    if (pathname === "/simulator/advance" && method === "POST") {
      const ms = Number(searchParams.get("ms") ?? NaN);
      if (!Number.isFinite(ms)) return json(400, { error: "advance takes ?ms= and a number of milliseconds" });
      ahead += ms;
    } else if (/^\/simulator\/(edit|authorise|reset)$/.test(pathname) && method === "POST") {
      try {
        change(pathname.slice("/simulator/".length), searchParams.get("scopes") ?? "");
      } catch (error) {
        return json(400, { error: (error as Error).message });
      }
    } else if (pathname === "/simulator/fault" && method === "POST") {
      try {
        overHttp.push(fault(searchParams.get("rule") ?? ""));
      } catch (error) {
        return json(400, { error: (error as Error).message });
      }
    } else if (pathname === "/simulator/mend" && method === "POST") {
      for (const mend of overHttp.splice(0)) mend();
    } else if (pathname !== "/simulator" || method !== "GET") {
      return undefined;
    }
    return json(200, { now: now(), state: change(""), ...(simulator_counts(handle) as SimulatorCounts) });
  }

  async function listen(options: ListenOptions = {}) {
    checkKnown("listen()", options, LISTEN);
    const { port = 0, host = "127.0.0.1" } = options;
    if (!LOOPBACK.includes(host)) {
      throw new RangeError(`the local Xero listens on this machine only: ${LOOPBACK.join(", ")}, not ${host}`);
    }
    if (!http) throw new Error("this platform serves no HTTP; use the `fetch` of the local Xero");
    const { createServer } = await http();
    const server = createServer((request, response) => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      request.on("data", (chunk: Uint8Array) => {
        size += chunk.length;
        if (size <= MAX_BODY) chunks.push(chunk);
      });
      request.on("end", async () => {
        try {
          if (size > MAX_BODY) {
            response.writeHead(413).end();
            return;
          }
          const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
            values.map((value): [string, string] => [name, value]),
          );
          const [method, target] = [request.method ?? "GET", request.url ?? "/"];
          const sent = new Uint8Array(Buffer.concat(chunks));
          await deliver(control(method, target, request.headers) ?? (await answer(method, target, headers, sent)), response);
        } catch (error) {
          // Only a bug or a clock that gives no time leads here.
          if (!response.headersSent) response.writeHead(500, { "Content-Type": "text/plain" });
          response.end(error instanceof Error ? error.message : "the local Xero failed");
        }
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
    const address = server.address();
    const bound = typeof address === "object" && address ? address.port : port;
    const own: SimulatorServer = {
      url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
      close: () => {
        servers.delete(own);
        if (url === own.url) url = undefined;
        return new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        });
      },
    };
    servers.add(own);
    url = own.url;
    if (rest.baseUrl === undefined) simulator_set_base_url(handle, own.url);
    return own;
  }

  return {
    ...connection,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      // The caller's own signal: that of the temporary request does not survive a garbage collection.
      const signal = init?.signal ?? (typeof input === "object" && "signal" in input ? input.signal : undefined);
      const call = { input, init };
      underWay.add(call);
      try {
        signal?.throwIfAborted();
        const { pathname, search } = new URL(request.url);
        const sent = new Uint8Array(await request.arrayBuffer());
        const given = await answer(request.method, pathname + search, request.headers, sent);
        signal?.throwIfAborted();
        return await spoilt(given, signal);
      } finally {
        underWay.delete(call);
      }
    },
    get env() {
      const { clientId, clientSecret } = connection;
      const credentials = { XERO_CLIENT_ID: clientId, XERO_CLIENT_SECRET: clientSecret };
      const base = url && options.baseUrl ? url + new URL(options.baseUrl).pathname.replace(/\/$/, "") : url;
      return base ? { ...credentials, XERO_IDENTITY_URL: base, XERO_API_URL: base } : credentials;
    },
    now,
    advance: (ms) => {
      if (!Number.isFinite(ms)) throw new RangeError(`advance takes milliseconds, not ${ms}`);
      ahead += ms;
    },
    get state() {
      return change("");
    },
    edit: (scopes) => void change("edit", wire(scopes)),
    authorise: () => void change("authorise"),
    reset: () => void change("reset"),
    fault,
    counts: () => simulator_counts(handle) as SimulatorCounts,
    listen,
    close: async () => {
      await Promise.all([...servers].map((server) => server.close()));
      simulator_close(handle);
    },
  };
}

/** What a request says of where it comes from. */
interface Callers {
  host?: string | undefined;
  origin?: string | undefined;
}

/**
 * Whether a request was made by a program of this machine, or by a page that comes from it. Any page in a browser can send
 * requests here, and one whose name was made to lead here can even read the answers.
 */
function isFromHere({ host, origin }: Callers): boolean {
  const isHere = (url: string) => URL.canParse(url) && LOOPBACK.includes(new URL(url).hostname.replace(/^\[|\]$/g, ""));
  return (host === undefined || isHere(`http://${host}`)) && (origin === undefined || isHere(origin));
}

function wire<Scopes extends string | readonly string[] | undefined>(scopes: Scopes) {
  return (typeof scopes === "object" ? scopes.join(" ") : scopes) as Scopes extends undefined ? undefined : string;
}

function json(status: number, value: unknown): Answer {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return { status, headers: [["Content-Type", "application/json"]], body };
}

function base64url(bytes: ArrayBuffer): string {
  const binary = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
