/** Removes secrets and control characters from texts that come from outside. */

/** JSON Web Tokens, as Xero's access tokens are. A JWT begins with `{"` in base64url. */
const JWT = /eyJ[\w-]{8,}(?:\.[\w-]*)*/g;
/** Long runs with digits and letters both, as client ids and secrets are. */
const RANDOM = /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}/g;
/** Control characters of terminals, and characters that turn the direction of writing or break a line unexpectedly. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** The beginnings of lines that runners of CI treat as commands: `::error::`, `##[error]`, `##vso[task.complete]`. */
const COMMAND = /^([^\S\n]*:):|#(#\w*\[)/gm;

/** The value without control characters in its texts, at any depth. */
export function harmless<T>(value: T): T {
  if (typeof value === "string") return value.replace(CONTROL, "\ufffd") as T;
  if (Array.isArray(value)) return value.map(harmless) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, harmless(member)])) as T;
}

/** The text on one line, without control characters. */
export function oneLine(text: string): string {
  return harmless(text).replace(/[\t\n]/g, "\ufffd");
}

/** The text without lines that GitHub Actions or Azure Pipelines would treat as commands. */
export function uncommanded(text: string): string {
  return text.replace(COMMAND, (_, colon: string | undefined, hash: string) =>
    colon === undefined ? `\ufffd${hash}` : `${colon.slice(0, -1)}\ufffd:`,
  );
}

/** JSON with these characters and commands as escapes: its meaning is the same. */
export function json(value: unknown): string {
  const escape = (text: string) => `\\u${text.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${JSON.stringify(value, null, 2).replace(CONTROL, escape).replaceAll("##", "#\\u0023")}\n`;
}

/** The text without control characters, and without anything that looks like a token or a secret. */
export function redacted(text: string): string {
  return text.replace(JWT, "(token)").replace(RANDOM, "(secret)").replace(CONTROL, "\ufffd");
}

/** Returns true if a text has something in it that looks like a token or a secret. */
export function looksSecret(text: string): boolean {
  return text.search(JWT) >= 0 || text.search(RANDOM) >= 0;
}

/** In quotation marks, on one line, and no longer than a line. */
export function quoted(text: string): string {
  return JSON.stringify(redacted(text.length > 80 ? `${text.slice(0, 77)}...` : text));
}
