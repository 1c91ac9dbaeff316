/** `xero-m2m scopes`: the smallest set of scopes for some calls. */

import type { Command } from "commander";
import { type AppKind, type RequiredScopes, type ResolvedCall, catalogue, requiredScopes } from "xero-m2m/policy";
import { judge, write } from "./answer.js";
import { type Source, placeOf, textsOf, where, withFiles } from "./input.js";
import { code, details, document, plain, sourceLinks, table, under } from "./markdown.js";
import { withCalls, withConnection, withExamples, withOutput, withPolicy } from "./options.js";
import type { Page } from "./page.js";
import { type Report, log } from "./sarif.js";
import { type CommonOptions, callsOf, factsOf, failOnOf, nothingFound, policyOf } from "./settings.js";
import { longWork } from "./progress.js";
import { harmless } from "./redact.js";
import { ignoredWords, isAssumed, isWhole, more, unreadReports, unresolvedItems, unresolvedReports, unresolvedSection } from "./unresolved.js";
import { KINDS, about, basis, count, sentence, some } from "./phrases.js";

interface ScopesOptions extends CommonOptions {
  call?: string[];
}

/** Adds the command. */
export function addScopes(root: Command): void {
  const command = root
    .command("scopes")
    .summary("the smallest set of scopes for calls")
    .description("Finds the smallest set of scopes for calls, read from files, arguments or standard input.")
    .action(scopes);
  withCalls(command);
  withConnection(command);
  withPolicy(command, "none");
  withOutput(command, ["text", "json", "markdown", "sarif"]);
  withExamples(command, [
    'xero-m2m scopes --call "GET /Invoices" --call "POST /Payments"',
    "xero-m2m scopes src --created-on 2025-02-01",
    "xero-m2m scopes access.log --format json",
    "cat access.log | xero-m2m scopes -",
  ]);
}

/** Finds the scopes, and fails if the set may not be enough and `--fail-on` asks for it. */
async function scopes(files: string[], options: ScopesOptions): Promise<void> {
  const file = await policyOf(options);
  const sources = await callsOf(files, options.call, file);
  const facts = factsOf(options, file);
  const app = facts.app ?? "custom";
  longWork("reading calls", sources.reduce((sum, { text }) => sum + text.length, 0));
  const answer = requiredScopes(textsOf(sources), facts);
  if (!answer.calls.length && !answer.unresolved.length) throw nothingFound(sources);
  const clean = harmless(answer);
  await write(
    {
      json: withFiles(answer, sources),
      text: (page) => text(page, clean, sources, app, options.all === true),
      markdown: () => markdown(clean, sources, app),
      sarif: () => log("scopes", reports(clean, sources)),
    },
    options,
  );
  await judge([
    {
      findings: [
        ...answer.unresolved.map(() => ({ kind: "unresolved" }) as const),
        ...sources.filter(({ unread }) => unread).map(() => ({ kind: "unresolved" }) as const),
        ...answer.unopenable.map(() => ({ kind: "missing" }) as const),
        ...answer.findings,
        ...answer.uncertain.map(() => ({ kind: "uncertain" }) as const),
      ],
      failOn: await failOnOf(options, undefined, "none"),
      // Without a call there is no set, so this always fails.
      always: answer.calls.length ? [] : [["no call could be read", answer.unresolved.length]],
    },
  ]);
}

const BRIEFLY = 8;

function verdict(answer: RequiredScopes): string {
  const { calls, scopes, reading } = answer;
  if (!calls.length) return `no call could be read, so no scopes are known: ${reading}`;
  if (!isWhole(answer)) return `${count(scopes.length, "scope")}; ${reading}`;
  return `${count(scopes.length, "scope")} for ${count(calls.length, "call")}`;
}

/** The subject of the answer: without facts about the connection it is true of every connection of its kind. */
function whom({ kept }: RequiredScopes, app: AppKind): string {
  return `${kept.length ? "this" : "every"} ${KINDS[app]}`;
}

/** The reason why the set may not be enough; empty if it is. */
function reservation({ unopenable }: RequiredScopes): string {
  return unopenable.length ? `${count(unopenable.length, "operation")} not open to every connection` : "";
}

/** A call as it is written, with its place. */
function callWords(call: ResolvedCall, sources: readonly Source[]): string {
  return `${call.text} (${where(placeOf(sources, call))}${isAssumed(call) ? "; no method, so GET is assumed" : ""})`;
}

/** The calls by the keys of their operations: their text and their place. */
function callers({ calls }: RequiredScopes, sources: readonly Source[]): Map<string, string> {
  return new Map(
    calls.flatMap((call) => call.operations.map((key) => [key, callWords(call, sources)])),
  );
}

function text(page: Page, answer: RequiredScopes, sources: readonly Source[], app: AppKind, all: boolean): void {
  const { good, warn, faint } = page.paint;
  const most = all ? Number.POSITIVE_INFINITY : BRIEFLY;
  const but = reservation(answer);
  const paint = isWhole(answer) ? good : warn;
  page.say(`${paint(verdict(answer))}${but && warn(`, but ${but}`)}`);
  page.line();
  // By themselves, to be copied.
  for (const scope of answer.scopes) page.line(`  ${scope}`);

  for (const { message } of answer.findings) page.say(page.paint.bad(sentence(message)));
  unresolvedSection(page, answer.unresolved, sources, most);
  if (answer.kept.length) {
    page.section("In the set because of what this connection is", () => {
      for (const { why } of answer.kept) page.say(`${about(why, 3)} ${faint(basis(why))}`, "  ");
    });
  }
  if (answer.unopenable.length) {
    page.section(`Not open to ${whom(answer, app)}, so without a scope here`, () => {
      for (const { reason } of answer.unopenable) page.say(`${reason.text} ${faint(basis(reason))}`, "  ");
    });
  }
  if (answer.perScope.length) {
    page.section("Why", () => {
      const called = callers(answer, sources);
      for (const { scope, description, neededBy, restrictions, alsoOpens } of answer.perScope) {
        page.line(`  ${page.paint.strong(scope)}`);
        page.say(description, "    ");
        // A call that may be several operations needs the scope for each.
        const needed = [...new Set(neededBy.map((key) => called.get(key) ?? key))];
        for (const call of needed.slice(0, most)) page.say(call, "      needed by  ");
        more(page, needed.length - most, "call");
        const writes = alsoOpens.writes ? `${alsoOpens.writes} of them write` : "none of them writes";
        if (alsoOpens.count)
          page.say(
            `${count(alsoOpens.count, "more operation")}, ${writes}: ${some(alsoOpens.resources, 7)}`,
            "      also opens ",
          );
        for (const restriction of restrictions) page.say(restriction, "      note       ");
      }
    });
  }
  if (answer.alternatives.length) {
    page.section("Sets that are as small", () => {
      for (const set of answer.alternatives.slice(0, most)) page.say(set.join(" "), "  ");
      more(page, answer.alternatives.length - most, "set");
    });
  }
  if (answer.uncertain.length) {
    page.section("Not certain", () => {
      for (const claim of answer.uncertain) page.say(`${about(claim, 3)} ${faint(basis(claim))}`, "  ");
    });
  }
  const passed = ignoredWords(answer.ignored);
  if (passed) page.section("Besides", () => page.say(passed, "  "));
}

function markdown(answer: RequiredScopes, sources: readonly Source[], app: AppKind): string {
  const called = callers(answer, sources);
  const claims = [...answer.unopenable.map(({ reason }) => ({ ...reason, operations: [] })), ...answer.uncertain];
  return document(
    `## Xero scopes: ${[verdict(answer), reservation(answer)].filter(Boolean).join(", but ")}`,
    answer.scopes.length ? `\`\`\`\n${answer.scopes.join("\n")}\n\`\`\`` : "",
    under("Not read or not recognised, so the scopes are not known", unresolvedItems(answer.unresolved, sources)),
    under(
      `Not open to every ${KINDS[app]}, or not certain`,
      claims.map((claim) => `${plain(about(claim, 3))} ${basis(claim)}`),
    ),
    details(
      "Which call needs which scope",
      table(
        ["Scope", "Needed by", "Also opens"],
        answer.perScope.map(({ scope, neededBy, alsoOpens }) => [
          code(scope),
          some(
            neededBy.map((key) => code(called.get(key) ?? key)),
            BRIEFLY,
          ),
          `${count(alsoOpens.count, "operation")}, ${alsoOpens.writes} writing`,
        ]),
      ),
    ),
    under(
      "In the set because of what this connection is",
      answer.kept.map(({ why }) => `${plain(about(why, 3))} ${basis(why)}`),
    ),
    under("Sources", sourceLinks([...claims, ...answer.kept.map(({ why }) => why)])),
  );
}

function reports(answer: RequiredScopes, sources: readonly Source[]): Report[] {
  const placed = new Map(answer.calls.flatMap((call) => call.operations.map((key) => [key, placeOf(sources, call)])));
  const needs = answer.perScope.flatMap(({ scope, neededBy }) =>
    neededBy.map((operation): Report => {
      const { method, path } = catalogue.operations.find(({ key }) => key === operation)!;
      return {
        rule: "R28",
        severity: "fact",
        message: `${method} ${path} needs ${scope}`,
        place: placed.get(operation),
        properties: { kind: "required", operation, scope },
      };
    }),
  );
  const shut = answer.unopenable.map(({ operation, reason, scopes }): Report => {
    return {
      rule: reason.rule,
      severity: "warning",
      message: reason.text,
      place: placed.get(operation),
      properties: { kind: "unopenable", operation, scopes },
    };
  });
  const doubts = answer.uncertain.flatMap(({ rule, text, operations = [] }) =>
    operations.map((operation): Report => {
      const properties = { kind: "uncertain", operation };
      return { rule, severity: "info", message: `${operation}: ${text}`, place: placed.get(operation), properties };
    }),
  );
  return [...unreadReports(sources), ...unresolvedReports(answer.unresolved, sources), ...shut, ...doubts, ...needs];
}
