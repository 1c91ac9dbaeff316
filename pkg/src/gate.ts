/** Waiting for Xero's limits: what the core decides about calls, carried to whoever waits. */

import type { Move } from "./actions.js";
import { LOOK_MS, apart } from "./core.js";
import type { Deadline } from "./deadline.js";
import { XeroError, failure } from "./errors.js";
import type { XeroEvent } from "./events.js";
import * as core from "./glue/core.js";
import type { Lifetime } from "./lifetime.js";
import type { Outgoing } from "./outgoing.js";
import { limits } from "./wire.js";

interface Waiter {
  call: Outgoing;
  resolve(admitted: boolean): void;
  reject(reason: unknown): void;
}

/** What the gate needs of its client. */
export interface Host {
  /** Calls the core about the client's connection. */
  core<T>(act: (number: number) => T): T;
  lifetime: Lifetime;
  tell: ((event: XeroEvent) => void) | undefined;
}

/** The calls of one client that wait to be sent. A ticket stands for a call from when it enters until it leaves. */
export class Gate {
  readonly #host: Host;
  readonly #waiting = new Map<number, Waiter>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The core is told what is measured from the first call on: places and pauses do not end because a clock is set. */
  #origin: number | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * The ticket of a call that may be sent now: at once, or when there is room.
   *
   * @throws `XeroError` `rate_limited`, `queue_full`, `timeout` for a call that is not sent.
   */
  enter(call: Outgoing, deadline: Deadline): number | Promise<number> {
    const { urgent, repeatable } = call;
    const now = this.#now();
    const ticket = this.#core((number) => core.enter(number, urgent, repeatable, now + deadline.left(), now));
    if (ticket > 0) return ticket;
    const admitted = this.#wait(-ticket, call);
    this.#perform();
    return admitted.then((admitted) => (admitted ? -ticket : this.enter(call, deadline)));
  }

  /**
   * The call was answered. If Xero refused it for a limit and it is to be sent again, a promise of when; it gives `false`
   * where the core was replaced meanwhile and the call has to enter anew.
   */
  leave(ticket: number, call: Outgoing, response: Response): Promise<boolean> | undefined {
    if (!this.#core((number) => core.leave(number, ticket, response.status, limits(response), this.#now())))
      return undefined;
    const again = this.#wait(ticket, call);
    // Without a move of its own, or with one that ends it, the answer is the caller's.
    const goesOn = this.#perform().some((move) => move.ticket === ticket && !move.error);
    if (goesOn) return again;
    again.catch(() => {});
    this.#waiting.get(ticket)?.resolve(false);
    return undefined;
  }

  /** The call is over without an answer. */
  lose(ticket: number): void {
    try {
      this.#core((number) => core.lose(number, ticket, this.#now()));
      // Whether or not others move up: what it waited for may be no reason to wake any more.
      this.#perform();
    } catch {
      // The client was closed, and nobody waits; or its core was replaced, and whoever waits has to begin anew.
      this.restart();
    }
  }

  /** The core was replaced: whoever waits has to enter anew. */
  restart(): void {
    clearTimeout(this.#timer);
    const waiters = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { resolve } of waiters) resolve(false);
  }

  #now(): number {
    this.#origin ??= Date.now() - performance.now();
    return Math.floor(this.#origin + performance.now());
  }

  #core<T>(act: (number: number) => T): T {
    return this.#host.core(act);
  }

  #wait(ticket: number, call: Outgoing): Promise<boolean> {
    const { signal } = call;
    return new Promise((resolve, reject) => {
      const over = (): void => {
        signal?.removeEventListener("abort", aborted);
        outlived();
        clearInterval(look);
        this.#waiting.delete(ticket);
      };
      const aborted = (): void => {
        over();
        reject(signal?.reason);
        this.lose(ticket);
      };
      const outlived = this.#host.lifetime.before(() => {
        clearTimeout(this.#timer);
        over();
        reject(failure("closed", "the client was closed; make a new one"));
      });
      let settled: (() => void) | undefined;
      const settle = (act: () => void): void => {
        this.#waiting.delete(ticket);
        settled = () => (over(), act());
        // Another request's promises are not to be settled: that is for its own timer to do.
        if (!apart) settled();
      };
      const look = apart ? setInterval(() => (settled ? settled() : this.#look()), LOOK_MS) : undefined;
      this.#waiting.set(ticket, {
        call,
        resolve: (admitted) => settle(() => resolve(admitted)),
        reject: (reason) => settle(() => reject(reason)),
      });
      if (signal?.aborted) aborted();
      else signal?.addEventListener("abort", aborted);
    });
  }

  /** Tells the core what time it is, if it wants to be told. */
  #look(): void {
    try {
      if (this.#core((number) => core.wake(number)) > this.#now()) return;
    } catch {
      // As in `lose`, which finds out.
    }
    this.lose(0);
  }

  /** Does what the core wants done, and comes back when it says. */
  #perform(): Move[] {
    const { tell } = this.#host;
    const moves = this.#core((number) => core.moves(number)) as Move[];
    const [now, at] = [this.#now(), Date.now()];
    // People and callers go by the machine's clock.
    const ahead = at - now;
    for (const { ticket, error, why, until = 0 } of moves) {
      const waiter = this.#waiting.get(ticket!);
      const event = { at, why, until: until + ahead };
      if (ticket === undefined) tell?.({ type: "limit.paused", ...event } as XeroEvent);
      else if (error)
        waiter?.reject(new XeroError(error.retryAt ? { ...error, retryAt: error.retryAt + ahead } : error));
      else if (!why) waiter?.resolve(true);
      else if (waiter) tell?.({ type: "call.queued", call: waiter.call.number, ...event } as XeroEvent);
    }
    clearTimeout(this.#timer);
    const wake = this.#core((number) => core.wake(number));
    if (wake > 0 && !apart) this.#timer = setTimeout(() => this.lose(0), Math.max(0, wake - now));
    return moves;
  }
}
