/** The token of a client, and the requests for it. The core decides which are made. */

import type { AccessToken } from "./access-token.js";
import { tokenRequest } from "./core.js";
import type { Caller, Driver, Reporter, TokenAction } from "./driver.js";
import { Limit, ignore } from "./ending.js";
import { XeroError, type XeroErrorCode, failure } from "../shared/errors.js";
import type { XeroEvent } from "./events.js";
import type { Guard } from "../shared/guard.js";
import type { Lifetime } from "./lifetime.js";
import type { Settled } from "./options.js";
import { NO_RESPONSE, readText, receive } from "./received.js";
import { type Secret, Secrets } from "./secrets.js";
import { FleetTokens } from "./fleet.js";
import type { SourceToken, Waits } from "./source.js";
import { StoreWrites, type StoredToken, type TokenStore, load } from "./store.js";
import { unanswered } from "./unanswered.js";

/** @internal The tokens of one client. */
export class Tokens {
  /** The token at hand. */
  held: AccessToken | undefined;
  readonly #options: Settled;
  readonly #lifetime: Lifetime;
  readonly #guard: Guard;
  readonly #tell: ((event: XeroEvent) => void) | undefined;
  readonly #secrets: Secrets;
  /** The name of the connection and its scopes in a store. */
  readonly #key: string;
  readonly #writes = new StoreWrites();
  /** The part in a fleet. */
  readonly fleet: FleetTokens | undefined;

  constructor(options: Settled, lifetime: Lifetime, guard: Guard, tell: ((event: XeroEvent) => void) | undefined) {
    this.#options = options;
    this.#lifetime = lifetime;
    this.#guard = guard;
    this.#tell = tell;
    this.#secrets = new Secrets(options.clientSecret, lifetime);
    const { identityUrl, clientId, scopes, fleet } = options;
    this.fleet = fleet && new FleetTokens(options, fleet, lifetime, tell);
    this.#key = [identityUrl, clientId, scopes ? [...new Set(scopes)].sort().join(" ") : "configured"].join("|");
  }

  /** Performs an action of the core. */
  perform(action: TokenAction, by: Reporter, driver: Driver): void {
    const { store, source, timeoutMs, waitUntil } = this.#options;
    switch (action.do) {
      case "ask": {
        const { attempt, urgent } = action;
        const fleet = this.fleet;
        const take = source ?? (fleet?.sharesToken && ((held, waits) => fleet.take(held?.accessToken, urgent, waits)));
        const asking = take ? this.#take(take, attempt, by.caller, driver) : this.#exchange(attempt, by.caller, driver);
        // Outside of a request there is nothing to keep alive, and it may throw.
        if (waitUntil) ignore(Promise.resolve().then(() => waitUntil(asking)));
        break;
      }
      case "askAgain":
        by.again = action.nextSecret ? "secret" : "same";
        break;
      case "keep":
        this.#keep(action, by.secret);
        break;
      case "save":
        if (store) void this.#save(store, action);
        break;
      case "erase":
        if (store) void this.#writes.add(() => store.erase(this.#key), timeoutMs, this.#lifetime);
        break;
      case "load":
        void this.#load(by.caller, driver);
        break;
      case "refused":
        this.fleet?.denied(action.code);
        this.#tell?.({ type: "token.refused", at: Date.now(), code: action.code, secret: by.secret ?? 0 });
    }
  }

  #keep(action: Extract<TokenAction, { do: "keep" }>, secret: number | undefined): void {
    if (secret !== undefined) this.#secrets.worked(secret);
    const token = (this.held = this.#hidden(action));
    const { expiresAt, scopes, scopesWithheld } = token;
    if (secret !== undefined) {
      const { accessToken, obtainedAt, scopes: granted } = action;
      this.fleet?.granted({ accessToken, obtainedAt, expiresAt, scopes: granted });
    }
    const more = {
      ...(scopes && { scopes }),
      ...(scopesWithheld && { scopesWithheld }),
      ...(secret !== undefined && { secret }),
    };
    this.#tell?.({ type: "token.renewed", at: Date.now(), expiresAt, ...more });
  }

  #save(store: TokenStore, action: Extract<TokenAction, { do: "save" }>): Promise<void> {
    const { accessToken, expiresAt, scopes } = this.#hidden(action);
    const { obtainedAt } = action;
    const stored: StoredToken = { accessToken, obtainedAt, expiresAt, ...(scopes && { scopes: scopes.join(" ") }) };
    return this.#writes.add(() => store.save(this.#key, stored), this.#options.timeoutMs, this.#lifetime);
  }

  /** A token as callers get it: the secret part is there to be used and not to be seen. */
  #hidden({ accessToken, expiresAt, scopes: granted, unknownScopes = 0 }: Extract<TokenAction, { do: "keep" | "save" }>): AccessToken {
    const guard = this.#guard;
    guard.add(accessToken);
    const names = granted ? granted.split(" ") : [];
    const clean = names.filter((name, at) => at < names.length - unknownScopes || guard.passes(name));
    const withheld = names.length - clean.length;
    const scopes =
      granted === undefined ? {} : { scopes: Object.freeze(clean), ...(withheld && { scopesWithheld: withheld }) };
    const token = Object.defineProperty({}, "accessToken", { value: accessToken }) as { accessToken: string };
    return Object.freeze(Object.assign(token, { expiresAt }, scopes));
  }

  /** Sends the token requests of an attempt and reports the answers. Never rejects. */
  async #exchange(attempt: number, caller: Caller | undefined, driver: Driver): Promise<void> {
    const lives = driver.life();
    const tries = this.#secrets.tries(waiting(attempt, caller, driver));
    let secret: Secret | undefined;
    try {
      secret = (await tries.next()).value;
      while (secret && lives()) {
        this.#tell?.({ type: "token.asked", at: Date.now(), attempt, secret: secret.index });
        const answer = await this.#answer(attempt, secret.value, driver);
        if (!lives()) break;
        const by: Reporter = { caller, secret: secret.index };
        driver.report({ on: "token", attempt, ...answer, moreSecrets: true }, by);
        if (by.again === "secret") {
          const other: Secret | undefined = (await tries.next()).value;
          if (!lives()) break;
          if (other) {
            secret = other;
            continue;
          }
          by.again = undefined;
          driver.report({ on: "token", attempt, ...answer, moreSecrets: false }, by);
        }
        if (!by.again) return;
      }
    } catch (thrown) {
      if (lives()) {
        const code = this.#without(thrown, attempt, secret?.index ?? 0, caller, driver, false);
        this.fleet?.denied(code);
      }
    }
    driver.look(caller);
  }

  /** Takes a token from a source, another than the one at hand, and reports it; or asks for one, if there is none. Never rejects. */
  async #take(source: (held: AccessToken | undefined, waits: Waits) => Promise<SourceToken | "ask" | "spare">, attempt: number, caller: Caller | undefined, driver: Driver): Promise<void> {
    const lives = driver.life();
    try {
      // It may do anything, such as close the client: not before the actions of the core are performed.
      await undefined;
      const token = await source(this.held, waiting(attempt, caller, driver));
      if (token === "ask") return void (await this.#exchange(attempt, caller, driver));
      if (lives()) driver.report({ on: "loaded", attempt, ...(token !== "spare" && token) }, { caller });
    } catch (thrown) {
      if (lives()) this.#without(thrown, attempt, 0, caller, driver, true);
    }
    driver.look(caller);
  }

  /** Reports an attempt that brought no token: `taken` was to be taken from a source. Returns the reason. */
  #without(
    thrown: unknown,
    attempt: number,
    secret: number,
    caller: Caller | undefined,
    driver: Driver,
    taken: boolean,
  ): XeroErrorCode {
    const { code, message, retryable } = thrown instanceof XeroError ? thrown : failure("offline", "the token request failed");
    this.#tell?.({ type: "token.refused", at: Date.now(), code, secret });
    driver.report({ on: "noToken", attempt, code, message, lasting: taken && !retryable }, { caller });
    return code;
  }

  /** The answer to a token request, as the core has to know it. */
  async #answer(attempt: number, secret: string, driver: Driver) {
    const now = Date.now();
    const request = tokenRequest(driver.connection(), attempt, secret, now);
    const limit = new Limit(request.deadline - now, this.#lifetime, undefined).inBackground();
    const init = {
      method: "POST",
      headers: {
        accept: request.accept,
        authorization: request.authorization,
        "content-type": request.contentType,
      },
      body: request.body,
      redirect: "manual",
      signal: limit.signal,
    } as const;
    this.#guard.add(secret);
    try {
      const answer = await receive(this.#options.fetch, request.url, init, limit);
      if (answer) {
        const { text, cut } = await limit.within(readText(answer, request.maxBytes));
        const { status, header } = answer;
        return { status, contentType: header("content-type"), retryAfter: header("retry-after"), body: text, cut };
      }
    } catch (thrown) {
      throw unanswered(thrown, request.url, init, limit, 1).error;
    } finally {
      limit.done();
    }
    throw failure("malformed_token", NO_RESPONSE);
  }

  /** Asks the store for a token. */
  async #load(caller: Caller | undefined, driver: Driver): Promise<void> {
    const { store } = this.#options;
    const lives = driver.life();
    const stored = store && (await load(store, this.#key));
    if (lives()) driver.report({ on: "loaded", ...stored }, { caller });
  }
}

/** Reports what an attempt waits for, as long as it counts. */
function waiting(attempt: number, caller: Caller | undefined, driver: Driver): Waits {
  const lives = driver.life();
  return ({ code, message }) => {
    if (lives()) driver.report({ on: "waits", attempt, code, message }, { caller });
  };
}
