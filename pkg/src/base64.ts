/** The bytes of a base64 text, in any runtime. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  // Through globalThis, so that no bundler brings a copy of Node's Buffer into a browser.
  const { Buffer } = globalThis as { Buffer?: typeof globalThis.Buffer };
  if (Buffer) return Buffer.from(text, "base64") as Uint8Array<ArrayBuffer>;
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
