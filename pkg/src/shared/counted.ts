/** Counts of requests whose operations are not found yet. */

/** @internal Requests of one kind. */
export interface Counted {
  method: string;
  url: string | undefined;
  operation: string | undefined;
  times: number;
  first: number;
  last: number;
}

/** So many kinds of requests are kept until their operations are found: their paths may have ids. */
const MOST = 1_000;

/**
 * Texts that every URL of Xero's has one of, and few others. It only saves the core from requests that cannot be Xero's; the
 * core decides.
 */
const MAY_BE_XERO = /xero\.com|\.xro|\/appstore|\/connections/i;

/** @internal The requests that a core has not seen yet, each kind once. */
export class RequestCounts {
  readonly #now = Date.now;
  readonly #counted = new Map<string, Counted>();

  /** Counts a request if it may go to Xero's API, and returns whether it may. `empty` hands all to a core, if there are too many. */
  request(method: string, url: string, empty: () => void): boolean {
    if (!MAY_BE_XERO.test(url)) return false;
    const end = url.search(/[?#]/);
    this.add(method, end < 0 ? url : url.slice(0, end), undefined, empty);
    return true;
  }

  /** Counts a request to a URL, or of an operation. */
  add(method: string, url: string | undefined, operation: string | undefined, empty: () => void): void {
    const at = this.#now();
    const key = `${method} ${url ?? `. ${operation}`}`;
    const known = this.#counted.get(key);
    if (known) {
      known.times += 1;
      known.last = at;
      return;
    }
    if (this.#counted.size >= MOST) empty();
    this.#counted.set(key, { method, url, operation, times: 1, first: at, last: at });
  }

  /** The requests. */
  list(): Counted[] {
    return [...this.#counted.values()];
  }

  /** Forgets them: a core has them. */
  clear(): void {
    this.#counted.clear();
  }
}

/** @internal A random number for a run, in hexadecimal digits. */
export function randomRun(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
