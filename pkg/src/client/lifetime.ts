/** The life of a client, and everything that stops when it ends. */

/** Things to stop, each once. Sets and functions, because a signal with a thousand listeners is a warning in Node. */
export class Lifetime {
  #stops: Set<() => void> | undefined = new Set();

  get ended(): boolean {
    return this.#stops === undefined;
  }

  /** Calls `stop` at the end, unless the function that is returned was called before. */
  before(stop: () => void): () => void {
    const stops = this.#stops;
    if (stops) stops.add(stop);
    else stop();
    return () => void stops?.delete(stop);
  }

  end(): void {
    const stops = this.#stops ?? [];
    this.#stops = undefined;
    for (const stop of stops) stop();
  }
}
