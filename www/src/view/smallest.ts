/** The smallest set of scopes: the line to copy, what to know about it, and why each scope is in it. */

import type { Claim, RequiredScopes, ScopeNeed } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { type Child, h } from "../dom.js";
import { copyButton } from "../copy-save.js";
import { counted, listed, opening } from "../format.js";
import { term } from "../terms.js";
import { type Context, cite, folded, foldedSection, heading, name, names, noun, operation, operations, prose, sentence } from "./parts.js";

/** The line of scopes with its button; without calls, the scopes that the plan leads to. Nothing if there are none. */
export function smallest({ asked, plan }: Answer, required: RequiredScopes | undefined, context: Context): HTMLElement | undefined {
  const all = required ? required.scopes : (plan?.scopes ?? []);
  if (all.length === 0) return undefined;
  const open = required && required.alternatives.length > 0 && alternatives(required, new Set(plan?.scopes), context);
  return h(
    "section",
    { class: "smallest", "aria-labelledby": "smallest-title" },
    h("div", { class: "titled" }, heading("smallest", required ? "The smallest set" : "The scopes after the plan"), copyButton("Copy the scopes", () => all.join(" "), context.say, { filled: true })),
    h("p", { class: "line" }, ...all.flatMap((scope, at) => [at > 0 && " ", name(scope)])),
    h(
      "p",
      { class: "hint" },
      required
        ? [term("smallest", "The fewest"), asked.unread > 0 ? " for the calls that were read." : required.recorded?.only ? " for the calls that are known." : asked.calls.length === 1 ? " that open the call." : ` that open all ${asked.calls.length} operations.`]
        : "No calls are given, so everything that takes the place of a broad scope is in it. With calls it gets smaller.",
    ),
    open,
  );
}

/** Other sets that are as small, and the choice between them. */
function alternatives(required: RequiredScopes, chosen: ReadonlySet<string>, context: Context): HTMLElement {
  return folded(
    "alternatives",
    required.alternatives.length === 1 ? "One other set is as small" : `${opening(required.alternatives.length, "other set is", "other sets are")} as small`,
    h("p", {}, "They open more besides, so the one above comes first."),
    h(
      "ul",
      { class: "alternatives" },
      ...[required.scopes, ...required.alternatives].map((scopes, choice) => {
        const isChosen = scopes.every((scope) => chosen.has(scope));
        if (choice === 0 && isChosen) return undefined;
        const label = isChosen ? "Plan leads here" : choice === 0 ? "Plan with the first set again" : "Plan with this set";
        return h(
          "li",
          {},
          ...(choice === 0 ? [] : [...names(scopes), " "]),
          choice > 0 && copyButton("Copy", () => scopes.join(" "), context.say),
          " ",
          h("button", { type: "button", class: "small", "aria-pressed": isChosen ? "true" : "false", click: () => context.choose(choice) }, label),
        );
      }),
    ),
  );
}

/** Scopes that are kept, calls that no scope opens, and doubts; nothing if there are none. */
export function caveats({ asked }: Answer, { kept, unopenable, uncertain }: RequiredScopes, { index }: Context): HTMLElement | undefined {
  if (kept.length + unopenable.length + uncertain.length === 0) return undefined;
  const said = (why: Claim): Child => h("li", {}, ...sentence(why.text, index), "\u00a0", cite(why), ...concerned(why, index));
  return h(
    "section",
    { class: "part caveats", "aria-labelledby": "caveats-title" },
    heading("caveats", "Before you rely on this set"),
    kept.length > 0 && [h("h4", {}, `Kept because of what this ${noun(asked)} is`), h("ul", { class: "dashes kept" }, ...kept.map(({ why }) => said(why)))],
    unopenable.length > 0 && [
      h("h4", {}, asked.scopes.length > 0 || asked.createdOn ? `This ${noun(asked)} cannot call these, as far as is known` : `Not every ${noun(asked)} can call these`),
      h("ul", { class: "dashes unopenable" }, ...unopenable.map((call) => h("li", {}, ...sentence(call.reason.text, index), "\u00a0", cite(call.reason)))),
    ],
    uncertain.length > 0 && [h("h4", {}, "In doubt"), h("ul", { class: "dashes uncertain" }, ...uncertain.map(said))],
  );
}

/** The reason for each scope of the set. */
export function reasons({ asked }: Answer, { perScope }: RequiredScopes, context: Context): HTMLElement | undefined {
  if (perScope.length === 0) return undefined;
  const added = perScope.filter(({ scope }) => !asked.scopes.includes(scope)).length;
  const digest = asked.scopes.length === 0 ? counted(perScope.length, "scope") : added === 0 ? "all configured" : `${added} of ${perScope.length} to add`;
  return foldedSection("reasons", "Why each scope", digest, false, h("ul", { class: "scopes" }, ...perScope.map((need) => h("li", {}, ...why(need, asked.scopes, context)))));
}

/** The operations that a sentence is about. */
function concerned({ operations: keys = [] }: Claim, index: Context["index"]): Child[] {
  if (keys.length === 0) return [];
  return [" For ", ...keys.flatMap((key, at) => [at > 0 && ", ", operation(key, index)]), "."];
}

function why({ scope, description, neededBy, restrictions, alsoOpens }: ScopeNeed, configured: string[], { index }: Context): Child[] {
  const { count, writes, resources } = alsoOpens;
  const first = neededBy.slice(0, 4);
  const tag = (words: string): HTMLElement => h("span", { class: "tag" }, words);
  return [
    h("p", { class: "scope" }, name(scope), index.scopes.get(scope)?.access === "read" && tag("read only"), configured.length > 0 && tag(configured.includes(scope) ? "configured" : "to add")),
    h("p", { class: "description" }, ...sentence(description.replace(/ \(GET only\)$/, ""), index)),
    h(
      "p",
      {},
      "For ",
      ...first.flatMap((key, at) => [at > 0 && ", ", operation(key, index)]),
      neededBy.length > first.length && ` and ${counted(neededBy.length - first.length, "other")}`,
      ".",
    ),
    ...restrictions.map((text) => h("p", { class: "restriction" }, ...sentence(text, index))),
    count > 0
      ? folded(
          `reach ${scope}`,
          [`Also opens ${counted(count, "other operation")}`, writes > 0 ? `, ${writes} of which ${writes === 1 ? "writes" : "write"}` : ", none of which writes"],
          h("p", {}, ...prose(`All of ${listed(resources)}. Among them:`, index)),
          operations(alsoOpens.examples, index),
        )
      : h("p", { class: "exact" }, "Opens nothing else."),
  ];
}
