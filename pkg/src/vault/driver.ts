/** The driver of the vault's machine: reports events, performs actions, keeps the timer. It decides nothing. */

import { Lifetime } from "../client/lifetime.js";
import { MOST_CHARACTERS } from "../shared/codes.js";
import * as crossing from "../shared/crossing.js";
import { XeroError, closed, failure } from "../shared/errors.js";
import { type VaultAction, type VaultCoreEvent, type VaultCoreOptions, putEvent, putOptions, takeActions } from "./actions.js";
import { ask, currentInstance, isolated, nothing } from "./core.js";
import { exchange } from "./exchange.js";
import type { Sealer } from "./seal.js";
import type { Found, SharedStore } from "./store.js";

/** The milliseconds after which an isolated request looks again whether another has left something for it. */
const POLL_MS = 25;

/** The longest time that a timer of the host can be set to. */
const MAX_TIMER_MS = 2_147_483_647;

/** The question of a caller. */
export type VaultAsk = Extract<VaultCoreEvent, { on: "want" | "look" }>;

/** The answer to a caller. */
export type CallerAnswer = Extract<VaultAction, { do: "use" | "wait" | "fail" | "show" }>;

/** What a driver needs. */
export interface DriverOptions {
  readonly core: Omit<VaultCoreOptions, "owner" | "random" | "seed">;
  readonly store: SharedStore;
  readonly documentKey: () => Promise<string>;
  readonly sealer: Sealer;
  readonly seed: string | undefined;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly waitUntil: ((promise: Promise<unknown>) => void) | undefined;
  readonly tell: (notice: Extract<VaultAction, { do: "tell" }>) => void;
}

/** A login that waits to be saved. */
interface Login {
  resolve: (generation: number) => void;
  reject: (error: unknown) => void;
}

/** The vault of this process in the core, and everything that is under way with it. */
export class Driver {
  readonly #options: DriverOptions;
  #number = 0;
  #instance = 0;
  #origin: number | undefined;
  #key: Promise<string> | undefined;
  readonly #waiting = new Set<() => void>();
  /** Counts the events, so that an isolated request sees that there was one. */
  #events = 0;
  #login: Login | undefined;
  #wakeAt: number | undefined;
  #isBusy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #end = new Lifetime();

  constructor(options: DriverOptions) {
    this.#options = options;
  }

  /** The time in milliseconds by a clock that is never set. */
  now(): number {
    this.#origin ??= Date.now() - performance.now();
    return Math.floor(this.#origin + performance.now());
  }

  /**
   * The number of the vault in the core: of a new one, if the instance was replaced.
   *
   * @throws `XeroError` `closed`.
   */
  number(): number {
    if (this.#end.ended) throw closed();
    if (this.#number === 0 || this.#instance !== currentInstance()) {
      const [owner = 0, random = 0] = crypto.getRandomValues(new Uint32Array(2));
      const { core, seed } = this.#options;
      const options = { ...core, owner, random, seed: seed !== undefined };
      this.#number = ask(
        (wasm, length) => wasm.openVault(length),
        crossing.takeNumber,
        () => putOptions(options),
      );
      this.#instance = currentInstance();
    }
    return this.#number;
  }

  /** The final answer to a caller. Rejects with the reason of the signal if that aborts. */
  async ask(question: VaultAsk, signal?: AbortSignal): Promise<Exclude<CallerAnswer, { do: "wait" | "fail" }>> {
    for (let again = false; ; again = true) {
      signal?.throwIfAborted();
      const answer = this.#report(question.on === "want" ? { ...question, again } : question);
      if (!answer) throw failure("trapped", "the vault gave no answer; please report this");
      if (answer.do === "fail") throw new XeroError(answer.error);
      if (answer.do !== "wait") return answer;
      await this.#wait(answer.until, signal);
    }
  }

  /** Saves a login. Resolves to its generation. */
  async login(grant: string, replace: boolean): Promise<number> {
    if (this.#login) throw failure("invalid_option", "another login is being saved; wait for it first");
    return new Promise((resolve, reject) => {
      this.#login = { resolve, reject };
      try {
        this.#report({ on: "login", grant, replace });
      } catch (thrown) {
        this.#login = undefined;
        reject(thrown);
      }
    });
  }

  /** Waits until nothing is under way and every grant is saved, and ends the vault. */
  async close(): Promise<void> {
    if (this.#end.ended) return;
    while (this.#isBusy && this.#instance === currentInstance()) await this.#wait(this.now() + 1_000, undefined);
    if (this.#end.ended) return;
    clearTimeout(this.#timer);
    if (this.#number > 0 && this.#instance === currentInstance()) ask((wasm) => wasm.closeVault(this.#number), nothing);
    this.#end.end();
    this.#wakeAll();
  }

  /** Reports an event and begins the actions. Returns the one for the caller. */
  #report(event: VaultCoreEvent): CallerAnswer | undefined {
    const number = this.number();
    const actions = ask(
      (wasm, length) => wasm.handleVault(number, length, Date.now(), this.now()),
      takeActions,
      () => putEvent(event),
    );
    let answer: CallerAnswer | undefined;
    for (const action of actions) {
      switch (action.do) {
        case "use":
        case "wait":
        case "fail":
        case "show":
          answer = action;
          break;
        case "tell":
          this.#options.tell(action);
          break;
        case "wake":
          this.#wake(action.at, action.busy);
          break;
        case "loggedIn":
          this.#loggedIn(action);
          break;
        default:
          this.#begin(action);
      }
    }
    if (event.on !== "want" && event.on !== "look") this.#wakeAll();
    return answer;
  }

  #loggedIn({ generation, error }: Extract<VaultAction, { do: "loggedIn" }>): void {
    const login = this.#login;
    this.#login = undefined;
    if (generation !== undefined) login?.resolve(generation);
    else if (error) login?.reject(new XeroError(error));
  }

  /** Begins an action whose result is reported later. */
  #begin(action: Extract<VaultAction, { ticket: number }>): void {
    const instance = this.#instance;
    const performed = this.#perform(action).then((event) => {
      // Another core asks for everything anew.
      if (instance !== currentInstance() || this.#end.ended) return;
      try {
        this.#report(event);
      } catch {
        // It trapped: the next caller finds another core.
        this.#wakeAll();
      }
    });
    try {
      this.#options.waitUntil?.(performed);
    } catch {
      // Outside of a request there is nothing to keep alive.
    }
  }

  /** Performs an action. Never rejects. */
  async #perform(action: Extract<VaultAction, { ticket: number }>): Promise<VaultCoreEvent> {
    const { ticket } = action;
    const { sealer, seed } = this.#options;
    try {
      switch (action.do) {
        case "swap":
          return await this.#swap(action);
        case "open":
          return { on: "opened", ticket, text: await sealer.open(action.text, action.bound) };
        case "openSeed":
          return { on: "seedOpened", ticket, text: await sealer.open(seed ?? "", action.bound) };
        case "seal":
          return { on: "sealed", ticket, text: await sealer.seal(action.text, action.bound) };
        case "exchange":
          return await this.#exchange(action);
        case "unable":
          return { on: "away", ticket };
      }
    } catch (thrown) {
      // The words of the project's own adapters; those of another store may hold anything.
      return { on: "away", ticket, ...(thrown instanceof XeroError && { message: thrown.message }) };
    }
  }

  async #swap({ ticket, deadline, version, at, slackMs, document }: Extract<VaultAction, { do: "swap" }>): Promise<VaultCoreEvent> {
    const { store } = this.#options;
    const key = await (this.#key ??= this.#options.documentKey());
    const turn = { key, version, at, slackMs, ttlMs: 0, ...(document !== undefined && { document }) };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), Math.max(0, deadline - this.now()));
    });
    try {
      // The store is the caller's, and may do anything.
      const found = read(await Promise.race([Promise.resolve().then(() => store.swap(turn)), late]));
      return found ? { on: "found", ticket, ...found } : { on: "away", ticket };
    } finally {
      clearTimeout(timer);
    }
  }

  async #exchange(action: Extract<VaultAction, { do: "exchange" }>): Promise<VaultCoreEvent> {
    const { ticket, deadline } = action;
    const { fetch } = this.#options;
    const instance = this.#instance;
    const { answer, late } = exchange(fetch, action, deadline - this.now(), this.#end);
    void late.then((found) => {
      // It may have a token: the core puts that beside what is there.
      if (found && instance === currentInstance() && !this.#end.ended) {
        try {
          this.#report({ on: "answered", ticket, ...found });
        } catch {
          // It trapped: the next caller finds another core.
        }
      }
    });
    const found = await answer;
    return "status" in found ? { on: "answered", ticket, ...found } : { on: "lost", ticket, ...found };
  }

  #wake(at: number | undefined, busy: boolean): void {
    this.#wakeAt = at;
    this.#isBusy = busy;
    clearTimeout(this.#timer);
    if (at === undefined || isolated) return;
    const tick = (): void => {
      if (!this.#end.ended) this.#report({ on: "tick" });
    };
    this.#timer = setTimeout(tick, Math.min(Math.max(0, at - this.now()), MAX_TIMER_MS));
    // Only a grant that is not saved keeps a process alive.
    if (!busy) (this.#timer as { unref?: () => void }).unref?.();
  }

  #wakeAll(): void {
    this.#events += 1;
    for (const wake of this.#waiting) wake();
  }

  /** Waits for an event, at most until an instant. */
  #wait(until: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#events;
      const done = (): void => {
        clearTimeout(timer);
        clearInterval(poll);
        this.#waiting.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(0, until - this.now()), MAX_TIMER_MS));
      // Where requests are isolated, none may settle a promise of another, and none has timers of another.
      const poll = isolated
        ? setInterval(() => {
            if (this.#wakeAt !== undefined && this.#wakeAt <= this.now()) this.#report({ on: "tick" });
            if (this.#events !== before) done();
          }, POLL_MS)
        : undefined;
      if (!isolated) this.#waiting.add(done);
      signal?.addEventListener("abort", done, { once: true });
    });
  }
}

/** Reads the answer of a store; `undefined` if it is none. */
function read(found: Found | undefined): Found | undefined {
  if (typeof found !== "object" || found === null) return undefined;
  const { swapped, version, document, at } = found;
  const fits =
    typeof swapped === "boolean" &&
    Number.isSafeInteger(version) &&
    version >= 0 &&
    typeof at === "number" &&
    (document === undefined || typeof document === "string");
  if (!fits) return undefined;
  // A text that is too long is foreign; its beginning is enough to see that.
  const text = document === undefined || version === 0 ? undefined : document.slice(0, MOST_CHARACTERS + 1);
  return { swapped, version, at, ...(text !== undefined && { document: text }) };
}
