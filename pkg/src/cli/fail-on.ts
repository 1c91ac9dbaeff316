/** Which findings end a command with exit code 1. */

import type { Finding, FindingKind } from "xero-m2m/policy";

/** What `--fail-on` and `failOn` take, and the findings that each stands for. */
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

/** All that may be named, as a person is told. */
export const FAIL_KINDS = Object.keys(KINDS) as FailKind[];

/** When a command fails. */
export interface FailOn {
  kinds: readonly FailKind[];
  /** For `expiring`: only what ends within so many days. */
  within?: number | undefined;
}

/** What of a finding is looked at. */
export type Countable = Pick<Finding, "kind" | "daysLeft">;

/** What is wrong with a list of kinds; nothing if it can be used. */
export function wrongKinds(kinds: readonly string[]): string | undefined {
  const unknown = kinds.find((kind) => !Object.hasOwn(KINDS, kind));
  if (unknown !== undefined)
    return `there is no kind ${JSON.stringify(unknown)} of finding to fail on; there are ${FAIL_KINDS.join(", ")}`;
  if (!kinds.length) return `no kind of finding to fail on is named; there are ${FAIL_KINDS.join(", ")}`;
  return kinds.includes("none") && kinds.length > 1
    ? "none stands alone among the kinds of findings to fail on"
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
