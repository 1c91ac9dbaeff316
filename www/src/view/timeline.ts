/** Today between what began and what ends. */

import type { Answer } from "../protocol.js";
import { h } from "../dom.js";
import { counted, day } from "../format.js";
import { type Context, foldedSection, noun, prose } from "./parts.js";

interface Moment {
  /** For the order and the distance, `YYYY-MM-DD`. */
  at: string;
  when: string;
  what: string;
  kind: "created" | "today" | "rule" | "end" | "reported";
}

export function timeline({ asked, assessment }: Answer, { index }: Context): HTMLElement {
  const moments: Moment[] = [{ at: asked.on, when: day(asked.on), what: "The day of this answer.", kind: "today" }];
  if (asked.createdOn) moments.push({ at: asked.createdOn, when: day(asked.createdOn), what: `The ${noun(asked)} was created.`, kind: "created" });
  const rules = [...index.rules.values()].filter(({ apps }) => apps.includes(asked.app ?? "custom"));
  for (const from of new Set(rules.flatMap((rule) => rule.from ?? []))) {
    const begun = rules.filter((rule) => rule.from === from);
    // Several rules begin on one day; the one with the longest text stands for them.
    const longest = begun.reduce((a, b) => (b.text.length > a.text.length ? b : a));
    moments.push({ at: first(from), when: day(from), what: `${longest.text} (${begun.map((rule) => rule.id).join(", ")})`, kind: "rule" });
  }
  const { deadline } = assessment;
  for (const rule of rules) {
    if (!rule.until) continue;
    const left = deadline?.rule === rule.id && deadline.state === "ahead" ? ` ${counted(deadline.daysLeft, "day")} left.` : "";
    moments.push({ at: first(rule.until), when: day(rule.until), what: `${rule.text} (${rule.id})${left}`, kind: "end" });
    if (rule.untilReported) moments.push({ at: rule.untilReported, when: day(rule.untilReported), what: "The day that third parties report.", kind: "reported" });
  }
  moments.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return foldedSection("timeline", "Dates", `${counted(moments.length, "day")}, from what began to what ends`, false, axis(moments), list(moments, index));
}

/** The moments to scale. The list below explains them. */
function axis(moments: Moment[]): HTMLElement {
  const days = moments.map(({ at }) => Date.parse(at) / 86_400_000);
  const [from, to] = [Math.min(...days), Math.max(...days)];
  const place = (element: HTMLElement, day: number): HTMLElement => {
    element.style.left = `${(100 * (day - from)) / Math.max(1, to - from)}%`;
    return element;
  };
  const years: HTMLElement[] = [];
  for (let year = new Date(from * 86_400_000).getUTCFullYear() + 1; Date.UTC(year, 0) / 86_400_000 < to; year++) {
    years.push(place(h("span", { class: "year" }, year), Date.UTC(year, 0) / 86_400_000));
  }
  const marks = moments.map(({ kind }, at) => place(h("i", { class: `mark ${kind}` }), days[at] ?? from));
  return h("div", { class: "axis", "aria-hidden": "true" }, ...years, ...marks);
}

function list(moments: Moment[], index: Context["index"]): HTMLElement {
  return h(
    "ol",
    { class: "line" },
    ...moments.map((moment) =>
      h(
        "li",
        { class: moment.kind, ...(moment.kind === "today" ? { "aria-current": "date" } : {}) },
        h("i", { class: `mark ${moment.kind}`, "aria-hidden": "true" }),
        h("time", { datetime: moment.at }, moment.when),
        h("span", {}, ...prose(moment.what, index)),
      ),
    ),
  );
}

/** The first day of a day or a month. */
function first(date: string): string {
  return date.padEnd("2027-09-01".length, "-01");
}
