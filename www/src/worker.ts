/** The worker: reads files and works answers out, so that the page stays free for its user. */

import { XeroError, catalogue, requiredScopes } from "xero-m2m/policy";
import { answer } from "./answer.js";
import type { Reply, Request, Trace } from "./protocol.js";

// The policy in the page's <meta> does not reach a worker, so it removes everything that it could send with.
for (const name of ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "importScripts", "Worker"]) {
  Object.defineProperty(globalThis, name, { value: undefined });
}

const say = (reply: Reply): void => postMessage(reply);

addEventListener("message", async ({ data }: MessageEvent<Request>) => {
  const { id } = data;
  try {
    if ("ask" in data) say({ id, answer: answer(data.ask) });
    else say({ id, trace: await traced(data.read, data.name, (progress) => say({ id, progress })) });
  } catch (thrown) {
    say({ id, refused: refusal(thrown) });
  }
});

const { version, scopes, operations, withdrawn, rules, sources, topics } = catalogue;
say({ ready: { version, scopes, operations, withdrawn, rules, sources, topics } });

/** More than any trace that a person records; a browser can hold the text a few times over. */
const MOST_BYTES = 200 * 1024 * 1024;

/** Finds the calls in a text of any length. The text is forgotten when this returns. */
async function traced(from: Blob | string, name: string, progress: (part: number) => void): Promise<Trace> {
  const text = typeof from === "string" ? from : await textOf(from, progress);
  progress(1);
  const { calls, unresolved, ignored, recorded } = requiredScopes([{ name, text }]);
  return { name, calls, unresolved, ignored, ...(recorded ? { recorded } : {}) };
}

async function textOf(file: Blob, progress: (part: number) => void): Promise<string> {
  if (file.size > MOST_BYTES) throw new TooLarge();
  const parts: string[] = [];
  const decoder = new TextDecoder();
  const reader = file.stream().getReader();
  let bytes = 0;
  let reported = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(decoder.decode(value, { stream: true }));
    bytes += value.length;
    // A hundredth at a time: more messages than that would only slow the page down.
    if (bytes - reported >= file.size / 100) progress((reported = bytes) / file.size);
  }
  parts.push(decoder.decode());
  return parts.join("");
}

class TooLarge extends Error {}

/** The reason why there is no answer. It quotes nothing that was read: the library's messages do not either. */
function refusal(thrown: unknown): string {
  if (thrown instanceof XeroError) return thrown.message;
  if (thrown instanceof TooLarge) return "the file is larger than 200 MB; leave the bodies of answers out, or split it";
  return "the file cannot be read";
}
