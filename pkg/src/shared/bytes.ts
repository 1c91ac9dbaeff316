/** The bytes of wasm modules that travel in scripts. */

import { inflateSync } from "fflate";

/**
 * Returns the bytes of a text that has one character for each, U+0000 to U+00FF.
 *
 * The ES modules carry their wasm in this form. It is a fifth smaller than base64, also when compressed, and works in every
 * runtime, because a module script is always UTF-8.
 */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  // Through globalThis, so that no bundler brings a copy of Node's Buffer into a browser.
  const { Buffer } = globalThis as { Buffer?: typeof globalThis.Buffer };
  if (Buffer) return Buffer.from(text, "latin1") as Uint8Array<ArrayBuffer>;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/**
 * Returns the bytes of a module that was compressed by DEFLATE and written in base64, for a module so large that its text
 * would be most of the installed package. Node.js, Deno and Bun have a fast decompressor; other platforms use fflate's.
 */
export function inflated(text: string): Uint8Array<ArrayBuffer> {
  const { process, atob } = globalThis as { process?: Partial<NodeJS.Process>; atob: typeof globalThis.atob };
  const bytes = bytesOf(atob(text));
  const zlib = process?.getBuiltinModule?.("node:zlib");
  return (zlib ? zlib.inflateRawSync(bytes) : inflateSync(bytes)) as Uint8Array<ArrayBuffer>;
}
