// The report of an attempt: a line of JSON. The runner answers with a line when it has looked at what the local Xero sent.

import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Reports an attempt, and an error if it failed. `more` has facts of its own. */
export async function say(name, error, more) {
  console.log(JSON.stringify({ name, ok: error === undefined, ...(error !== undefined && { error: String(error).slice(0, 200) }), ...more }));
  await lines.next();
}

/** Tries each function of a table in turn. */
export async function sayAll(table) {
  for (const [name, act] of Object.entries(table)) {
    const error = await act().then(() => undefined, (error) => `${error.message} ${error.cause?.message ?? ""}`);
    await say(name, error);
  }
}

/** Ends the program, whose standard input is still open. */
export function end() {
  process.exit(0);
}
