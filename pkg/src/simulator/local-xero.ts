/** A local Xero: its time, its signing key, and its simulator in the wasm module. */

import {
  simulatorAddFault,
  simulatorChange,
  simulatorClose,
  simulatorConnection,
  simulatorConsent,
  simulatorCounts,
  simulatorDump,
  simulatorExplain,
  simulatorHandle,
  simulatorOpen,
  simulatorRemoveFault,
  simulatorSetBaseUrl,
  simulatorSetInFlight,
  simulatorSetJwk,
  simulatorSigned,
  simulatorWebhookAnswered,
  simulatorWebhookState,
  simulatorWebhookStep,
} from "../glue/simulator.js";
import { failure } from "../shared/errors.js";
import type { Refused } from "../shared/module.js";
import { core, version } from "./core.js";
import { type SimulatedResponse, spoilt } from "./delivery.js";
import type { Apps } from "./door.js";
import { type Explained, type SimulatorLogEntry, begin } from "./log.js";
import { checkArgument, checkConsent } from "./options.js";
import type {
  SimulatorCompany,
  SimulatorConsent,
  SimulatorCounts,
  SimulatorOptions,
  SimulatorState,
  SimulatorWebhooks,
} from "./types.js";
import { WebhookSender } from "./webhooks.js";

const SIGNING = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** One local Xero. Its options have been checked. */
export class LocalXero {
  readonly connection: Apps;
  readonly #clock: () => number;
  readonly #latencyMs: number;
  readonly #log: ((entry: SimulatorLogEntry) => void) | undefined;
  readonly #instance: number;
  readonly #number: number;
  /** The time that was added to the clock. */
  #ahead = 0;
  /** The calls in flight, by the number of the limits that they were checked against. */
  readonly #inFlight = new Map<number, number>();
  #key: Promise<CryptoKey> | undefined;
  /** Sends the webhooks, if there are any. */
  readonly #sender: WebhookSender | undefined;
  /** The arguments of every `fetch` in flight: a signal without a reference is garbage-collected and never fires. */
  readonly #underWay = new Set<object>();

  constructor({ now = Date.now, log, latencyMs = 0, company, scopes, limits, appScopes, redirectUris, grace, ...rest }: SimulatorOptions) {
    this.#clock = now;
    this.#latencyMs = latencyMs;
    this.#log = log;
    const today = new Date(this.now());
    if (Number.isNaN(today.getTime())) {
      throw failure("invalid_option", "now has to return milliseconds since the epoch; its value is no instant");
    }
    const options = {
      ...rest,
      company: company && json(company),
      scopes: spaced(scopes),
      apps: { scopes: spaced(appScopes), redirectUris, grace },
      limits: limits === true ? {} : limits || undefined,
      today: today.toISOString().slice(0, 10),
    };
    this.#number = core.run(simulatorOpen, options);
    this.#instance = core.instance;
    this.connection = this.#run(simulatorConnection);
    if (options.webhooks) {
      this.#sender = new WebhookSender({
        now: () => this.now(),
        step: () => this.#run(simulatorWebhookStep, this.now()),
        answered: (delivery, status) => void this.#run(simulatorWebhookAnswered, delivery, status, this.now()),
      });
    }
  }

  /** The webhook, if there is one. */
  get webhooks(): SimulatorWebhooks | undefined {
    const [sender, { webhookKey: key = "" }] = [this.#sender, this.connection];
    if (!sender) return undefined;
    const state = (validate = false) => this.#run(simulatorWebhookState, validate)!;
    return {
      key,
      get state() {
        return state();
      },
      validate: async () => {
        state(true);
        await sender.wake();
        return state();
      },
      settled: () => sender.wake(),
    };
  }

  now(): number {
    return this.#clock() + this.#ahead;
  }

  advance(ms: number): void {
    checkArgument("advance", "ms", ms);
    this.#ahead += ms;
    this.#sender?.poke();
  }

  dump(): SimulatorCompany {
    return JSON.parse(this.#run(simulatorDump)) as SimulatorCompany;
  }

  counts(): SimulatorCounts {
    return this.#run(simulatorCounts);
  }

  get state(): SimulatorState {
    return this.change("");
  }

  /** Makes a change, `edit`, `authorise` or `reset`, and returns the state after it. */
  change(name: "" | "edit" | "authorise" | "reset", scopes: string | readonly string[] = ""): SimulatorState {
    checkArgument(name, "scopes", scopes);
    return this.#run(simulatorChange, name, spaced(scopes));
  }

  consent(answer: SimulatorConsent): void {
    checkConsent(answer);
    this.#run(simulatorConsent, answer);
  }

  /** Adds a fault rule. Returns a function that removes it. */
  fault(rule: string): () => void {
    checkArgument("fault", "rule", rule);
    const fault = this.#run(simulatorAddFault, rule);
    return () => void this.#run(simulatorRemoveFault, fault);
  }

  setBaseUrl(url: string): void {
    this.#run(simulatorSetBaseUrl, url);
  }

  close(): void {
    this.#sender?.close();
    if (this.#instance === core.instance) core.run(simulatorClose, this.#number);
  }

  /** Responds to the arguments of `fetch`, as `fetch` does. */
  async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    // The caller's own signal: that of the temporary request does not survive a garbage collection.
    const signal = init?.signal ?? (typeof input === "object" && "signal" in input ? input.signal : undefined);
    const call = { input, init };
    this.#underWay.add(call);
    try {
      signal?.throwIfAborted();
      const { pathname, search } = new URL(request.url);
      const opened = begin(request.method, pathname + search);
      const body = new Uint8Array(await request.arrayBuffer());
      const response = await this.respond(request.method, pathname + search, request.headers, body);
      this.log(opened.done(outcomeOf(response)));
      signal?.throwIfAborted();
      return await spoilt(response, signal);
    } finally {
      this.#underWay.delete(call);
    }
  }

  /** Passes an entry to the log, if there is one. */
  log(entry: SimulatorLogEntry): void {
    try {
      this.#log?.(entry);
    } catch {
      // The function is the caller's, and a request does not fail because of it.
    }
  }

  /** Responds to a request, after the latency. */
  async respond(
    method: string,
    target: string,
    headers: Iterable<[string, string]>,
    body: Uint8Array,
  ): Promise<SimulatedResponse> {
    const privateKey = await (this.#key ??= this.#makeKey());
    const at = this.now();
    for (const [limits, calls] of this.#inFlight) this.#run(simulatorSetInFlight, limits, calls);
    let handled = this.#run(simulatorHandle, method, target, [...headers], body, at);
    while (handled.status === undefined) {
      const signature = await crypto.subtle.sign(SIGNING.name, privateKey, new TextEncoder().encode(handled.input));
      handled = this.#run(simulatorSigned, handled.ticket, base64url(signature));
    }
    this.#sender?.poke();
    if (this.#log) handled.explained = this.#explain(method, target, [...headers], handled);
    handled.headers.push(["Date", new Date(at).toUTCString()], ["Server", `xero-m2m-simulator/${version}`]);
    if (this.#latencyMs > 0) {
      this.#count(handled.limits, 1);
      await new Promise((resolve) => setTimeout(resolve, this.#latencyMs));
      this.#count(handled.limits, -1);
    }
    return handled;
  }

  #explain(method: string, target: string, headers: [string, string][], { status, headers: answered, body }: SimulatedResponse): Explained {
    const seen = status < 400 ? new Uint8Array() : body;
    return this.#run(simulatorExplain, method, target, headers, status, answered, seen);
  }

  /** Adds to the number of calls in flight within some limits. */
  #count(limits: number | undefined, more: 1 | -1): void {
    if (limits !== undefined) this.#inFlight.set(limits, (this.#inFlight.get(limits) ?? 0) + more);
  }

  /** Makes the key that signs tokens, and publishes its public half. */
  async #makeKey(): Promise<CryptoKey> {
    const { privateKey, publicKey } = await crypto.subtle.generateKey(
      { ...SIGNING, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
      false,
      ["sign", "verify"],
    );
    const { n = "", e = "" } = await crypto.subtle.exportKey("jwk", publicKey);
    // The id is the key's thumbprint (RFC 7638).
    const members = new TextEncoder().encode(JSON.stringify({ e, kty: "RSA", n }));
    const thumbprint = await crypto.subtle.digest("SHA-256", members);
    this.#run(simulatorSetJwk, n, e, base64url(thumbprint));
    return privateKey;
  }

  /** Calls a function of the module with the number of this simulator, unless that was lost in a trap. */
  #run<Given extends unknown[], T>(act: (number: number, ...given: Given) => T | Refused, ...given: Given): T {
    if (this.#instance !== core.instance) {
      throw failure("closed", "the local Xero was lost when the core of xero-m2m/simulator was replaced; create a new one");
    }
    return core.run(act, this.#number, ...given);
  }
}

/** The books of a company as a text. */
function json(company: SimulatorCompany): string {
  try {
    return JSON.stringify(company);
  } catch {
    throw failure("invalid_option", "company cannot be written as JSON; it has to be an object of lists of records");
  }
}

/** The facts of a response for the log. A fault may leave it without a status. */
export function outcomeOf({ status, spoil, explained }: SimulatedResponse): Explained & { status?: number } {
  const { operation, scopes = [], refused = spoil && `a fault rule: ${spoil}` } = explained ?? {};
  return {
    ...(spoil !== "silent" && spoil !== "reset" && spoil !== "reset-head" && { status }),
    ...(operation !== undefined && { operation }),
    ...(scopes.length > 0 && { scopes }),
    ...(refused !== undefined && { refused }),
  };
}

/** Scopes as one text. */
function spaced<Scopes extends string | readonly string[] | undefined>(scopes: Scopes) {
  return (typeof scopes === "object" ? scopes.join(" ") : scopes) as Scopes extends undefined ? undefined : string;
}

function base64url(bytes: ArrayBuffer): string {
  const binary = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
