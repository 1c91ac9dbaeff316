/** The calls of all texts together. */

import { type IgnoredLines, type RecordedOperations, catalogue } from "xero-m2m/policy";
import type { FoundCall, OpenCall, Trace } from "./protocol.js";

/** The calls of all texts, as they are shown and as the library is asked about them. */
export interface Gathered {
  calls: { operations: string[]; assumed: string[]; unread: number; recorded?: RecordedOperations };
  found: FoundCall[];
  unresolved: OpenCall[];
  taken: [string, string][];
  ignored: IgnoredLines;
}

/** Gathers the calls of these texts, with the operations that the user has `chosen` for unresolved ones. */
export function gathered(texts: readonly Trace[], chosen: Record<string, string>): Gathered {
  const file = ({ name }: Trace): { file?: string } => (name === undefined ? {} : { file: name });
  const found = texts.flatMap((text) => text.calls.map((call) => ({ ...call, ...file(text) })));
  const open = texts.flatMap((text) => text.unresolved.map((call) => ({ ...call, ...file(text) })));
  const taken = Object.entries(chosen).filter(([text]) => open.some((call) => call.text === text));
  const settled = new Map(taken);
  const unresolved = open.filter((call) => !settled.has(call.text));
  const operations = ordered([...found.flatMap((call) => call.operations), ...settled.values()]);
  const assumed = ordered(found.filter((call) => call.assumed === "get").flatMap((call) => call.operations));
  const unread = texts.reduce((sum, text) => sum + (text.unread ?? 0), unresolved.length);
  const ignored = texts.map((text) => text.ignored).reduce(sum);
  const recorded = recordedOf(texts);
  return { calls: { operations, assumed, unread, ...(recorded ? { recorded } : {}) }, found, unresolved, taken, ignored };
}

/** The recordings among these texts, and the operations that only they have; nothing without a recording. */
function recordedOf(texts: readonly Trace[]): RecordedOperations | undefined {
  const watched = texts.flatMap(({ recorded }) => (recorded ? [recorded.watched] : []));
  if (watched.length === 0) return undefined;
  const calls = texts.flatMap((text) => text.calls);
  const keys = (wanted: boolean) => calls.filter(({ recorded = false }) => recorded === wanted).flatMap((call) => call.operations);
  const read = new Set(keys(false));
  return { operations: ordered(keys(true).filter((key) => !read.has(key))), watched };
}

/** The keys in the order of the catalogue, each once: so a link gives the same answer for any order of the text. */
function ordered(keys: readonly string[]): string[] {
  const wanted = new Set(keys);
  return catalogue.operations.map(({ key }) => key).filter((key) => wanted.has(key));
}

function sum(a: IgnoredLines, b: IgnoredLines): IgnoredLines {
  const names = Object.keys(a) as (keyof IgnoredLines)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as IgnoredLines;
}
