/** A line on the terminal about work that takes longer than a second; the next output replaces it. */

/** The time after which a line is shown, and between two lines, in milliseconds. */
const [FIRST, NEXT] = [1_000, 200];

/** So many characters may keep the core busy for longer than a second, during which no line can be written. */
const SLOW = 2_000_000;

const started = Date.now();
let last = 0;
let isShown = false;

const REPLACE = "\r\u001b[K";

/** Shows a line, if the work takes long and there is a terminal. Files and pipes get nothing. */
export function progress(words: () => string): void {
  const now = Date.now();
  if (now - started < FIRST || now - last < NEXT) return;
  last = now;
  show(words());
}

/** Shows a line before a text of that many characters is decided on, if that may take long. */
export function longWork(words: string, characters: number): void {
  if (characters >= SLOW || Date.now() - started >= FIRST) show(words);
}

function show(words: string): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`${REPLACE}xero-m2m: ${words} ...`);
  isShown = true;
}

/** Removes the line. */
export function clearProgress(): void {
  if (isShown) process.stderr.write(REPLACE);
  isShown = false;
}
