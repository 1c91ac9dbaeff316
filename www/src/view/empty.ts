/** The page before there is anything to answer. */

import { EXAMPLES, type Example } from "../examples.js";
import { h } from "../dom.js";
import { term } from "../terms.js";

/** The beginning for somebody who has never heard of scopes, and examples. */
export function empty(load: (example: Example) => void, pick: () => void): HTMLElement {
  return h(
    "div",
    { class: "empty" },
    h("h2", {}, "Which permissions does your software need in Xero?"),
    h("p", { class: "lead" }, "A ", term("scope", "scope"), " is a permission: with ", h("code", { translate: "no" }, "accounting.invoices.read"), " software may read invoices, and nothing else. Give the scopes that you have, the ", term("call", "calls"), " that your software makes, or both. The answer appears here as you type."),
    h(
      "dl",
      {},
      h("div", {}, h("dt", {}, "Calls alone"), h("dd", {}, "The smallest set of scopes for a new connection.")),
      h("div", {}, h("dt", {}, "Scopes alone"), h("dd", {}, "The dates that concern them, and a plan to replace ", term("broad", "broad scopes"), ".")),
      h("div", {}, h("dt", {}, "Both"), h("dd", {}, "What is refused, what is too much, and the plan from one set to the other.")),
    ),
    h("p", { class: "tools" }, h("button", { type: "button", class: "filled", click: pick }, "Pick what my software does")),
    h("h3", { id: "examples-label" }, "Or begin with an example"),
    h("ul", { id: "examples", "aria-labelledby": "examples-label" }, ...EXAMPLES.map((example) => h("li", {}, h("button", { type: "button", click: () => load(example) }, example.label)))),
  );
}
