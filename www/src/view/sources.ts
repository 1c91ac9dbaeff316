/** One list of all sources, at the end. */

import { h } from "../dom.js";
import { counted } from "../format.js";
import { type Cited, type Context, citedBy, foldedSection, inWords, linked, prose } from "./parts.js";

/** The sources behind the marks of these parts, by their rules. */
export function sources(parts: readonly Element[], { index }: Context): HTMLElement {
  const byRule = new Map<string, Map<string, Cited>>();
  for (const mark of parts.flatMap((part) => [...part.querySelectorAll<HTMLElement>(".cite")])) {
    const cited = citedBy(mark);
    if (!cited) continue;
    const own = byRule.get(cited.rule) ?? new Map<string, Cited>();
    byRule.set(cited.rule, own.set(`${cited.source.title} ${cited.confidence}`, cited));
  }
  const rules = [...byRule].sort(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)));
  return foldedSection(
    "sources",
    "Sources",
    `${counted(rules.length, "rule")}, each with its source`,
    false,
    h(
      "dl",
      { class: "sources-list" },
      ...rules.map(([rule, own]) =>
        h(
          "div",
          {},
          h("dt", {}, rule),
          h("dd", {}, h("p", {}, ...prose(index.rules.get(rule)?.text ?? "", index)), ...[...own.values()].map(({ source, confidence }) => h("p", { class: "beside" }, linked(source), ` · ${inWords(confidence)}`))),
        ),
      ),
    ),
  );
}
