/** The client of one custom connection. */

import type { Action } from "./actions.js";
import { LOOK_MS, apart, currentInstance, doctor, run } from "./core.js";
import { Deadline } from "./deadline.js";
import type { Health } from "./diagnosis.js";
import type { DoctorQuestion } from "./doctor.js";
import { XeroError, type XeroErrorCode, failure } from "./errors.js";
import { type XeroEvent, teller } from "./events.js";
import { Gate } from "./gate.js";
import * as core from "./glue/core.js";
import { Lifetime } from "./lifetime.js";
import { type Outgoing, outgoing } from "./outgoing.js";
import { type CustomConnectionOptions, type Settled, settle } from "./options.js";
import { type PagesOptions, pages } from "./pages.js";
import { type Secret, Secrets } from "./secrets.js";
import { type StoredToken, load, tell } from "./store.js";
import { validation } from "./validation.js";
import { brokenOff, correlationId, header, kind, left, limited, limits, pause, readText, unreachable } from "./wire.js";

/** An access token and what it is good for. */
export interface AccessToken {
  /**
   * The token itself. The property is not enumerable: printing, copying or serialising the object does not spread it.
   */
  readonly accessToken: string;
  /** When it ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The scopes it carries, in alphabetical order; absent if neither Xero's answer nor the token itself says. */
  readonly scopes?: readonly string[];
}

/** How much of an answer is searched for the words by which Xero tells its refusals apart. */
const MAX_ERROR_BYTES = 65_536;

/** What the identity service answered, as far as the core judges it. */
interface TokenAnswer {
  status: number;
  contentType: string;
  retryAfter: string;
  text: string;
  cut: boolean;
}

/** What the core makes of it. */
interface Judged {
  actions: Action[];
  accessToken?: string;
  /** Why there is no token. */
  refused?: XeroErrorCode;
  /** Send the attempt once more: with another secret, or to learn which scopes are configured. */
  again?: "secret" | "scope";
}

interface Held {
  generation: number;
  obtainedAt: number;
  token: AccessToken;
}

/** A core connection that nobody refers to any more is closed with its client, where the platform can tell. */
const abandoned =
  typeof FinalizationRegistry === "undefined" ? undefined : new FinalizationRegistry<Handle>((handle) => handle.close());

/** A connection of the core, which is gone if its instance was replaced. */
class Handle {
  readonly instance = currentInstance();
  constructor(readonly number: number) {}

  close(): void {
    if (this.instance === currentInstance()) run(() => core.close(this.number));
  }
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
 */
export class CustomConnection {
  static {
    // What is published has short names; people print this one.
    Object.defineProperty(this, "name", { value: "CustomConnection" });
  }

  readonly #given: CustomConnectionOptions;
  readonly #options: Settled;
  readonly #key: string;
  readonly #lifetime = new Lifetime();
  readonly #secrets: Secrets;
  readonly #gate: Gate | undefined;
  readonly #tell: ((event: XeroEvent) => void) | undefined;
  #handle: Handle;
  /** Whether the connection has its random seed: none is drawn before the first call, where isolates forbid it. */
  #seeded = false;
  #calls = 0;
  #held: Held | undefined;
  #exchange: Promise<void> | undefined;
  #loading: Promise<void> | undefined;

  /**
   * Sends a call to one of Xero's APIs: the arguments of the platform's `fetch`, and its `Response`.
   *
   * `"Invoices"`, `"/Invoices"`, `"/api.xro/2.0/Invoices"` and the absolute URL are the same call; other APIs are
   * named by their path, such as `/payroll.xro/2.0/Employees`. Sets `Authorization`, and `Accept: application/json`
   * unless the call has its own. Follows no redirect. Waits until Xero's limits have room for it (option `limits`;
   * `priority: "high"` goes first), and is sent again where that does no harm (option `retry`), within `deadlineMs`. If
   * Xero says that the token has expired, renews it and sends the call once more, provided that its body can be sent
   * twice (a stream cannot).
   *
   * It is bound to its client: pass it as the `fetch` of any client that takes one.
   *
   * @returns Whatever Xero answers, errors included, as `fetch` does.
   * @throws {@link XeroError} for what is not sent or not answered: no token (`invalid_client`, `invalid_scope`, …), no
   *   scope that opens the operation (`scope_missing`), a URL that leads elsewhere (`foreign_host`), `offline`,
   *   `timeout`, no room in time (`rate_limited`, `queue_full`). If the call's `signal` aborts, its reason is thrown.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

  /**
   * @throws {@link XeroError} `invalid_option` or `insecure_url` if an option has a value that cannot work; `in_browser`
   *   in a browser page, where a secret cannot be kept.
   */
  constructor(options: CustomConnectionOptions) {
    if (isBrowserPage()) {
      throw failure(
        "in_browser",
        "a client secret in a browser page is everybody's: make this client on a server; xero-m2m/policy works in pages",
      );
    }
    this.#given = { ...options };
    this.#options = settle(options);
    const { identityUrl, clientId, scopes } = this.#options;
    this.#key = [identityUrl, clientId, scopes ? [...new Set(scopes)].sort().join(" ") : "configured"].join("|");
    this.#secrets = new Secrets(this.#options.clientSecret);
    this.#tell = teller(this.#options.onEvent);
    this.#handle = this.#open(0);
    if (this.#options.limits.on) {
      this.#gate = new Gate({ core: (act) => this.#core(act), lifetime: this.#lifetime, tell: this.#tell });
    }
    this.fetch = async (input, init) => this.#send(await outgoing(input, init));
  }

  /**
   * An access token that can be used now: the one at hand, or a new one.
   *
   * A token that is about to end is renewed in the background while it is still handed out. However many callers ask
   * at once, one request is made.
   *
   * @throws {@link XeroError} Why there is no token: `invalid_client`, `unauthorized_client`, `invalid_scope`,
   *   `token_refused` (asked again only after five minutes), `rate_limited`, `identity_unavailable`,
   *   `malformed_token`, `redirected`, `offline`, `timeout`, `secret_unavailable`, `closed`.
   */
  async token(options?: { signal?: AbortSignal }): Promise<AccessToken> {
    return (this.#warm() ?? (await this.#obtain(new Deadline(this.#options.timeoutMs), options?.signal))).token;
  }

  /**
   * Sends a call and reads its JSON.
   *
   * @param body Sent as JSON. Leave it out for a GET.
   * @param init As for `fetch`, less what the other arguments say.
   * @returns The parsed body; `undefined` for an answer without one.
   * @throws {@link XeroError} As `fetch` does, and for every answer that is not a success: `refused` (bad data, 400),
   *   `scope_missing`, `not_authorised`, `not_found`, `rate_limited`, `server_error`, `redirected`,
   *   `journals_unavailable`, `precondition_failed`, `idempotency_conflict`, `malformed_answer` (not JSON), with `status`
   *   and, where Xero gave one, `correlationId`.
   */
  async json<T = unknown>(
    method: string,
    path: string | URL,
    body?: unknown,
    init?: Omit<RequestInit, "method" | "body">,
  ): Promise<T> {
    const headers = new Headers(init?.headers);
    if (body !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json");
    const target = String(path);
    const call = await outgoing(target, {
      ...init,
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    call.whole = true;
    return this.#parse<T>(call, await this.#send(call));
  }

  /**
   * Every record of a list, page by page, as it is asked for.
   *
   * Pages are as large as the API allows (1,000 in accounting). A list that is not split is one page.
   *
   * @throws {@link XeroError} As `json` does; `malformed_answer` if an answer has no list in it.
   * @example
   * ```ts
   * for await (const invoice of xero.pages<{ InvoiceID: string }>("/Invoices?Statuses=AUTHORISED")) {
   *   console.log(invoice.InvoiceID);
   * }
   * ```
   */
  pages<T = unknown>(path: string | URL, options?: PagesOptions): AsyncGenerator<T, void, undefined> {
    const target = String(path);
    const plan = this.#core((number) => core.paging(number, target));
    return pages<T>(target, plan, (page) => this.json("GET", page, undefined, options));
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
    this.#assertOpen();
    if (!doctor) throw failure("invalid_option", "on this platform, import diagnose from xero-m2m/doctor, and give it the options");
    return (await doctor()).diagnose(this.#given, question);
  }

  /** Ends the client: whatever is under way or asked for later fails with `closed`. The token is dropped. */
  close(): void {
    if (this.#lifetime.ended) return;
    this.#lifetime.end();
    abandoned?.unregister(this);
    this.#handle.close();
    this.#held = undefined;
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #open(seed: number): Handle {
    const { clientId, scopes, createdOn, preflight, identityUrl, apiUrl, timeoutMs, store, limits, retry } = this.#options;
    const handle = new Handle(
      run(() =>
        core.open(
          clientId,
          scopes as string[] | undefined,
          createdOn,
          preflight,
          identityUrl,
          apiUrl,
          timeoutMs,
          store !== undefined,
          limits.inFlight,
          limits.minuteReserve,
          limits.dayReserve,
          limits.queue,
          // A request that ended without a word holds its place no longer than this.
          apart ? 2 * timeoutMs : Infinity,
          retry,
          seed,
        ),
      ),
    );
    abandoned?.register(this, handle, this);
    return handle;
  }

  /** Calls the core about this connection, with a fresh handle if its instance was replaced. */
  #core<T>(act: (number: number) => T): T {
    this.#assertOpen();
    if (!this.#seeded || this.#handle.instance !== currentInstance()) {
      this.#seeded = true;
      abandoned?.unregister(this);
      this.#handle.close();
      this.#held = undefined;
      this.#handle = this.#open(Math.floor(Math.random() * 2 ** 32));
      this.#gate?.restart();
    }
    return run(() => act(this.#handle.number));
  }

  #assertOpen(): void {
    if (this.#lifetime.ended) throw failure("closed", "the client was closed; make a new one");
  }

  /** The token at hand, if nothing but handing it out is to be done. */
  #warm(): Held | undefined {
    const generation = this.#core((number) => core.ready(number, Date.now()));
    return generation === this.#held?.generation ? this.#held : undefined;
  }

  /** A token, however long it takes until `deadline`: the loop of the lifecycle. What to do is the core's decision. */
  async #obtain(deadline: Deadline, signal?: AbortSignal | null): Promise<Held> {
    for (;;) {
      signal?.throwIfAborted();
      let found: Held | undefined;
      let waitMs = deadline.left();
      let pending: Promise<void> | undefined;
      let own: Promise<void> | undefined;
      for (const action of this.#core((number) => core.want(number, deadline.at(), Date.now())) as Action[]) {
        switch (action.do) {
          case "use":
            // A renewal may follow in the list: it goes on without this caller.
            found = this.#held;
            break;
          case "send":
            pending = own = this.#exchange = this.#ask(action.attempt, action.deadline);
            this.#outlive(own);
            break;
          case "load":
            own = this.#loading = this.#load();
            break;
          case "wait":
            waitMs = action.until - Date.now();
            pending = { loading: this.#loading, asking: this.#exchange, resting: undefined }[action.why];
            break;
          case "fail":
            throw new XeroError(action.error);
        }
      }
      if (found) return found;
      // Apart, what another request has begun is looked at again and again: it may have ended with that request.
      const patience = apart && !own ? Math.min(waitMs, LOOK_MS) : waitMs;
      await pause(apart ? own : pending, patience, this.#lifetime, signal);
    }
  }

  /** Has the platform wait for what may outlive the request that it began with; its refusal is nobody's. */
  #outlive(exchange: Promise<void>): void {
    try {
      this.#options.waitUntil?.(exchange);
    } catch {
      // Outside of a request there is nothing to outlive.
    }
  }

  /** Sends a token request, once more if the core wants that, and tells the core what came of it. Never rejects. */
  async #ask(attempt: number, deadline: number): Promise<void> {
    const { instance } = this.#handle;
    // An answer that comes after the client was closed, or after its core was replaced, is nobody's.
    const lives = () => !this.#lifetime.ended && instance === currentInstance();
    const tries = this.#secrets.tries();
    let secret: Secret | undefined;
    try {
      secret = (await tries.next()).value;
      while (secret) {
        this.#tell?.({ type: "token.asked", at: Date.now(), attempt, secret: secret.index });
        const answer = await this.#exchangeFor(attempt, deadline, secret.value);
        if (!lives()) return;
        let judged = this.#judge(attempt, answer, true);
        if (judged.again === "secret") {
          const other: Secret | undefined = (await tries.next()).value;
          if (!lives()) return;
          if (other) {
            secret = other;
            continue;
          }
          judged = this.#judge(attempt, answer, false);
        }
        if (judged.again) continue;
        if (judged.accessToken !== undefined) this.#secrets.worked(secret);
        this.#keep(judged.actions, judged.accessToken, secret);
        if (judged.refused) this.#tell?.({ type: "token.refused", at: Date.now(), code: judged.refused, secret: secret.index });
        return;
      }
    } catch (thrown) {
      // After a trap, whoever waits finds a fresh core and asks again.
      if (!lives() || !(thrown instanceof XeroError)) return;
      const { code, message } = thrown;
      this.#core((number) => core.unanswered(number, attempt, code, message, Date.now()));
      this.#tell?.({ type: "token.refused", at: Date.now(), code, secret: secret?.index ?? 0 });
    }
  }

  #judge(attempt: number, answer: TokenAnswer, moreSecrets: boolean): Judged {
    const { status, contentType, retryAfter, text, cut } = answer;
    return this.#core((number) =>
      core.answered(number, attempt, status, contentType, retryAfter, text, cut, moreSecrets, Date.now()),
    ) as Judged;
  }

  async #exchangeFor(attempt: number, deadline: number, secret: string): Promise<TokenAnswer> {
    const request = this.#core((number) => core.tokenRequest(number, attempt, secret)) as {
      url: string;
      authorization: string;
      accept: string;
      contentType: string;
      body: string;
    };
    const limit = limited(deadline - Date.now(), this.#lifetime, undefined);
    try {
      const response = await this.#fetch(request.url, {
        method: "POST",
        headers: {
          accept: request.accept,
          authorization: request.authorization,
          "content-type": request.contentType,
        },
        body: request.body,
        redirect: "manual",
        signal: limit.signal,
      });
      const { text, cut } = await readText(response, run(() => core.maxTokenAnswerBytes()));
      const [contentType, retryAfter] = [header(response, "content-type"), header(response, "retry-after")];
      return { status: response.status, contentType, retryAfter, text, cut };
    } catch (thrown) {
      throw unreachable(thrown, request.url, limit.signal);
    } finally {
      limit.done();
    }
  }

  /** Takes over the token that the core wants kept, and tells the store. */
  #keep(actions: Action[], accessToken?: string, secret?: Secret): void {
    const { store } = this.#options;
    for (const action of actions) {
      if (action.do === "keep" && accessToken !== undefined) {
        const { generation, obtainedAt, expiresAt } = action;
        const granted = this.#core((number) => core.granted(number));
        const token = shown(accessToken, expiresAt, granted);
        this.#held = { generation, obtainedAt, token };
        const { scopes } = token;
        const more = { ...(scopes && { scopes }), ...(secret && { secret: secret.index }) };
        this.#tell?.({ type: "token.renewed", at: Date.now(), expiresAt, ...more });
      } else if (action.do === "save" && store && this.#held) {
        const { obtainedAt, token } = this.#held;
        const { accessToken, expiresAt, scopes } = token;
        const stored: StoredToken = { accessToken, obtainedAt, expiresAt, ...(scopes && { scopes: scopes.join(" ") }) };
        void tell(() => store.save(this.#key, stored));
      } else if (action.do === "erase" && store) {
        void tell(() => store.erase(this.#key));
      }
    }
  }

  async #load(): Promise<void> {
    const { instance } = this.#handle;
    const stored = this.#options.store && (await load(this.#options.store, this.#key));
    if (this.#lifetime.ended || instance !== currentInstance()) return;
    const actions = this.#core((number) =>
      core.loaded(number, stored?.obtainedAt, stored?.expiresAt, stored?.scopes, Date.now()),
    ) as Action[];
    this.#keep(actions, stored?.accessToken);
  }

  async #send(call: Outgoing): Promise<Response> {
    call.number = ++this.#calls;
    if (!this.#tell) return this.#settle(call);
    try {
      return await this.#settle(call);
    } catch (thrown) {
      const code = thrown instanceof XeroError ? thrown.code : "aborted";
      this.#tell({ type: "call.failed", at: Date.now(), call: call.number, attempt: call.sends, code });
      throw thrown;
    }
  }

  /** Sends a call until what comes of it is its caller's: the loop of retries. Whether to go on is the core's decision. */
  async #settle(call: Outgoing): Promise<Response> {
    const { method, keyed, signal } = call;
    let deadline = new Deadline(this.#options.deadlineMs);
    let renewed = false;
    for (let again = 0; ; ) {
      const outcome = await this.#attempt(call, deadline);
      // As long as Xero is sure to know the key.
      if (keyed && again === 0) deadline = new Deadline(run(() => core.keyMs()), deadline);
      let status = 0;
      if (!(outcome instanceof XeroError)) {
        if (outcome.ok) return outcome;
        ({ status } = outcome);
        // Others are not to send a token that has ended, whether or not this call can be sent again.
        if (status === 401 && (await this.#renews(call, outcome, deadline)) && !renewed && call.resendable) {
          renewed = true;
          discard(outcome);
          continue;
        }
      }
      const asked = status ? header(outcome as Response, "retry-after") : "";
      const pauseMs = call.repeatable
        ? this.#core((number) =>
            core.pauseBeforeAgain(number, method, keyed, again, deadline.left(), status, asked, Date.now()),
          )
        : -1;
      if (pauseMs < 0) {
        if (outcome instanceof XeroError) throw outcome;
        return outcome;
      }
      again += 1;
      const why = outcome instanceof XeroError ? outcome.code : status;
      const at = Date.now();
      this.#tell?.({ type: "call.retried", at, call: call.number, attempt: call.sends, why, until: at + pauseMs });
      if (!(outcome instanceof XeroError)) discard(outcome);
      await pause(undefined, pauseMs, this.#lifetime, signal);
      signal?.throwIfAborted();
    }
  }

  /** Sends a call when Xero's limits have room for it, and again if it was refused for one. Lost, it gives the error. */
  async #attempt(call: Outgoing, deadline: Deadline): Promise<Response | XeroError> {
    const { signal } = call;
    const { timeoutMs } = this.#options;
    const gate = this.#gate;
    // Before a token is asked for: a call that cannot be sent needs none. And before a place is taken: without a token it
    // is of no use.
    let url = this.#plan(call);
    let held = this.#warm();
    if (!held) {
      held = await this.#obtain(new Deadline(timeoutMs, deadline), signal);
      url = this.#plan(call);
    }
    const entered = Date.now();
    const entering = gate?.enter(call, deadline) ?? 0;
    let ticket = typeof entering === "number" ? entering : await entering;
    if (entering !== ticket) held = undefined;
    this.#tell?.({ type: "call.admitted", at: Date.now(), call: call.number, waitedMs: Date.now() - entered });
    try {
      for (;;) {
        const ends = new Deadline(timeoutMs, deadline);
        if (!held) {
          // The token may have ended while the call waited.
          held = this.#warm() ?? (await this.#obtain(ends, signal));
          url = this.#plan(call);
        }
        const outcome = await this.#transmit(url, call, held, ends, deadline);
        if (!gate || outcome instanceof XeroError) return outcome;
        const again = gate.leave(ticket, call, outcome);
        const left: number = ticket;
        ticket = 0;
        if (!again) return outcome;
        discard(outcome);
        ticket = (await again) ? left : await gate.enter(call, deadline);
        held = undefined;
      }
    } finally {
      if (ticket) gate?.lose(ticket);
    }
  }

  /** Whether an answer with 401 says that the token has expired, and another one may do better. */
  async #renews(call: Outgoing, response: Response, deadline: Deadline): Promise<boolean> {
    let { text = "" } = call;
    if (!call.whole) {
      // If it breaks off or stalls, it does so for the caller as well.
      const read = readText(response.clone() as Response, MAX_ERROR_BYTES).then((read) => (text = read.text));
      await pause(read, new Deadline(this.#options.timeoutMs, deadline).left(), this.#lifetime, call.signal);
    }
    if (!run(() => core.saysExpired(response.status, text))) return false;
    const actions = this.#core((number) => core.rejected(number, call.generation, Date.now())) as Action[];
    this.#keep(actions);
    return !actions.some((action) => action.do === "fail");
  }

  /** The URL of a call that may be sent, as far as its method, path and body are concerned. */
  #plan({ method, target, init }: Outgoing): string {
    return this.#core((number) => {
      core.checkBody(method, init.body != null);
      return core.call(number, method, target);
    });
  }

  async #transmit(url: string, call: Outgoing, held: Held, ends: Deadline, deadline: Deadline): Promise<Response | XeroError> {
    const { method, number, signal, whole } = call;
    const sentAt = Date.now();
    const limit = limited(ends.left(), this.#lifetime, signal);
    const attempt = ++call.sends;
    call.generation = held.generation;
    if (this.#tell) {
      const operation = this.#core((number) => core.operation(number, method, call.target));
      this.#tell({ type: "call.sent", at: sentAt, call: number, attempt, method, ...(operation && { operation }) });
    }
    let response: Response | undefined;
    try {
      const own = { headers: call.headers(held.token.accessToken), signal: limit.signal };
      // Not by spreading: in Node 20, members added after a spread cost 4 µs, a fifth of the whole call.
      response = await this.#fetch(url, Object.assign({}, call.init, own));
      if (whole) {
        limit.allow(deadline.left());
        call.text = response.ok ? await response.text() : (await readText(response, MAX_ERROR_BYTES)).text;
      }
    } catch (thrown) {
      signal?.throwIfAborted();
      this.#assertOpen();
      return response ? brokenOff(thrown, limit.signal) : unreachable(thrown, url, limit.signal);
    } finally {
      limit.done();
    }
    if (!this.#tell) return response;
    const id = correlationId(response);
    this.#tell({
      type: "call.answered",
      at: Date.now(),
      call: number,
      attempt,
      status: response.status,
      tookMs: Date.now() - sentAt,
      ...(id !== undefined && { correlationId: id }),
    });
    tellLearnt(this.#tell, response);
    return response;
  }

  #fetch(url: string, init: RequestInit): Promise<Response> {
    const { fetch } = this.#options;
    return (fetch ?? globalThis.fetch)(url, init);
  }

  /** What the text of a call's answer says. */
  #parse<T>(call: Outgoing, response: Response): T {
    const { status } = response;
    const { method, target, text = "" } = call;
    const id = correlationId(response);
    const about = { status, ...(id !== undefined && { correlationId: id }) };
    if (!response.ok && status !== 304) {
      const challenge = header(response, "www-authenticate");
      const details = this.#core((number) =>
        core.apiError(number, method, target, status, challenge, limits(response), text, Date.now()),
      );
      // Whoever answers in Xero's place could say the token back.
      const token = this.#held?.token.accessToken ?? "";
      const messages = status === 400 && !text.includes(token) ? validation(text) : [];
      throw new XeroError({ ...details, ...about }, messages);
    }
    // Compressed and cut off, a body of some length can be no text at all.
    if (text === "" && !(Number(header(response, "content-length")) > 0)) return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch {
      const error = failure("malformed_answer", `Xero's answer is not JSON (status ${status}, it is ${kind(response)})`);
      throw new XeroError({ ...error.toJSON(), ...about });
    }
  }
}

/** A document, and no Node.js around it, as in tests with a simulated page. */
function isBrowserPage(): boolean {
  const { document, process } = globalThis as { document?: object; process?: { versions?: { node?: string } } };
  return document !== undefined && process?.versions?.node === undefined;
}

/** Tells what an answer says is left of Xero's limits. */
function tellLearnt(tell: (event: XeroEvent) => void, response: Response): void {
  const [minuteLeft, dayLeft, appMinuteLeft] = left(response);
  if (minuteLeft === undefined && dayLeft === undefined && appMinuteLeft === undefined) return;
  tell({
    type: "limit.learnt",
    at: Date.now(),
    ...(minuteLeft !== undefined && { minuteLeft }),
    ...(dayLeft !== undefined && { dayLeft }),
    ...(appMinuteLeft !== undefined && { appMinuteLeft }),
  });
}

/** Gives up an answer that is nobody's. */
function discard(response: Response): void {
  void response.body?.cancel().catch(() => {});
}

/** A token as callers get it: the secret part is there to be used and not to be seen. */
function shown(accessToken: string, expiresAt: number, granted: string | undefined): AccessToken {
  const scopes = granted === undefined ? {} : { scopes: Object.freeze(granted ? granted.split(" ") : []) };
  const token = Object.defineProperty({}, "accessToken", { value: accessToken }) as { accessToken: string };
  return Object.freeze(Object.assign(token, { expiresAt }, scopes));
}
