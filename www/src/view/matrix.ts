/** Calls by scopes. */

import type { RequiredScopes } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { opens, request } from "../catalogue.js";
import { type Child, h, spoken } from "../dom.js";
import { counted, listed } from "../format.js";
import { type Context, cite, name, names, section, sentence } from "./parts.js";

/** The number of rows that are drawn at first. */
const FIRST = 60;

/** A table of what opens what. The reason of a row unfolds below it. */
export function matrix(answer: Answer, required: RequiredScopes, context: Context): HTMLElement {
  const { asked, plan } = answer;
  const { index } = context;
  const before = asked.scopes.filter((scope) => index.scopes.has(scope));
  // Without a plan nothing is removed.
  const after = plan?.scopes ?? [...before, ...required.scopes];
  const called = asked.calls.flatMap((key) => index.operations.get(key) ?? []);
  const used = (scope: string): boolean => called.some((operation) => opens(operation, [scope]));
  const groups: [string, string, string[]][] = [
    ["stays", "stays", before.filter((scope) => after.includes(scope))],
    ["comes", before.length > 0 ? "to add" : "needed", after.filter((scope) => !before.includes(scope))],
    ["goes", "to remove", before.filter((scope) => !after.includes(scope) && used(scope))],
  ];
  const columns = groups.flatMap(([kind, , scopes]) => scopes.map((scope, at) => ({ kind: at === 0 ? `${kind} first` : kind, scope })));
  const useless = before.filter((scope) => !after.includes(scope) && !used(scope));

  const body = h("tbody");
  const draw = (upTo: number): void => {
    for (const operation of called.slice(body.childElementCount / 2, upTo)) {
      const { key } = operation;
      const id = `why-${key}`;
      const verdicts = answer.checked?.calls.filter((call) => call.operation === key) ?? [];
      const refused = verdicts.some((call) => !call.allowed);
      const reason = h("tr", { id, class: "reason", hidden: true }, h("td", { colspan: columns.length + 1 }, h("div", { class: "why" }, ...reasons(answer, required, key, context))));
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
        refused && h("span", { class: "refused" }, "refused today"),
      );
      body.append(
        h(
          "tr",
          {},
          h("th", { scope: "row" }, button),
          ...columns.map(({ kind, scope }) => (opens(operation, [scope]) ? h("td", { class: kind }, h("i", { class: "dot", "aria-hidden": "true" }), spoken("opens")) : h("td", { class: kind }))),
        ),
        reason,
      );
    }
  };
  draw(FIRST);
  const more = h("button", { type: "button" }, `Show all ${counted(called.length, "operation")}`);
  more.addEventListener("click", () => {
    draw(called.length);
    more.remove();
    (body.children[2 * FIRST] as HTMLElement | undefined)?.querySelector("button")?.focus();
  });
  return section(
    "matrix",
    "Calls and the scopes that open them",
    h("p", {}, "A dot: the scope opens the call. Select a call to see why, and where it was found."),
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Calls and scopes" },
      h(
        "table",
        { class: "grid" },
        h(
          "thead",
          {},
          h("tr", { class: "groups" }, h("td"), ...groups.filter(([, , scopes]) => scopes.length > 0).map(([kind, label, scopes]) => h("th", { scope: "colgroup", colspan: scopes.length, class: `${kind} first` }, label))),
          h("tr", { class: "names" }, h("th", { scope: "col" }, "Call"), ...columns.map(({ kind, scope }) => h("th", { scope: "col", class: kind }, h("span", {}, name(scope))))),
        ),
        body,
      ),
    ),
    called.length > FIRST && h("p", {}, more),
    useless.length > 0 && h("p", {}, "Opens none of the calls, and is to be removed: ", ...names(useless), "."),
  );
}

/** The reasons why a call is allowed or refused, and the places where it is written. */
function reasons({ checked, found, taken }: Answer, required: RequiredScopes, key: string, { index }: Context): Child[] {
  const verdicts = checked?.calls.filter((call) => call.operation === key) ?? [];
  const places = found.filter((call) => call.operations.includes(key));
  const by = taken.filter(([, operation]) => operation === key).map(([text]) => text);
  const unopenable = required.unopenable.find((call) => call.operation === key);
  return [
    ...verdicts.flatMap((call) => [
      h("p", {}, ...sentence(call.reason.text, index), " ", cite(call.reason)),
      !call.allowed && call.missing.length > 0 && h("p", {}, "Any one of these would open it: ", ...names(call.missing), "."),
      call.uncertain && h("p", {}, ...sentence(call.uncertain.text, index), " ", cite(call.uncertain)),
    ]),
    verdicts.length === 0 && unopenable && h("p", {}, ...sentence(unopenable.reason.text, index), " ", cite(unopenable.reason)),
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
