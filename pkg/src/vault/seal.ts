/** Sealing by AES-256-GCM. A sealed text is `key.nonce.ciphertext`, each in base64url. */

import { failure } from "../shared/errors.js";

/** The sources of the keys of a vault. */
export interface KeySources {
  readonly clientId: string;
  /** The client secrets, the current one first: a key is made of each, if `keys` is empty. Absent if there is none. */
  readonly secrets: (() => Promise<readonly string[]>) | undefined;
  /** Keys of 32 bytes in base64url; the first seals, all open. */
  readonly keys: readonly string[];
}

interface Key {
  /** A part of the hash of the key. */
  readonly id: string;
  readonly key: CryptoKey;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const ID_BYTES = 6;

/** The longest mark of secrets, in characters. */
const MOST_MARK = 64;

const encoder = new TextEncoder();

/** The keys of a vault. */
export class Sealer {
  readonly #sources: KeySources;
  #keys: Promise<readonly Key[]> | undefined;

  /** @throws `XeroError` `invalid_option` if a key is not 32 bytes in base64url, or if there is neither a key nor a secret. */
  constructor(sources: KeySources) {
    this.#sources = sources;
    for (const key of sources.keys) {
      if (fromBase64url(key)?.length !== KEY_BYTES) {
        throw failure("invalid_option", "key has to be 32 random bytes in base64url: `npx xero-m2m key` makes one");
      }
    }
    if (sources.keys.length === 0 && !sources.secrets) {
      throw failure("invalid_option", "key is missing: a PKCE app has no client secret that the vault could be sealed with");
    }
  }

  /** Seals a text with the first key, bound to `bound`: it opens only with the same. */
  async seal(text: string, bound: string): Promise<string> {
    const [first] = await this.#all();
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const sealed = await crypto.subtle.encrypt(settings(iv, bound), first!.key, encoder.encode(text));
    return [first!.id, toBase64url(iv), toBase64url(new Uint8Array(sealed))].join(".");
  }

  /** Opens a sealed text; `undefined` if it was sealed with another key, bound to something else, or changed. */
  async open(text: string, bound: string): Promise<string | undefined> {
    return (await this.opened(text, bound)).text;
  }

  /** The same. `knownKey`: the key that the text names is at hand; if that does not open it, the text was changed. */
  async opened(text: string, bound: string): Promise<{ text?: string; knownKey: boolean }> {
    const [id, nonce, ciphertext] = text.split(".");
    const iv = fromBase64url(nonce ?? "");
    const bytes = fromBase64url(ciphertext ?? "");
    let known = (await this.#all()).find((key) => key.id === id);
    if (!known && this.#sources.keys.length === 0) {
      // A secret may have been rotated since.
      this.#keys = undefined;
      known = (await this.#all()).find((key) => key.id === id);
    }
    const knownKey = known !== undefined;
    if (!known || !iv || !bytes) return { knownKey };
    try {
      return { text: new TextDecoder().decode(await crypto.subtle.decrypt(settings(iv, bound), known.key, bytes)), knownKey };
    } catch {
      return { knownKey };
    }
  }

  /** A mark of the client secrets, from which they cannot be found. It is another one for each list of secrets. */
  async mark(): Promise<string> {
    try {
      return (await Promise.all((await this.#derived()).map(imported))).map(({ id }) => id).join("").slice(0, MOST_MARK);
    } catch {
      return "";
    }
  }

  #all(): Promise<readonly Key[]> {
    return (this.#keys ??= this.#made().catch((thrown: unknown) => {
      // The secrets may be there the next time.
      this.#keys = undefined;
      throw thrown;
    }));
  }

  async #made(): Promise<readonly Key[]> {
    const given = this.#sources.keys.map((key) => fromBase64url(key)!);
    return Promise.all((given.length > 0 ? given : await this.#derived()).map(imported));
  }

  async #derived(): Promise<Uint8Array<ArrayBuffer>[]> {
    const { secrets, clientId } = this.#sources;
    return Promise.all(((await secrets?.()) ?? []).map((secret) => derived(secret, clientId)));
  }
}

/** The key that follows from a client secret. */
async function derived(secret: string, clientId: string): Promise<Uint8Array<ArrayBuffer>> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveBits"]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: encoder.encode("xero-m2m vault"), info: encoder.encode(clientId) };
  return new Uint8Array(await crypto.subtle.deriveBits(hkdf, material, KEY_BYTES * 8));
}

async function imported(bytes: Uint8Array<ArrayBuffer>): Promise<Key> {
  const id = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).subarray(0, ID_BYTES);
  return { id: toBase64url(id), key: await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]) };
}

function settings(iv: Uint8Array<ArrayBuffer>, bound: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: encoder.encode(bound) };
}

/** The name of a document of an app in a store: `rest` tells which. All of an app are in one slot of a cluster. */
export async function documentKey(identityUrl: string, clientId: string, rest: string): Promise<string> {
  return `xero-m2m:{${await hashed(`${identityUrl}|${clientId}`)}}:${rest}`;
}

/** The beginning of the hash of a text, as 16 hexadecimal digits. */
export async function hashed(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
  return Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function toBase64url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
