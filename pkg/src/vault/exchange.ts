/** Requests of the vault. */

import { Limit } from "../client/ending.js";
import type { Lifetime } from "../client/lifetime.js";
import { NO_RESPONSE, readText, receive } from "../client/received.js";
import { ABANDON_MS } from "../shared/codes.js";
import { codeOf } from "../shared/system-code.js";
import type { ExchangeAnswer, ExchangeRequest, VaultCoreEvent } from "./actions.js";

/** A request that got no answer. */
export type NoAnswer = Omit<Extract<VaultCoreEvent, { on: "lost" }>, "on" | "ticket">;

/** A request under way. */
export interface Sent {
  /** The answer, or the reason why none came within the time. Never rejects. */
  readonly answer: Promise<ExchangeAnswer | NoAnswer>;
  /** The answer that came after that time, if one came. Never rejects. */
  readonly late: Promise<ExchangeAnswer | undefined>;
}

/** Posts a token request. It has `ms` milliseconds; its answer is listened for longer, because it may have a token. */
export function exchange(fetch: typeof globalThis.fetch | undefined, request: ExchangeRequest, ms: number, end: Lifetime): Sent {
  const headers = {
    accept: request.accept,
    "content-type": request.contentType,
    ...(request.authorization && { authorization: request.authorization }),
  };
  return send(fetch, request.url, { method: "POST", headers, body: request.body }, request.maxBytes, ms, end);
}

/** Sends a request. `fetch` may be the caller's, and do anything. */
export function send(
  fetch: typeof globalThis.fetch | undefined,
  url: string,
  init: RequestInit,
  maxBytes: number,
  ms: number,
  end: Lifetime,
): Sent {
  const { host } = new URL(url);
  const limit = new Limit(ms + ABANDON_MS, end, undefined);
  const answered = read(fetch, url, init, maxBytes, limit)
    .catch((thrown): NoAnswer => {
      const cause = codeOf(thrown);
      return { code: "offline", message: `cannot reach ${host}${cause && ` (${cause})`}`, cause };
    })
    .finally(() => limit.done());
  let isLate = false;
  const timeout = new Promise<NoAnswer>((resolve) => {
    const timer = setTimeout(() => {
      isLate = true;
      resolve({ code: "timeout", message: `${host} did not answer within the time allowed`, cause: "" });
    }, ms);
    void answered.then(() => clearTimeout(timer));
  });
  return {
    answer: Promise.race([answered, timeout]),
    late: answered.then((answer) => (isLate && "status" in answer ? answer : undefined)),
  };
}

async function read(
  fetch: typeof globalThis.fetch | undefined,
  url: string,
  init: RequestInit,
  maxBytes: number,
  limit: Limit,
): Promise<ExchangeAnswer | NoAnswer> {
  const answer = await receive(fetch, url, { ...init, redirect: "manual", signal: limit.signal }, limit);
  if (!answer) return { code: "malformed_token", message: NO_RESPONSE, cause: "" };
  const { text, cut } = await limit.within(readText(answer, maxBytes));
  const { status, header } = answer;
  return { status, contentType: header("content-type"), retryAfter: header("retry-after"), body: text, cut };
}
