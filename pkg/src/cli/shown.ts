/** What may be shown of a text that comes from outside. */

/** JSON Web Tokens, as Xero's access tokens are. A JWT begins with `{"` in base64url. */
const JWT = /eyJ[\w-]{8,}(?:\.[\w-]*)*/g;
/** Long runs with digits and letters both, as client ids and secrets are. */
const RANDOM = /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}/g;
/** What a terminal would obey, and what turns the direction of writing. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The value with nothing in its texts that a terminal would obey, however deep they are. */
export function harmless<T>(value: T): T {
  if (typeof value === "string") return value.replace(CONTROL, "\ufffd") as T;
  if (Array.isArray(value)) return value.map(harmless) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, harmless(member)])) as T;
}

/** The text without anything that looks like a token or a secret, and with nothing in it that a terminal would obey. */
export function shown(text: string): string {
  return text.replace(JWT, "(token)").replace(RANDOM, "(secret)").replace(CONTROL, "\ufffd");
}

/** Whether a text has something in it that looks like a token or a secret. */
export function looksSecret(text: string): boolean {
  return text.search(JWT) >= 0 || text.search(RANDOM) >= 0;
}

/** In quotation marks, on one line, and no longer than a line. */
export function quoted(text: string): string {
  return JSON.stringify(shown(text.length > 80 ? `${text.slice(0, 77)}...` : text));
}
