/**
 * Scope policy: no secret, no network, any runtime that has WebAssembly.
 *
 * @module
 */

import { bytesOf } from "./bytes.js";
import type { KnownScope } from "./codes.js";
import { initSync, parseScopes as parse, version as moduleVersion } from "./glue/policy.js";
import wasm from "./glue/policy-wasm.js";

initSync({ module: bytesOf(wasm) });

/** The version of this package. */
export const version: string = moduleVersion();

/** What a text says about scopes. */
export interface ParsedScopes {
  /** Every name once, as written, in the order of first appearance; unknown ones too. */
  scopes: string[];
  /** The names that the catalogue does not have, each at its first appearance. */
  unknown: UnknownScope[];
  /** Every further appearance of a name. */
  duplicates: DuplicateScope[];
}

/** A name that the catalogue does not have. */
export interface UnknownScope {
  /** As written. */
  text: string;
  /** Where it is: an index into the text that was parsed. */
  at: number;
  /** What seems to be wrong with it. */
  reason: "case" | "plural" | "misnomer" | "nearMiss" | "partMissing" | "partExtra" | "notInCatalogue";
  /** What was probably meant. */
  suggestion?: KnownScope;
}

/** A name that was there before. */
export interface DuplicateScope {
  name: string;
  /** Where it is: an index into the text that was parsed. */
  at: number;
  /** Where it was first. */
  firstAt: number;
}

/**
 * Reads the scopes out of whatever a person pastes: names separated by spaces, commas or lines, a JSON array, a URL or
 * form body with `scope=`, configuration in many languages. Nothing is dropped in silence, and nothing is thrown.
 *
 * @example
 * ```ts
 * parseScopes("accounting.settings accounting.reports.balancesheets.read");
 * // { scopes: [...], unknown: [{ text: "accounting.reports.balancesheets.read", at: 20, reason: "misnomer",
 * //   suggestion: "accounting.reports.balancesheet.read" }], duplicates: [] }
 * ```
 */
export function parseScopes(text: string): ParsedScopes {
  return parse(text) as ParsedScopes;
}

export type { KnownScope } from "./codes.js";
