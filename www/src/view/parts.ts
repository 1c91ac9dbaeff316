/** Small pieces that every part of the answer is made of. */

import type { AppKind, Citation, Confidence } from "xero-m2m/policy";
import { type Index, request } from "../catalogue.js";
import { type Child, h } from "../dom.js";
import type { Example } from "../examples.js";
import type { Facts } from "../protocol.js";

/** The context of the views besides the answer. */
export interface Context {
  index: Index;
  /** Announces words to screen readers. */
  say(words: string): void;
  /** Chooses an operation for an unresolved call, or takes the choice back. */
  take(text: string, key: string | undefined): void;
  /** Lets the plan lead to another of the smallest sets. */
  choose(choice: number): void;
  /** The address of this answer, put into the address bar too. */
  link(): string;
  /** Fills the form with an example. */
  load(example: Example): void;
  /** Opens the picker. */
  pick(): void;
}

/** The kinds of app, as sentences name them. A custom connection is the connection of the page. */
const NAMES: Record<AppKind, [kind: string, noun: string]> = {
  custom: ["a connection", "connection"],
  web: ["a Web app", "app"],
  pkce: ["a PKCE app", "app"],
  app: ["an app without a user", "app"],
};

/** The kind of app, with its article. */
export function kind({ app }: Facts): string {
  return NAMES[app ?? "custom"][0];
}

/** The noun for that which has the scopes: a connection or an app. */
export function noun({ app }: Facts): string {
  return NAMES[app ?? "custom"][1];
}

/** A part of the answer with its heading. */
export function section(id: string, title: string, ...children: Child[]): HTMLElement {
  return h("section", { class: `part ${id}`, "aria-labelledby": `${id}-title` }, heading(id, title), ...children);
}

/** A part that explains: folded under its heading and a digest of a few words, unless it is `open`. */
export function foldedSection(id: string, title: string, digest: Child, open: boolean, ...children: Child[]): HTMLElement {
  return h(
    "section",
    { class: `part folds ${id}`, "aria-labelledby": `${id}-title` },
    h("details", { "data-key": `part ${id}`, open }, h("summary", {}, heading(id, title), h("span", { class: "digest" }, digest)), h("div", { class: "body" }, ...children)),
  );
}

/** The heading of a part; the focus can be sent to it. */
export function heading(id: string, title: string): HTMLElement {
  return h("h3", { id: `${id}-title`, tabindex: "-1" }, title);
}

/** A name in the type of code. A path may break after its slashes; the name of a scope never breaks. */
export function name(text: string): HTMLElement {
  const parts = text.split(/(?<=\w\/)/);
  return h("code", { translate: "no" }, ...parts.flatMap((part, at) => (at > 0 ? [h("wbr"), part] : [part])));
}

/** Names in one line: "a, b and c". */
export function names(texts: readonly string[]): Child[] {
  return texts.flatMap((text, at): Child[] => {
    const before = at === 0 ? "" : at === texts.length - 1 ? " and " : ", ";
    return [before, name(text)];
  });
}

/** An operation by its key, as a request. */
export function operation(key: string, index: Index): HTMLElement {
  const known = index.operations.get(key);
  return name(known ? request(known) : key);
}

/** Operations by key, one below the other; many of them folded away. */
export function operations(keys: readonly string[], index: Index): HTMLElement {
  return h("ul", { class: "operations" }, ...keys.map((key) => h("li", {}, operation(key, index))));
}

/** A part that is folded at first. `key` names it, so that it stays open when the answer changes. */
export function folded(key: string, summary: Child, ...children: Child[]): HTMLDetailsElement {
  return h("details", { "data-key": key }, h("summary", {}, summary), ...children);
}

/** A text of the library with its names in the type of code. */
export function prose(text: string, index: Index): Child[] {
  const isName = (word: string): boolean => index.scopes.has(word) || index.operations.has(word);
  return text.split(/([a-z][\w-]*(?:\.\w+)+|\boffline_access\b|\bopenid\b)/).map((part) => (isName(part) ? name(part) : part));
}

/** A text of the library as a sentence of its own: a capital, unless it begins with a name, and a full stop. */
export function sentence(text: string, index: Index): Child[] {
  const first = /^[\w.]+/.exec(text)?.[0] ?? "";
  const capital = index.scopes.has(first) || first.includes(".") ? text : text.slice(0, 1).toUpperCase() + text.slice(1);
  return prose(/[.!?]$/.test(capital) ? capital : `${capital}.`, index);
}

const CONFIDENCE: Record<Confidence, string> = {
  documented: "documented",
  sdk: "in Xero’s code",
  third_party: "reported by third parties",
  inferred: "inferred",
  conflict: "sources disagree",
};

/** The basis of a sentence as a small mark: its rule, and any doubt about it. Pressed, it shows the source. */
export function cite({ rule, source, confidence }: Cited): HTMLElement {
  return h(
    "button",
    {
      type: "button",
      class: `cite ${confidence}`,
      popovertarget: "explained",
      popovertargetaction: "show",
      "data-rule": rule,
      "data-title": source.title,
      "data-url": source.url,
      "data-confidence": confidence,
    },
    h("span", { class: "away" }, "Source: "),
    rule,
    confidence !== "documented" && h("span", { class: "doubt" }, ` ${CONFIDENCE[confidence]}`),
  );
}

/** A rule with its source, and the confidence in what rests on them. */
export interface Cited {
  rule: string;
  source: Pick<Citation, "title" | "url">;
  confidence: Confidence;
}

/** The basis that a mark stands for; nothing for any other element. */
export function citedBy({ dataset }: HTMLElement): Cited | undefined {
  const { rule, title, url, confidence } = dataset;
  if (rule === undefined || title === undefined) return undefined;
  return { rule, source: { title, ...(url === undefined ? {} : { url }) }, confidence: confidence as Confidence };
}

/** The confidence in words. */
export function inWords(confidence: Confidence): string {
  return CONFIDENCE[confidence];
}

/** A source, as a link if it has an address. */
export function linked({ title, url }: Pick<Citation, "title" | "url">): HTMLElement {
  return url ? h("a", { href: url, rel: "noreferrer", target: "_blank" }, title) : h("span", {}, title);
}
