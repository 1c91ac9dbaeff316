/** The client of one custom connection. */

import type { CallEvent } from "./actions.js";
import { checkKnown } from "../shared/check.js";
import { MAX_ERROR_BYTES } from "../shared/codes.js";
import { doctor, isolated, paging } from "./core.js";
import { type Caller, type CallerAction, Driver, type Notice } from "./driver.js";
import { Limit, noSignal } from "./ending.js";
import { XeroError, type XeroErrorDetails, failure } from "../shared/errors.js";
import { type XeroEvent, teller } from "./events.js";
import { Guard } from "../shared/guard.js";
import type { DoctorQuestion, Health } from "../shared/health.js";
import { Lifetime } from "./lifetime.js";
import { type CustomConnectionOptions, type Settled, settle } from "./options.js";
import { type CallInit, JSON_INIT, KEY, type Outgoing, dictionary, headersOf, makeKey, outgoing, readable, textOf } from "./request.js";
import { PAGES, type PagesOptions, pages } from "./pages.js";
import {
  NO_RESPONSE,
  type Received,
  announcesBody,
  answered,
  copied,
  correlationId,
  discard,
  kind,
  readText,
  receive,
  recordsOf,
} from "./received.js";
import type { AccessToken } from "./access-token.js";
import { type FleetTraffic, SPENT, type Spent } from "./source.js";
import { Tokens } from "./token.js";
import type { Body, Elsewhere, Fetch, JsonAnswer, JsonInit, Methods, Path, Place, RecordOf, Untouched, Untyped, Walked, XeroApi } from "./typed.js";
import { brokenOff, unanswered } from "./unanswered.js";
import { type ValidationMessage, validation } from "../shared/validation.js";

/** A call, its answer, and the error that the answer amounts to, if its body was read. */
interface Answered {
  call: Outgoing;
  answer: Received;
  error?: XeroError | undefined;
}

/** The result of sending a call: the event for the core, and the answer, if there is one. */
interface Sent {
  event: CallEvent;
  answer?: Received;
  complaints?: readonly ValidationMessage[] | undefined;
}

/**
 * One custom connection: gets access tokens with id and secret, keeps them fresh, and sends calls with them.
 *
 * It holds one token, shared by all calls: make one client for a connection and keep it. No request is made before the
 * first call.
 *
 * @example
 * ```ts
 * import { CustomConnection } from "xero-m2m";
 *
 * const xero = new CustomConnection({
 *   clientId: process.env.XERO_CLIENT_ID!,
 *   clientSecret: process.env.XERO_CLIENT_SECRET!,
 * });
 * const response = await xero.fetch("/Invoices?page=1");
 * console.log(await response.json());
 * ```
 *
 * @typeParam Api The APIs whose paths, bodies and answers the compiler knows, such as `AccountingApi` of `xero-m2m/types/accounting`;
 *   several are joined with `&`. Default: none; answers are `unknown`.
 */
export class CustomConnection<out Api extends XeroApi = Untyped> {
  static {
    // The published code has short names; people print this one.
    Object.defineProperty(this, "name", { value: "CustomConnection" });
  }

  readonly #given: CustomConnectionOptions;
  readonly #options: Settled;
  readonly #lifetime = new Lifetime();
  readonly #guard: Guard;
  readonly #tell: ((event: XeroEvent) => void) | undefined;
  readonly #driver: Driver;
  readonly #tokens: Tokens;
  #calls = 0;

  /**
   * Sends a call to one of Xero's APIs: the arguments of the platform's `fetch`, and its `Response`.
   *
   * `"Invoices"`, `"/Invoices"`, `"/api.xro/2.0/Invoices"` and the absolute URL are the same call; other APIs are
   * named by their path, such as `/payroll.xro/2.0/Employees`. Sets `Authorization`, and `Accept: application/json`
   * unless the call has its own. Follows no redirect. Waits until Xero's limits have room for it (option `limits`;
   * `priority: "high"` goes first), and is sent again where that does no harm (option `retry`), within `deadlineMs`. If
   * Xero reports the token as expired, renews it and sends the call once more, provided that its body can be sent
   * twice (a stream cannot).
   *
   * It is bound to its client: pass it as the `fetch` of any client that takes one.
   *
   * @returns The answer of Xero, errors included, as `fetch` does.
   * @throws {@link XeroError} for a call that is not sent or not answered: no token (`invalid_client`, `invalid_scope`, …), no
   *   scope that opens the operation (`scope_missing`), a URL that leads elsewhere (`foreign_host`), `offline`,
   *   `timeout`, no room in time (`rate_limited`, `queue_full`). If the call's `signal` aborts, its reason is thrown.
   */
  readonly fetch: Fetch<Api>;

  /**
   * @throws {@link XeroError} `invalid_option` or `insecure_url` if an option has a value that cannot work; `in_browser`
   *   in a browser page, where a secret cannot be kept.
   */
  constructor(options: CustomConnectionOptions) {
    if (isBrowserPage()) {
      throw failure(
        "in_browser",
        "anyone can read a client secret in a web page: make this client on a server; xero-m2m/policy works in pages",
      );
    }
    this.#given = { ...options };
    this.#options = settle(options);
    this.#guard = new Guard([this.#options.clientSecret].flat());
    this.#tell = teller(this.#options.onEvent);
    this.#tokens = new Tokens(this.#options, this.#lifetime, this.#guard, this.#tell);
    this.#driver = this.#open(this.#tokens);
    const fetch = async (input: string | URL | Request, init?: CallInit) => (await this.#send(input, init, false)).answer.response;
    this.fetch = fetch as Fetch<Api>;
  }

  /**
   * An access token that can be used now: the one at hand, or a new one.
   *
   * A token that is about to end is renewed in the background while it is still handed out. However many callers ask
   * at once, one request is made.
   *
   * @throws {@link XeroError} Why there is no token: `invalid_client`, `unauthorized_client`, `invalid_scope`,
   *   `token_refused`, `organisation_changed` (asked again only after five minutes), `rate_limited`, `identity_unavailable`,
   *   `malformed_token`, `redirected`, `offline`, `timeout`, `secret_unavailable`, `closed`.
   */
  async token(options?: { signal?: AbortSignal }): Promise<AccessToken> {
    const signal = options?.signal;
    if (signal && !signal.throwIfAborted) throw noSignal();
    signal?.throwIfAborted();
    const driver = this.#driver;
    const atHand = driver.token();
    if (atHand) return atHand;
    const call = driver.number();
    const caller = driver.begin({ on: "want", call, deadline: this.#deadline(options) });
    try {
      for (;;) {
        const action = await driver.next(caller, signal);
        if (action.do === "resume") driver.report({ on: "resume", call }, caller.reporter);
        if (action.do === "fail") throw new XeroError(action.error);
        if (action.do === "use") return caller.held!;
      }
    } finally {
      driver.end(caller);
    }
  }

  /**
   * Sends a call and reads its JSON.
   *
   * @param body Sent as JSON. Leave it out for a GET.
   * @param init As for `fetch`, less what the other arguments say.
   * @returns The parsed body; `undefined` for an answer without one: 204, 304 to a GET, a DELETE. Any other success without a
   *   body, or a write to accounting without a record in its answer, is `malformed_answer`.
   * @throws {@link XeroError} As `fetch` does, and for every answer that is not a success: `refused` (bad data, 400),
   *   `scope_missing`, `not_authorised`, `not_found`, `rate_limited`, `server_error`, `redirected`,
   *   `journals_unavailable`, `precondition_failed`, `idempotency_conflict`, `malformed_answer` (not JSON), with `status`
   *   and, where Xero gave one, `correlationId`.
   */
  json<T = unknown>(method: string, path: Untouched<Api>, body?: unknown, init?: JsonInit): Promise<T>;
  json<const M extends Methods<Api, P>, const P extends Path<Api>, const Init extends JsonInit>(
    method: M,
    path: P,
    body?: Body<Api, M, P>,
    init?: Init,
  ): Promise<JsonAnswer<Api, M, P, Init>>;
  json<T = unknown, const M extends string = string, const P extends string | URL = string | URL>(
    method: M,
    path: Elsewhere<Api, M, P>,
    body?: unknown,
    init?: JsonInit,
  ): Promise<T>;
  async json(method: string, path: string | URL, body?: unknown, init?: JsonInit): Promise<unknown> {
    const { call, error } = await this.#json(method, path, body, init);
    if (error) throw error;
    return call.value;
  }

  async #json(method: string, path: string | URL, body: unknown, init: JsonInit | undefined): Promise<Answered> {
    const given = dictionary(init);
    if (init) checkKnown<object>("json()", init, JSON_INIT);
    const headers = readable(given.headers);
    if (body !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json");
    const text = body === undefined ? undefined : jsonOf(body);
    const whole = { ...given, method: textOf(method, "method"), headers, ...(text !== undefined && { body: text }) };
    return this.#send(textOf(path, "path"), whole, true);
  }

  /**
   * Every record of a list, page by page, as it is asked for.
   *
   * Pages are as large as the API allows (1,000 in accounting). A list that is not split is one page. A loop that changes what the
   * list filters by makes the pages shift and skips records: collect them first. An answer with status
   * 304 to `If-Modified-Since` or `If-None-Match` ends the walk without another record: nothing has changed.
   *
   * @throws {@link XeroError} As `json` does; `malformed_answer` if an answer has no list in it; `invalid_option` for unknown
   *   options, and for pages of no size.
   * @example
   * ```ts
   * for await (const invoice of xero.pages<{ InvoiceID: string }>("/Invoices?Statuses=AUTHORISED")) {
   *   console.log(invoice.InvoiceID);
   * }
   * ```
   */
  pages<T = unknown>(path: Untouched<Api>, options?: PagesOptions): AsyncGenerator<T, void, undefined>;
  // Never called: an editor takes the paths that it offers from here.
  pages(path: Path<Api>, options: never): AsyncGenerator<unknown, void, undefined>;
  pages<const P extends Place<Api>, _ extends "GET">(path: Walked<Api, P>, options?: PagesOptions): AsyncGenerator<RecordOf<Api, P>, void, undefined>;
  pages<T = unknown, const P extends string | URL = string | URL>(
    path: Elsewhere<Api, "GET", P>,
    options?: PagesOptions,
  ): AsyncGenerator<T, void, undefined>;
  pages(path: string | URL, options?: PagesOptions): AsyncGenerator<unknown, void, undefined> {
    const target = textOf(path, "path");
    if (options !== undefined) checkKnown("pages()", options, PAGES);
    const plan = paging(this.#driver.connection(), target);
    return pages(target, plan, async (page) => {
      const { call, answer, error } = await this.#json("GET", page, undefined, options);
      if (error) throw error;
      const isAsked = ["if-modified-since", "if-none-match"].some((name) => call.own?.has(name));
      return answer.status === 304 && isAsked ? undefined : { value: call.value };
    });
  }

  /**
   * What works, what does not, and what to do about it, in numbered steps that are safe to paste in a ticket: `report` has
   * them as text. It asks for a token of its own and makes one harmless call, and does not throw for what it finds.
   * See `diagnose` of `xero-m2m/doctor`, which is loaded only now; on edge networks import that instead, so that a bundle has
   * it only where it is used.
   *
   * @param question The scopes or calls to compare the connection with.
   * @example
   * ```ts
   * const { ok, report } = await xero.doctor({ calls: "GET /Invoices" });
   * if (!ok) console.error(report);
   * ```
   */
  async doctor(question?: DoctorQuestion): Promise<Health> {
    this.#driver.connection();
    if (!doctor) throw failure("invalid_option", "on this platform, import diagnose from xero-m2m/doctor, and give it the options");
    return (await doctor()).diagnose(this.#given, question);
  }

  /**
   * Ends the client: calls under way and later calls fail with `closed`. The token is dropped. Resolves at once; with a fleet when a
   * token of this process is in its store: wait for it before you close the store's own client.
   */
  async close(): Promise<void> {
    await this.#driver.close();
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    void this.close();
  }

  /** The same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(tokens: Tokens): Driver {
    const { clientId, scopes, createdOn, organisation, preflight, identityUrl, apiUrl, timeoutMs, store, source, limits, retry } =
      this.#options;
    const { on, inFlight, minuteReserve, dayReserve, queue } = limits;
    const options = {
      clientId,
      scopes,
      createdOn,
      organisation,
      preflight,
      identityUrl,
      apiUrl,
      timeoutMs,
      stored: store !== undefined,
      vault: source !== undefined,
      unlimited: !on,
      inFlight,
      minuteReserve,
      dayReserve,
      queue,
      inFleet: tokens.fleet?.sharesLimits,
      // A request that ended without a word holds its place no longer than this.
      leaseMs: isolated ? 2 * timeoutMs : Infinity,
      retry,
      inform: this.#tell !== undefined || this.#options.fleet !== undefined,
      isolated,
    };
    const tell = this.#tell;
    const driver: Driver = new Driver(options, this.#lifetime, {
      tokens,
      perform: (action, by) => tokens.perform(action, by, driver),
      calls: (event) => tokens.fleet?.calls(event),
      look: () => tokens.fleet?.look(),
      tell: (notice, call) => tell?.(eventOf(notice, call)),
    });
    if (tokens.fleet) tokens.fleet.allow = (allowance) => driver.report({ ...allowance, on: "allowed" });
    return driver;
  }

  /** Reads a call, sends it until there is an answer or an error for its caller, and reports an error to the listener. */
  async #send(input: string | URL | Request, init: CallInit | undefined, whole: boolean): Promise<Answered> {
    const deadline = this.#deadline(init);
    let call: Outgoing | undefined;
    try {
      const read = outgoing(input, init, (body) => this.#body(body, deadline, init?.signal ?? (input as Request).signal));
      // Awaited only if a body has to be read: each wait is a turn of the queue of promises.
      call = read instanceof Promise ? await read : read;
      call.number = ++this.#calls;
      call.whole = whole;
      call.signal?.throwIfAborted();
      return await this.#carry(call, deadline);
    } catch (error) {
      if (call?.number) {
        const aborted = call.signal?.aborted && error === call.signal.reason;
        const { code, outcome } = error instanceof XeroError && !aborted ? error : ({ code: "aborted" } as const);
        this.#tell?.({ type: "call.failed", at: Date.now(), call: call.number, attempt: call.sends, code, ...(outcome && { outcome }) });
      }
      throw error;
    }
  }

  /** The end of the time for a call that begins now, by the clock that is never set. */
  #deadline(init: object | undefined): number {
    return this.#driver.now() + this.#options.deadlineMs - ((init as Spent | undefined)?.[SPENT] ?? 0);
  }

  /** The body of a `Request`, which may never come. */
  async #body<T>(body: Promise<T>, deadline: number, signal: AbortSignal | null | undefined): Promise<T> {
    this.#driver.connection();
    const limit = new Limit(deadline - this.#driver.now(), this.#lifetime, signal);
    try {
      return await limit.within(body);
    } catch {
      signal?.throwIfAborted();
      this.#driver.connection();
      const what = limit.timedOut ? "did not end within the time allowed for the call" : "cannot be read";
      throw failure(limit.timedOut ? "timeout" : "invalid_option", `the body of the Request ${what}; the call was not sent`);
    } finally {
      limit.done();
    }
  }

  /** Performs the actions for a call, until there is an answer or an error for its caller. */
  async #carry(call: Outgoing, deadline: number): Promise<Answered> {
    const { method, target, init, resendable, high, signal } = call;
    const driver = this.#driver;
    const number = driver.number();
    const hasBody = init.body != null;
    const key = this.#key(call);
    // With all of its members from the beginning: adding one later costs more than everything else about the object.
    const caller = driver.begin(
      {
        on: "begin",
        call: number,
        method,
        target,
        hasBody,
        resendable,
        key,
        ownKey: key === "own" ? (call.own?.get(KEY) ?? undefined) : undefined,
        high,
        deadline,
        firstSent: undefined,
        firstSentClock: undefined,
        inFlight: false,
      },
      call,
    );
    let sent: Sent | undefined;
    const drop = (): void => {
      if (sent?.answer) discard(sent.answer.response);
      sent = undefined;
    };
    try {
      for (;;) {
        signal?.throwIfAborted();
        const action = caller.actions.shift() ?? (await driver.next(caller, signal));
        switch (action.do) {
          case "send":
            // It may have ended, or been aborted, since the action was taken.
            signal?.throwIfAborted();
            if (caller.over) break;
            drop();
            sent = await this.#transmit(call, caller, action);
            this.#tokens.fleet?.calls(sent.event as FleetTraffic);
            driver.report(sent.event, caller.reporter);
            break;
          case "resume":
            driver.report({ on: "resume", call: number }, caller.reporter);
            break;
          case "read":
            void this.#beginning(sent?.answer).then((body) => driver.report({ on: "body", call: number, body }, caller.reporter));
            break;
          case "discard":
            drop();
            break;
          case "give": {
            const { answer, complaints } = sent!;
            const error = action.error && this.#refusal(action.error, answer!, complaints);
            return { call, answer: answer!, error };
          }
          case "fail": {
            const { answer } = sent ?? {};
            throw answer ? this.#refusal(action.error, answer) : new XeroError(action.error);
          }
        }
      }
    } catch (thrown) {
      drop();
      throw thrown;
    } finally {
      if (!caller.over) this.#tokens.fleet?.calls({ on: "lost", call: number });
      driver.end(caller);
    }
  }

  #key({ key }: Outgoing): "own" | "required" | "ifTaken" | undefined {
    if (key === "own") return key;
    if (key) return "required";
    return key === undefined && this.#options.idempotencyKeys ? "ifTaken" : undefined;
  }

  /** Sends a call once. */
  async #transmit(call: Outgoing, caller: Caller, action: Extract<CallerAction, { do: "send" }>): Promise<Sent> {
    const { method, number, signal, whole } = call;
    const { url, until, operation } = action;
    const { number: own } = caller;
    const attempt = (call.sends += 1);
    this.#tell?.({ type: "call.sent", at: Date.now(), call: number, attempt, method, ...(operation !== undefined && { operation }) });
    if (action.makeKey) makeKey(call);
    const headers = headersOf(call, caller.held!.accessToken);
    const sentAt = Date.now();
    const now = this.#driver.now();
    // The end of the client comes as an action, which ends it; unless requests are isolated, and leave each other alone.
    const limit = new Limit(until - now, isolated ? this.#lifetime : undefined, signal);
    caller.sent(now);
    this.#tokens.fleet?.calls({ on: "begun", call: own });
    caller.wake = limit.end;
    // Not by spreading: in Node 20, members added after a spread cost 4 µs, a fifth of the whole call.
    const init = Object.assign({}, call.init, { headers, signal: limit.signal });
    let answer: Received | undefined;
    let text = "";
    try {
      answer = await receive(this.#options.fetch, url, init, limit);
      if (answer && whole) {
        if (answer.ok) limit.allow(action.deadline - this.#driver.now());
        text = (await limit.within(readText(answer, answer.ok ? Infinity : MAX_ERROR_BYTES))).text;
      }
    } catch (thrown) {
      if (answer) discard(answer.response);
      signal?.throwIfAborted();
      // Of an answer that is no success the status is known, and the body would only add words.
      if (!answer || answer.ok) {
        const { error, unsent } = answer ? brokenOff(thrown, limit) : unanswered(thrown, url, init, limit, attempt);
        const { code, message } = error;
        call.last = code;
        return { event: { on: "lost", call: own, code, message, unsent } };
      }
    } finally {
      caller.wake = undefined;
      limit.done();
    }
    if (!answer) return { event: { on: "lost", call: own, code: (call.last = "malformed_answer"), message: NO_RESPONSE } };
    const { status } = answer;
    call.last = status;
    const event = answered(own, answer);
    this.#tellAnswered(call, answer, event, Date.now() - sentAt);
    if (!whole) return { event, answer };
    if (answer.ok || (status === 304 && method === "GET")) return { event: Object.assign(event, this.#parse(call, answer, text)), answer };
    const complaints = status === 400 ? validation(text, this.#guard) : undefined;
    event.wwwAuthenticate = answer.header("www-authenticate");
    event.body = text;
    event.complaints = complaints?.length;
    return { event, answer, complaints };
  }

  /** The beginning of the body of an answer, of which its caller gets the whole. If it breaks off, it does so for both. */
  async #beginning(answer: Received | undefined): Promise<string> {
    const copy = answer && copied(answer);
    try {
      return copy ? (await readText(copy, MAX_ERROR_BYTES)).text : "";
    } catch {
      return "";
    }
  }

  /** Reads the JSON of an answer into its call. Returns why that is impossible. */
  #parse(call: Outgoing, answer: Received, text: string) {
    call.value = undefined;
    // Compressed and cut off, a body of some length can be no text at all.
    if (text === "" && !announcesBody(call.method, answer)) return { records: "empty" } as const;
    try {
      call.value = JSON.parse(text);
      return { records: recordsOf(call.value) };
    } catch {
      const message = `Xero's answer is not JSON (status ${answer.status}, it is ${kind(answer)})`;
      return { code: "malformed_answer", message } as const;
    }
  }

  /** The error that an answer amounts to. */
  #refusal(details: XeroErrorDetails, answer: Received, complaints?: readonly ValidationMessage[]): XeroError {
    const id = this.#correlationId(answer);
    return new XeroError({ ...details, status: answer.status, ...(id !== undefined && { correlationId: id }) }, complaints);
  }

  #correlationId(answer: Received): string | undefined {
    const id = correlationId(answer);
    return id !== undefined && this.#guard.passes(id) ? id : undefined;
  }

  #tellAnswered({ number, sends }: Outgoing, answer: Received, event: ReturnType<typeof answered>, tookMs: number): void {
    if (!this.#tell) return;
    const { status } = answer;
    const at = Date.now();
    const id = this.#correlationId(answer);
    this.#tell({
      type: "call.answered",
      at,
      call: number,
      attempt: sends,
      status,
      tookMs,
      ...(id !== undefined && { correlationId: id }),
    });
    const { minute, day, appMinute } = event;
    const left = Object.entries({ minuteLeft: minute, dayLeft: day, appMinuteLeft: appMinute })
      .filter(([, count]) => count && /^\d{1,9}$/.test(count))
      .map(([name, count]) => [name, Number(count)]);
    if (left.length > 0) this.#tell({ type: "limit.learnt", at, ...Object.fromEntries(left) });
  }
}

/** The event for a listener. */
function eventOf(notice: Notice, call: Outgoing | undefined): XeroEvent {
  const at = Date.now();
  const { number = 0, sends = 0, last = 0 } = call ?? {};
  switch (notice.do) {
    case "queued":
      return { type: "call.queued", at, call: number, why: notice.why, until: notice.until };
    case "admitted":
      return { type: "call.admitted", at, call: number, waitedMs: notice.waitedMs };
    case "retry":
      return { type: "call.retried", at, call: number, attempt: sends, why: last, until: notice.until };
    case "paused":
      return { type: "limit.paused", at, why: notice.why, until: notice.until };
  }
}

/** A document, and no Node.js around it, as in tests with a simulated page. */
function isBrowserPage(): boolean {
  const { document, process } = globalThis as { document?: object; process?: { versions?: { node?: string } } };
  return document !== undefined && process?.versions?.node === undefined;
}

/** @throws `XeroError` `invalid_option` for a value that JSON has no form for. */
function jsonOf(body: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body, whole);
  } catch {
    // The error of the platform names members of the value.
  }
  if (text !== undefined) return text;
  throw failure("invalid_option", "the body given to json() cannot be written as JSON: it has NaN, Infinity, an invalid date, a circle, a BigInt, bytes, an object such as a Map or a form that JSON writes as {}, or a toJSON that fails");
}

/** Refuses what JSON writes as something else than it is: numbers and dates that are none, bytes, a form, a `Map`. */
function whole(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const given = this[name];
  if (typeof value === "number" ? !Number.isFinite(value) : value === null ? given !== null : isOpaque(given) || isOpaque(value)) throw new RangeError();
  return value;
}

/** Returns whether JSON writes a value as something else although it may hold something: its data are private, inherited or bytes. */
function isOpaque(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  // Some platforms give forms a toJSON.
  if (ArrayBuffer.isView(value) || "getAll" in value) return true;
  if (Object.keys(value).length || "toJSON" in value || /String]|Boolean]/.test(Object.prototype.toString.call(value))) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Reflect.ownKeys(value).length > 0 || (prototype !== null && Object.getPrototypeOf(prototype) !== null);
}
