/** Virtual time: timers and clocks of the whole process, which go on when everything is still. */

import { AsyncLocalStorage } from "node:async_hooks";
import FakeTimers from "@sinonjs/fake-timers";
import { START } from "../support.mjs";

const { setImmediate: afterAll } = globalThis;
const { now: measured } = performance;
const timeoutSignal = AbortSignal.timeout;

/** The number of looks at a clock without a pause that counts as an endless loop. */
const MOST_LOOKS = 500_000;

/** The owner of the code that runs: set by {@link VirtualTime.as} for its callback and everything that follows from it. */
const current = new AsyncLocalStorage();

/** An owner of timers, such as a request. */
export class Owner {
  timers = new Set();
  /** An owner that has ended, as a request on an edge network does, runs no more; what it does all the same is kept here. */
  ended = false;
  undead = [];

  end() {
    this.ended = true;
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** Notes that code of this owner runs. */
  acts(what) {
    if (this.ended) this.undead.push(what);
  }
}

/** One for a process at a time: replaces its timers and clocks until {@link end}. */
export class VirtualTime {
  #clock = FakeTimers.install({
    now: START,
    toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  });
  #set = globalThis.setTimeout;
  #owners = new Map();
  /** The sum of the milliseconds by which the clock was set ahead. */
  #ahead = 0;
  #looks = 0;
  #uneven;
  /** The millisecond that was measured last, and how often. */
  #measured = [0, 0];

  /** `uneven`: measured times have fractions, so that a timer can run a fraction too early, as in Node. */
  constructor({ uneven = false } = {}) {
    this.#uneven = uneven;
    const { setInterval, clearTimeout, clearInterval, Date } = globalThis;
    const clocked = Date.now;
    Date.now = () => (this.#look(), clocked());
    performance.now = () => (this.#look(), this.#measure());
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      this.after(ms, () => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")));
      return controller.signal;
    };
    const owned = (set, again) => (act, ms, ...given) => {
      const owner = current.getStore();
      if (!owner) return set(act, ms, ...given);
      owner.acts("sets a timer");
      const run = () => {
        if (!again) this.#forget(timer);
        current.run(owner, act, ...given);
      };
      const timer = set(run, ms);
      owner.timers.add(timer);
      this.#owners.set(timer, owner);
      return timer;
    };
    const cleared = (clear) => (timer) => {
      this.#forget(timer);
      clear(timer);
    };
    globalThis.setTimeout = owned(this.#set, false);
    globalThis.setInterval = owned(setInterval, true);
    globalThis.clearTimeout = cleared(clearTimeout);
    globalThis.clearInterval = cleared(clearInterval);
  }

  /** Milliseconds since the beginning, independent of the clock's settings. */
  now() {
    return this.#clock.now - START - this.#ahead;
  }

  /** Calls `act` as this owner. */
  as(owner, act) {
    return current.run(owner, act);
  }

  /** The owner of the code that runs now. */
  get owner() {
    return current.getStore();
  }

  /** Calls `act` in `ms` milliseconds: for the world around, whose timers are not counted. */
  after(ms, act) {
    return this.#set(act, ms);
  }

  /** Sets the clock of the machine; timers and measured times do not move. */
  setClock(byMs) {
    this.#ahead += byMs;
    this.#clock.setSystemTime(this.#clock.now + byMs);
  }

  /** Sets the clock right, and gives by how much it was ahead. */
  setRight() {
    const ahead = this.#ahead;
    this.setClock(-ahead);
    return ahead;
  }

  /** Lets everything run that waits for no timer. */
  async still() {
    for (let n = 0; n < 2; n++) await new Promise((resolve) => afterAll(resolve));
    this.#looks = 0;
  }

  /** Lets everything run that waits for no timer, until `promise` settles that takes real time. */
  async real(promise) {
    let settled = false;
    const done = () => (settled = true);
    promise.then(done, done);
    while (!settled) await this.still();
    return promise;
  }

  /** Jumps to the next timer and runs it. */
  step() {
    this.#clock.next();
  }

  /** Lets `ms` pass, and everything happen that happens meanwhile. */
  async pass(ms) {
    let over = false;
    this.after(ms, () => (over = true));
    await this.still();
    while (!over) {
      this.step();
      await this.still();
    }
  }

  /** Gives the process its own time back. */
  end() {
    this.#clock.uninstall();
    performance.now = measured;
    AbortSignal.timeout = timeoutSignal;
  }

  /** Never goes back: from half a millisecond early to half a millisecond late. */
  #measure() {
    const now = this.now();
    if (!this.#uneven) return now;
    const [last, times] = this.#measured;
    this.#measured = [now, last === now ? times + 1 : 0];
    return now + 0.45 - 0.9 / (this.#measured[1] + 1);
  }

  #forget(timer) {
    this.#owners.get(timer)?.timers.delete(timer);
    this.#owners.delete(timer);
  }

  #look() {
    if (++this.#looks > MOST_LOOKS) throw new Error("the clock is read for ever: a loop that does not end");
  }
}
