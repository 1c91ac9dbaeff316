/** Questions to the person at the terminal. Answers are read from standard input, and questions are written to standard error. */

import { type Interface, createInterface } from "node:readline";
import { Writable } from "node:stream";

/** A conversation over standard input; lines that come early are kept. */
export class Prompt {
  readonly #lines: string[] = [];
  readonly #input: Interface;
  #wanted: ((line: string | undefined) => void) | undefined;
  #ended = false;
  #hidden = false;

  /** True if there is a person at the terminal. */
  readonly isTerminal = process.stdin.isTTY === true;

  constructor() {
    const output = new Writable({
      write: (chunk: Buffer, _, done) => {
        // While a secret is typed, nothing of it is shown.
        if (!this.#hidden) process.stderr.write(chunk);
        done();
      },
    });
    this.#input = createInterface({ input: process.stdin, output, terminal: this.isTerminal });
    this.#input.on("line", (line) => this.#give(line));
    this.#input.on("close", () => {
      this.#ended = true;
      this.#give(undefined);
    });
    this.#input.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  }

  #give(line: string | undefined): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted) wanted(line);
    else if (line !== undefined) this.#lines.push(line);
  }

  /** The next line; `undefined` when there are no more. */
  line(): Promise<string | undefined> {
    const early = this.#lines.shift();
    if (early !== undefined || this.#ended) return Promise.resolve(early);
    return new Promise((resolve) => (this.#wanted = resolve));
  }

  /** Asks a question; a `secret` answer is not shown. `undefined` without an answer. */
  async ask(question: string, secret = false): Promise<string | undefined> {
    process.stderr.write(question);
    this.#hidden = secret;
    const answer = await this.line();
    if (secret && this.isTerminal) process.stderr.write("\n");
    this.#hidden = false;
    return answer?.trim();
  }

  /** Ends the conversation. */
  close(): void {
    this.#input.close();
    process.stdin.unref?.();
  }
}

/** The two directions of a conversation. */
export interface Talk {
  prompt: Prompt;
  say(text: string): Promise<void>;
}
