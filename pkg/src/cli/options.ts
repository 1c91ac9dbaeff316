/** The declaration of commands: options that several have, and the end of a help. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { isDay } from "./days.js";
import { FAIL_KINDS, type FailKind, type Within, wrongKinds } from "./fail-on.js";
import { Page, widthOf } from "./page.js";
import { APPS, POLICY_FILE } from "./policy-file.js";
import type { Format } from "./settings.js";

/** The exit codes of commands that answer questions. */
export const EXITS = `
Exit codes: 0 success; 1 there are findings (--fail-on), or something failed;
2 invalid usage; see stderr.`;

/** The lines about the app in the help of commands that use a login. */
export const APP = `
The app is in the environment: XERO_CLIENT_ID, and XERO_CLIENT_SECRET for a Web app or
XERO_VAULT_KEY for a PKCE app; for a local Xero also XERO_IDENTITY_URL, XERO_API_URL and
XERO_AUTHORIZE_URL. No secret is taken from an argument.
`;

/** Adds examples to the help of a command, and the paragraphs after them. */
export function withExamples(command: Command, examples: readonly string[], end = EXITS): void {
  command.addHelpText("after", () => {
    const page = new Page(widthOf(process.stdout), false);
    if (examples.length) page.line("Examples:");
    for (const example of examples) page.line(`  $ ${continued(example, page.width - 6)}`);
    for (const paragraph of end.trim().split("\n\n")) {
      page.line();
      inHelp(page, paragraph.split("\n"));
    }
    return `\n${page.toString().trimEnd()}`;
  });
}

/** A paragraph of a help: prose, exit codes, or rows of two columns, which begin with two spaces, below their title. */
function inHelp(page: Page, lines: readonly string[]): void {
  const isRow = (line: string) => line.startsWith("  ");
  const [title = "", ...codes] = lines.filter((line) => !isRow(line)).join(" ").split(/(?:(?<=^Exit codes:)|;) (?=\d )/);
  page.say(title);
  page.rows(codes.map((line) => [line.slice(0, 1), line.slice(2).replace(/\.$/, "")]));
  page.rows(lines.filter(isRow).map((line) => line.trim().split(/ {2,}/, 2) as [string, string]));
}

/** A command on several lines, for a shell, if it is wider than `width`: each but the first begins with an option. */
function continued(command: string, width: number): string {
  const [first = "", ...parts] = command.split(/ (?=-)/);
  const lines = [first];
  for (const part of parts) {
    const longer = `${lines.at(-1)} ${part}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines.join(" \\\n      ");
}

/** Collects the values of an option that can be given again. */
export const repeated = (value: string, before: string[] = []): string[] => [...before, value];

/** Refuses a value that cannot be read; commander names the option and the value. */
function only<T>(read: (text: string) => T | undefined, words: string): (text: string) => T {
  return (text) => {
    const value = read(text);
    if (value === undefined) throw new InvalidArgumentError(`It must be ${words}.`);
    return value;
  };
}

/** Reads a day. */
export const day = only((text) => (isDay(text) ? text : undefined), "a day written as YYYY-MM-DD");

/** Reads a whole number. */
export const wholeUpTo = (most: number) =>
  only(
    (text) => (/^\d+$/.test(text) && Number(text) <= most ? Number(text) : undefined),
    `a whole number from 0 to ${most}`,
  );

/** Reads a number of days, or a day. */
const within = only<Within>(
  (text) => (isDay(text) ? text : /^\d+$/.test(text) && Number(text) <= 100_000 ? Number(text) : undefined),
  "a number of days from 0 to 100000, or a day written as YYYY-MM-DD",
);

function kinds(text: string): FailKind[] {
  const names = text.split(/[\s,]+/).filter(Boolean);
  const wrong = wrongKinds(names);
  if (wrong) throw new InvalidArgumentError(`${wrong}.`);
  return names as FailKind[];
}

/** Adds the options of calls. */
export function withCalls(command: Command): void {
  command
    .argument("[files...]", "source code, logs, HAR files, lists of calls; folders; patterns with *, **, ?, [a-z], {a,b}; pipes, as of <(command); - for standard input")
    .option("-c, --call <call>", 'a call itself, such as "GET /Invoices"; can be given again', repeated);
}

/** The text of an option that names a file of scopes. */
export const SCOPES_FILE = "a file that has them, of at most 1 MiB; a pipe, as of <(command); - for standard input";

/** Adds the options about scopes; `meaning` is that of the scopes. */
export function withScopes(command: Command, meaning: string): void {
  command.option("-s, --scopes <scopes>", `${meaning}, in any form`).option("--scopes-file <file>", SCOPES_FILE);
}

/** Adds the options about the connection. */
export function withConnection(command: Command): void {
  command
    .addOption(
      new Option("--app <kind>", "a custom connection, a Web or PKCE app, or the token of an app itself (default: custom)").choices(APPS),
    )
    .option("--created-on <day>", "the UTC day on which the connection or app was created; applies the dated rules", day)
    .option("--region <country>", "the country of its organisation: AU, NZ, UK, US, another two-letter code or other")
    .option("--on <day>", "the day of the answer (default: today, in UTC)", day);
}

/** Adds the options about the policy file. */
export function withPolicyFile(command: Command): void {
  command
    .option("--policy <file>", `the policy file of the team (default: ${POLICY_FILE}, if it is there)`)
    .option("--no-policy", "use no policy file")
    .option("--env <name>", "the environment of the policy file, where it has several (check and assess, by default: all)");
}

/** Adds the options about the policy file and about failing. */
export function withPolicy(command: Command, usual: FailKind): void {
  withPolicyFile(command);
  command
    .option("--fail-on <kinds>", `exit with 1 for: ${FAIL_KINDS.join(", ")} (default: ${usual})`, kinds)
    .option("--within <days>", "fail for scopes and calls that end within this number of days, or by this day", within);
}

/** Adds options about the output of an answer that has long lists. */
export function withOutput(command: Command, formats: readonly Format[]): void {
  withFormat(command, formats);
  command.option("--all", "write the whole text, without shortening lists");
}

/** Adds options about the output. */
export function withFormat(command: Command, formats: readonly Format[]): void {
  command
    .addOption(new Option("-f, --format <format>", "how to write the answer").choices(formats).default("text"))
    .option("--no-color", "no colour; NO_COLOR and FORCE_COLOR work as well");
}
