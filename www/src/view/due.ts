/** The tasks that have an end date. */

import type { Answer } from "../protocol.js";
import { calendar } from "../calendar.js";
import { h } from "../dom.js";
import { saveButton } from "../copy-save.js";
import { counted, day } from "../format.js";
import { type Context, cite, section, sentence } from "./parts.js";

/** The tasks with their end dates; nothing if there are none. */
export function due({ due, assessment }: Answer, { index }: Context): HTMLElement | undefined {
  if (due.length === 0) return undefined;
  const { deadline } = assessment;
  const rule = deadline && index.rules.get(deadline.rule);
  return section(
    "due",
    "What to do by when",
    h(
      "ol",
      { class: "tasks" },
      ...due.map(({ what, deadline: { date, firstDay, daysLeft, state, reported } }) =>
        h(
          "li",
          { class: state },
          h("p", { class: "by" }, h("time", { datetime: firstDay }, `By ${day(date)}`), state === "ahead" && h("span", {}, `${counted(daysLeft, "day")} to its first day`)),
          h("p", {}, ...sentence(what.text, index), "\u00a0", cite(what), reported && [` Third parties report ${day(reported.day)}. `, cite({ rule: what.rule, source: reported.source, confidence: reported.confidence })]),
        ),
      ),
    ),
    deadline && rule && h("p", { class: "tools" }, saveButton("Save reminder.ics", "reminder.ics", "text/calendar", () => calendar(deadline, rule, Date.now())), h("span", { class: "hint" }, `For your calendar: ${day(deadline.firstDay)}, the first day on which broad scopes may end.`)),
  );
}
