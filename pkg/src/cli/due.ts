/** The tasks that have an end date, in every format for people. */

import type { Due } from "xero-m2m/policy";
import { plain } from "./markdown.js";
import type { Page } from "./page.js";
import { basis, count, sentence } from "./phrases.js";

/** Writes the tasks under their heading; nothing if there are none. */
export function sayDue(page: Page, due: readonly Due[]): void {
  if (!due.length) return;
  const { bad, warn, faint } = page.paint;
  page.section("What to do by when", () => {
    for (const task of due) {
      const paint = task.deadline.state === "ahead" ? warn : bad;
      page.say(`${paint(`By ${task.by}${left(task)}:`)} ${task.what.text} ${faint(basis(task.what))}`, "  ");
    }
  });
}

/** Items of a Markdown list. */
export function dueItems(due: readonly Due[]): string[] {
  return due.map((task) => `**By ${plain(task.by)}${left(task)}:** ${plain(sentence(task.what.text))} ${basis(task.what)}`);
}

function left({ deadline: { state, daysLeft } }: Due): string {
  return state === "ahead" ? `, in ${count(daysLeft, "day")} at the earliest` : "";
}
