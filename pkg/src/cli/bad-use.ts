/** Errors of usage: exit code 2, and one line on standard error. */

import { redacted } from "./redact.js";

/** An error of usage. Its message has the mistake, its place, and the correction. */
export class BadUse extends Error {
  constructor(message: string) {
    super(redacted(message));
  }
}
