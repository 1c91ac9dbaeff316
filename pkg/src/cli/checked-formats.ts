/** The answer of `xero-m2m check` as text, Markdown, reports for code scanning, and annotations. */

import { type Checked, type Written, baselineWords, besides, news, reasonsOf, verdict, wordOf, writtenOf } from "./checked.js";
import { findingItems, findingReports, sayFindings } from "./findings.js";
import { type Level, annotations } from "./github.js";
import { type Place, placeOf, where } from "./input.js";
import { code, details, document, plain, sourceLinks, table, under } from "./markdown.js";
import type { Page } from "./page.js";
import type { Forbidden, PolicyFile } from "./policy-file.js";
import { recordedMarkdown, recordedSections } from "./recorded.js";
import { type Report, TEAM_RULES } from "./sarif.js";
import { ignoredWords, isAssumed, more, unreadReports, unresolvedItems, unresolvedReports, unresolvedSection } from "./unresolved.js";
import { basis, count, sourcesOf } from "./phrases.js";

const BRIEFLY = 10;

function against({ by }: Forbidden, file: PolicyFile | undefined): string {
  return by === "deny" ? `${file?.source.name} denies it` : `${file?.source.name} does not allow it`;
}

/** Writes the answer as text. */
export function text(page: Page, checked: Checked, all: boolean): void {
  const { answer, given, sources, file } = checked;
  const { bad, good, warn, faint, strong } = page.paint;
  const most = all ? Number.POSITIVE_INFINITY : BRIEFLY;
  const word = wordOf(checked);
  const paint = word === "NOT ALLOWED" ? bad : answer.allowed ? good : warn;
  page.say(`${paint(word)}: ${strong(verdict(checked))}`);
  const from = given.file ? ` from ${given.file}` : "";
  page.say(
    faint(`${count(given.names.length, "scope")}${from}, on ${answer.on}, by the catalogue of ${answer.catalogue}`),
  );
  for (const sentence of baselineWords(checked)) page.say(warn(sentence));

  const refused = news(checked, writtenOf(answer, "refused"), ({ written }) => written);
  if (refused.length) {
    page.section("Refused", () => {
      for (const item of refused.slice(0, most)) {
        page.say(`${faint(where(placeOf(sources, item.call)))}  ${bad(item.call.call)}`, "  ");
        for (const reason of reasonsOf(item)) page.say(`${reason.text} ${faint(basis(reason))}`, "      ");
      }
      more(page, refused.length - most, "call");
    });
  }
  unresolvedSection(page, news(checked, answer.unresolved), sources, most);
  const outside = news(checked, checked.forbidden);
  if (outside.length) {
    page.section("Against the policy file", () => {
      page.rows(outside.map((item) => [bad(item.scope), against(item, file)]));
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
  const findings = news(checked, besides(answer)).filter(({ kind }) => kind !== "broad" || answer.recorded?.only);
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

/** The answer as Markdown. */
export function markdown(checked: Checked): string {
  const { answer, sources, file } = checked;
  const word = wordOf(checked);
  const fine = word === "ALLOWED";
  const at = ({ call }: Written) => code(where(placeOf(sources, call)));
  const reasons = (item: Written) => reasonsOf(item).map((reason) => `${plain(reason.text)} ${basis(reason)}`);
  const refused = news(checked, writtenOf(answer, "refused"), ({ written }) => written);
  const findings = news(checked, besides(answer));
  const cited = sourceLinks([...refused.flatMap(reasonsOf), ...findings]);
  return document(
    `## Xero scopes${of(file)}: ${fine ? "" : `${word.toLowerCase()}, `}${verdict(checked)}`,
    baselineWords(checked).map((sentence) => `> ${plain(sentence)}\n`).join(">\n"),
    table(
      ["Refused", "Where", "Why"],
      refused.map((item) => [code(item.call.call), at(item), reasons(item).join("<br>")]),
    ),
    under("Not read or not recognised, so not allowed", unresolvedItems(news(checked, answer.unresolved), sources)),
    under(
      "Against the policy file",
      news(checked, checked.forbidden).map((item) => `${code(item.scope)}: ${plain(against(item, file))}`),
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

/** The environment, for titles. */
const of = (file: PolicyFile | undefined) => (file?.environment === undefined ? "" : ` of ${file.environment}`);

/** The answer as annotations of GitHub Actions. */
export function github(checked: Checked): string {
  const word = wordOf(checked);
  const hasNews = reports(checked).some(({ severity, old }) => severity === "error" && !old);
  const level: Level = word === "ALLOWED" ? "notice" : word === "NOT ALLOWED" && (hasNews || !checked.baseline) ? "error" : "warning";
  const head = [`${word}: ${verdict(checked)}.`, ...baselineWords(checked)].join(" ");
  return annotations([level, head], `Xero scopes${of(checked.file)}`, reports(checked), fallback(checked));
}

/** The place of reports about the connection: that of its scopes, or else the first file. */
export function fallback({ given, file, sources }: Checked): Place | undefined {
  const source = file?.source ?? sources.find(({ file }) => file !== undefined);
  return given.placeOf?.(given.names[0]!) ?? (source && { source, line: 1, column: 1 });
}

/** The reports for code scanning. */
export function reports(checked: Checked): Report[] {
  const { answer, given, sources, file } = checked;
  const placed = (scope: string | undefined) => (scope === undefined ? undefined : given.placeOf?.(scope));
  const old = (subject: object) => (checked.baseline ? { old: news(checked, [subject]).length === 0 } : {});
  const refused = writtenOf(answer, "refused").flatMap(({ written, operations }) => {
    const calls = operations.filter(({ allowed }) => !allowed);
    return calls.map((call): Report => {
      const { rule, text } = call.reason;
      const properties = { kind: "missing", operation: call.operation, missing: call.missing, times: call.times };
      return { rule, severity: "error", message: text, place: placeOf(sources, call), properties, ...old(written) };
    });
  });
  const findings = besides(answer).flatMap((finding): Report[] => {
    const report = { ...findingReports([finding])[0]!, ...old(finding) };
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
      ...old(item),
    };
  });
  const unread = answer.unresolved.flatMap((call) => unresolvedReports([call], sources).map((report) => ({ ...report, ...old(call) })));
  return [...refused, ...unreadReports(sources), ...unread, ...team, ...findings];
}
