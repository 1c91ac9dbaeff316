/** `xero-m2m verify`: asks a live account the questions about Xero that nothing else settles. */

import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { FactCheck, QuestionState, Verification, VerifiedPart } from "xero-m2m/policy";
import { write as writeAnswer } from "./answer.js";
import { BadUse } from "./bad-use.js";
import { connectionOf } from "./connection.js";
import { document, plain } from "./markdown.js";
import { withExamples, withFormat } from "./options.js";
import { print } from "./output.js";
import type { Page } from "./page.js";
import { Prompt } from "./prompt.js";
import { harmless, json, oneLine, quoted, redacted } from "./redact.js";
import type { CommonOptions } from "./settings.js";

interface VerifyOptions extends CommonOptions {
  yes?: boolean;
  write?: boolean;
  json?: string;
}

/** The end of its help. */
const END = `
The connection is in the environment: XERO_CLIENT_ID and XERO_CLIENT_SECRET, and for a
local Xero XERO_IDENTITY_URL and XERO_API_URL. A connection to Xero's demo company will do.

Exit codes: 0 every request was answered; 1 a request went wrong, there was no token, or
a draft may be left behind; 2 invalid usage, or it was not confirmed.`;

/** Adds the command. */
export function addVerify(root: Command): void {
  const command = root
    .command("verify")
    .summary("questions about Xero that only a live account settles")
    .description(
      "Asks a live account those of thirteen open questions about Xero that it can answer, and compares the answers with the " +
        "catalogue. Names the organisation and asks before it starts. Sends at most 25 requests, one of them a token request with a " +
        "wrong secret, and six calls at once; it reads only, unless --write is given. The report has no secret, name or id in it, so " +
        "that it can be published.",
    )
    .option("--yes", "do not ask; for scripts")
    .option("--write", "create one draft invoice too, and delete it; Xero keeps it as deleted")
    .option("--json <file>", "write the report to a file too, as JSON")
    .action(verify);
  withFormat(command, ["text", "json", "markdown"]);
  withExamples(
    command,
    ["xero-m2m verify", "xero-m2m verify --yes --json report.json", "xero-m2m verify --write"],
    END,
  );
}

/** Asks, prints the report, and writes it to a file. The exit code is 1 if something of it is not known. */
async function verify(options: VerifyOptions): Promise<void> {
  const { yes = false, write = false, json: path } = options;
  const connection = connectionOf("verify");
  if (!yes && !process.stdin.isTTY) {
    throw new BadUse("nothing was asked: there is no terminal at which to confirm the organisation; confirm with --yes");
  }
  const { verify: ask } = await import("xero-m2m/doctor");
  const onProgress = process.stderr.isTTY
    ? (line: string) => void print(`xero-m2m: ${line}\n`, process.stderr)
    : undefined;
  const report = await ask(connection, { write, confirm: (text) => isConfirmed(text, yes), onProgress });
  if (!report) throw new BadUse("nothing but the name of the organisation was asked; confirm with yes, or with --yes");
  await writeAnswer({ json: report, text: (page) => text(page, report), markdown: () => markdown(report) }, options);
  // After the report, so that a file that cannot be written loses nothing.
  if (path !== undefined) await saved(path, report);
  if (!report.complete) process.exitCode = 1;
}

async function isConfirmed(text: string, yes: boolean): Promise<boolean> {
  await print(`${oneLine(redacted(harmless(text)))}\n`, process.stderr);
  if (yes) return true;
  const prompt = new Prompt();
  try {
    return (await prompt.ask("Go on? Type yes: ")) === "yes";
  } finally {
    prompt.close();
  }
}

async function saved(path: string, report: Verification): Promise<void> {
  try {
    await writeFile(path, json(report));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new Error(`the report is above, and the file of --json, ${quoted(path)}, cannot be written: ${code}`);
  }
}

const STATES: Record<QuestionState, string> = {
  asked: "asked",
  failed: "a request went wrong",
  unavailable: "could not be asked with this connection",
  notAsked: "not asked",
};

/** The result of a part in a word or a few. */
const resultOf = ({ state, check }: VerifiedPart) => (state === "asked" && check ? check : STATES[state]);

const footOf = ({ on, calls, version, catalogue }: Verification) =>
  `On ${on}, with ${calls} calls, by xero-m2m ${version} and the catalogue of ${catalogue}`;

function text(page: Page, report: Verification): void {
  const { good, warn, bad, strong, faint } = page.paint;
  const paint: Record<FactCheck, (text: string) => string> = { confirmed: good, differs: bad, unclear: warn };
  const say = (part: VerifiedPart) => {
    const painted = part.check ? paint[part.check] : faint;
    page.say(`${part.fact}: ${painted(resultOf(part))}`, "   - ");
    page.say(part.says, "     ");
  };
  page.say(strong(report.summary));
  for (const { number, question, parts } of report.questions) {
    page.line();
    page.say(strong(question), `${number}. `);
    parts.forEach(say);
  }
  if (report.draft) page.section("The draft", () => say(report.draft!));
  page.line();
  page.say(faint(footOf(report)));
}

function markdown(report: Verification): string {
  const line = (part: VerifiedPart) => `   - ${plain(part.fact)}: **${resultOf(part)}**, ${plain(part.says)}`;
  const items = report.questions.map(({ number, question, parts }) => [`${number}. ${plain(question)}`, ...parts.map(line)].join("\n"));
  const draft = report.draft ? [`The draft:\n\n${line(report.draft)}`] : [];
  return document("## Xero, as a live account answers", `${report.summary}.`, items.join("\n"), ...draft, `${footOf(report)}.`);
}
