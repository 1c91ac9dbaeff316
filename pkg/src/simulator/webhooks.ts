/** Sends the webhooks of a local Xero: the module decides what, when and again. */

/** The next delivery: a request, nothing until a time, or nothing until something happens. */
export interface WebhookStep {
  number?: number;
  url?: string;
  body?: string;
  signature?: string;
  /** Milliseconds since the epoch. */
  until?: number;
}

/** The parts of the local Xero that a sender needs. */
export interface WebhookSource {
  now(): number;
  step(): WebhookStep;
  answered(number: number, status: number | undefined): void;
}

/** The time in which an address has to answer. */
const TIMEOUT_MS = 5_000;

/** The longest time that a timer of the host can be set to. */
const MOST_MS = 2_147_483_647;

/** Sends one request after another, until there is nothing to send. */
export class WebhookSender {
  readonly #source: WebhookSource;
  #running: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #end = new AbortController();

  constructor(source: WebhookSource) {
    this.#source = source;
  }

  /** Sends the deliveries that are due. Resolves when nothing is under way any more. */
  wake(): Promise<void> {
    return (this.#running ??= this.#run());
  }

  /** The same, for callers that do not wait. An error means that the local Xero is gone, which its other calls report. */
  poke(): void {
    this.wake().catch(() => undefined);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#end.abort();
  }

  async #run(): Promise<void> {
    // So that it does not end before it is kept.
    await undefined;
    clearTimeout(this.#timer);
    try {
      while (!this.#end.signal.aborted) {
        const { number, url, body = "", signature = "", until } = this.#source.step();
        if (number === undefined || url === undefined) return this.#wait(until);
        const status = await this.#send(url, body, signature);
        if (!this.#end.signal.aborted) this.#source.answered(number, status);
      }
    } finally {
      this.#running = undefined;
    }
  }

  #wait(until: number | undefined): void {
    if (until === undefined) return;
    this.#timer = setTimeout(() => this.poke(), Math.min(Math.max(until - this.#source.now(), 1), MOST_MS));
    // A program does not stay because of it.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Returns the status of the answer; nothing if there is none in time. */
  async #send(url: string, body: string, signature: string): Promise<number | undefined> {
    const headers = { "Content-Type": "application/json; charset=utf-8", "x-xero-signature": signature };
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const answer = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
      await answer.body?.cancel();
      return answer.status;
    } catch {
      return undefined;
    }
  }
}
