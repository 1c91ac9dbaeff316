/** The page's client of its worker. */

import type { Catalogue } from "xero-m2m/policy";
import type { Answer, Question, Reply, Request, Trace } from "./protocol.js";

/** The reason why there is no answer, in a sentence. */
export class Refused extends Error {}

interface Pending {
  done(result: Answer | Trace): void;
  failed(why: Error): void;
  progress?(part: number): void;
}

/** Asks the worker. Questions are answered in the order of asking. */
export class WorkerClient {
  readonly ready: Promise<Catalogue>;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #id = 0;

  constructor() {
    this.#worker = new Worker(new URL("worker.js", import.meta.url));
    this.ready = new Promise((done, failed) => {
      const broken = (): void => {
        const why = new Refused("this page's background worker could not start; reload the page, or try another browser");
        failed(why);
        for (const pending of this.#pending.values()) pending.failed(why);
        this.#pending.clear();
      };
      this.#worker.addEventListener("error", broken);
      this.#worker.addEventListener("messageerror", broken);
      this.#worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
        if ("ready" in data) done(data.ready);
        else this.#hear(data);
      });
    });
  }

  answer(question: Question): Promise<Answer> {
    return this.#ask((id) => ({ id, ask: question })) as Promise<Answer>;
  }

  /** Finds the calls in a file or a long text. `progress` gets parts of 1, and 1 while the calls are looked for. */
  trace(read: Blob | string, name: string, progress: (part: number) => void): Promise<Trace> {
    return this.#ask((id) => ({ id, read, name }), progress) as Promise<Trace>;
  }

  #ask(request: (id: number) => Request, progress?: (part: number) => void): Promise<Answer | Trace> {
    const id = ++this.#id;
    return new Promise((done, failed) => {
      this.#pending.set(id, { done, failed, ...(progress ? { progress } : {}) });
      this.#worker.postMessage(request(id));
    });
  }

  #hear(reply: Exclude<Reply, { ready: Catalogue }>): void {
    const pending = this.#pending.get(reply.id);
    if ("progress" in reply) {
      pending?.progress?.(reply.progress);
      return;
    }
    this.#pending.delete(reply.id);
    if ("refused" in reply) pending?.failed(new Refused(reply.refused));
    else pending?.done("answer" in reply ? reply.answer : reply.trace);
  }
}
