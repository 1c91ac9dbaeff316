/**
 * The driver of the core: reports events, hands the actions out, keeps the timer. It decides nothing; `src/call/mod.rs` has
 * the contract between the two.
 */

import type { AccessToken } from "./access-token.js";
import type { CallAction, CallEvent, CoreOptions } from "./actions.js";
import * as core from "./core.js";
import { POLL_MS, currentInstance, isolated } from "./core.js";
import { after, onAbort } from "./ending.js";
import { XeroError, closed } from "../shared/errors.js";
import type { Lifetime } from "./lifetime.js";
import type { Outgoing } from "./request.js";
import type { FleetTraffic } from "./source.js";

/** An event that begins a caller. */
type Beginning = Extract<CallEvent, { on: "begin" | "want" }>;

/** An action for a caller that its own code performs. */
export type CallerAction = Extract<CallAction, { do: "send" | "resume" | "read" | "discard" | "give" | "fail" | "use" }>;

/** An action for a listener, about a call or about all. */
export type Notice = Extract<CallAction, { do: "queued" | "admitted" | "retry" | "paused" }>;

/** An action about the token. */
export type TokenAction = Extract<CallAction, { do: "ask" | "askAgain" | "keep" | "save" | "erase" | "load" | "refused" }>;

/** The code that reports an event, and what it learns from the actions beside. */
export interface Reporter {
  caller?: Caller | undefined;
  /** The secret that a token request was made with, by its number. */
  secret?: number;
  /** The token request is to be sent once more, with another secret or the same. */
  again?: "secret" | "same" | undefined;
}

/** A caller: of a call, or of a token alone. Its actions wait in it until its own code takes them. */
export class Caller {
  actions: CallerAction[] = [];
  /** The token of the last `send` or `use`. */
  held: AccessToken | undefined = undefined;
  /** The core counts it no more. */
  over = false;
  /** The core in which it was begun. */
  epoch = 0;
  /** The answer that was reported, while it is not given or discarded. */
  answered: CallEvent | undefined = undefined;
  /** Ends the wait for actions. */
  wake: (() => void) | undefined = undefined;
  /** The reporter of its own events. */
  readonly reporter: Reporter = { caller: this };

  constructor(
    readonly beginning: Beginning,
    readonly call: Outgoing | undefined,
  ) {}

  /** Its number in the core. */
  get number(): number {
    return this.beginning.call;
  }

  /** True if some of its request may have left this machine. */
  get isSent(): boolean {
    return this.beginning.on === "begin" && this.beginning.firstSent !== undefined;
  }

  /** Notes for another core that it is sent now. */
  sent(now: number): void {
    if (!this.isSent && this.beginning.on === "begin") {
      this.beginning.firstSent = now;
      this.beginning.firstSentClock = Date.now();
    }
    this.isInFlight(true);
  }

  /** Notes for another core whether it is under way. */
  isInFlight(inFlight: boolean): void {
    if (this.beginning.on === "begin") this.beginning.inFlight = inFlight;
  }
}

/** The performer of the actions that are for no caller. */
export interface Host {
  /** The token at hand, if there is one. */
  readonly tokens: { held: AccessToken | undefined };
  perform(action: TokenAction, by: Reporter): void;
  /** Reports the calls to a fleet. */
  calls(event: FleetTraffic): void;
  /** Has a fleet look whether something is due. */
  look(): void;
  tell(notice: Notice, call: Outgoing | undefined): void;
}

/** A connection of the core, which is gone if its instance was replaced. */
class Handle {
  readonly instance = currentInstance();
  constructor(readonly number: number) {}

  get isGone(): boolean {
    return this.instance !== currentInstance();
  }

  /** Ends it, and returns what the core wants done for those who still call. */
  close(now: number): readonly CallAction[] {
    if (this.isGone) return [];
    try {
      return core.close(this.number, Date.now(), now);
    } catch {
      // It trapped, and is gone with its instance.
      return [];
    }
  }
}

/** A connection of the core whose client is not used any more is closed, where the platform can tell. */
const abandoned =
  typeof FinalizationRegistry === "undefined" ? undefined : new FinalizationRegistry<Handle>((handle) => handle.close(0));

/** One connection of the core, and everything that is under way with it. */
export class Driver {
  readonly #options: Omit<CoreOptions, "seed" | "clock">;
  readonly #lifetime: Lifetime;
  readonly #host: Host;
  readonly #callers = new Map<number, Caller>();
  #handle: Handle;
  /** Counts the connections of the core: the first has no random seed, for isolates forbid to draw one before a call. */
  #epoch = 0;
  #closed = false;
  #number = 0;
  #origin: number | undefined;
  /** The wake time of the core, and the timer for it, unless requests are isolated: then every caller looks. */
  #wakeAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The instants between which the token at hand may be handed out, from the core. */
  #atHand: Extract<CallAction, { do: "atHand" }> | undefined;

  constructor(options: Omit<CoreOptions, "seed" | "clock">, lifetime: Lifetime, host: Host) {
    this.#options = options;
    this.#lifetime = lifetime;
    this.#host = host;
    this.#handle = this.#open(0);
  }

  #open(seed: number): Handle {
    // Only a day of creation is compared with the clock, which isolates do not have before their first request.
    const clock = this.#options.createdOn === undefined ? 0 : Date.now();
    const handle = new Handle(core.open({ ...this.#options, seed, clock }));
    abandoned?.register(this, handle, this);
    return handle;
  }

  /** The time in milliseconds by a clock that is never set. */
  now(): number {
    this.#origin ??= Date.now() - performance.now();
    return Math.floor(this.#origin + performance.now());
  }

  /**
   * The number of the connection in the core: of a new one, if the instance was replaced.
   *
   * @throws `XeroError` `closed`.
   */
  connection(): number {
    if (this.#closed) throw closed();
    if (this.#epoch === 0 || this.#handle.isGone) {
      this.#epoch += 1;
      abandoned?.unregister(this);
      this.#handle.close(0);
      this.#wake(undefined);
      this.#atHand = undefined;
      this.#host.tokens.held = undefined;
      try {
        this.#handle = this.#open(Math.floor(Math.random() * 2 ** 32));
      } catch (thrown) {
        for (const caller of this.#callers.values()) this.#fail(caller, thrown);
        throw thrown;
      }
      // Isolated callers see to it themselves.
      if (!isolated) for (const caller of this.#callers.values()) if (caller.epoch !== this.#epoch) this.#begin(caller);
    }
    return this.#handle.number;
  }

  /** The token at hand, if it may be handed out now without asking the core. */
  token(): AccessToken | undefined {
    const { from, until, by } = this.#atHand ?? {};
    const clock = Date.now();
    const isAtHand = clock >= from! && clock < until! && this.now() < by! && !this.#closed && !this.#handle.isGone;
    return isAtHand ? this.#host.tokens.held : undefined;
  }

  /** Returns a check that this connection is still the one in use. Answers to what another one asked for do not count. */
  life(): () => boolean {
    const epoch = this.#epoch;
    return () => !this.#closed && this.#epoch === epoch && !this.#handle.isGone;
  }

  /** The number for another caller. */
  number(): number {
    return ++this.#number;
  }

  /**
   * Begins a caller.
   *
   * @throws `XeroError` `closed`.
   */
  begin(beginning: Beginning, call?: Outgoing): Caller {
    this.connection();
    const caller = new Caller(beginning, call);
    this.#callers.set(beginning.call, caller);
    this.#begin(caller);
    return caller;
  }

  /** Reports an event and performs the actions, or puts them where the callers find them. One about a caller that is over is ignored. */
  report(event: CallEvent, by: Reporter = {}): void {
    const { caller } = by;
    if (!this.#isKnown(caller) || (caller?.over && "call" in event)) return;
    if (caller && event.on === "answered") caller.answered = event;
    if (caller && event.on === "lost") caller.isInFlight(false);
    this.#handOver(event, by);
    if (caller && caller.actions.length > 0) caller.wake?.();
  }

  /** Ends a caller that was aborted, or whose code failed. */
  end(caller: Caller): void {
    if (caller.over) return;
    this.report({ on: "aborted", call: caller.number }, caller.reporter);
    this.#over(caller);
  }

  /** The next action for a caller. Rejects with the reason of its signal if that aborts. */
  async next(caller: Caller, signal: AbortSignal | null | undefined): Promise<CallerAction> {
    for (;;) {
      signal?.throwIfAborted();
      const action = caller.actions.shift();
      if (action) return action;
      await this.#wait(caller, signal);
    }
  }

  #wait(caller: Caller, signal: AbortSignal | null | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        caller.wake = undefined;
        clearInterval(poll);
        for (const stop of stops) stop();
        resolve();
      };
      // Another request may have left actions, and must not settle a promise of this one.
      const poll = isolated ? setInterval(() => this.look(caller), POLL_MS) : undefined;
      const stops = [this.#lifetime.before(done), onAbort(signal, done)];
      caller.wake = done;
    });
  }

  /** Looks around for a caller: begins it in a core that replaced its own, and reports the wake time if it has come. */
  look(caller: Caller | undefined): void {
    if (isolated) this.#host.look();
    if (this.#isKnown(caller) && isolated && this.#wakeAt !== undefined && this.#wakeAt <= this.now()) {
      this.#handOver({ on: "tick" }, { caller });
    }
    if (caller && (caller.over || caller.actions.length > 0)) caller.wake?.();
  }

  /** Ends the connection, every caller, and the life of the client. */
  close(): Promise<unknown> {
    if (this.#closed) return this.#lifetime.end();
    this.#closed = true;
    abandoned?.unregister(this);
    this.#wake(undefined);
    // The core counts a call as sent from its action on; of one whose code did not get to it, nothing was sent.
    for (const action of this.#handle.close(this.now())) {
      if (action.do === "fail" && this.#callers.get(action.call)?.isSent) this.#deliver(action);
    }
    for (const caller of this.#callers.values()) this.#fail(caller, closed());
    return this.#lifetime.end();
  }

  /** Sees to it that a caller is known to the core in use. Returns `false` if the client is closed, or has no core. */
  #isKnown(caller: Caller | undefined): boolean {
    try {
      this.connection();
    } catch {
      return false;
    }
    if (caller && !caller.over && caller.epoch !== this.#epoch) this.#begin(caller);
    return true;
  }

  /** Begins a caller, anew if it was known to another core. */
  #begin(caller: Caller): void {
    const epoch = (caller.epoch = this.#epoch);
    caller.actions = [];
    this.#handOver(caller.beginning, caller.reporter);
    // Should the core stop working over it, the next one has had both.
    if (caller.answered && !caller.over && epoch === this.#epoch) this.#handOver(caller.answered, caller.reporter);
  }

  /** Gives an event to the core and performs its actions, in order. */
  #handOver(event: CallEvent, by: Reporter): void {
    let actions: readonly CallAction[];
    try {
      actions = core.handle(this.#handle.number, event, Date.now(), this.now());
    } catch (thrown) {
      if (by.caller && "call" in event) this.#refused(by.caller, thrown);
      this.#isKnown(undefined);
      return;
    }
    for (const action of actions) this.#perform(action, by);
    // A timer may run before its time.
    if (this.#wakeAt !== undefined && !isolated && !this.#closed) {
      this.#timer ??= after(this.#wakeAt - this.now(), () => {
        this.#timer = undefined;
        this.report({ on: "tick" });
      });
    }
  }

  #perform(action: CallAction, by: Reporter): void {
    switch (action.do) {
      case "wake":
        return this.#wake(action.at);
      case "atHand":
        this.#atHand = action;
        return;
      case "queued":
      case "admitted":
      case "retry":
        return this.#host.tell(action, this.#callers.get(action.call)?.call);
      case "paused":
        return this.#host.tell(action, undefined);
      case "traffic":
        return this.#host.calls({ ...action, on: "load" });
      case "ask":
      case "askAgain":
      case "keep":
      case "save":
      case "erase":
      case "load":
      case "refused":
        return this.#host.perform(action, by);
      default:
        this.#deliver(action);
    }
  }

  #wake(at: number | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakeAt = at;
  }

  #deliver(action: CallerAction): void {
    const caller = this.#callers.get(action.call);
    if (!caller) return;
    if (action.do === "give" || action.do === "discard") caller.answered = undefined;
    if (action.do === "discard") caller.isInFlight(false);
    if (action.do === "send" || action.do === "use") caller.held = this.#host.tokens.held;
    if (action.do === "give" || action.do === "fail" || action.do === "use") this.#over(caller);
    // A call that failed before its own code got to it is not sent any more.
    if (action.do === "fail") caller.actions = caller.actions.filter((earlier) => earlier.do === "discard");
    caller.actions.push(action);
    if (!isolated) caller.wake?.();
  }

  #over(caller: Caller): void {
    caller.over = true;
    this.#callers.delete(caller.number);
  }

  /** Ends a caller with an error of the driver's own. No core can tell whether a call that was sent was carried out. */
  #fail(caller: Caller, thrown: unknown): void {
    const { name, ...error } = (thrown instanceof XeroError ? thrown : closed()).toJSON();
    this.#deliver({
      do: "fail",
      call: caller.number,
      error: caller.isSent ? { ...error, retryable: false, outcome: "unknown" } : error,
    });
  }

  /**
   * The core stopped working over an event of this caller, or refuses the event. A call that was sent is reported to the next
   * core as lost and not to be sent again, because its error has to say whether it may have been carried out.
   */
  #refused(caller: Caller, thrown: unknown): void {
    const { beginning, answered } = caller;
    const isTrap = thrown instanceof XeroError && this.#handle.isGone;
    if (beginning.on !== "begin" || !caller.isSent || !isTrap || answered?.on === "lost") return this.#fail(caller, thrown);
    beginning.resendable = false;
    caller.isInFlight(true);
    const { code, message } = thrown;
    caller.answered = { on: "lost", call: caller.number, code, message };
  }
}
