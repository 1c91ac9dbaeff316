/** The exports of `xero-m2m/webhook`: the signature of what Xero sends. It loads nothing else. */

/** The length of a signature: HMAC with SHA-256. */
const LENGTH = 32;

/**
 * Resolves to true if Xero signed `body`: the header `x-xero-signature` is base64 of the HMAC-SHA256 of the body under the key
 * of the webhook. Answer 200 if it is true and 401 if it is not, within five seconds and without a body; to show the intent to
 * receive, Xero sends bodies of both kinds.
 *
 * `body` has to be the body as it came, as bytes or as text: one that was parsed and written again is another. The comparison
 * takes the same time wherever two signatures differ, because `crypto.subtle.verify` makes it. A signature that is missing
 * (`null`, `undefined`) or no base64 is false.
 *
 * Rejects with a `TypeError` if `key` is empty or no text, or if `body` is neither text nor bytes, such as a parsed one: then
 * nothing could be verified.
 *
 * @example
 * ```ts
 * import { verifyWebhook } from "xero-m2m/webhook";
 *
 * export async function receive(request: Request, key: string): Promise<Response> {
 *   const body = await request.text();
 *   if (!(await verifyWebhook(body, request.headers.get("x-xero-signature"), key))) return new Response(null, { status: 401 });
 *   const { events } = JSON.parse(body);
 *   // Keep the events, and read the records later: Xero waits for at most five seconds.
 *   return new Response(null, { status: 200 });
 * }
 * ```
 *
 * Source: https://developer.xero.com/documentation/guides/webhooks/configuring-your-server
 */
export async function verifyWebhook(
  body: string | ArrayBuffer | ArrayBufferView,
  signature: string | null | undefined,
  key: string,
): Promise<boolean> {
  if (typeof key !== "string" || key === "") {
    throw new TypeError("verifyWebhook: key has to be the key of the webhook, from the developer portal; it is empty or no text");
  }
  const isBytes = body instanceof ArrayBuffer || ArrayBuffer.isView(body);
  if (typeof body !== "string" && !isBytes) {
    throw new TypeError("verifyWebhook: body has to be the body as it came, text or bytes; read it before anything parses it");
  }
  const given = decoded(signature);
  if (!given) return false;
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const secret = await crypto.subtle.importKey("raw", encoder.encode(key), algorithm, false, ["verify"]);
  const bytes = typeof body === "string" ? encoder.encode(body) : (body as BufferSource);
  return crypto.subtle.verify("HMAC", secret, given, bytes);
}

/** The bytes of a signature; `undefined` if it has another form. */
function decoded(signature: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof signature !== "string" || !/^[A-Za-z0-9+/]{43}=$/.test(signature)) return undefined;
  const bytes = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
  return bytes.length === LENGTH ? bytes : undefined;
}
