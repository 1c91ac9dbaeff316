/** A check of texts from outside before they are printed: a text that holds a token or a secret does not pass. */

/** The replacement for a text that did not pass. */
export const WITHHELD = "(left out: it holds a token or a secret)";

/** The shortest secret that is searched for. Xero's are longer, and shorter texts occur in many others by chance. */
const SHORTEST = 8;

/** The number of secrets remembered besides those given at the start: tokens are renewed every half hour. */
const REMEMBERED = 4;

/** A piece of a secret of this length counts as the secret. It is very unlikely to occur by chance. */
const PIECE = 12;

/** The layers of escapes that are undone: a message may quote JSON that quotes a URL. */
const DEPTH = 4;

/**
 * The secrets of one connection, which must not be printed. Finds a secret as it is, escaped for JSON, percent-encoded, and
 * in base64 of either alphabet, alone or inside a longer text such as a Basic header; and any twelve letters and digits of it
 * in a row, in upper or lower case, with or without other characters between them.
 */
export class Guard {
  readonly #fixed: readonly Searched[];
  #recent: Searched[] = [];

  /** @param secrets Never forgotten. Values that are no texts are ignored. */
  constructor(secrets: readonly unknown[] = []) {
    this.#fixed = secrets.filter((secret) => typeof secret === "string").map((secret) => new Searched(secret));
  }

  /** Remembers a token or a secret, and forgets the oldest if there are too many. */
  add(secret: string): void {
    if (secret.length >= SHORTEST) this.#recent = [...this.#recent.slice(1 - REMEMBERED), new Searched(secret)];
  }

  /** Returns true if `text` holds none of the secrets. */
  passes(text: string): boolean {
    const secrets = [...this.#fixed, ...this.#recent];
    const found = secrets.flatMap((secret) => secret.needles);
    if (!found.length) return true;
    for (let depth = 0, form = text; ; depth++) {
      const base64 = form.replaceAll("-", "+").replaceAll("_", "/");
      if (found.some((needle) => form.includes(needle) || base64.includes(needle))) return false;
      const plainer = unescaped(form);
      if (plainer === form || depth === DEPTH) return !hasPiece(form, secrets);
      form = plainer;
    }
  }

  /** Returns the text, or {@link WITHHELD} if it does not pass. */
  shown(text: string): string {
    return this.passes(text) ? text : WITHHELD;
  }
}

/** A secret, with the forms in which it is searched for. They are made for the first text that is searched. */
class Searched {
  #needles: string[] | undefined;
  #folded: string | undefined;

  constructor(readonly secret: string) {}

  get needles(): string[] {
    return (this.#needles ??= needles(this.secret));
  }

  get folded(): string {
    return (this.#folded ??= folded(this.secret));
  }
}

/**
 * Checks that a text has a piece of one of the secrets.
 *
 * Wherever a piece begins, it holds a whole block of half its length that begins at a multiple of that. So only these blocks
 * are searched for, and the pieces around the few that are found.
 */
function hasPiece(text: string, secrets: readonly Searched[]): boolean {
  const searched = folded(text);
  const block = PIECE / 2;
  for (let at = 0; at + block <= searched.length; at += block) {
    const part = searched.slice(at, at + block);
    for (const { folded } of secrets) {
      if (!folded.includes(part)) continue;
      for (let from = Math.max(at - block, 0); from <= at && from + PIECE <= searched.length; from++) {
        if (folded.includes(searched.slice(from, from + PIECE))) return true;
      }
    }
  }
  return false;
}

/** The letters and digits of a text, in lower case. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  // The pattern for every script takes longer to compile than everything else that a client does first.
  return /[^\0-\x7f]/.test(lower) ? lower.replace(/[^\p{L}\p{N}]/gu, "") : lower.replace(/[^a-z0-9]+/g, "");
}

/**
 * The texts to search for: the secret, percent-encoded as in forms and as in URLs, and each of these in base64 at each of
 * the three places in a group of bytes.
 */
function needles(secret: string): string[] {
  if (secret.length < SHORTEST) return [];
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  const url = form.replaceAll("+", "%20").replace(/%(?:7E|21|27|28|29)/g, decodeURIComponent);
  const plain = [...new Set([secret, form, url])];
  return [...plain, ...plain.flatMap((text) => [0, 1, 2].map((offset) => inBase64(text, offset)))];
}

/** The characters of base64 that depend on `text` alone, if it begins `offset` bytes after a group of three does. */
function inBase64(text: string, offset: number): string {
  const bytes = new TextEncoder().encode(text);
  let binary = "\0".repeat(offset);
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const whole = btoa(binary);
  return whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

/** The text with one layer of JSON's escapes and of percent-encoding undone. */
function unescaped(text: string): string {
  const json = text.replace(/\\(?:u([0-9a-f]{4})|(["\\/]))/gi, (_, code: string | undefined, plain: string) =>
    code ? String.fromCharCode(parseInt(code, 16)) : plain,
  );
  return json.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}
