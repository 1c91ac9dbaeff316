/** The answer in one sentence, its figures, and what can be done with the whole of it. */

import type { Answer } from "../protocol.js";
import { type Child, h } from "../dom.js";
import { copyButton } from "../copy-save.js";
import { day, number, opening } from "../format.js";
import { term } from "../terms.js";
import { type Context, kind } from "./parts.js";

/** The answer in one sentence, for the heading and for screen readers. */
export function inShort(answer: Answer): string {
  const { asked, required, checked, unresolved } = answer;
  if (asked.scopes.length + asked.calls.length === 0) return unresolved.length > 0 ? "No call is known" : "";
  if (asked.calls.length === 0) return `${opening(asked.scopes.length, "scope")} ${asked.app === undefined ? "configured" : "asked for"}`;
  const count = required?.scopes.length ?? 0;
  if (count === 0) return "No scope opens these calls";
  const enough = `${opening(count, "scope is", "scopes are")} enough`;
  if (asked.unread > 0) return `${enough} for what was read`;
  if (isRecorded(answer)) return `${enough} for what ran while it was recorded`;
  return asked.assumed.length > 0 && checked?.verdict !== "allowed" ? `${enough} if calls without a method only read` : enough;
}

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
      h("h2", {}, inShort(answer)),
      h("p", { class: "for" }, `As of ${day(asked.on)} (UTC), for ${kind(asked)} `, asked.createdOn ? `created on ${day(asked.createdOn)}` : "whose day of creation is not given", "."),
      required && (asked.unread + asked.assumed.length > 0 || isRecorded(answer)) && h("p", { class: "read" }, `${sentenceOf(required.reading)}.`),
    ),
    tools(context),
    h("ul", { class: "figures" }, ...figures(answer).map(([count, label, state]) => h("li", { class: state }, h("strong", {}, number(count)), " ", label))),
  );
}

function figures({ asked, checked, plan, assessment }: Answer): [count: number, label: Child, state: string][] {
  const refused = new Set(checked?.calls.filter((call) => !call.allowed).map((call) => call.operation)).size;
  const figures: [number, Child, string][] = [];
  if (asked.calls.length > 0) figures.push([asked.calls.length, asked.calls.length === 1 ? "operation called" : "operations called", ""]);
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
