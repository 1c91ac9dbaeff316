/** Findings, in every format. */

import type { Finding, Severity } from "xero-m2m/policy";
import { plain } from "./markdown.js";
import type { Page } from "./page.js";
import type { Report } from "./sarif.js";
import { basis, count, sentence } from "./phrases.js";

const WORDS: Record<Severity, string> = { error: "error  ", warning: "warning", info: "info   " };

/** Writes each with its severity; additions by other sources only if `all` is set. */
export function sayFindings(page: Page, findings: readonly Finding[], all: boolean): void {
  const { bad, warn, faint } = page.paint;
  const paint = { error: bad, warning: warn, info: faint };
  for (const finding of findings) {
    const { severity, message, more } = finding;
    page.say(`${sentence(message)} ${faint(`${basis(finding)}${times(finding)}`)}`, `  ${paint[severity](WORDS[severity])}  `);
    if (all && more) page.say(faint(more.text), " ".repeat(11));
  }
}

/** The number of calls of a finding, if there are several. */
function times({ calls = [] }: Finding): string {
  return calls.length > 1 ? `, ${count(calls.length, "call")}` : "";
}

/** Items of a Markdown list. */
export function findingItems(findings: readonly Finding[]): string[] {
  return findings.map(
    (finding) => `**${finding.severity}** ${plain(sentence(finding.message))} ${basis(finding)}${times(finding)}`,
  );
}

/** The reports of them. */
export function findingReports(findings: readonly Finding[]): Report[] {
  return findings.map(({ rule, kind, severity, message, scopes, deadline, daysLeft, confidence }) => ({
    rule,
    severity: kind === "fact" || kind === "advice" ? "fact" : severity,
    message,
    properties: { kind, scopes, confidence, ...(deadline !== undefined && { deadline, daysLeft }) },
  }));
}
