/** The findings that end a command with exit code 1. */

import type { Finding, FindingKind } from "xero-m2m/policy";

/** The values of `--fail-on` and `failOn`, with the kinds of findings that each stands for. */
const KINDS = {
  missing: ["missing", "unresolved"],
  unused: ["unused"],
  broad: ["broad"],
  expiring: ["expiring"],
  unknown: ["unknown"],
  impossible: ["impossible"],
  uncertain: ["uncertain"],
  unsuitable: ["unsuitable"],
  oneway: ["oneWay"],
  none: [],
} satisfies Record<string, FindingKind[]>;

/** A kind of finding to fail on. */
export type FailKind = keyof typeof KINDS;

/** All of these values, for messages. */
export const FAIL_KINDS = Object.keys(KINDS) as FailKind[];

/** A time from the day of the answer: a number of days, or a day written as `YYYY-MM-DD`. */
export type Within = number | string;

/** The condition under which a command fails. */
export interface FailOn {
  kinds: readonly FailKind[];
  /** For `expiring`: only what ends within so many days. */
  within?: number | undefined;
}

/** The members of a finding that count. */
export type Countable = Pick<Finding, "kind" | "daysLeft">;

/** The mistake in a list of kinds; nothing if it is correct. */
export function wrongKinds(kinds: readonly string[]): string | undefined {
  const unknown = kinds.find((kind) => !Object.hasOwn(KINDS, kind));
  if (unknown !== undefined)
    return `unknown kind ${JSON.stringify(unknown)} of finding to fail on; use ${FAIL_KINDS.join(", ")}`;
  if (!kinds.length) return `no kind of finding to fail on is given; use ${FAIL_KINDS.join(", ")}`;
  return kinds.includes("none") && kinds.length > 1
    ? "none cannot be combined with other kinds of findings to fail on"
    : undefined;
}

/** The kinds that `findings` have of those to fail on, each with how many there are. */
export function failures(findings: readonly Countable[], { kinds, within }: FailOn): [FailKind, number][] {
  const counts = kinds.map((kind): [FailKind, number] => {
    const meant: readonly FindingKind[] = KINDS[kind];
    const late = (finding: Countable) =>
      finding.kind !== "expiring" || within === undefined || (finding.daysLeft ?? 0) <= within;
    return [kind, findings.filter((finding) => meant.includes(finding.kind) && late(finding)).length];
  });
  return counts.filter(([, count]) => count > 0);
}
