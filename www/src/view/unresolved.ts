/** Calls that could not be read or are not in the catalogue. */

import type { Answer, OpenCall } from "../protocol.js";
import { h } from "../dom.js";
import { counted, listed } from "../format.js";
import { type Context, name, operation, section } from "./parts.js";

/** The unresolved calls and those that the user has settled; nothing if there are none. */
export function unresolved({ unresolved, taken, asked }: Answer, context: Context): HTMLElement | undefined {
  if (unresolved.length + taken.length === 0) return undefined;
  return section(
    "unresolved",
    "Not read or not known",
    unresolved.length > 0 &&
      h("p", {}, asked.calls.length > 0 ? "These are not in the answer, and their scopes are not known: do not remove a scope because no call needs it." : "The scopes of these are not known."),
    h("ul", {}, ...unresolved.map((call) => item(call, context))),
    taken.length > 0 &&
      h(
        "ul",
        { class: "taken" },
        ...taken.map(([text, key]) =>
          h("li", {}, name(text), " is treated as ", operation(key, context.index), ". ", h("button", { type: "button", class: "small", click: () => context.take(text, undefined) }, "Undo")),
        ),
      ),
  );
}

function item(call: OpenCall, context: Context): HTMLElement {
  const where = `${call.file ? `${call.file}, ` : ""}line ${call.line}${call.times > 1 ? `, ${counted(call.times, "time")}` : ""}`;
  return h(
    "li",
    {},
    call.text ? name(call.text) : "The file",
    ` ${call.message} `,
    h("span", { class: "where" }, where),
    call.candidates.length > 0
      ? h(
          "div",
          { class: "candidates", role: "group", "aria-label": `What ${call.text} stands for` },
          h("span", {}, "Treat as "),
          ...call.candidates.map((key) => h("button", { type: "button", class: "small", click: () => context.take(call.text, key) }, operation(key, context.index))),
        )
      : call.note !== undefined
        ? h("p", { class: "hint" }, `${call.note}.`)
        : call.why === "noOperation" && h("p", { class: "hint" }, "Nothing in the catalogue is near."),
  );
}

/** The lines of the text of calls that were ignored, in words; empty if there are none. */
export function ignoredLines({ ignored }: Answer): string {
  const parts = [
    ignored.otherHosts > 0 && `${counted(ignored.otherHosts, "call")} of other hosts`,
    ignored.signIn > 0 && `${counted(ignored.signIn, "token request")}`,
    ignored.descriptions > 0 && `${counted(ignored.descriptions, "description")} of Xero’s API`,
    ignored.preflights > 0 && `${counted(ignored.preflights, "browser preflight")}`,
    ignored.other > 0 && `${counted(ignored.other, "line")} without a call`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? `Ignored: ${listed(parts)}.` : "";
}
