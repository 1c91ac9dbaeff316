/** Writing, so that a reader at the other end of a pipe gets all of it or may leave early. */

import { clearProgress } from "./progress.js";
import { oneLine, redacted, uncommanded } from "./redact.js";

/**
 * Resolves when the text has been written. A reader that has gone (`| head -1`) is no error. No line of the output is a
 * command for a runner of CI, with any names and calls in it.
 */
export function print(text: string, stream: NodeJS.WriteStream = process.stdout): Promise<void> {
  return printCommands(uncommanded(text), stream);
}

/** The same for lines that a runner of CI is to obey; their texts have been escaped. */
export function printCommands(text: string, stream: NodeJS.WriteStream = process.stdout): Promise<void> {
  clearProgress();
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error && (error as NodeJS.ErrnoException).code !== "EPIPE" ? reject(error) : resolve()));
  });
}

/** Keeps a reader that has gone from ending the process with a stack; `print` sees the error as well. */
export function allowClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}

/** Writes a note to standard error, so that standard output stays one document. */
export function note(text: string): Promise<void> {
  return print(`xero-m2m: note: ${oneLine(redacted(text))}\n`, process.stderr);
}
