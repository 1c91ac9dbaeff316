#!/usr/bin/env node
/** `npx xero-m2m`: exit code 0 when all went well, 1 if there are findings or something failed, 2 for bad use. */

import { XeroError } from "xero-m2m/policy";
import { BadUse } from "./bad-use.js";
import { allowClosedPipes } from "./output.js";
import { clearProgress } from "./progress.js";
import { obey } from "./program.js";
import { oneLine } from "./redact.js";

allowClosedPipes();
obey(process.argv.slice(2)).catch((error: unknown) => {
  const isOption = error instanceof XeroError && error.code === "invalid_option";
  const wrong = error instanceof BadUse || isOption;
  const text = error instanceof Error ? error.message : String(error);
  // Advice about an option is in its message.
  const help = error instanceof XeroError && !isOption ? `; see npx xero-m2m explain ${error.code}` : "";
  clearProgress();
  console.error(`xero-m2m: ${oneLine(text)}${help}`);
  process.exitCode = wrong ? 2 : 1;
});
