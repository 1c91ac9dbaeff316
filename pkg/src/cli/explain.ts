/** `xero-m2m explain`: everything that the catalogue has about a rule, an error code, a scope or an operation. */

import type { Command } from "commander";
import {
  type CatalogueOperation,
  type CatalogueRule,
  type CatalogueSource,
  type CatalogueWithdrawn,
  type ErrorEntry,
  type ExplainedScope,
  type Explanation,
  explain as explained,
} from "xero-m2m/policy";
import { write } from "./answer.js";
import { BadUse } from "./bad-use.js";
import { withExamples, withOutput } from "./options.js";
import type { Page } from "./page.js";
import { basis as basisOf, count, sentence } from "./phrases.js";
import { quoted } from "./redact.js";
import type { CommonOptions } from "./settings.js";

/** Adds the command. */
export function addExplain(root: Command): void {
  const command = root
    .command("explain")
    .summary("a rule, an error code, a scope or an operation")
    .description(
      "Explains a rule with its sources, an error code with advice, a scope with the calls that it opens and its dates, or an " +
        "operation with its scopes. For a word that is not known, the exit code is 2, and the nearest known ones are named.",
    )
    .argument("<word...>", "R28, invalid_scope, accounting.invoices, or a call such as POST /Invoices")
    .action(explain);
  withOutput(command, ["text", "json"]);
  withExamples(command, [
    "xero-m2m explain R28",
    "xero-m2m explain invalid_scope",
    "xero-m2m explain accounting.invoices --all",
    'xero-m2m explain "POST /Invoices" --format json',
  ]);
}

/** Explains a word, or several words that are a call. The exit code is 2 if it is not known. */
async function explain(words: string[], options: CommonOptions): Promise<void> {
  const word = words.join(" ");
  const found = explained(word);
  const { rules, errors, scopes, operations, withdrawn, nearest } = found;
  const isKnown = [rules, errors, scopes, operations, withdrawn].some((list) => list.length);
  const unknown = new BadUse(
    `${quoted(word)} is no rule, error code, scope or operation that is known` +
      (nearest.length ? `; the nearest are: ${nearest.join(", ")}` : "; names look like R28, invalid_scope, accounting.invoices, \"POST /Invoices\""),
  );
  if (isKnown || options.format === "json") {
    await write({ json: found, text: (page) => text(page, found, options.all === true) }, options);
  }
  if (!isKnown) throw unknown;
}

function text(page: Page, found: Explanation, all: boolean): void {
  for (const rule of found.rules) ofRule(page, rule);
  for (const error of found.errors) ofError(page, error);
  for (const scope of found.scopes) ofScope(page, scope, all);
  if (found.inferred) page.say(page.paint.warn(`${sentence(found.inferred.text)} ${basisOf(found.inferred)}.`));
  for (const operation of found.operations) ofOperation(page, operation);
  for (const operation of found.withdrawn) ofWithdrawn(page, operation);
  if (found.sources.length) page.section("Sources", () => found.sources.forEach((source) => page.say(sourceWords(source), "  - ")));
}

const sourceWords = ({ title, url, date }: CatalogueSource) => `${title}, ${date}${url ? `: ${url}` : " (no public address)"}`;

/** The row of a page: a label and a value, which is left out if it is empty. */
type Row = [label: string, value: string | undefined];

function rows(page: Page, list: readonly Row[]): void {
  page.rows(list.flatMap(([label, value]) => (value ? [[label, value] as const] : [])));
}

function heading(page: Page, title: string): void {
  page.line();
  page.say(page.paint.strong(title));
}

function ofRule(page: Page, { id, text, more, from, until, untilReported, apps, confidence, checked }: CatalogueRule): void {
  heading(page, `Rule ${id}`);
  page.say(text);
  if (more) page.say(more);
  rows(page, [
    ["holds for", apps.join(", ")],
    ["from", from],
    ["until", until],
    ["end, as reported", untilReported],
    ["confidence", `${confidence}, checked ${checked}`],
  ]);
}

function ofError(page: Page, { code, meaning, advice, blame, retryable }: ErrorEntry): void {
  heading(page, `Error code ${code}`);
  page.say(meaning);
  page.say(advice, "To do: ");
  rows(page, [
    ["who has to act", blame],
    ["try again", retryable ? "the same call may succeed later" : "not before something is changed"],
  ]);
}

/** The number of operations that are listed; `--all` shows all. */
const BRIEFLY = 12;

function ofScope(page: Page, { scope, opens }: ExplainedScope, all: boolean): void {
  heading(page, `Scope ${scope.name}`);
  page.say(scope.description);
  rows(page, [
    ["family", `${scope.family}, ${scope.status}`],
    ["access", scope.access],
    ["custom connections", scope.held],
    ["Web and PKCE apps", scope.userHeld],
    ["replaced by", scope.replacedBy.join(", ")],
    ...scope.dates.map(([label, value]): Row => [label, value]),
    ["restrictions", scope.restrictions.join("; ")],
    ["note", scope.note],
    ["confidence", `${scope.confidence}, checked ${scope.checked}`],
  ]);
  if (!opens.length) return page.say("It opens no operation.");
  page.section(`It opens ${count(opens.length, "operation")}`, () => {
    for (const call of all ? opens : opens.slice(0, BRIEFLY)) page.say(call, "  - ");
    if (!all && opens.length > BRIEFLY) page.say(`and ${opens.length - BRIEFLY} more: --all lists them`, "  ");
  });
}

function ofOperation(page: Page, operation: CatalogueOperation): void {
  const { key, method, path, openedBy, granular, broad, unlisted, held, basis, uncertain, note, paging, requiredQuery, ends } = operation;
  heading(page, `${method} ${path} (${key})`);
  rows(page, [
    ["any one of", openedBy.join(", ") || "no known scope"],
    ["granular", granular.join(", ")],
    ["broad", broad.join(", ")],
    ["reported only", unlisted.join(", ")],
    ["custom connections", held],
    ["required query", requiredQuery.join(", ")],
    ["pages", paging === "none" ? undefined : paging],
    ["Idempotency-Key", operation.idempotencyKey ? "taken" : undefined],
    ["ends by rule", ends],
    ["doubt", uncertain ? "the sources leave doubt about its scopes" : undefined],
    ["note", note],
    ["confidence", `${operation.confidence} (${basis}), checked ${operation.checked}`],
  ]);
}

function ofWithdrawn(page: Page, { method, path, until, note, confidence, checked }: CatalogueWithdrawn): void {
  heading(page, `${method} ${path}: withdrawn by Xero${until ? ` (${until})` : ""}`);
  page.say(note);
  rows(page, [["confidence", `${confidence}, checked ${checked}`]]);
}
