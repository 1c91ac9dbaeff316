/** `xero-m2m check`: the calls that scopes allow, and the scopes that are not needed. */

import { type CheckedCall, type CheckedScopes, type Claim, type ComparedUsage, type Finding, checkScopes } from "xero-m2m/policy";
import { judge, write } from "./answer.js";
import { BadUse } from "./bad-use.js";
import { findingItems, findingReports, sayFindings } from "./findings.js";
import { type Place, type Source, placeOf, textsOf, where, withFiles } from "./input.js";
import { code, details, document, plain, sourceLinks, table, under } from "./markdown.js";
import type { Page } from "./page.js";
import { type Forbidden, type PolicyFile, forbidden } from "./policy-file.js";
import { type Report, TEAM_RULES, log } from "./sarif.js";
import {
  type CommonOptions,
  type GivenScopes,
  callsOf,
  factsOf,
  failOnOf,
  nothingFound,
  policyOf,
  scopesOf,
} from "./settings.js";
import { harmless } from "./redact.js";
import { comparedJson, comparedWith, recordedMarkdown, recordedSections, recordings } from "./recorded.js";
import { ignoredWords, isAssumed, isWhole, more, unresolvedItems, unresolvedReports, unresolvedSection } from "./unresolved.js";
import { basis, count, sourcesOf } from "./phrases.js";

interface CheckOptions extends CommonOptions {
  call?: string[];
  scopes?: string;
  scopesFile?: string;
  recorded?: string[];
}

/** The answer as it is written in all formats. */
interface Checked {
  answer: CheckedScopes;
  /** The scopes that the policy file does not let the connection have. */
  forbidden: Forbidden[];
  given: GivenScopes;
  sources: readonly Source[];
  file: PolicyFile | undefined;
  /** The code beside recordings, if there are any. */
  recorded: ComparedUsage | undefined;
}

/** Checks calls, and fails by default if one is refused or not recognised. */
export async function check(files: string[], options: CheckOptions): Promise<void> {
  const file = await policyOf(options);
  const given = await scopesOf("--scopes", options.scopes, options.scopesFile, { file });
  if (!given)
    throw new BadUse('check needs the scopes of the connection: --scopes "...", --scopes-file FILE or a policy file');
  const sources = [...(await callsOf(files, options.call, file)), ...(await recordings(options.recorded))];
  const answer = checkScopes({ scopes: given.text, calls: textsOf(sources), ...factsOf(options, file) });
  if (!answer.calls.length && !answer.unresolved.length) throw nothingFound(sources);
  const outside = file ? forbidden(given.names, file.policy) : [];
  const compared = comparedWith(sources, options.recorded);
  const recorded = compared && harmless(compared);
  const checked: Checked = { answer: harmless(answer), forbidden: outside, given, sources, file, recorded };
  const located = { ...withFiles(answer, sources), ...(compared && { recorded: comparedJson(compared, sources) }) };
  await write(
    {
      json: outside.length ? { ...located, forbidden: outside } : located,
      text: (page) => text(page, checked, options.all === true),
      markdown: () => markdown(checked),
      sarif: () => log("check", reports(checked), fallback(checked)),
    },
    options,
  );
  const unread = sources.filter((source) => source.unread);
  const missing = [...writtenOf(answer, "refused"), ...answer.unresolved, ...unread].map(() => ({ kind: "missing" }) as const);
  const rest = answer.findings.filter(({ kind }) => kind !== "missing" && kind !== "unresolved");
  await judge(
    [...missing, ...rest],
    failOnOf(options, file, "missing"),
    [
      ["forbidden by the policy file", outside.length],
      ["error about the connection or its scopes", errorsBeside(answer)],
    ],
    answer.calls.length ? [] : [["no call could be read", answer.unresolved.length]],
  );
}

const BRIEFLY = 10;

/** A call as it is written, and the operations that it may be. */
interface Written {
  call: CheckedCall;
  operations: CheckedCall[];
  openedBy: string[];
}

/** The calls as they are written that are allowed, or those that are refused. */
function writtenOf({ calls, written }: CheckedScopes, wanted: "allowed" | "refused"): Written[] {
  return written
    .filter(({ allowed }) => allowed === (wanted === "allowed"))
    .map(({ calls: places, openedBy }) => {
      const operations = places.map((place) => calls[place]!);
      return { call: operations[0]!, operations, openedBy };
    });
}

/** The reasons for which a call is refused, each once. */
function reasonsOf({ operations }: Written): Claim[] {
  const reasons = operations.filter(({ allowed }) => !allowed).map(({ reason }) => reason);
  return [...new Map(reasons.map((reason) => [reason.text, reason])).values()];
}

/** The findings that are not listed with their calls. */
function besides({ findings }: CheckedScopes): Finding[] {
  return findings.filter(({ kind }) => kind !== "missing" && kind !== "unresolved");
}

/** The verdict as it is written before what it rests on. */
const VERDICTS: Record<CheckedScopes["verdict"], string> = {
  allowed: "ALLOWED",
  allowedIfReading: "ALLOWED IF IT ONLY READS",
  allowedWithErrors: "NOT ALLOWED",
  unknown: "NOT ALLOWED",
  refused: "NOT ALLOWED",
  nothing: "NOT ALLOWED",
};

function verdict({ answer, forbidden }: Checked): string {
  const [total, refused] = [answer.written.length, writtenOf(answer, "refused").length];
  const parts = [
    refused ? `${refused} of ${count(total, "call")} refused` : "",
    isWhole(answer) ? "" : answer.reading,
    errorsBeside(answer) ? `${count(errorsBeside(answer), "error")} about the connection or its scopes, which open ${count(total, "call")}` : "",
    forbidden.length ? `${count(forbidden.length, "scope")} against the policy file` : "",
  ].filter(Boolean);
  return parts.join(", ") || `${total > 1 ? "all " : ""}${count(total, "call")} allowed`;
}

/** The errors that stand against calls which the scopes open. */
function errorsBeside({ verdict, findings }: CheckedScopes): number {
  return verdict === "allowedWithErrors" ? findings.filter(({ severity }) => severity === "error").length : 0;
}

function against({ by }: Forbidden, file: PolicyFile | undefined): string {
  return by === "deny" ? `${file?.source.name} denies it` : `${file?.source.name} does not allow it`;
}

function text(page: Page, checked: Checked, all: boolean): void {
  const { answer, given, sources, file } = checked;
  const { bad, good, warn, faint, strong } = page.paint;
  const most = all ? Number.POSITIVE_INFINITY : BRIEFLY;
  const word = checked.forbidden.length ? "NOT ALLOWED" : VERDICTS[answer.verdict];
  const paint = word === "NOT ALLOWED" ? bad : answer.allowed ? good : warn;
  page.say(`${paint(word)}: ${strong(verdict(checked))}`);
  const from = given.file ? ` from ${given.file}` : "";
  page.say(
    faint(`${count(given.names.length, "scope")}${from}, on ${answer.on}, by the catalogue of ${answer.catalogue}`),
  );

  const refused = writtenOf(answer, "refused");
  if (refused.length) {
    page.section("Refused", () => {
      for (const item of refused.slice(0, most)) {
        page.say(`${faint(where(placeOf(sources, item.call)))}  ${bad(item.call.call)}`, "  ");
        for (const reason of reasonsOf(item)) page.say(`${reason.text} ${faint(basis(reason))}`, "      ");
      }
      more(page, refused.length - most, "call");
    });
  }
  unresolvedSection(page, answer.unresolved, sources, most);
  if (checked.forbidden.length) {
    page.section("Against the policy file", () => {
      page.rows(checked.forbidden.map((item) => [bad(item.scope), against(item, file)]));
    });
  }
  if (answer.missing.length) {
    page.section("What to add", () => {
      for (const scope of answer.missing) page.line(`  ${scope}`);
      page.say(
        faint(
          "Any change switches the connection off until it is authorised again; xero-m2m plan lists the steps.",
        ),
        "  ",
      );
    });
  }
  if (answer.broad.length) {
    page.section("Broader than needed", () => {
      page.rows(answer.broad.map(({ scope, instead }) => [warn(scope), `instead: ${instead.join(" ")}`]));
    });
  }
  // The section above has the broad scopes, but not that a recording alone speaks against them.
  const findings = besides(answer).filter(({ kind }) => kind !== "broad" || answer.recorded?.only);
  if (findings.length) page.section("Findings", () => sayFindings(page, findings, all));
  const allowed = writtenOf(answer, "allowed");
  if (allowed.length) {
    page.section("Allowed", () => {
      page.rows(
        allowed
          .slice(0, most)
          .map((item) => [
            item.call.call,
            `${item.openedBy.join(" ")}  ${faint(where(placeOf(sources, item.call)))}${warn(assumedWords(item))}`,
          ]),
      );
      more(page, allowed.length - most, "call");
    });
  }
  if (checked.recorded) recordedSections(page, checked.recorded, sources, most);
  const passed = ignoredWords(answer.ignored);
  if (passed) page.section("Besides", () => page.say(passed, "  "));
  const cited = sourcesOf([...refused.flatMap(reasonsOf), ...findings]);
  if (cited.length) {
    page.section("Sources", () => {
      for (const source of cited) page.say(source, "  ");
    });
  }
}

/** The words for a call whose method is assumed; empty for any other. */
function assumedWords({ call }: Written): string {
  if (!isAssumed(call)) return "";
  return call.uncertain ? "  if it only reads: no method is written" : "  no method is written, and the scopes open any";
}

function markdown(checked: Checked): string {
  const { answer, sources, file } = checked;
  const word = checked.forbidden.length ? VERDICTS.refused : VERDICTS[answer.verdict];
  const fine = word === VERDICTS.allowed;
  const at = ({ call }: Written) => code(where(placeOf(sources, call)));
  const reasons = (item: Written) => reasonsOf(item).map((reason) => `${plain(reason.text)} ${basis(reason)}`);
  const refused = writtenOf(answer, "refused");
  const findings = besides(answer);
  const cited = sourceLinks([...refused.flatMap(reasonsOf), ...findings]);
  return document(
    `## Xero scopes: ${fine ? "" : `${word.toLowerCase()}, `}${verdict(checked)}`,
    table(
      ["Refused", "Where", "Why"],
      refused.map((item) => [code(item.call.call), at(item), reasons(item).join("<br>")]),
    ),
    under("Not read or not recognised, so not allowed", unresolvedItems(answer.unresolved, sources)),
    under(
      "Against the policy file",
      checked.forbidden.map((item) => `${code(item.scope)}: ${plain(against(item, file))}`),
    ),
    answer.missing.length ? `**What to add:** ${answer.missing.map(code).join(", ")}` : "",
    under("Findings", findingItems(findings)),
    checked.recorded ? recordedMarkdown(checked.recorded, sources) : "",
    details(
      `${count(writtenOf(answer, "allowed").length, "call")} allowed`,
      table(
        ["Call", "Where", "Opened by"],
        writtenOf(answer, "allowed").map((item) => [
          code(item.call.call) + plain(assumedWords(item)),
          at(item),
          item.openedBy.map(code).join(", "),
        ]),
      ),
    ),
    under("Sources", cited),
    `On ${answer.on}, by the catalogue of ${answer.catalogue}.`,
  );
}

/** The place of reports about the connection: that of its scopes, or else the first file. */
function fallback({ given, file, sources }: Checked): Place | undefined {
  const source = file?.source ?? sources.find(({ file }) => file !== undefined);
  return given.placeOf?.(given.names[0]!) ?? (source && { source, line: 1, column: 1 });
}

function reports(checked: Checked): Report[] {
  const { answer, given, sources, file } = checked;
  const placed = (scope: string | undefined) => (scope === undefined ? undefined : given.placeOf?.(scope));
  const refused = answer.calls
    .filter(({ allowed }) => !allowed)
    .map((call): Report => {
      const { rule, text } = call.reason;
      const properties = { kind: "missing", operation: call.operation, missing: call.missing, times: call.times };
      return { rule, severity: "error", message: text, place: placeOf(sources, call), properties };
    });
  const findings = besides(answer).flatMap((finding): Report[] => {
    const report = findingReports([finding])[0]!;
    // A finding about calls is reported at each of them.
    const places = (finding.calls ?? []).map((call) => placeOf(sources, answer.calls[call]!));
    if (places.length) return places.map((place) => ({ ...report, place }));
    return [{ ...report, place: placed(finding.scopes[0]) }];
  });
  const team = checked.forbidden.map((item): Report => {
    const place = placed(item.scope);
    return {
      rule: TEAM_RULES[item.by],
      severity: "error",
      message: `${item.scope}: ${against(item, file)}`,
      place,
      properties: { kind: "forbidden", scopes: [item.scope] },
    };
  });
  return [...refused, ...unresolvedReports(answer.unresolved, sources), ...team, ...findings];
}
