/** The plan of the change. */

import type { AppKind, ChangePlan, Claim, PlanStep, StepKind } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { type Child, h } from "../dom.js";
import { counted } from "../format.js";
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

export function plan(answer: Answer, plan: ChangePlan, context: Context): HTMLElement {
  const { index } = context;
  const { app = "custom" } = answer.asked;
  const { cautious, keepsWorking, rollback, refused, kept } = plan;
  const title = (words: string): HTMLElement => h(cautious ? "h5" : "h4", {}, words);
  const main: Child[] = [
    plan.steps.length > 0 ? steps(plan.steps, app, context) : h("p", {}, `Change nothing: the ${noun(answer.asked)} has exactly these scopes.`),
    refused.length > 0 &&
      h("div", {}, title("Left out"), h("ul", {}, ...refused.map(({ why }) => h("li", {}, ...claim(why, context))))),
    kept.length > 0 && h("div", {}, title("Kept for now"), h("ul", {}, ...kept.map(({ why }) => h("li", {}, ...claim(why, context))))),
    title("What keeps working"),
    h("ul", {}, ...keepsWorking.meanwhile.map((one) => h("li", {}, ...claim(one, context))), keepsWorking.kept > 0 && h("li", {}, `${counted(keepsWorking.kept, "operation is", "operations are")} open before and after.`)),
    keepsWorking.lost.length > 0 && folded("lost", `Closes ${counted(keepsWorking.lost.length, "operation")}${called(answer, keepsWorking.lost)}`, operations(keepsWorking.lost, index)),
    keepsWorking.gained.length > 0 && folded("gained", `Opens ${counted(keepsWorking.gained.length, "operation")} that ${keepsWorking.gained.length === 1 ? "is" : "are"} closed today`, operations(keepsWorking.gained, index)),
    title("The way back"),
    h("p", {}, ...claim(rollback.why, context)),
  ];
  const careful =
    cautious &&
    h(
      "section",
      { class: `way${cautious.recommended ? " recommended" : ""}`, "aria-labelledby": "cautious-title" },
      h("h4", { id: "cautious-title", tabindex: "-1" }, "Remove nothing yet", cautious.recommended && h("span", { class: "tag" }, "safer today")),
      h("ul", {}, ...cautious.why.map((one) => h("li", {}, ...claim(one, context)))),
      cautious.steps.length > 0 ? steps(cautious.steps, app, context) : h("p", {}, `Leave the ${noun(answer.asked)} alone.`),
    );
  const whole = cautious ? h("section", { class: "way", "aria-labelledby": "whole-title" }, h("h4", { id: "whole-title" }, "The whole change"), ...main) : main;
  return h(
    "section",
    { class: "part plan", "aria-labelledby": "plan-title" },
    heading("plan", "The plan"),
    ...plan.findings.map((finding) => h("p", { class: "caution" }, ...sentence(finding.message, index), " ", cite(finding))),
    answer.asked.calls.length === 0 && !answer.asked.organisation && plan.steps.length > 0 && h("p", {}, "No calls are given, so each broad scope is replaced by everything that takes its place. With calls the plan gets smaller."),
    answer.unresolved.length > 0 && h("p", { class: "caution" }, "Some calls are unresolved: settle them before you remove anything."),
    cautious?.recommended ? [careful, whole] : [whole, careful],
  );
}

function called({ asked }: Answer, lost: string[]): string {
  const count = lost.filter((key) => asked.calls.includes(key)).length;
  return count > 0 ? `, ${count} of which you call` : asked.calls.length > 0 ? ", none of which you call" : "";
}

function claim(one: Claim, { index }: Context): Child[] {
  return [...sentence(one.text, index), " ", cite(one)];
}

function steps(list: readonly PlanStep[], app: AppKind, context: Context): HTMLElement {
  return h(
    "ol",
    { class: "steps" },
    ...list.map((step) => {
      const word = step.kind === "create" ? CREATE[app] : CHANGE[step.kind];
      if (!word) return h("li", {}, h("p", {}, ...claim(step.why, context)));
      // Added and removed scopes are shown as a list, not in the sentence.
      return h(
        "li",
        {},
        h("p", {}, h("strong", {}, word)),
        h(
            "ul",
            { class: "changes" },
            ...step.removes.map((scope) => h("li", { class: "minus" }, h("span", { class: "sign", "aria-hidden": "true" }, "−"), h("span", { class: "away" }, "Remove "), name(scope))),
            ...step.adds.map((scope) => h("li", { class: "plus" }, h("span", { class: "sign", "aria-hidden": "true" }, "+"), h("span", { class: "away" }, "Add "), name(scope))),
        ),
        cite(step.why),
      );
    }),
  );
}
