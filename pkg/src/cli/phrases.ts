/** Words for answers, in every format for people. */

import { type AppKind, type Claim, type Confidence, type Finding, catalogue } from "xero-m2m/policy";

/** The kinds of app, in words. */
export const KINDS: Record<AppKind, string> = {
  custom: "custom connection",
  web: "Web app",
  pkce: "PKCE app",
  app: "token of an app itself",
};

/** `1 call`, `2 calls`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** `a, b and 3 more`. */
export function some(words: readonly string[], most: number): string {
  const left = words.length - most;
  return left > 0 ? `${words.slice(0, most).join(", ")} and ${left.toLocaleString("en")} more` : words.join(", ");
}

/** With a capital letter at its start, as a sentence has. Names of scopes and operations stay as they are. */
export function sentence(text: string): string {
  const word = /^[a-z]+(?=[ ,;:])/.exec(text)?.[0];
  if (word === undefined || catalogue.scopes.some(({ name }) => name === word)) return text;
  return text[0]!.toUpperCase() + text.slice(1);
}

const DOUBTS: Record<Confidence, string> = {
  documented: "",
  sdk: ", as Xero's code does it",
  third_party: ", reported by third parties",
  inferred: ", inferred",
  conflict: ", sources conflict",
};

/** The basis of a sentence, in brackets: its rule, and the doubt about it. */
export function basis({ rule, confidence }: Pick<Claim, "rule" | "confidence">): string {
  return `(${rule}${DOUBTS[confidence]})`;
}

/** A sentence about operations, once for all of them: `… (3 operations: a, b, c)`. */
export function about({ text, operations = [] }: Pick<Claim, "text" | "operations">, most: number): string {
  if (!operations.length) return sentence(text);
  const which = operations.length === 1 ? operations[0]! : `${count(operations.length, "operation")}: ${some(operations, most)}`;
  return `${sentence(text)} (${which})`;
}

/** The sources of claims and findings, each once. */
export function sourcesOf(claims: readonly Pick<Finding, "source">[]): string[] {
  const texts = claims.map(({ source }) => (source.url ? `${source.title} <${source.url}>` : source.title));
  return [...new Set(texts)];
}
