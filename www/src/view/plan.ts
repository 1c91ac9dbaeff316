/** The plan of the change, and the texts to send on. */

import type { AppKind, CautiousPlan, ChangePlan, Claim, PlanStep, StepKind } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { type Child, h } from "../dom.js";
import { counted } from "../format.js";
import { letters } from "./letters.js";
import { type Context, cite, folded, heading, name, noun, operations, sentence } from "./parts.js";

/** The first step of a new connection or app. */
const CREATE: Record<AppKind, string> = {
  custom: "Create a custom connection in the developer portal, name its authorising user, and choose these scopes",
  web: "Create a Web app in the developer portal, which asks for these scopes",
  pkce: "Create a PKCE app in the developer portal, which asks for these scopes",
  app: "Ask for these scopes by client credentials, with the id and the secret of a Web app",
};

/** The steps that change scopes. */
const CHANGE: Partial<Record<StepKind, string>> = {
  add: "Add",
  remove: "Remove",
  replace: "Replace",
};

/** The recommended plan with its texts; the other one is folded below it. */
export function plan(answer: Answer, plan: ChangePlan, context: Context): HTMLElement {
  const { index } = context;
  const { cautious, recommended } = plan;
  const isCareful = cautious !== undefined && recommended === "cautious";
  return h(
    "section",
    { class: "part plan", "aria-labelledby": "plan-title" },
    heading("plan", isCareful ? "The plan: remove nothing yet" : "The plan"),
    ...plan.findings.map((finding) => h("p", { class: "caution" }, ...sentence(finding.message, index), "\u00a0", cite(finding))),
    answer.unresolved.length > 0 && h("p", { class: "caution" }, "Some calls are not known: settle them before you remove anything."),
    h("div", { class: "sheet" }, h("div", { class: "way" }, ...(isCareful ? careful(answer, cautious, context) : whole(answer, plan, context))), letters(answer, isCareful ? cautious : plan, context)),
    cautious &&
      (isCareful
        ? folded("whole", "The whole change, once all calls are verified", h("div", { class: "sheet" }, h("div", { class: "way whole" }, ...whole(answer, plan, context)), letters(answer, plan, context, ", the whole change")))
        : folded("cautious", "Instead: remove nothing yet", h("div", { class: "sheet" }, h("div", { class: "way" }, ...careful(answer, cautious, context)), letters(answer, cautious, context, ", removing nothing yet")))),
  );
}

function careful(answer: Answer, cautious: CautiousPlan, context: Context): Child[] {
  return [
    cautious.steps.length > 0 ? steps(cautious.steps, answer, context) : h("p", {}, `Leave the ${noun(answer.asked)} alone.`),
    folded("why cautious", cautious.recommended ? "Why it is safer today" : "For it and against it", h("ul", { class: "dashes" }, ...cautious.why.map((one) => h("li", {}, ...claim(one, context))))),
    ...consequences(answer, cautious, "cautious", context),
  ];
}

function whole(answer: Answer, plan: ChangePlan, context: Context): Child[] {
  const { refused, kept } = plan;
  return [
    plan.steps.length > 0 ? steps(plan.steps, answer, context) : h("p", {}, `Change nothing: the ${noun(answer.asked)} has exactly these scopes.`),
    refused.length > 0 && [h("h4", {}, "Left out"), h("ul", { class: "dashes" }, ...refused.map(({ why }) => h("li", {}, ...claim(why, context))))],
    kept.length > 0 && [h("h4", {}, "Kept for now"), h("ul", { class: "dashes" }, ...kept.map(({ why }) => h("li", {}, ...claim(why, context))))],
    ...consequences(answer, plan, "whole", context),
  ];
}

/** The operations that keep working, and the way back. */
function consequences(answer: Answer, { keepsWorking, rollback, steps }: ChangePlan | CautiousPlan, key: string, context: Context): Child[] {
  const { index } = context;
  if (steps.length === 0) return [];
  const { meanwhile, kept, gained, lost } = keepsWorking;
  return [
    folded(
      `working ${key}`,
      "What keeps working",
      h("ul", { class: "dashes" }, ...meanwhile.map((one) => h("li", {}, ...claim(one, context))), kept > 0 && h("li", {}, `${counted(kept, "operation is", "operations are")} open before and after.`)),
      lost.length > 0 && folded(`lost ${key}`, `Closes ${counted(lost.length, "operation")}${called(answer, lost)}`, operations(lost, index)),
      gained.length > 0 && folded(`gained ${key}`, `Opens ${counted(gained.length, "operation")} that ${gained.length === 1 ? "is" : "are"} closed today`, operations(gained, index)),
    ),
    folded(`back ${key}`, rollback.possible ? "The way back" : "The way back: there is none", h("p", {}, ...claim(rollback.why, context))),
  ];
}

function called({ asked }: Answer, lost: string[]): string {
  const count = lost.filter((key) => asked.calls.includes(key)).length;
  return count > 0 ? `, ${count} of which you call` : asked.calls.length > 0 ? ", none of which you call" : "";
}

function claim(one: Claim, { index }: Context): Child[] {
  return [...sentence(one.text, index), "\u00a0", cite(one)];
}

function steps(list: readonly PlanStep[], { asked }: Answer, context: Context): HTMLElement {
  return h(
    "ol",
    { class: "steps" },
    ...list.map((step) => {
      const word = step.kind === "create" ? CREATE[asked.app ?? "custom"] : CHANGE[step.kind];
      if (!word) return h("li", {}, h("p", {}, ...claim(step.why, context)));
      // Added and removed scopes are shown as a list, not in the sentence.
      return h(
        "li",
        {},
        h("p", {}, h("strong", {}, word), "\u00a0", cite(step.why)),
        h(
          "ul",
          { class: "changes" },
          ...step.removes.map((scope) => h("li", { class: "minus" }, h("span", { class: "sign", "aria-hidden": "true" }, "−"), h("span", { class: "away" }, "Remove "), name(scope))),
          ...step.adds.map((scope) => h("li", { class: "plus" }, h("span", { class: "sign", "aria-hidden": "true" }, "+"), h("span", { class: "away" }, "Add "), name(scope))),
        ),
      );
    }),
  );
}
