/** Finds what must not stay in a box: tokens, secrets, and everything that looks like one. */

/** The rest of a text, and the secrets that were cut out. */
export interface Sieved {
  text: string;
  /** The number of secrets of each kind that were cut out. */
  removed: Map<Kind, number>;
  /** The content of the access tokens among them. */
  tokens: TokenFacts[];
}

/** The two claims of an access token that are read before it is dropped. */
export interface TokenFacts {
  scopes: string[];
  /** Its expiry, in milliseconds since the epoch. */
  expiresAt?: number;
}

export type Kind = "token" | "authorisation" | "secret" | "cookie" | "lookalike";

/** One and several of a kind. */
export const KINDS: Record<Kind, [string, string]> = {
  token: ["access token (JWT)", "access tokens (JWT)"],
  authorisation: ["authorisation value", "authorisation values"],
  secret: ["secret", "secrets"],
  cookie: ["cookie header", "cookie headers"],
  lookalike: ["value that looks like a secret", "values that look like secrets"],
};

const JWT = /\beyJ[\w-]{6,}(?:\.[\w-]*){0,4}/g;

/** Group 1 stays, the rest goes. A value ends at white space, a quote, or at what ends one in a URL or a command. */
const NAMED: [Kind, RegExp][] = [
  ["authorisation", /((?:proxy-)?authorization["'\\]*[ \t]*[:=,][ \t]*(?:\\?"value\\?"[ \t]*:[ \t]*)?["'\\]*)(?:(?:bearer|basic|digest)[ \t]+)?[^\s"'\\,;}]+/gi],
  ["authorisation", /\b((?:bearer|basic)[ \t]+)(?=[^\s"']*[\d=])[\w+/~.=-]{8,}/gi],
  ["cookie", /(\b(?:set-)?cookie["'\\]*[ \t]*:[ \t]*["'\\]*)[^\s"'\\][^"'\\\r\n]*/gi],
  ["secret", /((?:secret|password|passwd|passphrase|api[_-]?key|private[_-]?key|(?:access|refresh|id|auth)[_-]?token)["'\\\]]*[ \t]*(?:[:=]|=>)[ \t]*["'\\]*)[^\s"'\\&,;)}]{4,}/gi],
  ["secret", /((?:^|\s)(?:-u|--user)[ \t=]+["']?[^\s:"']+:)[^\s"']+/g],
  ["secret", /(\/\/[^\s/:@"']*:)[^\s/@"']+(?=@)/g],
  ["secret", /([?&](?:code|assertion|client_assertion|code_verifier)=)[^\s"'&]{8,}/gi],
];

/** A text in the place of a secret that is none: a variable, a call, a type, a placeholder, a kind of authorisation. */
const REFERENCE =
  /^(?:process\.env|import\.meta|os\.|getenv|env\b|ENV\b|System\.|Environment\.|config\b|Deno\.|Bun\.|[$<{%*]|(?:string|undefined|null|None|nil|true|false|await|this|self|args|options|settings)\b|(?:[Bb]earer|[Bb]asic)$)/;

const RUN = /[\w+~-]{20,}/g;

/** The text without secrets. `mark` takes the place of what only looks like one: it may have been part of a path. */
export function sieve(text: string, mark = ""): Sieved {
  const removed = new Map<Kind, number>();
  const tokens: TokenFacts[] = [];
  const count = (kind: Kind): void => void removed.set(kind, (removed.get(kind) ?? 0) + 1);
  let clean = text.replace(JWT, (token) => {
    count("token");
    const facts = factsOf(token);
    if (facts) tokens.push(facts);
    return "";
  });
  for (const [kind, pattern] of NAMED) {
    clean = clean.replace(pattern, (whole: string, before: string) => {
      if (REFERENCE.test(whole.slice(before.length))) return whole;
      count(kind);
      return before;
    });
  }
  clean = clean.replace(RUN, (run) => {
    if (!looksRandom(run)) return run;
    count("lookalike");
    return mark;
  });
  return { text: clean, removed, tokens };
}

const UUID = /[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}/gi;

/**
 * Returns true if a run of characters is no name by a person: a long hexadecimal number, or letters and digits that
 * change kind more often than words do. Ids of records are UUIDs, and stay.
 */
function looksRandom(run: string): boolean {
  const signs = run.replace(UUID, "").replace(/[_+~-]/g, "");
  if (signs.length < 20) return false;
  if (/^[\da-f]{32,}$/i.test(signs)) return true;
  const kinds = [...signs].map((sign) => (/\d/.test(sign) ? 0 : sign === sign.toLowerCase() ? 1 : 2));
  const changes = kinds.filter((kind, at) => at > 0 && kind !== kinds[at - 1]).length / kinds.length;
  return kinds.includes(0) ? changes >= 0.35 : signs.length >= 40 && changes >= 0.5;
}

/** The scopes and the end of a token, or nothing if it is none. */
function factsOf(token: string): TokenFacts | undefined {
  try {
    const payload = token.split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const { scope, exp } = JSON.parse(new TextDecoder().decode(bytes)) as { scope?: unknown; exp?: unknown };
    const scopes = (Array.isArray(scope) ? scope : String(scope ?? "").split(" ")).filter(isName);
    return { scopes, ...(typeof exp === "number" && Math.abs(exp) < 8e12 ? { expiresAt: exp * 1000 } : {}) };
  } catch {
    return undefined;
  }
}

/** Returns true if a claim looks like the name of a scope: a token could have anything in it. */
function isName(scope: unknown): scope is string {
  return typeof scope === "string" && /^[a-z][a-z\d_]{0,30}(?:\.[a-z\d_]{1,30}){0,4}$/.test(scope);
}
