/** `xero-m2m doctor`: diagnoses a connection, and advises on its problems. */

import type { Health, HealthState, HealthStep } from "xero-m2m/doctor";
import { write } from "./answer.js";
import { connectionOf } from "./connection.js";
import { document, plain } from "./markdown.js";
import { print } from "./output.js";
import type { Page } from "./page.js";
import { type CommonOptions, callsOf, policyOf, scopesOf } from "./settings.js";
import { harmless, redacted } from "./redact.js";
import { some } from "./phrases.js";

interface DoctorOptions extends CommonOptions {
  call?: string[];
  scopes?: string;
  scopesFile?: string;
}

/** Prints a diagnosis. The exit code is 1 unless the connection was seen to work. */
export async function doctor(files: string[], options: DoctorOptions): Promise<void> {
  const file = await policyOf(options);
  const wanted = await scopesOf("--scopes", options.scopes, options.scopesFile, { file });
  // Nothing is read from standard input unless it is asked for: scripts often leave it open.
  const asked = files.length || options.call?.length || file?.policy.calls?.length;
  const calls = asked ? await callsOf(files, options.call, file) : undefined;
  const createdOn = options.createdOn ?? file?.policy.createdOn;
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
