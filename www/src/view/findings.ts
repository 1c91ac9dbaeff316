/** Findings by the rules. */

import type { Finding, Severity } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { h } from "../dom.js";
import { opening } from "../format.js";
import { type Context, cite, folded, linked, prose, section, sentence } from "./parts.js";

const SEVERITY: Record<Severity, string> = { error: "Error", warning: "Warning", info: "Note" };

export function findings({ findings }: Answer, context: Context): HTMLElement {
  const urgent = findings.filter((finding) => finding.severity !== "info");
  const rest = findings.filter((finding) => finding.severity === "info");
  return section(
    "findings",
    "Findings",
    urgent.length === 0 && h("p", {}, "No problems found."),
    list(urgent, context),
    rest.length > 0 && folded("rules", `${opening(rest.length, "note")} on other rules`, list(rest, context)),
  );
}

/** Each finding; additions by other sources are shown once, where the rule comes first. */
function list(findings: Finding[], context: Context): HTMLElement {
  const first = (finding: Finding, at: number): boolean => findings.findIndex(({ rule }) => rule === finding.rule) === at;
  return h("ul", { class: "findings-list" }, ...findings.map((finding, at) => item(finding, first(finding, at), context)));
}

function item(finding: Finding, withMore: boolean, { index }: Context): HTMLElement {
  const { severity, message, more } = finding;
  return h(
    "li",
    { class: severity },
    h("span", { class: "severity" }, SEVERITY[severity]),
    h(
      "div",
      {},
      h("p", {}, ...sentence(message, index), " ", cite(finding)),
      withMore &&
        more &&
        h("p", { class: "more" }, ...prose(more.text, index), " ", h("span", { class: "cite" }, ...more.sources.flatMap((source, at) => [at > 0 && ", ", linked(source)]))),
    ),
  );
}
