/** The path `/simulator` of a local Xero, which Xero does not have: time, state, consent and faults, for a test in another process. */

import { failure } from "../shared/errors.js";
import type { SimulatedResponse } from "./delivery.js";
import type { LocalXero } from "./local-xero.js";
import { LOOPBACK } from "./options.js";
import type { SimulatorConsent } from "./types.js";

/** The headers that show where a request comes from. */
export interface Origin {
  host?: string | undefined;
  origin?: string | undefined;
}

/** Responds to requests to `/simulator`, for one local Xero. */
export class Control {
  readonly #xero: LocalXero;
  /** Functions that remove the faults added over HTTP. */
  readonly #mend: (() => void)[] = [];

  /** The changes, by the rest of the path after `/simulator/`. */
  readonly #changes = new Map<string, (query: URLSearchParams) => unknown>([
    ["advance", (query) => this.#advance(Number(query.get("ms") ?? NaN))],
    ["edit", (query) => this.#xero.change("edit", query.get("scopes") ?? "")],
    ["authorise", () => this.#xero.change("authorise")],
    ["reset", () => this.#xero.change("reset")],
    ["consent", (query) => this.#xero.consent(answerOf(query))],
    ["validate", () => this.#validate()],
    ["fault", (query) => this.#mend.push(this.#xero.fault(query.get("rule") ?? ""))],
    ["mend", () => this.#mend.splice(0).forEach((mend) => mend())],
  ]);

  constructor(xero: LocalXero) {
    this.#xero = xero;
  }

  /** Responds to a request to `/simulator`; returns `undefined` for every other path or method. */
  respond(method: string, target: string, headers: Origin): SimulatedResponse | undefined {
    const { pathname, searchParams } = new URL(target, "http://localhost");
    if (!/^\/simulator(?:\/|$)/.test(pathname)) return undefined;
    if (!isFromHere(headers)) {
      return json(403, {
        error: "/simulator serves programs and pages of this machine; the Host or the Origin of this request is another",
      });
    }
    const change = method === "POST" ? this.#changes.get(pathname.slice("/simulator/".length)) : undefined;
    if (!change && (method !== "GET" || pathname !== "/simulator")) return undefined;
    try {
      change?.(searchParams);
    } catch (error) {
      return json(400, { error: (error as Error).message });
    }
    const webhooks = this.#xero.webhooks?.state;
    return json(200, { now: this.#xero.now(), state: this.#xero.state, ...this.#xero.counts(), ...(webhooks && { webhooks }) });
  }

  #validate(): void {
    const { webhooks } = this.#xero;
    if (!webhooks) throw failure("invalid_option", "there is no webhook; give its address with the option webhooks, or --webhook");
    webhooks.validate().catch(() => undefined);
  }

  #advance(ms: number): void {
    if (!Number.isFinite(ms)) throw failure("invalid_option", "advance takes ?ms= with a number of milliseconds");
    this.#xero.advance(ms);
  }
}

/**
 * True for a request of a program of this machine, or of a page that comes from it. Any page in a browser can send requests
 * to this address, and a page under a name that was made to resolve to it can even read the responses.
 */
function isFromHere({ host, origin }: Origin): boolean {
  const isHere = (url: string) => URL.canParse(url) && LOOPBACK.includes(new URL(url).hostname.replace(/^\[|\]$/g, ""));
  return (host === undefined || isHere(`http://${host}`)) && (origin === undefined || isHere(origin));
}

/** The answer of users in a query: `answer`, or `user` and each `organisation`. */
function answerOf(query: URLSearchParams): SimulatorConsent {
  const answer = query.get("answer");
  if (answer !== null) return answer as "all";
  return { user: Number(query.get("user") ?? 1) as 1, organisations: query.getAll("organisation") };
}

function json(status: number, value: unknown): SimulatedResponse {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return { status, headers: [["Content-Type", "application/json"]], body };
}
