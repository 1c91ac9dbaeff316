/** The baseline of a project: findings that were there when it began to check, and do not fail it. */

import { writeFile } from "node:fs/promises";
import { BadUse } from "./bad-use.js";
import { SMALL, readSource } from "./input.js";
import { harmless, quoted, redacted } from "./redact.js";

/** A finding, named so that it stays the same while lines and files move. */
export interface Known {
  /** The environment of the policy file; absent if it has none. */
  environment?: string;
  /** The kind of finding. */
  kind: string;
  /** The rule, or that of the policy file. */
  rule: string;
  /** Its subject: an operation, scopes, or a place that could not be read. */
  what: string;
  /** How often; only for a place that could not be read: once more is a new finding. */
  times?: number;
}

/** A baseline and its file. */
export interface Baseline {
  name: string;
  known: Known[];
}

const FORM = 1;

/** A finding is the same if all of these are. */
const keyOf = ({ environment, kind, rule, what }: Known) => JSON.stringify([environment ?? null, kind, rule, what]);

/** Reads a baseline. */
export async function readBaseline(path: string): Promise<Baseline> {
  const { name, text } = await readSource(path, SMALL);
  const wrong = new BadUse(`${quoted(name)} is no baseline; xero-m2m check --baseline FILE --write-baseline makes one`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw wrong;
  }
  const { xeroBaseline, findings } = (content ?? {}) as { xeroBaseline?: unknown; findings?: unknown };
  if (xeroBaseline !== FORM || !Array.isArray(findings) || !findings.every(isKnown)) throw wrong;
  return { name, known: findings };
}

function isKnown(value: unknown): value is Known {
  if (typeof value !== "object" || value === null) return false;
  const { environment = "", kind, rule, what, times = 1 } = value as Partial<Known>;
  return [environment, kind, rule, what].every((text) => typeof text === "string") && Number.isSafeInteger(times);
}

/** A subject of a baseline as a text that can be written: no secret of the code it was found in is kept. */
export function subject(text: string): string {
  return harmless(redacted(text));
}

/** The findings of one environment beside a baseline. */
export interface Beside<Finding> {
  /** Those that the baseline has. */
  old: Set<Finding>;
  /** What the baseline has and was not found: all of it, or so many times less. */
  gone: Known[];
}

/** Compares. Of the baseline only what is about this environment counts. */
export function beside<Finding>(
  baseline: Baseline,
  environment: string | undefined,
  found: readonly (readonly [Finding, Known])[],
): Beside<Finding> {
  const left = new Map(baseline.known.filter((known) => known.environment === environment).map((known) => [keyOf(known), known]));
  const old = new Set<Finding>();
  const gone: Known[] = [];
  for (const [key, now] of summed(found.map(([, known]) => known))) {
    const then = left.get(key);
    if (!then) continue;
    left.delete(key);
    const [times, before] = [now.times ?? 1, then.times ?? 1];
    if (times <= before) for (const [finding, known] of found) if (keyOf(known) === key) old.add(finding);
    if (times < before) gone.push({ ...then, times: before - times });
  }
  return { old, gone: [...gone, ...left.values()] };
}

/** Each finding once, by its key; how often adds up. */
function summed(all: readonly Known[]): Map<string, Known> {
  const sums = new Map<string, Known>();
  for (const known of all) {
    const same = sums.get(keyOf(known));
    sums.set(keyOf(known), same?.times === undefined ? known : { ...known, times: same.times + (known.times ?? 1) });
  }
  return sums;
}

/** Writes a baseline, a finding a line. What an older one has about other environments than these stays. */
export async function writeBaseline(
  path: string,
  known: readonly Known[],
  environments: readonly (string | undefined)[],
): Promise<void> {
  const before = await readBaseline(path).catch((error: unknown) => {
    // The first time there is no file; one that is something else is not replaced.
    if (error instanceof BadUse && /there is no such file$/.test(error.message)) return undefined;
    throw error;
  });
  const others = (before?.known ?? []).filter(({ environment }) => !environments.includes(environment));
  const sorted = [...summed([...others, ...known])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, finding]) => `    ${JSON.stringify(finding)}`);
  const text = `{\n  "xeroBaseline": ${FORM},\n  "findings": [${sorted.length ? `\n${sorted.join(",\n")}\n  ` : ""}]\n}\n`;
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new Error(`the baseline ${quoted(path)} cannot be written: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}`);
  }
}
