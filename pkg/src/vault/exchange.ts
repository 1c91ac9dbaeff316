/** Requests of the vault. */

import type { Lifetime } from "../client/lifetime.js";
import type { ExchangeAnswer, ExchangeRequest, NoAnswer } from "./actions.js";

/** The milliseconds for which a request that was given up can still be answered. */
const ABANDON_MS = 120_000;

/** A request under way. */
export interface Sent {
  /** The answer, or the reason why none came within the time. Never rejects. */
  readonly answer: Promise<ExchangeAnswer | NoAnswer>;
  /** The answer that came after that time, if one came. Never rejects. */
  readonly late: Promise<ExchangeAnswer | undefined>;
}

/** Posts a token request. It has `ms` milliseconds; its answer is listened for longer, because it may have a token. */
export function exchange(fetch: typeof globalThis.fetch, request: ExchangeRequest, ms: number, end: Lifetime): Sent {
  const headers = {
    accept: request.accept,
    "content-type": request.contentType,
    ...(request.authorization && { authorization: request.authorization }),
  };
  return send(fetch, request.url, { method: "POST", headers, body: request.body }, request.maxBytes, ms, end);
}

/** Sends a request. `fetch` may be the caller's, and do anything. */
export function send(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit,
  maxBytes: number,
  ms: number,
  end: Lifetime,
): Sent {
  const { host } = new URL(url);
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const stop = end.before(abort);
  const abandoned = setTimeout(abort, ms + ABANDON_MS);
  const whole = read(fetch, url, { ...init, redirect: "manual", signal: controller.signal }, maxBytes).finally(() => {
    clearTimeout(abandoned);
    stop();
  });
  let isLate = false;
  let timer: ReturnType<typeof setTimeout>;
  const timeout = new Promise<NoAnswer>((resolve) => {
    timer = setTimeout(() => {
      isLate = true;
      resolve({ code: "timeout", message: `${host} did not answer within the time allowed`, cause: "" });
    }, ms);
  });
  const answered = whole.then(
    (answer) => answer,
    (thrown): NoAnswer => {
      const cause = codeOf(thrown);
      return { code: "offline", message: `cannot reach ${host}${cause && ` (${cause})`}`, cause };
    },
  );
  void answered.then(() => clearTimeout(timer));
  return {
    answer: Promise.race([answered, timeout]),
    late: answered.then((answer) => (isLate && "status" in answer ? answer : undefined)),
  };
}

async function read(fetch: typeof globalThis.fetch, url: string, init: RequestInit, maxBytes: number): Promise<ExchangeAnswer> {
  const response = await fetch(url, init);
  const header = (name: string): string => response.headers.get(name) ?? "";
  const { text, cut } = await textOf(response, maxBytes);
  return { status: response.status, contentType: header("content-type"), retryAfter: header("retry-after"), body: text, cut };
}

/** Reads at most `most` bytes of a body. */
async function textOf(response: Response, most: number): Promise<{ text: string; cut: boolean }> {
  const reader = response.body?.getReader();
  if (!reader) return { text: "", cut: false };
  const decoder = new TextDecoder();
  let text = "";
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), cut: false };
    length += value.byteLength;
    if (length > most) {
      reader.cancel().catch(() => {});
      return { text, cut: true };
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** The code of a system error, such as ECONNREFUSED; the empty text if there is none. Nothing else of a foreign error is quoted. */
function codeOf(thrown: unknown): string {
  try {
    for (let error = thrown, depth = 0; typeof error === "object" && error !== null && depth < 5; depth++) {
      const { code, cause } = error as { code?: unknown; cause?: unknown };
      if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
      error = cause;
    }
  } catch {
    // A getter of a foreign error threw.
  }
  return "";
}
