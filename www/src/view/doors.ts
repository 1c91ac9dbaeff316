/** Changes that cannot be undone. */

import type { Answer } from "../protocol.js";
import { type Child, h } from "../dom.js";
import { counted } from "../format.js";
import { type Context, cite, folded, heading, name, names, operations, sentence } from "./parts.js";

/** The number of changes that are explained at first; the others are named. */
const FIRST = 2;

/** The box of changes that cannot be undone; nothing if there are none. */
export function doors({ plan, assessment }: Answer, { index }: Context): HTMLElement | undefined {
  const steps = plan?.oneWayDoors ?? [];
  const named = new Set(steps.map((door) => door.scope));
  // Warnings of the rules, unless the plan does the same and it is listed above.
  const warnings = assessment.findings.filter(
    (finding) => finding.kind === "oneWay" && !(finding.scopes.length > 0 && finding.scopes.every((scope) => named.has(scope))),
  );
  if (steps.length + warnings.length === 0) return undefined;
  const explained = steps.map((door) =>
    h(
      "li",
      {},
      h("p", {}, ...sentence(door.why.text, index), "\u00a0", cite(door.why)),
      door.loses.length > 0 &&
        folded(
          `door ${door.scope}`,
          ["With ", name(door.scope), ` go ${counted(door.loses.length, "operation")} that nothing else is sure to open`],
          operations(door.loses, index),
        ),
    ),
  );
  const rest = steps.slice(FIRST).map(({ scope }) => scope);
  return h(
    "section",
    { class: "doors", "aria-labelledby": "doors-title" },
    heading("doors", steps.length > 0 ? "Cannot be undone" : "Cannot be restored if removed"),
    h("ul", {}, ...explained.slice(0, FIRST), ...warnings.map((finding): Child => h("li", {}, h("p", {}, ...sentence(finding.message, index), "\u00a0", cite(finding))))),
    rest.length > 0 && folded("more doors", ["Gone for good as well: ", ...names(rest)], h("ul", {}, ...explained.slice(FIRST))),
    plan?.cautious?.recommended &&
      h("p", { class: "way-out" }, "Safer today: ", h("a", { href: "#plan", "data-jump": "plan-title" }, "the plan that removes nothing yet"), "."),
  );
}
