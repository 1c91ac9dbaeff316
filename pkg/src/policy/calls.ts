/** Calls as callers give them: texts, or keys of operations. */

import { type Check, isText } from "../shared/check.js";
import type { Calls, NamedText } from "../shared/texts.js";

/** Calls of operations whose keys are known: nothing has to be read. */
export interface Operations {
  /** Keys such as `accounting.getInvoices`, as {@link catalogue} has them and {@link operationOf} gives them. */
  operations: readonly string[];
  /** Those of them that were found without a method, so that `GET` is assumed. Default: none. */
  assumed?: readonly string[] | undefined;
  /** The number of places that use Xero and could not be read, where the operations were found. Default: 0. */
  unread?: number | undefined;
}

/** @internal A list of texts. */
export const isList: Check = (value) => Array.isArray(value) && value.every(isText);

/** @internal A whole number that the core can hold. */
export const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;

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
    const { operations, assumed, unread } = (value ?? {}) as Partial<Operations>;
    return isList(operations) && (assumed === undefined || isList(assumed)) && (unread === undefined || isCount(unread));
  },
  "a text, a list of texts, each alone or as { name, text }, or { operations } with a list of keys",
];

/** @internal Calls as the core takes them: texts, and facts about them. */
export function list(calls: Calls | Operations) {
  if (typeof calls === "object" && "operations" in calls) {
    const { operations, assumed = [], unread = 0 } = calls;
    return { texts: [], called: { names: [], found: [], operations, assumed, unread } };
  }
  const all = typeof calls === "string" ? [calls] : calls;
  const named = all.map((one): NamedText => (typeof one === "string" ? { text: one } : one));
  const names = named.map(({ name }) => name);
  const found = named.map(({ found }) => found === true);
  const unread = named.filter(({ unread }) => unread === true).length;
  return { texts: named.map(({ text }) => text), called: { names, found, operations: undefined, assumed: [], unread } };
}
