/** Waiting for Xero's limits: the core decides about calls, this carries its decisions to those that wait. */

import type { Move, Taken } from "./actions.js";
import { LOOK_MS, apart, run } from "./core.js";
import type { Deadline } from "./deadline.js";
import { after, onAbort } from "./ending.js";
import { XeroError, failure } from "../shared/errors.js";
import type { XeroEvent } from "./events.js";
import * as core from "../glue/core.js";
import type { Lifetime } from "./lifetime.js";
import type { Outgoing } from "./request.js";
import { type Received, limits } from "./received.js";

/** A call, from when it enters until it leaves. The core counts calls anew after it was replaced: hence the epoch. */
export interface Ticket {
  readonly epoch: number;
  readonly number: number;
}

interface Waiter {
  call: Outgoing;
  resolve(admitted: boolean): void;
  reject(reason: unknown): void;
}

/** What the gate needs of its client. */
export interface Host {
  /** The number of the client's connection in the core. */
  connection(): number;
  lifetime: Lifetime;
  tell: ((event: XeroEvent) => void) | undefined;
}

/**
 * The calls of one client that wait to be sent.
 *
 * Whatever is reported to the core, {@link #report} then performs every action that the core wants and sets the timer for its
 * wake time: there is no other way to report.
 */
export class Gate {
  readonly #host: Host;
  readonly #waiting = new Map<number, Waiter>();
  #epoch = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The core is given measured time, from the first call on: places and pauses do not end because a clock is set. */
  #origin: number | undefined;

  constructor(host: Host) {
    this.#host = host;
    host.lifetime.before(() => clearTimeout(this.#timer));
  }

  /**
   * The ticket of a call that may be sent now: at once, or when there is room.
   *
   * @throws `XeroError` `rate_limited`, `queue_full`, `timeout` for a call that is not sent.
   */
  enter(call: Outgoing, deadline: Deadline): Ticket | Promise<Ticket> {
    let number = 0;
    let admitted: Promise<boolean> | undefined;
    this.#report(
      (connection, now) => {
        number = run(core.enter, connection, call.urgent, call.repeatable, now + deadline.left(), now);
        return number < 0;
      },
      () => (admitted = this.#wait(-number, call)),
    );
    const ticket = { epoch: this.#epoch, number: Math.abs(number) };
    return admitted?.then((admitted) => (admitted ? ticket : this.enter(call, deadline))) ?? ticket;
  }

  /**
   * The call was answered. If Xero refused it for a limit and it is to be sent again, a promise of when; it gives `false`
   * where the core was replaced meanwhile and the call has to enter anew.
   */
  leave(ticket: Ticket, call: Outgoing, answer: Received): Promise<boolean> | undefined {
    const lines = limits(answer);
    let again: Promise<boolean> | undefined;
    this.#report(
      (connection, now) => this.#knows(ticket) && run(core.leave, connection, ticket.number, answer.status, lines, now),
      (moves) => {
        // With an error for it, or no word about it, the answer is the caller's.
        if (moves.some((move) => move.ticket === ticket.number && !move.error)) again = this.#wait(ticket.number, call);
      },
    );
    return again;
  }

  /** The call is over without an answer. */
  lose(ticket: Ticket): void {
    this.#quietly((connection, now) => this.#knows(ticket) && run(core.lose, connection, ticket.number, now));
  }

  /** The core was replaced: the calls that wait have to enter anew. */
  restart(): void {
    this.#epoch += 1;
    clearTimeout(this.#timer);
    const waiters = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { resolve } of waiters) resolve(false);
  }

  /** Tells the core that its wake time has come. Its timer is spent, so the next one is set in any case. */
  #tick(): void {
    this.#quietly((connection, now) => {
      run(core.lose, connection, 0, now);
      return true;
    });
  }

  /**
   * Reports something to the core. If that has news, takes its actions, gives them to `prepare`, performs them in order, and
   * sets the timer for its wake time.
   */
  #report(report: (connection: number, now: number) => boolean, prepare?: (moves: Move[]) => void): void {
    const connection = this.#host.connection();
    try {
      if (!report(connection, this.#now())) return;
      const { moves, wake } = run(core.take, connection) as Taken;
      prepare?.(moves);
      this.#perform(moves);
      clearTimeout(this.#timer);
      if (wake !== undefined && !apart) this.#timer = after(wake - this.#now(), () => this.#tick());
    } catch (thrown) {
      // The calls that wait were known to the core that is gone.
      if (thrown instanceof XeroError && thrown.code === "trapped") this.restart();
      throw thrown;
    }
  }

  /** Reports something that no caller waits for. It fails if the client was closed or the core trapped: both are seen to. */
  #quietly(report: (connection: number, now: number) => boolean): void {
    try {
      this.#report(report);
    } catch {
      // See above.
    }
  }

  #perform(moves: Move[]): void {
    const { tell } = this.#host;
    const at = Date.now();
    // People and callers go by the machine's clock.
    const ahead = at - this.#now();
    for (const { ticket, error, why, until = 0 } of moves) {
      const waiter = this.#waiting.get(ticket!);
      const event = { at, why, until: until + ahead };
      if (ticket === undefined) tell?.({ type: "limit.paused", ...event } as XeroEvent);
      else if (error)
        waiter?.reject(new XeroError(error.retryAt ? { ...error, retryAt: error.retryAt + ahead } : error));
      else if (!why) waiter?.resolve(true);
      else if (waiter) tell?.({ type: "call.queued", call: waiter.call.number, ...event } as XeroEvent);
    }
  }

  #knows(ticket: Ticket): boolean {
    return ticket.epoch === this.#epoch;
  }

  #now(): number {
    this.#origin ??= Date.now() - performance.now();
    return Math.floor(this.#origin + performance.now());
  }

  #wait(number: number, call: Outgoing): Promise<boolean> {
    const { signal } = call;
    const ticket = { epoch: this.#epoch, number };
    return new Promise((resolve, reject) => {
      let settled: (() => void) | undefined;
      const settle = (act: () => void): void => {
        this.#waiting.delete(number);
        settled = () => (over(), act());
        // Another request's promises are not to be settled: that is for its own timer to do.
        if (!apart) settled();
      };
      const waiter: Waiter = {
        call,
        resolve: (admitted) => settle(() => resolve(admitted)),
        reject: (reason) => settle(() => reject(reason)),
      };
      const over = (): void => {
        for (const stop of stops) stop();
        clearInterval(look);
        if (this.#waiting.get(number) === waiter) this.#waiting.delete(number);
      };
      const aborted = (): void => {
        over();
        reject(signal?.reason);
        this.lose(ticket);
      };
      const closed = (): void => {
        over();
        reject(failure("closed", "the client was closed; make a new one"));
      };
      const look = apart ? setInterval(() => (settled ? settled() : this.#look()), LOOK_MS) : undefined;
      const stops = [this.#host.lifetime.before(closed), onAbort(signal, aborted)];
      this.#waiting.set(number, waiter);
      // Not before what is being reported is done.
      if (signal?.aborted) queueMicrotask(aborted);
    });
  }

  /** Tells the core that its wake time has come, if it has: where requests live apart there is no timer for all of them. */
  #look(): void {
    try {
      if (run(core.wake, this.#host.connection()) > this.#now()) return;
    } catch {
      // The tick finds out.
    }
    this.#tick();
  }
}
