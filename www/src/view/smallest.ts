/** The smallest set of scopes. */

import type { Claim, RequiredScopes, ScopeNeed } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { type Child, h } from "../dom.js";
import { copyButton } from "../copy-save.js";
import { counted, listed, opening } from "../format.js";
import { type Context, cite, folded, name, names, noun, operation, operations, prose, section, sentence } from "./parts.js";

export function smallest({ asked, plan }: Answer, required: RequiredScopes, context: Context): HTMLElement {
  const { index } = context;
  const all = required.scopes;
  const copy = copyButton("Copy the scopes", () => all.join(" "), context.say);
  const chosen = new Set(plan?.scopes);
  return section(
    "smallest",
    "The smallest set",
    all.length > 0 && h("p", { class: "tools" }, copy),
    h("ul", { class: "scopes" }, ...required.perScope.map((need) => h("li", {}, ...why(need, asked.scopes, context)))),
    required.kept.length > 0 &&
      h(
        "div",
        { class: "kept" },
        h("h4", {}, `Kept because of what this ${noun(asked)} is`),
        h("ul", {}, ...required.kept.map(({ why }) => h("li", {}, ...sentence(why.text, index), " ", cite(why), ...concerned(why, index)))),
      ),
    required.unopenable.length > 0 &&
      h(
        "div",
        { class: "unopenable" },
        h("h4", {}, asked.scopes.length > 0 || asked.createdOn ? `This ${noun(asked)} cannot call these, as far as is known` : `Not every ${noun(asked)} can call these`),
        h("ul", {}, ...required.unopenable.map((call) => h("li", {}, ...sentence(call.reason.text, index), " ", cite(call.reason)))),
      ),
    required.uncertain.length > 0 &&
      h(
        "div",
        { class: "uncertain" },
        h("h4", {}, "In doubt"),
        h("ul", {}, ...required.uncertain.map((claim) => h("li", {}, ...sentence(claim.text, index), " ", cite(claim), ...concerned(claim, index)))),
      ),
    required.alternatives.length > 0 &&
      h(
        "div",
        { class: "alternatives" },
        h("h4", {}, required.alternatives.length === 1 ? "One other set is as small" : `${opening(required.alternatives.length, "other set is", "other sets are")} as small`),
        h("p", {}, "They open more besides, so the one above comes first."),
        h(
          "ul",
          {},
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
      ),
  );
}

/** The operations that a sentence is about. */
function concerned({ operations: keys = [] }: Claim, index: Context["index"]): Child[] {
  if (keys.length === 0) return [];
  return [" For ", ...keys.flatMap((key, at) => [at > 0 && ", ", operation(key, index)]), "."];
}

function why({ scope, description, neededBy, restrictions, alsoOpens }: ScopeNeed, configured: string[], { index }: Context) {
  const { count, writes, resources } = alsoOpens;
  const first = neededBy.slice(0, 4);
  return [
    h("p", { class: "scope" }, name(scope), configured.length > 0 && h("span", { class: "tag" }, configured.includes(scope) ? "configured" : "to add")),
    h("p", { class: "description" }, ...sentence(description, index)),
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
