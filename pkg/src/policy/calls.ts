/** Calls as callers give them: texts, or keys of operations. */

import { type Check, isText } from "../shared/check.js";
import type { RecordedBasis, WatchedTime } from "./answers.js";
import type { Calls, NamedText } from "../shared/texts.js";

/** Calls of operations whose keys are known: nothing has to be read. */
export interface Operations {
  /** Keys such as `accounting.getInvoices`, as {@link catalogue} has them and {@link operationOf} gives them. */
  operations: readonly string[];
  /** Those of them that were found without a method, so that `GET` is assumed. Default: none. */
  assumed?: readonly string[] | undefined;
  /** The number of places that use Xero and could not be read, where the operations were found. Default: 0. */
  unread?: number | undefined;
  /** The recordings that some of them come from: the answer then states what it rests on. Default: none. */
  recorded?: RecordedOperations | undefined;
}

/** The recordings that operations come from. */
export interface RecordedOperations {
  /** The keys of those operations that only recordings have. */
  operations: readonly string[];
  /** The time that each recording watched, as `recorded.watched` of an answer has it. */
  watched: readonly WatchedTime[];
}

/** @internal A list of texts. */
export const isList: Check = (value) => Array.isArray(value) && value.every(isText);

/** @internal A whole number that the core can hold. */
export const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;

const isWatched: Check = (value) => {
  const { processes, seconds, from, until } = (value ?? {}) as Partial<WatchedTime>;
  const isDay = (day: unknown) => day === undefined || isText(day);
  return Number.isSafeInteger(processes) && Number.isSafeInteger(seconds) && isDay(from) && isDay(until);
};

/** @internal The recordings of an answer. */
export const isBasis: Check = (value) => {
  const { recordings, only, watched } = (value ?? {}) as Partial<RecordedBasis>;
  return isCount(recordings) && isCount(only) && isWatched(watched);
};

const isRecorded: Check = (value) => {
  const { operations, watched } = (value ?? {}) as Partial<RecordedOperations>;
  return isList(operations) && Array.isArray(watched) && watched.every(isWatched);
};

const isNamed: Check = (value) => {
  const { text, name, found, unread } = (value ?? {}) as Partial<NamedText>;
  const isFlag = (flag: unknown) => flag === undefined || typeof flag === "boolean";
  return isText(text) && (name === undefined || isText(name)) && isFlag(found) && isFlag(unread);
};

/** @internal Calls in any form. */
export const CALLS: [Check, string] = [
  (value) => {
    if (isText(value)) return true;
    if (Array.isArray(value)) return value.every((one) => isText(one) || isNamed(one));
    const { operations, assumed, unread, recorded } = (value ?? {}) as Partial<Operations>;
    const isIf = (check: Check, given: unknown) => given === undefined || check(given);
    return isList(operations) && isIf(isList, assumed) && isIf(isCount, unread) && isIf(isRecorded, recorded);
  },
  "a text, a list of texts, each alone or as { name, text }, or { operations } with a list of keys",
];

/** @internal Facts about the calls of a question, besides their texts. */
export interface Called {
  /** The name of each text. */
  names: readonly (string | undefined)[];
  /** True for each text that was found in a folder. */
  found: readonly boolean[];
  /** Keys of operations in the place of texts. */
  operations: readonly string[] | undefined;
  /** Those of the keys whose method is assumed. */
  assumed: readonly string[];
  /** The number of places that were not read. */
  unread: number;
  /** The recordings that some of the operations come from. */
  recorded?: RecordedOperations | undefined;
}

/** @internal Calls as the core takes them. */
export function list(calls: Calls | Operations): { texts: string[]; called: Called } {
  if (typeof calls === "object" && "operations" in calls) {
    const { operations, assumed = [], unread = 0, recorded } = calls;
    return { texts: [], called: { names: [], found: [], operations, assumed, unread, recorded } };
  }
  const all = typeof calls === "string" ? [calls] : calls;
  const named = all.map((one): NamedText => (typeof one === "string" ? { text: one } : one));
  const names = named.map(({ name }) => name);
  const found = named.map(({ found }) => found === true);
  const unread = named.filter(({ unread }) => unread === true).length;
  return { texts: named.map(({ text }) => text), called: { names, found, operations: undefined, assumed: [], unread } };
}
