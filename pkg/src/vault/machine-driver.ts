/** The driver of a machine behind `shared.wasm`: reports events, performs actions, keeps the timer. It decides nothing. */

import { Lifetime } from "../client/lifetime.js";
import { MOST_CHARACTERS } from "../shared/codes.js";
import { XeroError, type XeroErrorDetails, closed, failure } from "../shared/errors.js";
import { kindOf } from "../shared/system-code.js";
import { currentInstance, isolated } from "./core.js";
import type { Found, SharedStore, Turn } from "./store.js";

/** The milliseconds after which an isolated request looks again whether another has left something for it. */
const POLL_MS = 25;

/** The longest time that a timer of the host can be set to. */
const MAX_TIMER_MS = 2_147_483_647;

/** The answers to callers that all machines have: come again, or an error. */
type NoAnswer = { do: "wait"; until: number; why?: XeroErrorDetails } | { do: "fail"; error: XeroErrorDetails };

/** The actions that all machines have. */
type Common = NoAnswer | { do: "wake"; at?: number | undefined; busy: boolean };

/** A machine of the core. */
export interface Machine<Event, Action> {
  /** Makes one, with two random numbers of the process. Returns its number. */
  open(owner: number, random: number): number;
  /** Reports an event. Returns the actions. */
  handle(machine: number, event: Event, clock: number, measured: number): Action[];
  close(machine: number): void;
}

/** An answer of a store that cannot be used, or none. */
class NoSwap {
  constructor(readonly fault: string) {}
}

/** The action of a swap. */
export interface SwapAction {
  ticket: number;
  deadline: number;
  version: number;
  at: number;
  slackMs: number;
  document?: string | undefined;
}

/** A machine of this process, and everything that is under way with it. `Answer` is what callers get, besides an error. */
export abstract class MachineDriver<Event extends { on: string }, Action extends { do: string }, Answer extends Action> {
  protected readonly end = new Lifetime();
  readonly #machine: Machine<Event, Action | Common>;
  readonly #answers: readonly Answer["do"][];
  readonly #waitUntil: ((promise: Promise<unknown>) => void) | undefined;
  #number = 0;
  #instance = 0;
  #origin: number | undefined;
  readonly #waiting = new Set<() => void>();
  /** Counts the events, so that an isolated request sees that there was one. */
  #events = 0;
  #wakeAt: number | undefined;
  #isBusy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  protected constructor(
    machine: Machine<Event, Action | Common>,
    answers: readonly Answer["do"][],
    waitUntil: ((promise: Promise<unknown>) => void) | undefined,
  ) {
    this.#machine = machine;
    this.#answers = answers;
    this.#waitUntil = waitUntil;
  }

  /** Performs an action that has no result. */
  protected abstract note(action: Action): void;

  /** Performs an action whose result is an event. May reject: the event is then that of {@link failed}. */
  protected abstract perform(action: Action & { ticket: number }): Promise<Event>;

  /** The event for an action that failed, with the reason; `lasting` if a person has to mend it. */
  protected abstract failed(ticket: number, message: string, lasting: boolean): Event;

  /** The event that the time for the timer has come. */
  protected abstract readonly tick: Event;

  /** The time in milliseconds by a clock that is never set. */
  now(): number {
    this.#origin ??= Date.now() - performance.now();
    return Math.floor(this.#origin + performance.now());
  }

  /**
   * The number of the machine in the core: of a new one, if the instance was replaced.
   *
   * @throws `XeroError` `closed`.
   */
  number(): number {
    if (this.end.ended) throw closed();
    if (this.#number === 0 || this.isReplaced) {
      const [owner = 0, random = 0] = crypto.getRandomValues(new Uint32Array(2));
      this.#number = this.#machine.open(owner, random);
      this.#instance = currentInstance();
    }
    return this.#number;
  }

  /** True if the instance was replaced: another core asks for everything anew. */
  protected get isReplaced(): boolean {
    return this.#instance !== currentInstance();
  }

  /**
   * The final answer to a caller. Rejects with the reason of the signal if that aborts. `waits` takes the error that it would get if
   * its time ended, whenever it waits.
   */
  protected async answer(question: (again: boolean) => Event, signal?: AbortSignal, waits?: (why: XeroErrorDetails) => void): Promise<Answer> {
    for (let again = false; ; again = true) {
      signal?.throwIfAborted();
      const answer = this.report(question(again));
      if (!answer) throw failure("trapped", "the core gave no answer; please report this");
      if (isCommon(answer, "fail")) throw new XeroError(answer.error);
      if (!isCommon(answer, "wait")) return answer;
      if (answer.why) waits?.(answer.why);
      await this.#wait(answer.until, signal);
    }
  }

  /** Waits until nothing is under way, if the machine is `busy`, and ends it. */
  protected async finish(): Promise<void> {
    if (this.end.ended) return;
    while (this.#isBusy && !this.isReplaced) await this.#wait(this.now() + 1_000, undefined);
    if (this.end.ended) return;
    clearTimeout(this.#timer);
    if (this.#number > 0 && !this.isReplaced) this.#machine.close(this.#number);
    this.end.end();
    this.#wakeAll();
  }

  /** Reports an event and begins the actions. Returns the one for the caller. */
  protected report(event: Event): Answer | NoAnswer | undefined {
    const actions = this.#machine.handle(this.number(), event, Date.now(), this.now());
    let answer: Answer | NoAnswer | undefined;
    for (const action of actions) {
      if (isCommon(action, "wake")) this.#wake(action.at, action.busy);
      else if (isCommon(action, "wait") || isCommon(action, "fail")) answer = action;
      else if (this.#isAnswer(action)) answer = action;
      else if ("ticket" in action) this.#begin(action as Action & { ticket: number });
      else this.note(action as Action);
    }
    if (!answer) this.#wakeAll();
    return answer;
  }

  #isAnswer(action: Action | Common): action is Answer {
    return this.#answers.includes(action.do as Answer["do"]);
  }

  /** Begins an action whose result is reported later. */
  #begin(action: Action & { ticket: number }): void {
    const instance = this.#instance;
    const performed = this.#performed(action).then((event) => {
      // Another core asks for everything anew.
      if (instance === currentInstance()) this.reportLate(event);
    });
    try {
      this.#waitUntil?.(performed);
    } catch {
      // Outside of a request there is nothing to keep alive.
    }
  }

  async #performed(action: Action & { ticket: number }): Promise<Event> {
    try {
      return await this.perform(action);
    } catch (thrown) {
      return this.failed(action.ticket, reasonOf(thrown), thrown instanceof XeroError && !thrown.retryable);
    }
  }

  /** Reports the result of an action, unless the machine has ended. */
  protected reportLate(event: Event): void {
    if (this.end.ended) return;
    try {
      this.report(event);
    } catch {
      // It trapped: the next caller finds another core.
      this.#wakeAll();
    }
  }

  /** Swaps a document. Rejects if the store gave no answer in time, or one that makes no sense. */
  protected async swap(store: SharedStore, key: string, ttlMs: number, action: SwapAction): Promise<Found> {
    const { version, at, slackMs, document, deadline } = action;
    const turn: Turn = { key, version, at, slackMs, ttlMs, ...(document !== undefined && { document }) };
    return swapped(store, turn, deadline - this.now());
  }

  #wake(at: number | undefined, busy: boolean): void {
    this.#wakeAt = at;
    this.#isBusy = busy;
    clearTimeout(this.#timer);
    if (at === undefined || isolated) return;
    const tick = (): void => {
      this.reportLate(this.tick);
    };
    this.#timer = setTimeout(tick, Math.min(Math.max(0, at - this.now()), MAX_TIMER_MS));
    // Only what is under way keeps a process alive.
    if (!busy) (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Reports that the time for the timer has come, where requests are isolated and none has timers of another. */
  look(): void {
    if (isolated && this.#wakeAt !== undefined && this.#wakeAt <= this.now()) this.reportLate(this.tick);
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
            this.look();
            if (this.#events !== before) done();
          }, POLL_MS)
        : undefined;
      if (!isolated) this.#waiting.add(done);
      signal?.addEventListener("abort", done, { once: true });
    });
  }
}

const isCommon = <Name extends Common["do"]>(action: { do: string }, name: Name): action is Extract<Common, { do: Name }> =>
  action.do === name;

/** Performs a swap. Rejects if the store gives no answer within these milliseconds, or one that makes no sense. */
export async function swapped(store: SharedStore, turn: Turn, ms: number): Promise<Found> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new NoSwap("did not answer in time")), Math.max(0, ms))));
  try {
    // The store is the caller's, and may do anything.
    const found = read(await Promise.race([Promise.resolve().then(() => store.swap(turn)), late]));
    if (!found) throw new NoSwap("gave an answer that makes no sense");
    return found;
  } finally {
    clearTimeout(timer);
  }
}

/** The reason for an error of a store, in words: of an error that may hold anything, its code or kind alone. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof XeroError) return thrown.message;
  return thrown instanceof NoSwap ? `the store ${thrown.fault}` : `the store failed (${kindOf(thrown) || "an error without a code"})`;
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
