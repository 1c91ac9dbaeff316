/** Checks of arguments and options. */

import { failure } from "./errors.js";

export type Check = (value: unknown) => boolean;

/** The members that an object may have: for each a check, and the kind of value in words. */
export type Shape<T> = Record<keyof T, [Check, string]>;

/** The names of every member that an object may have. */
export type Names<T> = Record<keyof T, unknown>;

export const isText: Check = (value) => typeof value === "string";
/** A text, or several. */
export const TEXTS: [Check, string] = [
  (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  "a text or a list of texts",
];

export const isFunction: Check = (value) => typeof value === "function";

/** Refuses a value that is no object, and members that `shape` does not have. `what` is the function that takes the object. */
export function checkKnown<T extends object>(what: string, given: T, shape: Names<T>): void {
  const names = Object.keys(shape);
  if (typeof given !== "object" || given === null) {
    throw failure("invalid_option", `${what} takes an object with ${names.slice(0, 2).join(" and ")}`);
  }
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) {
      throw failure("invalid_option", `there is no option ${JSON.stringify(name.slice(0, 40))}; there are ${names.join(", ")}`);
    }
  }
}

/** Refuses members that do not pass the check in `shape`. `undefined` counts as absent. */
export function checkValues<T extends object>(given: T, shape: Shape<T>): void {
  for (const [name, [check, words]] of Object.entries<[Check, string]>(shape)) {
    const value = given[name as keyof T];
    // The value is not quoted: it may be a secret in the wrong place.
    if (value !== undefined && !check(value)) throw failure("invalid_option", `${name} has to be ${words}`);
  }
}

/** Returns the kind of a value, without quoting it. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return value ? "a text" : "an empty text";
  if (typeof value !== "number") return typeof value === "object" ? "an object" : `a ${typeof value}`;
  if (!Number.isFinite(value)) return String(value);
  return value < 0 ? "a negative number" : Number.isInteger(value) ? "another number" : "a number with a fraction";
}
