/** The answer of `xero-m2m check` for one connection, and the findings in it. */

import type { CheckedCall, CheckedScopes, Claim, ComparedUsage, Finding, UnresolvedCall, WrittenCall } from "xero-m2m/policy";
import { type Beside, type Known, subject } from "./baseline.js";
import type { Countable, FailKind, FailOn } from "./fail-on.js";
import { failures } from "./fail-on.js";
import type { Source } from "./input.js";
import { count } from "./phrases.js";
import type { Forbidden, PolicyFile } from "./policy-file.js";
import { TEAM_RULES } from "./sarif.js";
import type { GivenScopes } from "./settings.js";
import { isWhole } from "./unresolved.js";

/** The answer about one connection, and its input. */
export interface Checked {
  answer: CheckedScopes;
  /** The scopes that the policy file does not let the connection have. */
  forbidden: Forbidden[];
  given: GivenScopes;
  sources: readonly Source[];
  file: PolicyFile | undefined;
  /** The code beside recordings, if there are any. */
  recorded: ComparedUsage | undefined;
  /** The findings beside a baseline, if there is one. */
  baseline?: Compared | undefined;
}

/** Findings beside a baseline: the old ones are counted and not listed. */
export interface Compared extends Beside<Subject> {
  /** The name of its file. */
  name: string;
}

/** Something that can fail: a refused call, a place that could not be read, a scope against the policy file, any other finding. */
export type Subject = WrittenCall | UnresolvedCall | Forbidden | Finding;

/** A call as it is written, and the operations that it may be. */
export interface Written {
  written: WrittenCall;
  call: CheckedCall;
  operations: CheckedCall[];
  openedBy: string[];
}

/** The calls as they are written that are allowed, or those that are refused. */
export function writtenOf({ calls, written }: CheckedScopes, wanted: "allowed" | "refused"): Written[] {
  return written
    .filter(({ allowed }) => allowed === (wanted === "allowed"))
    .map((one) => {
      const operations = one.calls.map((place) => calls[place]!);
      return { written: one, call: operations[0]!, operations, openedBy: one.openedBy };
    });
}

/** The reasons for which a call is refused, each once. */
export function reasonsOf({ operations }: Written): Claim[] {
  const reasons = operations.filter(({ allowed }) => !allowed).map(({ reason }) => reason);
  return [...new Map(reasons.map((reason) => [reason.text, reason])).values()];
}

/** The findings that are not listed with their calls. */
export function besides({ findings }: CheckedScopes): Finding[] {
  return findings.filter(({ kind }) => kind !== "missing" && kind !== "unresolved");
}

/** Those that are no old findings of the baseline. */
export function news<Item extends object>({ baseline }: Checked, items: readonly Item[], of: (item: Item) => object = (item) => item): Item[] {
  return items.filter((item) => !baseline?.old.has(of(item) as Subject));
}

/** A finding with its name in a baseline, and the way in which it counts. */
export interface Counted {
  subject: Subject;
  known: Known;
  /** As one of `--fail-on`; or a scope against the policy file, or an error beside calls that the scopes open. */
  countable: Countable | "forbidden" | "error";
}

/** Everything that can fail, but for files that could not be read: no baseline has these. */
export function countedOf(checked: Checked): Counted[] {
  const { answer, forbidden, file } = checked;
  const environment = file?.environment;
  const named = (kind: string, rule: string, what: string, times?: number): Known => ({
    ...(environment !== undefined && { environment }),
    kind,
    rule,
    what: subject(what),
    ...(times !== undefined && { times }),
  });
  const missing = { kind: "missing" } as const;
  return [
    ...writtenOf(answer, "refused").map((item): Counted => {
      const operations = item.operations.map(({ operation }) => operation).sort();
      return { subject: item.written, known: named("missing", reasonsOf(item)[0]?.rule ?? "R28", operations.join(" or ")), countable: missing };
    }),
    ...answer.unresolved.map((call): Counted => {
      const what = call.text || (checked.sources[call.input]?.name ?? "");
      return { subject: call, known: named("unresolved", "R28", `${call.why} ${what}`, call.times), countable: missing };
    }),
    ...forbidden.map((item): Counted => {
      return { subject: item, known: named("forbidden", TEAM_RULES[item.by], item.scope), countable: "forbidden" };
    }),
    ...besides(answer).map((finding): Counted => {
      const isAgainst = answer.verdict === "allowedWithErrors" && finding.severity === "error";
      const operations = (finding.calls ?? []).map((call) => answer.calls[call]!.operation);
      const parts = [...finding.scopes, ...new Set(operations.sort()), finding.deadline ?? ""].filter(Boolean);
      return { subject: finding, known: named(finding.kind, finding.rule, parts.join(" ") || finding.message), countable: isAgainst ? "error" : finding };
    }),
  ];
}

/** Returns true if the command fails for a finding. */
export function fails({ countable }: Counted, failOn: FailOn): boolean {
  if (typeof countable === "string") return !failOn.kinds.includes("none" satisfies FailKind);
  return failures([countable], failOn).length > 0;
}

/** The verdict as it is written before what it rests on. */
const VERDICTS: Record<CheckedScopes["verdict"], string> = {
  allowed: "ALLOWED",
  allowedIfReading: "ALLOWED IF IT ONLY READS",
  allowedWithErrors: "NOT ALLOWED",
  unknown: "NOT KNOWN",
  refused: "NOT ALLOWED",
  nothing: "NOT KNOWN",
};

/** The verdict in a word or a few. It is the same with and without a baseline. */
export const wordOf = ({ answer, forbidden }: Checked) => (forbidden.length ? VERDICTS.refused : VERDICTS[answer.verdict]);

/** What the verdict rests on. */
export function verdict({ answer, forbidden }: Checked): string {
  const [total, refused] = [answer.written.length, writtenOf(answer, "refused").length];
  const parts = [
    refused ? `${refused} of ${count(total, "call")} refused` : "",
    isWhole(answer) && answer.verdict !== "unknown" ? "" : answer.reading,
    answer.verdict === "allowedWithErrors" ? `${count(errorsOf(answer), "error")} about the connection or its scopes, which open ${count(total, "call")}` : "",
    forbidden.length ? `${count(forbidden.length, "scope")} against the policy file` : "",
  ].filter(Boolean);
  return parts.join(", ") || `${total > 1 ? "all " : ""}${count(total, "call")} allowed`;
}

const errorsOf = ({ findings }: CheckedScopes) => findings.filter(({ severity }) => severity === "error").length;

/** Sentences about a baseline: its old findings, the places among them that could not be read, and what is no longer found. */
export function baselineWords({ baseline, answer }: Checked): string[] {
  if (!baseline) return [];
  const { name, old, gone } = baseline;
  const unread = answer.unresolved.filter((call) => old.has(call));
  const places = unread.reduce((sum, { times }) => sum + times, 0);
  const left = `${count(old.size, "old finding")} of the baseline ${name} ${old.size === 1 ? "is" : "are"} not listed`;
  const dark = places ? `; ${count(places, "place")} among them could not be read or recognised, so the scopes for ${places === 1 ? "it" : "them"} are not known` : "";
  const names = gone.map(({ kind, what, times }) => `${kind} ${what}${times === undefined ? "" : ` (${times} fewer)`}`);
  return [
    `${left}${dark}.`,
    ...(gone.length ? [`No longer found: ${names.join(", ")}; --write-baseline removes ${gone.length === 1 ? "it" : "them"} from the baseline.`] : []),
  ];
}
