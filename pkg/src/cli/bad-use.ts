/** What the person at the terminal has to correct: exit code 2, and one line that says what. */

import { shown } from "./redact.js";

/** Bad use. Its message says what was found, where, and what to do. */
export class BadUse extends Error {
  constructor(message: string) {
    super(shown(message));
  }
}
