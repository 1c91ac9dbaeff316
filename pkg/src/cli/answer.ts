/** Writes an answer, and sets the exit code. */

import type { Log } from "sarif";
import { type Countable, type FailOn, failures } from "./fail-on.js";
import { print } from "./output.js";
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
}

/** Writes the answer in the format that was chosen. */
export async function write(writers: Writers, { format, color }: CommonOptions): Promise<void> {
  await print(written(writers, format, color));
}

function written(writers: Writers, format: CommonOptions["format"], color: boolean): string {
  switch (format) {
    case "json":
      return json(writers.json);
    case "sarif":
      return json(writers.sarif?.());
    case "markdown":
      return writers.markdown?.() ?? "";
    case "text": {
      const page = new Page(widthOf(process.stdout), color && wantsColour(process.stdout));
      writers.text(page);
      return page.toString();
    }
  }
}

/**
 * Sets the exit code, and explains on standard error why it is not 0. `more` fails with any kinds but `none`; `always` fails
 * with `none` as well.
 */
export async function judge(
  findings: readonly Countable[],
  failOn: FailOn,
  more: readonly [string, number][] = [],
  always: readonly [string, number][] = [],
): Promise<void> {
  const forgiving = failOn.kinds.includes("none");
  const found = [...failures(findings, failOn), ...(forgiving ? [] : more), ...always].filter(([, count]) => count > 0);
  if (!found.length) return;
  process.exitCode = 1;
  const words = found.map(([kind, count]) => `${kind} (${count})`).join(", ");
  await print(`xero-m2m: ${redacted(`exit code 1 for ${words}`)}\n`, process.stderr);
}
