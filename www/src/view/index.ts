/** The answer, from the most to the least urgent. */

import type { Answer } from "../protocol.js";
import { saveButton } from "../copy-save.js";
import { type Child, h } from "../dom.js";
import { doors } from "./doors.js";
import { due } from "./due.js";
import { empty } from "./empty.js";
import { findings } from "./findings.js";
import { matrix } from "./matrix.js";
import type { Context } from "./parts.js";
import { picture } from "./picture.js";
import { plan } from "./plan.js";
import { caveats, reasons, smallest } from "./smallest.js";
import { sources } from "./sources.js";
import { timeline } from "./timeline.js";
import { unresolved } from "./unresolved.js";
import { verdict } from "./verdict.js";

/** The answer as the page shows it. */
export function view(answer: Answer, context: Context): Child[] {
  const has = { scopes: answer.asked.scopes.length > 0, calls: answer.asked.calls.length > 0 };
  if (!isAsked(answer)) return [empty(context.load, context.pick)];
  if (!has.scopes && !has.calls) return [h("h2", {}, answer.verdict), unresolved(answer, context)];
  const required = has.calls ? answer.required : undefined;
  const first = [doors(answer, context), smallest(answer, required, context)].filter(isPart);
  const parts = [
    unresolved(answer, context),
    required && caveats(answer, required, context),
    answer.plan && plan(answer, answer.plan, context),
    due(answer, context),
    required && reasons(answer, required, context),
    required && matrix(answer, required, context),
    findings(answer, context),
    answer.plan && picture(answer, answer.plan, context),
    timeline(answer, context),
  ].filter(isPart);
  const all = [...parts, sources([...first, ...parts], context)];
  return [verdict(answer, context), first.length > 0 && h("div", { class: `first of-${first.length}` }, ...first), contents(all), ...all, data(answer)];
}

/** Returns true if anything was asked; otherwise there is no verdict. */
export function isAsked({ asked }: Answer): boolean {
  return asked.scopes.length + asked.calls.length + asked.unread > 0;
}

function isPart(part: unknown): part is HTMLElement {
  return part instanceof HTMLElement;
}

/** The answer for programs. */
function data({ asked, required, checked, assessment, due, plan }: Answer): HTMLElement {
  const json = (): string => `${JSON.stringify({ asked, required, checked, assessment, due, plan }, null, 2)}\n`;
  return h("p", { class: "tools data" }, saveButton("Save answer.json", "answer.json", "application/json", json), h("span", { class: "hint" }, "The whole answer, for programs."));
}

/** The parts whose heading is too long for a link. */
const SHORT: Record<string, string> = {
  "unresolved-title": "Not known",
  "caveats-title": "Check first",
  "plan-title": "The plan",
  "due-title": "By when",
  "reasons-title": "Each scope",
  "matrix-title": "Calls",
  "picture-title": "How much",
};

/** Links to the parts, by their headings. */
function contents(parts: HTMLElement[]): HTMLElement {
  const links = parts.map((part) => {
    const heading = part.querySelector("h3");
    return h("li", {}, h("a", { href: `#${heading?.id}`, "data-jump": heading?.id }, SHORT[heading?.id ?? ""] ?? heading?.textContent));
  });
  return h("nav", { class: "contents", "aria-label": "Parts of the answer" }, h("ul", {}, ...links));
}
