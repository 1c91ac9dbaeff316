/** Findings by the rules. */

import type { Finding, FindingGroup, Severity } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { type Child, h } from "../dom.js";
import { counted, listed, opening } from "../format.js";
import { type Context, cite, folded, foldedSection, linked, prose, sentence } from "./parts.js";

const SEVERITY: Record<Severity, [one: string, several: string]> = { error: ["Error", "errors"], warning: ["Warning", "warnings"], info: ["Note", "notes"] };

export function findings(answer: Answer, context: Context): HTMLElement {
  const { findings, groups } = answer;
  const urgent = groups.filter((group) => group.severity !== "info");
  const rest = groups.filter((group) => group.severity === "info");
  const counts = (["error", "warning", "info"] as const).map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const);
  const digest = counts.filter(([, count]) => count > 0).map(([severity, count]) => counted(count, SEVERITY[severity][0].toLowerCase(), SEVERITY[severity][1]));
  return foldedSection(
    "findings",
    "Findings",
    listed(digest),
    findings.some((finding) => finding.severity === "error"),
    urgent.length === 0 && h("p", {}, "No problems found."),
    list(urgent, answer, context),
    rest.length > 0 && folded("rules", `${opening(rest.length, "note")} on other rules`, list(rest, answer, context)),
  );
}

function list(groups: FindingGroup[], answer: Answer, context: Context): HTMLElement {
  return h("ul", { class: "findings-list" }, ...groups.map((group) => item(group, group.findings.flatMap((place) => answer.findings[place] ?? []), context)));
}

/** The findings of one rule; its text stands below them if there are several. */
function item({ rule, severity }: FindingGroup, own: Finding[], { index }: Context): HTMLElement {
  const more = own[0]?.more;
  const said = (finding: Finding): Child[] => [...sentence(finding.message, index), "\u00a0", cite(finding)];
  return h(
    "li",
    { class: severity },
    h("span", { class: "severity" }, SEVERITY[severity][0]),
    h(
      "div",
      {},
      own.length === 1
        ? own.map((finding) => h("p", { class: "message" }, ...said(finding)))
        : [h("ul", { class: "dashes" }, ...own.map((finding) => h("li", { class: "message" }, ...said(finding)))), h("p", { class: "more" }, ...prose(index.rules.get(rule)?.text ?? "", index))],
      more &&
        h("p", { class: "more" }, ...prose(more.text, index), " ", h("span", { class: "beside" }, ...more.sources.flatMap((source, at) => [at > 0 && ", ", linked(source)]))),
    ),
  );
}
