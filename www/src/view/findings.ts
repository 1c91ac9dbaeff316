/** What the rules say. */

import type { Finding, Severity } from "xero-m2m/policy";
import type { Answer } from "../answer.js";
import { h } from "../dom.js";
import { opening } from "../words.js";
import { type Context, cite, folded, linked, prose, section, sentence } from "./parts.js";

const SEVERITY: Record<Severity, string> = { error: "Error", warning: "Warning", info: "Note" };

export function findings({ findings }: Answer, context: Context): HTMLElement {
  const urgent = findings.filter((finding) => finding.severity !== "info");
  const rest = findings.filter((finding) => finding.severity === "info");
  return section(
    "findings",
    "Findings",
    urgent.length === 0 && h("p", {}, "Nothing stands against it."),
    h("ul", { class: "findings-list" }, ...urgent.map((finding) => item(finding, context))),
    rest.length > 0 && folded("rules", `${opening(rest.length, "note")} of what else the rules say`, h("ul", { class: "findings-list" }, ...rest.map((finding) => item(finding, context)))),
  );
}

function item(finding: Finding, { index }: Context): HTMLElement {
  const { severity, message, more } = finding;
  return h(
    "li",
    { class: severity },
    h("span", { class: "severity" }, SEVERITY[severity]),
    h(
      "div",
      {},
      h("p", {}, ...sentence(message, index), " ", cite(finding)),
      more &&
        h("p", { class: "more" }, ...prose(more.text, index), " ", h("span", { class: "cite" }, ...more.sources.flatMap((source, at) => [at > 0 && ", ", linked(source)]))),
    ),
  );
}
