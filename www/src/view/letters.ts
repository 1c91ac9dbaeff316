/** Texts to send on: the e-mail and the ticket of a plan. */

import type { CautiousPlan, ChangePlan } from "xero-m2m/policy";
import type { Answer } from "../protocol.js";
import { type Child, h } from "../dom.js";
import { copyButton, saveButton } from "../copy-save.js";
import { term } from "../terms.js";
import { type Context, folded } from "./parts.js";

/** The e-mail and the ticket of this plan; `of` distinguishes them from those of the recommended one. */
export function letters({ asked }: Answer, { markdown, email }: ChangePlan | CautiousPlan, { say }: Context, of = ""): HTMLElement {
  const rows: Child[] = [];
  if (email) {
    const whole = `Subject: ${email.subject}\n\n${email.body}`;
    const to = /^[^\s@<>?&]+@[^\s@<>?&]+$/.test(asked.authorisingUser ?? "") ? encodeURIComponent(asked.authorisingUser ?? "") : "";
    const address = `mailto:${to}?subject=${encodeURIComponent(email.subject)}&body=${encodeURIComponent(email.body)}`;
    rows.push(
      h("h4", {}, "E-mail to the ", term("user", "authorising user")),
      h("p", { class: "tools" }, copyButton("Copy the e-mail", () => whole, say), h("a", { class: "button small", href: address }, "Open in mail"), saveButton("Save email.txt", "email.txt", "text/plain", () => whole)),
      folded(`email${of}`, "Read the e-mail", text(`E-mail${of}`, whole)),
    );
  }
  rows.push(
    h("h4", {}, "Change ticket"),
    h("p", { class: "tools" }, copyButton("Copy the ticket", () => markdown, say), saveButton("Save ticket.md", "ticket.md", "text/markdown", () => markdown)),
    folded(`ticket${of}`, "Read the ticket", text(`Change ticket${of}`, markdown)),
  );
  return h("div", { class: "letters", role: "group", "aria-label": `Texts to send on${of}` }, ...rows);
}

function text(label: string, content: string): HTMLElement {
  return h("pre", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, content);
}
