/** Texts to send on: the ticket, the e-mail, the reminder, the link. */

import type { ChangePlan, WhichPlan } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { calendar } from "../calendar.js";
import { type Child, h } from "../dom.js";
import { copyButton, saveButton } from "../copy-save.js";
import { day } from "../format.js";
import { type Context, folded, section } from "./parts.js";

export function letters(answer: Answer, context: Context): HTMLElement {
  const { plan } = answer;
  const list = h("ul", { class: "rows" });
  let which: WhichPlan = plan?.recommended ?? "full";
  const draw = (): void => list.replaceChildren(...rows(answer, which, context));
  draw();
  return section("letters", "To send on", plan?.cautious && chooser(which, plan, (chosen) => ((which = chosen), draw())), list);
}

/** The choice between two plans for the ticket and the e-mail: the recommended one stands first. */
function chooser(first: WhichPlan, plan: ChangePlan, choose: (which: WhichPlan) => void): HTMLElement {
  const names: Record<WhichPlan, string> = { cautious: "Remove nothing yet", full: "The whole change" };
  const second: WhichPlan = first === "full" ? "cautious" : "full";
  const buttons: HTMLButtonElement[] = [first, second].map((which) =>
    h(
      "button",
      {
        type: "button",
        class: "small",
        "aria-pressed": which === first ? "true" : "false",
        click: () => {
          for (const button of buttons) button.setAttribute("aria-pressed", button === buttons[which === first ? 0 : 1] ? "true" : "false");
          choose(which);
        },
      },
      names[which],
      which === plan.recommended && " (recommended)",
    ),
  );
  return h("p", { class: "tools", role: "group", "aria-label": "Plan to send on" }, "Ticket and e-mail of: ", ...buttons);
}

function rows(answer: Answer, which: WhichPlan, context: Context): Node[] {
  const { plan, assessment, asked } = answer;
  const { say, index } = context;
  const rows: Node[] = [];
  const row = (title: string, what: Child, ...tools: Child[]): void =>
    void rows.push(h("li", {}, h("div", {}, h("h4", {}, title), h("p", {}, what)), h("p", { class: "tools" }, ...tools)));

  if (plan) {
    const { markdown, email } = which === "cautious" && plan.cautious ? plan.cautious : plan;
    row("Change ticket", "In Markdown.", copyButton("Copy the ticket", () => markdown, say), saveButton("Save ticket.md", "ticket.md", "text/markdown", () => markdown));
    rows.push(h("li", { class: "text" }, folded("ticket", "Read the ticket", text("Change ticket", markdown))));
    if (email) {
      const whole = `Subject: ${email.subject}\n\n${email.body}`;
      const to = /^[^\s@<>?&]+@[^\s@<>?&]+$/.test(asked.authorisingUser ?? "") ? encodeURIComponent(asked.authorisingUser ?? "") : "";
      const address = `mailto:${to}?subject=${encodeURIComponent(email.subject)}&body=${encodeURIComponent(email.body)}`;
      row(
        "E-mail to the authorising user",
        "In plain words.",
        copyButton("Copy the e-mail", () => whole, say),
        saveButton("Save email.txt", "email.txt", "text/plain", () => whole),
        h("a", { class: "button small", href: address }, "Write it"),
      );
      rows.push(h("li", { class: "text" }, folded("email", "Read the e-mail", text("E-mail", whole))));
    }
  }
  const rule = assessment.deadline && index.rules.get(assessment.deadline.rule);
  if (assessment.deadline && rule) {
    const { deadline } = assessment;
    row("Reminder", `For your calendar: ${day(deadline.firstDay)}, the first day on which broad scopes may end.`, saveButton("Save reminder.ics", "reminder.ics", "text/calendar", () => calendar(deadline, rule, Date.now())));
  }
  row(
    "Link to this answer",
    "It carries scopes, operations, country and days, in the part of the address that no server gets. Unknown names, unresolved calls and the names of people stay out of it.",
    copyButton("Copy the link", () => context.link(), say),
  );
  const { required, checked } = answer;
  row("Data", "The answer of the library, as JSON.", saveButton("Save answer.json", "answer.json", "application/json", () => `${JSON.stringify({ asked, required, checked, assessment, plan }, null, 2)}\n`));
  row("On paper", "The answer without this list.", h("button", { type: "button", class: "small", click: () => print() }, "Print"));
  return rows;
}

function text(label: string, content: string): HTMLElement {
  return h("pre", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, content);
}
