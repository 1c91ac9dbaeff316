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
 * Returns the bytes of a module that was compressed by DEFLATE and written in pairs of characters, for a module so large that its
 * text would be most of the installed package. Node.js, Deno and Bun have a fast decompressor; other platforms use fflate's.
 */
export function inflated(text: string): Uint8Array<ArrayBuffer> {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  const bytes = bytesOfPairs(text);
  const zlib = process?.getBuiltinModule?.("node:zlib");
  return (zlib ? zlib.inflateRawSync(bytes) : inflateSync(bytes)) as Uint8Array<ArrayBuffer>;
}

/**
 * Returns the bytes of a text that has 13 bits in each two of its characters, which are the 91 of ASCII that can be seen and mean
 * nothing in scripts and pages. There may be one byte more than was written. The text is 8 % smaller than base64.
 */
function bytesOfPairs(text: string): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(128);
  for (let code = 33, value = 0; code < 127; code++) if (!'"<\\'.includes(String.fromCharCode(code))) values[code] = value++;
  const codes = bytesOf(text);
  const bytes = new Uint8Array((codes.length * 13) >> 4);
  for (let at = 0, end = 0, bits = 0, held = 0; at < codes.length; at += 2) {
    bits = (bits << 13) | (values[codes[at]!]! * 91 + values[codes[at + 1]!]!);
    // The highest bits are those of bytes that were written before: a byte of the array takes the lowest eight.
    for (held += 13; held >= 8; ) bytes[end++] = bits >> (held -= 8);
  }
  return bytes;
}
