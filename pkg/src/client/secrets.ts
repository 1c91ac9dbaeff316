/** The client secret: one, or several in order while one is rotated, each as it is or from a function. */

import { Limit } from "./ending.js";
import { type XeroError, failure } from "../shared/errors.js";
import { SECRET_MS } from "../shared/codes.js";
import type { Lifetime } from "./lifetime.js";
import type { Waits } from "./source.js";

/**
 * A client secret, or a function that gives it. `undefined` and the empty text, as of an environment variable that is not
 * set, are no secret: the first call then fails with `secret_unavailable`.
 */
export type ClientSecret = string | undefined | (() => string | Promise<string>);

/** A secret, and which of the given ones it is, from 0. */
export interface Secret {
  index: number;
  value: string;
}

/** The secrets of a connection, and which of them worked last. */
export class Secrets {
  readonly #sources: readonly ClientSecret[];
  #last = 0;

  readonly #lifetime: Lifetime;

  constructor(secrets: ClientSecret | readonly ClientSecret[], lifetime: Lifetime) {
    this.#lifetime = lifetime;
    this.#sources = typeof secrets === "object" ? [...secrets] : [secrets];
  }

  /**
   * The secrets to try: the one that worked last, then the others in order. A function is asked once more after its
   * secret was refused, because it may have given an old one. None is given twice. `waits` is called before each function.
   *
   * @throws `XeroError` `secret_unavailable` if there is none at all.
   */
  async *tries(waits: Waits): AsyncGenerator<Secret, undefined> {
    const given = new Set<string>();
    let failed: XeroError | undefined;
    const others = this.#sources.map((_, index) => index).filter((index) => index !== this.#last);
    for (const index of [this.#last, ...others]) {
      const source = this.#sources[index]!;
      for (let asked = 0; asked < (typeof source === "function" ? 2 : 1); asked++) {
        let value: string;
        try {
          value = await secretOf(source, this.#lifetime, waits);
        } catch (error) {
          failed = error as XeroError;
          break;
        }
        if (given.has(value)) continue;
        given.add(value);
        yield { index, value };
      }
    }
    if (failed && given.size === 0) throw failed;
    return undefined;
  }

  /** Remembers the secret that worked. */
  worked(index: number): void {
    this.#last = index;
  }
}

async function secretOf(source: ClientSecret, lifetime: Lifetime, waits: Waits): Promise<string> {
  if (!source) {
    throw failure("secret_unavailable", "clientSecret is undefined or empty; is its environment variable set?");
  }
  if (typeof source === "string") return source;
  const limit = new Limit(SECRET_MS, lifetime, undefined).inBackground();
  const late = failure("secret_unavailable", "the function given as clientSecret gave nothing within the time allowed");
  let secret: unknown;
  try {
    // It may do anything, such as make a call: not before the actions of the core are performed.
    secret = await limit.within(Promise.resolve().then(() => (waits(late), source())));
  } catch {
    if (limit.timedOut) throw late;
    throw failure(
      "secret_unavailable",
      "the function given as clientSecret failed; its error is not repeated here, because it may hold the secret",
    );
  } finally {
    limit.done();
  }
  if (typeof secret === "string" && secret !== "") return secret;
  throw failure("secret_unavailable", "the function given as clientSecret gave no string, or an empty one");
}
