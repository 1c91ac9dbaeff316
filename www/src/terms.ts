/** Words that a reader may not know, explained where they stand. */

import { type Child, h } from "./dom.js";

/** The explanations, by the names that `data-term` has. */
export const TERMS = {
  scope:
    "A scope is a permission. Its name says what software may do in a Xero organisation: with accounting.invoices.read it may read invoices and nothing else. Fewer scopes mean less that can go wrong.",
  call: "A call is one request to Xero’s API, such as GET /Invoices, which reads invoices. GET reads; POST, PUT and DELETE change something. Paste them from your code, a log or a recording.",
  app: "A custom connection is software of one organisation that works without a user. In a Web app or a PKCE app, which has no secret, users log in and consent. An app without a user reaches its own connections, and no organisation’s data.",
  created: "Which scopes a connection can have depends on the day on which it was created. Xero’s developer portal shows it.",
  user: "The authorising user is the person whom Xero asks by e-mail to approve the connection, and to approve it again after each change.",
  broad: "A broad scope, such as accounting.transactions, opens many things at once. Granular scopes took its place, one for each thing: invoices, payments, bank transactions. Xero ends the broad ones.",
  smallest: "The fewest scopes that open all the calls. Of several sets with as few, the one that opens the least besides.",
} as const;

export type Term = keyof typeof TERMS;

/** Words that explain themselves when they are chosen. */
export function term(name: Term, ...words: Child[]): HTMLElement {
  return h("button", { type: "button", class: "term", popovertarget: "explained", popovertargetaction: "show", "data-term": name }, ...words);
}
