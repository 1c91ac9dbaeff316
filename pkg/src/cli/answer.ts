/** Writes an answer, and sets the exit code. */

import type { Log } from "sarif";
import { type Countable, type FailOn, failures } from "./fail-on.js";
import { print, printCommands } from "./output.js";
import { Page, wantsColour, widthOf } from "./page.js";
import type { CommonOptions } from "./settings.js";
import { json, redacted } from "./redact.js";

/** The writers of an answer, one for each format. */
export interface Writers {
  /** The answer of the library, and what the policy file adds. */
  json: unknown;
  text(page: Page): void;
  markdown?(): string;
  sarif?(): Log;
  /** Commands for the runner of GitHub Actions; their texts are escaped. */
  github?(): string;
}

/** Writes the answer in the format that was chosen. */
export async function write(writers: Writers, { format, color }: CommonOptions): Promise<void> {
  await (format === "github" ? printCommands : print)(written(writers, format, color));
}

function written(writers: Writers, format: CommonOptions["format"], color: boolean): string {
  switch (format) {
    case "json":
      return json(writers.json);
    case "sarif":
      return json(writers.sarif?.());
    case "markdown":
      return writers.markdown?.() ?? "";
    case "github":
      return writers.github?.() ?? "";
    case "text": {
      const page = new Page(widthOf(process.stdout), color && wantsColour(process.stdout));
      writers.text(page);
      return page.toString();
    }
  }
}

/** The findings about one connection, and what fails because of them. */
export interface Judged {
  /** The environment of the policy file; absent if it has none. */
  environment?: string | undefined;
  findings: readonly Countable[];
  failOn: FailOn;
  /** Counts that fail with any kinds but `none`. */
  more?: readonly [string, number][];
  /** Counts that fail with `none` as well. */
  always?: readonly [string, number][];
}

/** Sets the exit code, and explains on standard error why it is not 0. Of several connections the worst decides. */
export async function judge(all: readonly Judged[]): Promise<void> {
  for (const { environment, findings, failOn, more = [], always = [] } of all) {
    const forgiving = failOn.kinds.includes("none");
    const found = [...failures(findings, failOn), ...(forgiving ? [] : more), ...always].filter(([, count]) => count > 0);
    if (!found.length) continue;
    process.exitCode = 1;
    const words = found.map(([kind, count]) => `${kind} (${count})`).join(", ");
    const which = environment === undefined ? "" : `${environment}: `;
    await print(`xero-m2m: ${redacted(`${which}exit code 1 for ${words}`)}\n`, process.stderr);
  }
}
