/** The gate for texts that come from outside and may be printed: none passes that holds a token or a secret. */

/** Stands in the place of a text that did not pass. */
export const WITHHELD = "(left out: it holds a token or a secret)";

/** Shorter texts are no secrets of Xero's, and would be found by chance in many others. */
const SHORTEST = 8;

/** How many secrets are remembered besides those given at the start: tokens are renewed every half hour. */
const REMEMBERED = 4;

/** A piece of a secret of this length is as good as the secret. A text that has one by chance is nearly impossible. */
const PIECE = 12;

/** How often a text may be escaped: a message may quote JSON that quotes a URL. */
const DEPTH = 4;

/**
 * What must not be shown of one connection. It finds a secret as it is, escaped for JSON, percent-encoded, and in base64
 * of either alphabet, alone or inside of something longer such as a Basic header; and any twelve characters of it in a row,
 * in upper or lower case, whatever stands between them.
 */
export class Guard {
  readonly #fixed: readonly string[];
  #needles: string[][] = [];
  readonly #folded: readonly string[];
  #recent: string[] = [];

  /** @param secrets Remembered for good. Whatever is no text is left aside. */
  constructor(secrets: readonly unknown[] = []) {
    const texts = secrets.filter((secret) => typeof secret === "string");
    this.#fixed = texts.flatMap(needles);
    this.#folded = texts.map(folded);
  }

  /** Remembers a token or a secret, and forgets the oldest of many. */
  add(secret: string): void {
    const found = needles(secret);
    if (!found.length) return;
    this.#needles = [...this.#needles.slice(1 - REMEMBERED), found];
    this.#recent = [...this.#recent.slice(1 - REMEMBERED), folded(secret)];
  }

  /** Whether `text` holds none of the secrets. */
  passes(text: string): boolean {
    const found = [...this.#fixed, ...this.#needles.flat()];
    if (!found.length) return true;
    for (let depth = 0, form = text; ; depth++) {
      const base64 = form.replaceAll("-", "+").replaceAll("_", "/");
      if (found.some((needle) => form.includes(needle) || base64.includes(needle))) return false;
      const plainer = unescaped(form);
      if (plainer === form || depth === DEPTH) return !this.#hasPiece(form);
      form = plainer;
    }
  }

  #hasPiece(text: string): boolean {
    const searched = folded(text);
    const secrets = [...this.#folded, ...this.#recent];
    for (let at = 0; at + PIECE <= searched.length; at++) {
      const piece = searched.slice(at, at + PIECE);
      if (secrets.some((secret) => secret.includes(piece))) return true;
    }
    return false;
  }

  /** The text, or {@link WITHHELD}. */
  shown(text: string): string {
    return this.passes(text) ? text : WITHHELD;
  }
}

/** The letters and digits of a text, in lower case. */
function folded(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * What to look for: the secret, percent-encoded as forms and as URLs have it, and each of these in base64 at each of the
 * three places in a group of bytes.
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
  const whole = btoa("\0".repeat(offset) + Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
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
