/** `xero-m2m doctor`: diagnoses a connection, and advises on its problems. */

import type { Command } from "commander";
import type { Health, HealthState, HealthStep } from "xero-m2m/doctor";
import { write } from "./answer.js";
import { connectionOf } from "./connection.js";
import { document, plain } from "./markdown.js";
import { day, withCalls, withExamples, withOutput, withPolicyFile, withScopes } from "./options.js";
import { print } from "./output.js";
import type { Page } from "./page.js";
import { type CommonOptions, callsOf, factsOf, policyOf, scopesOf } from "./settings.js";
import { harmless, redacted } from "./redact.js";
import { some } from "./phrases.js";

interface DoctorOptions extends CommonOptions {
  call?: string[];
  scopes?: string;
  scopesFile?: string;
}

/** The end of its help. */
const END = `
The connection is in the environment: XERO_CLIENT_ID and XERO_CLIENT_SECRET, and for a
local Xero XERO_IDENTITY_URL and XERO_API_URL.

Exit codes: 0 the connection works; 1 there is a problem, or it is not known
whether it works; 2 invalid usage.`;

/** Adds the command. */
export function addDoctor(root: Command): void {
  const command = root
    .command("doctor")
    .summary("a diagnosis of a live connection, with advice")
    .description(
      "Diagnoses a live connection: asks for a token, makes one harmless call, and reports in numbered steps, with advice " +
        "for each problem. It changes nothing. The answer has no secret in it and can go into a ticket; it names the " +
        "organisation.",
    )
    .action(doctor);
  withCalls(command);
  withScopes(command, "the scopes that it needs");
  command.option("--created-on <day>", "the UTC day on which it was created; applies the dated rules", day);
  withPolicyFile(command);
  withOutput(command, ["text", "json", "markdown"]);
  withExamples(
    command,
    [
      "xero-m2m doctor",
      'xero-m2m doctor --scopes "accounting.invoices accounting.contacts.read"',
      "xero-m2m doctor src --format markdown > health.md",
    ],
    END,
  );
}

/** Prints a diagnosis. The exit code is 1 unless the connection was seen to work. */
async function doctor(files: string[], options: DoctorOptions): Promise<void> {
  const file = await policyOf(options);
  const wanted = await scopesOf("--scopes", options.scopes, options.scopesFile, { file });
  // Nothing is read from standard input unless it is asked for: scripts often leave it open.
  const asked = files.length || options.call?.length || file?.policy.calls?.length;
  const calls = asked ? await callsOf(files, options.call, file) : undefined;
  const { createdOn } = factsOf(options, file);
  const { diagnose } = await import("xero-m2m/doctor");
  // On a terminal, so that a wait of half a minute is not taken for a program that hangs.
  const onProgress = process.stderr.isTTY
    ? (line: string) => void print(`xero-m2m: ${redacted(line)}\n`, process.stderr)
    : undefined;
  const health = await diagnose(
    { ...connectionOf("doctor"), ...(createdOn !== undefined && { createdOn }) },
    { scopes: wanted?.text, calls: calls?.map(({ text }) => text), onProgress },
  );
  const clean = harmless(health);
  await write(
    { json: health, text: (page) => text(page, clean, options.all === true), markdown: () => markdown(clean) },
    options,
  );
  if (!health.ok) process.exitCode = 1;
}

/** The number of names that are listed in a row; `--all` shows all. */
const BRIEFLY = 8;

function found({ message, correlationId }: HealthStep): string {
  return correlationId ? `${message} (correlation id ${correlationId})` : message;
}

/** The advice, and the place where the error code is explained. */
function adviceOf({ advice, code }: HealthStep): string {
  const help = code === undefined ? "" : `See npx xero-m2m explain ${code}.`;
  return [advice, help].filter(Boolean).join(" ");
}

function text(page: Page, health: Health, all: boolean): void {
  const { good, warn, bad, strong, faint } = page.paint;
  const paint: Record<HealthState, (text: string) => string> = {
    ok: good,
    warning: warn,
    problem: bad,
    unknown: faint,
  };
  page.say((health.ok ? good : bad)(health.summary));
  page.say(health.target.description);
  page.line();
  for (const step of health.steps) {
    const { number, title, state, details = [] } = step;
    const advice = adviceOf(step);
    page.say(`${strong(title)}: ${found(step)}`, `${number}. ${paint[state](state.padEnd(7))}  `);
    for (const line of details) page.say(all ? line : some(line.split(", "), BRIEFLY), "     - ");
    if (advice) page.say(advice, "     To do: ");
  }
  page.line();
  page.say(faint(`On ${health.at}, by xero-m2m ${health.version} and the catalogue of ${health.catalogue}`));
}

function markdown(health: Health): string {
  const items = health.steps.map((step) => {
    const { number, title, state, details = [] } = step;
    const advice = adviceOf(step);
    const lines = [
      `${number}. **${title}: ${state}.** ${plain(found(step))}`,
      ...details.map((line) => `   - ${plain(line)}`),
      ...(advice ? [`   - To do: ${plain(advice)}`] : []),
    ];
    return lines.join("\n");
  });
  return document(
    `## Xero connection: ${health.summary}`,
    plain(health.target.description),
    items.join("\n"),
    `On ${health.at}, by xero-m2m ${health.version} and the catalogue of ${health.catalogue}.`,
  );
}
