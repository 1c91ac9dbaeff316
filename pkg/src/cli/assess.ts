/** `xero-m2m assess`: what the rules say of a connection today. */

import type { Command } from "commander";
import { type Assessment, type Deadline, type Finding, assess as assessConnection } from "xero-m2m/policy";
import { judge, write } from "./answer.js";
import { BadUse } from "./bad-use.js";
import { dueItems, sayDue } from "./due.js";
import { findingItems, findingReports, sayFindings } from "./findings.js";
import { details, document, list, sourceLinks, under } from "./markdown.js";
import { wholeUpTo, withConnection, withExamples, withOutput, withPolicy, withScopes } from "./options.js";
import type { Page } from "./page.js";
import { log, merged } from "./sarif.js";
import { type CommonOptions, type GivenScopes, factsOf, failOnOf, policiesOf, scopesOf } from "./settings.js";
import { harmless } from "./redact.js";
import { count, sourcesOf } from "./phrases.js";

interface AssessOptions extends CommonOptions {
  scopes?: string;
  scopesFile?: string;
  demo?: boolean;
  organisations?: number;
}

/** Adds the command. */
export function addAssess(root: Command): void {
  const command = root
    .command("assess")
    .summary("the rules that hold for a connection today")
    .description("Applies all of Xero's dated rules to a connection: scopes that it may hold, and their end dates.")
    .action(assess);
  withScopes(command, "the scopes of the connection");
  withConnection(command);
  command
    .option("--demo", "its organisation is Xero's demo company")
    .option("--organisations <n>", "how many organisations it is to reach", wholeUpTo(1_000_000));
  withPolicy(command, "none");
  withOutput(command, ["text", "json", "markdown", "sarif"]);
  withExamples(command, [
    'xero-m2m assess --scopes "accounting.transactions" --created-on 2025-02-01 --region AU',
    "xero-m2m assess --scopes-file scopes.txt --all",
    "xero-m2m assess --scopes-file scopes.txt --fail-on impossible",
  ]);
}

/** Assesses a connection, or that of each environment of a policy file, and fails only if `--fail-on` asks for it. */
async function assess(options: AssessOptions): Promise<void> {
  const all: Assessed[] = [];
  for (const file of await policiesOf(options)) {
    const given = await scopesOf("--scopes", options.scopes, options.scopesFile, { file });
    if (!given)
      throw new BadUse('assess needs the scopes of the connection: --scopes "...", --scopes-file FILE or a policy file');
    const { demo, organisations } = options;
    const answer = assessConnection({ scopes: given.text, ...factsOf(options, file), demo, organisations });
    all.push({ environment: file?.environment, raw: answer, answer: harmless(answer), given });
  }
  const byName = all.map(({ environment, raw }) => [environment, raw] as const);
  await write(
    {
      json: byName[0]?.[0] === undefined ? byName[0]?.[1] : { environments: Object.fromEntries(byName) },
      text: (page) => {
        for (const { environment, answer } of all) {
          if (environment !== undefined) page.line(page.paint.strong(`== ${environment} ==`));
          text(page, answer, options.all === true);
          page.line();
        }
      },
      markdown: () => all.map(markdown).join("\n"),
      sarif: () => merged(all.map(sarif)),
    },
    options,
  );
  const failOn = await failOnOf(options, undefined, "none");
  await judge(all.map(({ environment, answer }) => ({ environment, findings: answer.findings, failOn })));
}

/** The answer about one connection. */
interface Assessed {
  environment: string | undefined;
  /** The answer of the library, for programs. */
  raw: Assessment;
  answer: Assessment;
  given: GivenScopes;
}

const isAdvice = ({ kind }: Finding) => kind === "advice";
const isFact = ({ kind, severity }: Finding) => severity === "info" && kind !== "advice";
const isPressing = ({ severity }: Finding) => severity !== "info";

function verdict({ findings }: Assessment): string {
  const [errors, warnings] = (["error", "warning"] as const).map(
    (wanted) => findings.filter(({ severity }) => severity === wanted).length,
  );
  const parts = [errors ? count(errors, "error") : "", warnings ? count(warnings, "warning") : ""].filter(Boolean);
  return parts.join(", ") || "nothing to do today";
}

/** The sentence about the end of broad scopes. */
export function ending({ date, daysLeft, state, reported }: Deadline): string {
  if (state === "passed") return `Broad scopes ended in ${date}.`;
  const left =
    state === "ahead"
      ? `, in ${count(daysLeft, "day")} at the earliest`
      : ", on a day that Xero does not state: it may have passed";
  const day = reported ? ` (third parties report ${reported.day})` : "";
  return `Broad scopes end in ${date}${day}${left}.`;
}

function text(page: Page, answer: Assessment, all: boolean): void {
  const { good, warn, bad, faint } = page.paint;
  const [advice, facts, pressing] = [isAdvice, isFact, isPressing].map((of) => answer.findings.filter(of));
  const paint = answer.findings.some(({ severity }) => severity === "error") ? bad : pressing!.length ? warn : good;
  page.say(paint(verdict(answer)));
  if (answer.deadline) page.say(ending(answer.deadline));
  page.say(faint(`On ${answer.on}, by the catalogue of ${answer.catalogue}`));
  sayDue(page, answer.due);
  if (pressing!.length) page.section("To look at", () => sayFindings(page, pressing!, true));
  if (facts!.length) page.section("What holds for this connection", () => sayFindings(page, facts!, all));
  if (all) page.section("What holds for every connection", () => sayFindings(page, advice!, true));
  else
    page.section("What holds for every connection", () =>
      page.line(faint(`  ${count(advice!.length, "rule")}: --all shows all`)),
    );
  page.section("Sources", () => {
    for (const source of sourcesOf(all ? answer.findings : [...pressing!, ...facts!])) page.say(source, "  ");
  });
}

function markdown({ environment, answer }: Assessed): string {
  const items = (of: (finding: Finding) => boolean) => list(findingItems(answer.findings.filter(of)));
  return document(
    `## Xero connection${environment === undefined ? "" : ` of ${environment}`}: ${verdict(answer)}`,
    answer.deadline ? `**${ending(answer.deadline)}**` : "",
    under("What to do by when", dueItems(answer.due)),
    items(isPressing),
    details("What holds for this connection", items(isFact)),
    details("What holds for every connection", items(isAdvice)),
    details("Sources", list(sourceLinks(answer.findings))),
    `On ${answer.on}, by the catalogue of ${answer.catalogue}.`,
  );
}

function sarif({ environment, answer, given: { placeOf, names } }: Assessed) {
  const placed = (scope: string | undefined) => (scope === undefined ? undefined : placeOf?.(scope));
  const reports = answer.findings.map((finding) => ({
    ...findingReports([finding])[0]!,
    place: placed(finding.scopes[0]),
  }));
  return log(["assess", environment ?? []].flat().join("/"), reports, placed(names[0]));
}
