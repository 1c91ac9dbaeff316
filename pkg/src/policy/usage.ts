/** Recordings: the calls that ran, by operation. */

import type { ComparedUsage } from "./answers.js";
import { CALLS, list } from "./calls.js";
import { core } from "./core.js";
import {
  compareUsage as compareCore,
  mergeUsage as mergeCore,
  recordUsage as recordCore,
  usageSummary as summaryCore,
} from "../glue/policy.js";
import { isText } from "../shared/check.js";
import { RequestCounts, randomRun } from "../shared/counted.js";
import { failure } from "../shared/errors.js";
import type { Calls } from "../shared/texts.js";

/** The members of a client's events that count. */
interface SentEvent {
  type: string;
  method?: string | undefined;
  operation?: string | undefined;
}

/**
 * Counts requests to Xero by operation, from when it is made. Its text is a recording: it holds keys of operations, methods,
 * counts and times, and no id, query, body, token or tenant. A retry is one more request.
 *
 * @example
 * ```ts
 * const usage = new UsageRecorder();
 * const xero = new CustomConnection({ clientId, clientSecret, onEvent: usage.onEvent });
 * // … later
 * requiredScopes(usage.text()).scopes;
 * ```
 */
export class UsageRecorder {
  readonly #from = Date.now();
  readonly #now = Date.now;
  readonly #counts = new RequestCounts();
  #text: string | undefined;
  #run: string | undefined;

  /** A listener for the option `onEvent` of clients: it counts each request that they send. */
  readonly onEvent = (event: SentEvent): void => {
    const { type, method, operation } = event;
    if (type === "call.sent" && method !== undefined) this.#counts.add(method, undefined, operation, () => this.text());
  };

  /**
   * Counts a request, if it goes to Xero's API; also to a local Xero or by a proxy, if its path has the base of an API.
   * Returns false if it certainly does not.
   */
  request(method: string, url: string): boolean {
    return this.#counts.request(method, url, () => this.text());
  }

  /** The random number of this run, by which {@link mergeUsage} knows its recordings. */
  get run(): string {
    return (this.#run ??= randomRun());
  }

  /** The recording until now, as JSON. */
  text(): string {
    const counted = this.#counts.list();
    const texts = counted.flatMap(({ method, url = "", operation = "" }) => [method, url, operation]);
    const numbers = new Float64Array(counted.flatMap(({ times, first, last }) => [times, first, last]));
    const text = core.run(recordCore, this.run, this.#text, texts, numbers, this.#from, this.#now());
    this.#counts.clear();
    return (this.#text = text);
  }
}

/**
 * The union of recordings, as the text of one: the counts of their runs are added up. A run that is in several of them is counted
 * once, as its latest recording has it, so that the union with a recording that is in it already changes nothing.
 *
 * With `run`, 16 hexadecimal digits, the union becomes one run with this number, which is smaller; it is then no longer known
 * which runs it has.
 *
 * Throws {@link XeroError} with `invalid_option` if one of them is no recording that this version can read.
 */
export function mergeUsage(texts: readonly string[], run?: string): string {
  if (!Array.isArray(texts) || !texts.every(isText)) throw failure("invalid_option", "mergeUsage() takes a list of texts");
  if (run !== undefined && !isText(run)) throw failure("invalid_option", "mergeUsage() takes run as a text");
  return core.run(mergeCore, texts, run);
}

/**
 * A summary of a recording in a few lines: how long programs were watched, the calls, and the smallest set of scopes for them.
 *
 * Throws {@link XeroError} with `invalid_option` if the text is no recording that this version can read.
 */
export function usageSummary(text: string, on = new Date().toISOString().slice(0, 10)): string {
  if (!isText(text) || !isText(on)) throw failure("invalid_option", "usageSummary() takes a recording and a day, two texts");
  return core.run(summaryCore, text, on);
}

/**
 * Compares the recordings among some texts with the other texts: the calls in code that no run has shown, and those that ran
 * and that reading the code did not find.
 */
export function compareUsage(calls: Calls): ComparedUsage {
  if (!CALLS[0](calls) || (typeof calls !== "string" && "operations" in calls)) {
    throw failure("invalid_option", "compareUsage() takes a text or a list of texts, each alone or as { name, text }");
  }
  const { texts, called } = list(calls);
  return core.run(compareCore, texts, called);
}
