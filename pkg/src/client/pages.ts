/** Lists that Xero splits into pages. */

import type { Names } from "../shared/check.js";
import { failure } from "../shared/errors.js";
import { member } from "../shared/any-case.js";
import type { Paging } from "./actions.js";
import type { CallInit } from "./request.js";
import type { HeadersLike } from "./platform.js";

/** For every request that `pages` makes. */
export interface PagesOptions {
  /** Such as `If-Modified-Since`. */
  headers?: HeadersLike;
  /** Ends the walk. */
  signal?: AbortSignal;
  /** `"high"` goes before other calls. */
  priority?: NonNullable<CallInit["priority"]>;
}

/** The options of `pages`. */
export const PAGES: Names<PagesOptions> = { headers: 0, signal: 0, priority: 0 };

type Answer = Record<string, unknown>;

/** Walks the list at `target`, asking for a page when the one before it is used up. It ends if `get` has none. */
export async function* pages<T>(
  target: string,
  { by, name, most }: Paging,
  get: (target: string) => Promise<{ value: unknown } | undefined>,
): AsyncGenerator<T, void, undefined> {
  const at = target.indexOf("?");
  const place = at < 0 ? target : target.slice(0, at);
  const parameters = new URLSearchParams(at < 0 ? "" : target.slice(at));
  if (by && value(parameters, by) !== undefined) {
    throw failure("invalid_option", `pages() sets ${by} itself; leave it out of the query, or use json() for one page`);
  }
  const own = name && value(parameters, name);
  if (own !== undefined && !(Number(own) >= 1)) {
    throw failure("invalid_option", `${name} has to be a number from 1 to ${most}; leave it out for the largest pages`);
  }
  const size = name && own === undefined ? [`${name}=${most}`] : [];
  const page = (number: number) => {
    const added = by ? [...size, `${by}=${number}`].join("&") : "";
    return added && `${at < 0 ? "?" : "&"}${added}`;
  };

  let before: string | undefined;
  let begin: string | undefined;
  let seen = 0;
  for (let number = by === "offset" ? 0 : 1; ; ) {
    const got = await get(target + page(number));
    if (!got) return;
    const answer = got.value;
    const list = records(answer, place) as T[];
    // A server that does not know the parameter sends the same page for ever.
    const first = list.length > 0 ? JSON.stringify(list[0]) : undefined;
    if (first !== undefined && (first === before || (begin !== undefined && list.some((record) => JSON.stringify(record) === begin)))) {
      throw failure("malformed_answer", `the answer to ${by}=${number} begins again`);
    }
    before = first;
    begin ??= first;
    yield* list;
    seen += list.length;
    const next = by ? after(by, number, answer as Answer, list, seen) : undefined;
    if (next === undefined) return;
    number = next;
  }
}

/** The number of the page after `number`, or nothing if that was the last. `seen` counts the records so far. */
function after(by: string, number: number, answer: Answer, list: unknown[], seen: number): number | undefined {
  if (by === "offset") {
    // Journals are asked for by the number of the last one at hand.
    const numbers = list.map((record) => Number((record as Answer)?.JournalNumber)).filter(Number.isFinite);
    const last = Math.max(...numbers);
    return numbers.length > 0 && last > number ? last : undefined;
  }
  const { pageCount, itemCount } = (member(answer, "pagination") ?? {}) as Answer;
  const isShort = Number(itemCount ?? 0) > seen;
  if (list.length > 0) return Number(pageCount) === number && !isShort ? undefined : number + 1;
  if (isShort || number <= Number(pageCount)) {
    throw failure("malformed_answer", `the answer to page=${number} has no record, although ${Number(itemCount)} are counted and ${seen} came`);
  }
  return undefined;
}

/** The list in an answer: under the name of the resource, under `items`, or the only one there is. */
function records(answer: unknown, place: string): unknown[] {
  if (Array.isArray(answer)) return answer;
  if (typeof answer === "object" && answer !== null) {
    const resource = place.split("/").filter(Boolean).at(-1) ?? "";
    const named = [resource, "items"].map((name) => member(answer as Answer, name)).find(Array.isArray);
    if (named) return named;
    const lists = Object.values(answer).filter(Array.isArray);
    // The list of an error has complaints in it, and no records.
    if (lists[0] && lists.length === 1 && member(answer as Answer, "ErrorNumber") === undefined) return lists[0];
  }
  throw failure("malformed_answer", "the answer has no list in it; json() reads what is not a list");
}

function value(parameters: URLSearchParams, name: string): string | undefined {
  return [...parameters].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}
