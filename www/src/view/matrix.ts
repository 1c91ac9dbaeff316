/** Calls, and the scopes that open each of them today and afterwards. */

import type { CatalogueOperation, RequiredScopes } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { opens, request } from "../catalogue.js";
import { type Child, h, spoken } from "../dom.js";
import { counted, listed } from "../format.js";
import { type Context, cite, foldedSection, name, names, sentence } from "./parts.js";

/** The number of rows that are drawn at first. */
const FIRST = 60;

/** A table of what opens what. The reason of a row unfolds below it. */
export function matrix(answer: Answer, required: RequiredScopes, context: Context): HTMLElement {
  const { asked, plan, checked } = answer;
  const { index } = context;
  const before = asked.scopes.filter((scope) => index.scopes.has(scope));
  // Without a plan nothing is removed.
  const after = plan?.scopes ?? [...before, ...required.scopes];
  const called = asked.calls.flatMap((key) => index.operations.get(key) ?? []);
  const useless = before.filter((scope) => !after.includes(scope) && !called.some((operation) => opens(operation, [scope])));
  const columns: [label: string, kind: string, scopes: string[]][] = [...(before.length > 0 ? [["Today", "before", before] as [string, string, string[]]] : []), [before.length > 0 ? "Afterwards" : "Opened by", "after", after]];

  const body = h("tbody", { role: "rowgroup" });
  const draw = (upTo: number): void => {
    for (const operation of called.slice(body.childElementCount / 2, upTo)) body.append(...rows(operation, columns, answer, required, context));
  };
  draw(FIRST);
  const more = h("button", { type: "button" }, `Show all ${counted(called.length, "operation")}`);
  more.addEventListener("click", () => {
    draw(called.length);
    more.remove();
    (body.children[2 * FIRST] as HTMLElement | undefined)?.querySelector("button")?.focus();
  });
  const refused = called.filter(({ key }) => isRefused(answer, key)).length;
  return foldedSection(
    "matrix",
    "Calls and the scopes that open them",
    [counted(called.length, "call"), checked && `, ${refused === 0 ? "none" : refused} refused today`],
    false,
    h("p", { class: "hint" }, "Select a call to see why, and where it was found."),
    h(
      "table",
      { class: "grid", role: "table" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, h("th", { scope: "col", role: "columnheader" }, "Call"), ...columns.map(([label]) => h("th", { scope: "col", role: "columnheader" }, label)))),
      body,
    ),
    called.length > FIRST && h("p", {}, more),
    useless.length > 0 && h("p", {}, "Opens none of the calls, and is to be removed: ", ...names(useless), "."),
  );
}

function isRefused({ checked }: Answer, key: string): boolean {
  return checked?.calls.some((call) => call.operation === key && !call.allowed) ?? false;
}

/** The row of a call, and the row that unfolds below it. */
function rows(operation: CatalogueOperation, columns: readonly [string, string, string[]][], answer: Answer, required: RequiredScopes, context: Context): HTMLElement[] {
  const { key } = operation;
  const id = `why-${key}`;
  const reason = h("tr", { id, class: "reason", role: "row", hidden: true }, h("td", { role: "cell", colspan: columns.length + 1 }, h("div", { class: "why" }, ...reasons(answer, required, key, context))));
  const button = h(
    "button",
    {
      type: "button",
      "aria-expanded": "false",
      "aria-controls": id,
      click: () => {
        reason.hidden = !reason.hidden;
        button.setAttribute("aria-expanded", String(!reason.hidden));
      },
    },
    name(request(operation)),
    isRefused(answer, key) && h("span", { class: "refused" }, "refused today"),
  );
  const stays = new Set(columns.at(-1)?.[2]);
  const cell = ([label, kind, scopes]: readonly [string, string, string[]]): HTMLElement => {
    const opening = scopes.filter((scope) => opens(operation, [scope]));
    const chip = (scope: string): HTMLElement => h("span", { class: `chip ${kind === "before" && !stays.has(scope) ? "goes" : ""}` }, name(scope));
    return h("td", { role: "cell", class: kind }, h("span", { class: "label", "aria-hidden": "true" }, label), opening.length > 0 ? opening.flatMap((scope, at) => [at > 0 && " ", chip(scope)]) : [h("span", { "aria-hidden": "true" }, "–"), spoken("nothing")]);
  };
  return [h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, button), ...columns.map(cell)), reason];
}

/** The reasons why a call is allowed or refused, and the places where it is written. */
function reasons({ checked, found, taken }: Answer, required: RequiredScopes, key: string, { index }: Context): Child[] {
  const verdicts = checked?.calls.filter((call) => call.operation === key) ?? [];
  const places = found.filter((call) => call.operations.includes(key));
  const by = taken.filter(([, operation]) => operation === key).map(([text]) => text);
  const unopenable = required.unopenable.find((call) => call.operation === key);
  return [
    ...verdicts.flatMap((call) => [
      h("p", {}, ...sentence(call.reason.text, index), "\u00a0", cite(call.reason)),
      !call.allowed && call.missing.length > 0 && h("p", {}, "Any one of these would open it: ", ...names(call.missing), "."),
      call.uncertain && h("p", {}, ...sentence(call.uncertain.text, index), "\u00a0", cite(call.uncertain)),
    ]),
    verdicts.length === 0 && unopenable && h("p", {}, ...sentence(unopenable.reason.text, index), "\u00a0", cite(unopenable.reason)),
    verdicts.length === 0 && !unopenable && h("p", {}, "Opened by ", ...names(index.operations.get(key)?.openedBy ?? []), ": any one is enough."),
    ...places.slice(0, 5).map((call) =>
      h(
        "p",
        { class: "place" },
        name(call.text),
        ` ${call.file ? `${call.file}, ` : ""}line ${call.line}`,
        call.times > 1 && `, ${counted(call.times, "time")}`,
        call.assumed === "get" && "; no method is written, so GET is assumed",
        call.assumed === "write" && "; Xero’s specification has no such method there, so it is assumed to need the scopes of the other writes there",
        call.assumed === "receiver" && "; treated as a call to Xero, because the method has one of its names",
        call.ambiguous && `; it may be ${listed(call.operations.filter((other) => other !== key))} instead, so all of them are counted`,
      ),
    ),
    places.length > 5 && h("p", { class: "place" }, `And in ${counted(places.length - 5, "other way")} of writing it.`),
    ...by.map((text) => h("p", { class: "place" }, name(text), " was treated as this call")),
  ];
}
