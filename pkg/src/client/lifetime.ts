/** The life of a client, and everything that stops when it ends. */

/** Things to stop, each once. Sets and functions, because a signal with a thousand listeners is a warning in Node. */
export class Lifetime {
  #stops: Set<() => unknown> | undefined = new Set();
  #ending: Promise<unknown> | undefined;

  get ended(): boolean {
    return this.#stops === undefined;
  }

  /** Calls `stop` at the end, unless the function that is returned was called before. */
  before(stop: () => unknown): () => void {
    const stops = this.#stops;
    if (stops) stops.add(stop);
    else stop();
    return () => void stops?.delete(stop);
  }

  /** Stops everything. Resolves when all that was stopped has come to its end; never rejects. */
  end(): Promise<unknown> {
    const stops = this.#stops ?? [];
    this.#stops = undefined;
    return (this.#ending ??= Promise.allSettled(Array.from(stops, (stop) => stop())));
  }
}
