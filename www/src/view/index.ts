/** The answer, from the most to the least urgent. */

import type { Answer } from "../protocol.js";
import { type Child, h } from "../dom.js";
import { day, number, opening } from "../format.js";
import { doors } from "./doors.js";
import { findings } from "./findings.js";
import { letters } from "./letters.js";
import { matrix } from "./matrix.js";
import { type Context, kind } from "./parts.js";
import { picture } from "./picture.js";
import { plan } from "./plan.js";
import { smallest } from "./smallest.js";
import { timeline } from "./timeline.js";
import { unresolved } from "./unresolved.js";

/** The answer as the page shows it. */
export function view(answer: Answer, context: Context): Child[] {
  const has = { scopes: answer.asked.scopes.length > 0, calls: answer.asked.calls.length > 0 };
  if (!has.scopes && !has.calls) {
    return answer.unresolved.length > 0 ? [h("h2", {}, inShort(answer)), unresolved(answer, context)] : [empty()];
  }
  const parts = [
    has.calls && answer.required && smallest(answer, answer.required, context),
    unresolved(answer, context),
    answer.plan && picture(answer, answer.plan, context),
    has.calls && answer.required && matrix(answer, answer.required, context),
    findings(answer, context),
    timeline(answer, context),
    answer.plan && plan(answer, answer.plan, context),
    letters(answer, context),
  ].filter((part) => part instanceof HTMLElement);
  return [
    verdict(answer),
    doors(answer, context),
    contents(parts),
    ...parts,
  ];
}

/** Links to the parts, by their headings. */
function contents(parts: HTMLElement[]): HTMLElement {
  const links = parts.map((part) => {
    const heading = part.querySelector("h3");
    return h("li", {}, h("a", { href: `#${heading?.id}`, "data-jump": heading?.id }, heading?.textContent));
  });
  return h("nav", { class: "contents", "aria-label": "Parts of the answer" }, h("ul", {}, ...links));
}

/** The answer in one sentence, for the heading and for screen readers. */
export function inShort({ asked, required, checked, unresolved }: Answer): string {
  if (asked.scopes.length + asked.calls.length === 0) return unresolved.length > 0 ? "No call is known" : "";
  if (asked.calls.length === 0) return `${opening(asked.scopes.length, "scope")} ${asked.app === undefined ? "configured" : "asked for"}`;
  const count = required?.scopes.length ?? 0;
  if (count === 0) return "No scope opens these calls";
  const enough = `${opening(count, "scope is", "scopes are")} enough`;
  if (asked.unread > 0) return `${enough} for what was read`;
  return asked.assumed.length > 0 && checked?.verdict !== "allowed" ? `${enough} if calls without a method only read` : enough;
}

function verdict(answer: Answer): HTMLElement {
  const { asked, checked, plan, assessment, required } = answer;
  const refused = new Set(checked?.calls.filter((call) => !call.allowed).map((call) => call.operation)).size;
  const figures: [number, string, string][] = [];
  if (asked.calls.length > 0) figures.push([asked.calls.length, asked.calls.length === 1 ? "operation called" : "operations called", ""]);
  if (checked) figures.push([refused, "refused with today’s scopes", refused > 0 ? "bad" : ""]);
  if (asked.unread > 0) figures.push([asked.unread, "not read or not known", "bad"]);
  if (asked.assumed.length > 0) figures.push([asked.assumed.length, "without a method", "late"]);
  if (plan && plan.oneWayDoors.length > 0) figures.push([plan.oneWayDoors.length, plan.oneWayDoors.length === 1 ? "one-way door" : "one-way doors", "bad"]);
  if (assessment.deadline) figures.push([assessment.deadline.daysLeft, "days until broad scopes end", "late"]);
  return h(
    "header",
    { class: "verdict" },
    h("h2", {}, inShort(answer)),
    h("p", { class: "for" }, `On ${day(asked.on)} (UTC)`, asked.createdOn ? `, for ${kind(asked)} created on ${day(asked.createdOn)}` : `, for ${kind(asked)} whose day of creation is not given`),
    required && asked.unread + asked.assumed.length > 0 && h("p", { class: "read" }, `${sentenceOf(required.reading)}.`),
    h("dl", { class: "figures" }, ...figures.map(([count, label, state]) => h("div", { class: state }, h("dt", {}, label), h("dd", {}, number(count))))),
  );
}

function sentenceOf(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function empty(): HTMLElement {
  return h(
    "div",
    { class: "empty" },
    h("h2", {}, "Nothing to answer yet"),
    h("p", {}, "Paste scopes, or calls, or both. The answer appears here as you type."),
    h(
      "dl",
      {},
      h("dt", {}, "Scopes alone"),
      h("dd", {}, "the dated rules for the connection, and a plan to replace its broad scopes"),
      h("dt", {}, "Calls alone"),
      h("dd", {}, "the smallest set of scopes for a new connection"),
      h("dt", {}, "Both"),
      h("dd", {}, "the calls that are allowed, the scopes that are not needed, and the plan from one to the other"),
    ),
  );
}
