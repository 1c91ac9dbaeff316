/** Configured against needed against broad, as a picture. */

import type { ChangePlan } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { opens, resource } from "../catalogue.js";
import { h, spoken } from "../dom.js";
import { counted, number } from "../format.js";
import { type Context, folded, foldedSection } from "./parts.js";

/** The state of an operation in the picture, from most to least wanted. */
const STATES = {
  called: "called",
  refused: "called, but refused with today’s scopes",
  lost: "called, but closed afterwards",
  open: "open with the smallest set, not called",
  closed: "open today only",
} as const;
type State = keyof typeof STATES;

interface Unit {
  state: State;
  writes: boolean;
}

export function picture({ asked, checked, required }: Answer, plan: ChangePlan, { index }: Context): HTMLElement {
  const called = new Set(asked.calls);
  const refused = new Set(checked?.calls.filter((call) => !call.allowed).map((call) => call.operation));
  const lost = new Set(plan.keepsWorking.lost);
  const gained = new Set(plan.keepsWorking.gained);
  const rows = new Map<string, Unit[]>();
  let [after, writesAfter, writesBefore, writesCalled] = [0, 0, 0, 0];
  for (const operation of index.operations.values()) {
    const { key, method } = operation;
    const isOpen = opens(operation, plan.scopes);
    const wasOpen = lost.has(key) || (isOpen && !gained.has(key));
    const writes = method !== "GET";
    if (isOpen) after++;
    if (isOpen && writes) writesAfter++;
    if (wasOpen && writes) writesBefore++;
    if (called.has(key) && writes) writesCalled++;
    if (!isOpen && !wasOpen && !called.has(key)) continue;
    const state = called.has(key) ? (!isOpen ? "lost" : refused.has(key) ? "refused" : "called") : isOpen ? "open" : "closed";
    const name = resource(operation);
    const row = rows.get(name) ?? [];
    row.push({ state, writes });
    rows.set(name, row);
  }
  const open = plan.keepsWorking.kept + plan.keepsWorking.lost.length;
  const most = Math.max(open, after, called.size, 1);
  const bars: [string, number, number, string][] = [
    ["Today’s scopes open", open, writesBefore, "closed"],
    [called.size > 0 ? "The smallest set opens" : "The planned scopes open", after, writesAfter, "open"],
    ["The calls need", called.size, writesCalled, "called"],
  ];
  const shown = bars.filter(([, count]) => count > 0);
  const sorted = [...rows].sort(([, a], [, b]) => Number(b.some(isCalled)) - Number(a.some(isCalled)));
  const states = (Object.keys(STATES) as State[]).filter((state) => sorted.some(([, units]) => units.some((unit) => unit.state === state)));
  if (shown.length === 0) return foldedSection("picture", "How much is open", "nothing", false);
  return foldedSection(
    "picture",
    "How much is open",
    open > 0 && after !== open ? `${number(open)} operations today, ${number(after)} afterwards` : counted(after, "operation"),
    false,
    h(
      "dl",
      { class: "bars" },
      ...shown.map(([label, count, writes, kind]) => {
        const bar = h("span", { class: `bar ${kind}`, "aria-hidden": "true" });
        bar.style.width = `${(100 * count) / most}%`;
        return h("div", {}, h("dt", {}, label), h("dd", {}, h("span", { class: "count" }, counted(count, "operation"), h("span", { class: "writes" }, `, ${number(writes)} of which ${writes === 1 ? "writes" : "write"}`)), bar));
      }),
    ),
    h("p", { class: "legend", "aria-hidden": "true" }, ...states.map((state) => h("span", {}, h("i", { class: `unit ${state}` }), STATES[state])), h("span", {}, h("i", { class: "unit open reads" }), "round: reads"), h("span", {}, h("i", { class: "unit open" }), "square: writes")),
    h(
      "ul",
      { class: "resources" },
      ...sorted.map(([name, units]) =>
        h(
          "li",
          {},
          h("span", { class: "resource" }, name),
          spoken(`: ${inWords(units)}`),
          h("span", { class: "units", "aria-hidden": "true" }, ...units.map(({ state, writes }) => h("i", { class: `unit ${state}${writes ? "" : " reads"}` }))),
        ),
      ),
    ),
    required && required.scopes.length > 0 && sorted.length > 0 && table(sorted, states),
  );
}

function isCalled({ state }: Unit): boolean {
  return state === "called" || state === "refused" || state === "lost";
}

function inWords(units: Unit[]): string {
  const states = (Object.keys(STATES) as State[]).filter((state) => units.some((unit) => unit.state === state));
  return states.map((state) => `${number(units.filter((unit) => unit.state === state).length)} ${STATES[state]}`).join("; ");
}

/** The same in numbers. */
function table(rows: [string, Unit[]][], states: State[]): HTMLElement {
  return folded(
    "picture",
    "The picture in numbers",
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "The picture in numbers" },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Resource"), ...states.map((state) => h("th", { scope: "col" }, STATES[state])))),
        h(
          "tbody",
          {},
          ...rows.map(([name, units]) =>
            h("tr", {}, h("th", { scope: "row" }, name), ...states.map((state) => h("td", {}, units.filter((unit) => unit.state === state).length))),
          ),
        ),
      ),
    ),
  );
}
