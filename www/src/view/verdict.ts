/** The answer in one sentence, its figures, and what can be done with the whole of it. */

import type { Answer } from "../protocol.js";
import { type Child, h } from "../dom.js";
import { copyButton } from "../copy-save.js";
import { day, number } from "../format.js";
import { term } from "../terms.js";
import { type Context, kind } from "./parts.js";

/** Returns true if some calls are known from a recording alone. */
const isRecorded = ({ required }: Answer): boolean => (required?.recorded?.only ?? 0) > 0;

export function verdict(answer: Answer, context: Context): HTMLElement {
  const { asked, required } = answer;
  return h(
    "header",
    { class: "verdict" },
    h(
      "div",
      { class: "said-first" },
      h("h2", {}, answer.verdict),
      h("p", { class: "for" }, `As of ${day(asked.on)} (UTC), for ${kind(asked)} `, asked.createdOn ? `created on ${day(asked.createdOn)}` : "whose day of creation is not given", "."),
      required && (asked.unread + asked.assumed.length > 0 || isRecorded(answer)) && h("p", { class: "read" }, `${sentenceOf(required.reading)}.`),
    ),
    tools(context),
    h("ul", { class: "figures" }, ...figures(answer).map(([count, label, state]) => h("li", { class: state }, h("strong", {}, number(count)), " ", label))),
  );
}

function figures({ asked, checked, plan, assessment, findings }: Answer): [count: number, label: Child, state: string][] {
  const refused = new Set(checked?.calls.filter((call) => !call.allowed).map((call) => call.operation)).size;
  const figures: [number, Child, string][] = [];
  if (asked.calls.length > 0) figures.push([asked.calls.length, asked.calls.length === 1 ? "operation called" : "operations called", ""]);
  // Those about refused calls are counted with them.
  const errors = findings.filter(({ kind, severity }) => severity === "error" && kind !== "missing" && kind !== "unresolved").length;
  if (errors > 0) figures.push([errors, h("a", { href: "#findings", "data-jump": "findings-title" }, errors === 1 ? "error" : "errors"), "bad"]);
  if (checked) figures.push([refused, "refused today", refused > 0 ? "bad" : ""]);
  if (asked.unread > 0) figures.push([asked.unread, "not read or not known", "bad"]);
  if (asked.assumed.length > 0) figures.push([asked.assumed.length, "without a method", "late"]);
  if (plan && plan.oneWayDoors.length > 0) figures.push([plan.oneWayDoors.length, "cannot be undone", "bad"]);
  if (assessment.deadline) figures.push([assessment.deadline.daysLeft, ["days until ", term("broad", "broad scopes"), " end"], "late"]);
  return figures;
}

/** Sharing and printing, and on a narrow screen the way back to the question. */
function tools({ say, link }: Context): HTMLElement {
  return h(
    "p",
    { class: "tools" },
    h("button", { type: "button", class: "small edit", "data-edit": "" }, "Change the question"),
    copyButton("Share", link, say, { done: "Link copied", title: "Copies a link to this answer. It has scopes, operations, country and days in it, and no names of people." }),
    h("button", { type: "button", class: "small", click: () => print() }, "Print"),
  );
}

function sentenceOf(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
