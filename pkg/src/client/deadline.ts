/** The end of a time that is measured: it does not move when the clock of the machine is set. */
export class Deadline {
  readonly #ends: number;

  /** In `ms` milliseconds, but not after `other`. */
  constructor(ms: number, other?: Deadline) {
    this.#ends = performance.now() + Math.min(ms, other?.left() ?? ms);
  }

  /** The milliseconds that are left. */
  left(): number {
    return Math.max(0, Math.ceil(this.#ends - performance.now()));
  }

  /** When it is, by the clock as it goes now. */
  at(): number {
    return Date.now() + this.left();
  }
}
