/**
 * The packed client plays agendas of calls, answers and aborts in virtual time, and does the same as the machine of calls under a
 * driver in Rust: `tests/agenda.rs`, which has the same agendas and writes their checksums into `tests/vectors/agendas.txt`.
 *
 * `XERO_M2M_SEED` plays one agenda and prints its actions; the test in Rust prints its own for the same variable.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CustomConnection, XeroError } from "xero-m2m";
import { CLIENT_ID, SECRET, START, length } from "./support.mjs";
import { Random } from "./worlds/random.mjs";
import { VirtualTime } from "./worlds/time.mjs";

const EXPIRED = { Type: null, Title: "Unauthorized", Status: 401, Detail: "TokenExpired: token expired", Extensions: {} };

/** An agenda, as plain data. */
function agendaOf(seed) {
  const random = new Random(seed);
  const coreSeed = random.next();
  const inFlight = random.pick([5, 2, 1]);
  const retry = random.pick([3, 0]);
  const deadlineMs = random.pick([300_000, 60_000, 20_000]);
  const limits = random.below(8) === 0 ? false : { inFlight };
  const calls = Array.from({ length: 1 + random.below(12) }, () => {
    const at = random.below(60_000);
    const kind = random.below(4);
    const high = random.below(5) === 0;
    const [aborts, after] = [random.below(6), random.below(30_000)];
    return { at, isWrite: kind >= 2, hasKey: kind === 3, high, abortAt: aborts === 0 ? at + after : undefined };
  });
  return { coreSeed, options: { retry, deadlineMs, limits }, calls: calls.sort((one, other) => one.at - other.at) };
}

const lost = () => Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) });

const json = (value, status, headers) => new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });

/** The result of the `attempt`th sending of a call, and its time: an answer, an error, or `undefined` for nothing at all. */
function answerTo(seed, number, attempt) {
  const random = new Random((Math.imul(seed, 1_000) + number * 40 + attempt + 1_000_000) >>> 0);
  const after = 20 + random.below(4_000);
  const kind = random.below(16);
  const remaining = () => ({ "x-minlimit-remaining": 5 + random.below(56), "x-daylimit-remaining": 100 + random.below(900) });
  if (kind <= 8) return { after, came: json({}, 200, remaining()) };
  const refused = () => json({}, 429, { "x-rate-limit-problem": "minute", "retry-after": 1 + random.below(9) });
  const kinds = {
    9: refused,
    10: () => json({}, 503),
    11: () => json({}, 503, { "retry-after": 1 + random.below(4) }),
    12: () => json(EXPIRED, 401),
    13: lost,
    14: () => json({}, 500),
    15: () => undefined,
  };
  return { after, came: kinds[kind]() };
}

function tokenAnswer(seed, number) {
  const random = new Random((Math.imul(seed, 1_000) + number + 5_000_000) >>> 0);
  const after = 50 + random.below(3_000);
  const kind = random.below(8);
  const granted = (seconds) => json({ access_token: `token-${number}`, token_type: "Bearer", expires_in: seconds }, 200);
  if (kind <= 5) return { after, came: granted(kind === 5 ? 60 : 1_800) };
  return { after, came: kind === 6 ? json("", 503) : json({ error: "invalid_client" }, 400) };
}

/** Plays an agenda. Returns a line for each action, until the last call is over. */
async function play(seed) {
  const { coreSeed, options, calls } = agendaOf(seed);
  const time = new VirtualTime();
  const { random } = Math;
  Math.random = () => coreSeed / 2 ** 32;
  const lines = [];
  const line = (...words) => lines.push([time.now(), words.filter((word) => word !== undefined && word !== "").join(" ")]);
  const since = (at) => at - START;
  const told = {
    "token.asked": ({ attempt }) => line("ask", attempt),
    "token.renewed": ({ expiresAt }) => line("keep", since(expiresAt)),
    "token.refused": ({ code }) => line("refused", code),
    "call.queued": ({ call, why, until }) => line("queued", call, why, since(until)),
    "call.admitted": ({ call, waitedMs }) => line("admitted", call, waitedMs),
    "call.retried": ({ call, until }) => line("retry", call, since(until)),
    "limit.paused": ({ why, until }) => line("paused", why, since(until)),
  };
  const sends = new Map();
  let tokenRequests = 0;
  const fetch = (url, { headers, signal }) =>
    new Promise((resolve, reject) => {
      const number = Number(new URL(url).searchParams.get("call"));
      const attempt = (sends.get(number) ?? 0) + 1;
      sends.set(number, attempt);
      if (number) line("send", number, new Headers(headers).get("authorization").slice("Bearer ".length));
      const { after, came } = number ? answerTo(seed, number, attempt) : tokenAnswer(seed, ++tokenRequests);
      signal.addEventListener("abort", () => reject(signal.reason));
      if (came instanceof Error) time.after(after, () => reject(came));
      else if (came) time.after(after, () => resolve(came));
    });
  const xero = new CustomConnection({
    clientId: CLIENT_ID,
    clientSecret: SECRET,
    fetch,
    ...options,
    onEvent: (event) => told[event.type]?.(event),
  });
  let open = calls.length;
  let end = 0;
  const over = (...words) => {
    line(...words);
    open -= 1;
    end = time.now();
  };
  for (const [n, { at, isWrite, hasKey, high, abortAt }] of calls.entries()) {
    const number = n + 1;
    const controller = new AbortController();
    time.after(at, () => {
      const init = {
        signal: controller.signal,
        priority: high ? "high" : "auto",
        ...(isWrite && { method: "POST", body: "{}" }),
        ...(hasKey && { idempotencyKey: `key-${number}` }),
      };
      xero.fetch(`/${isWrite ? "Invoices" : "Organisation"}?call=${number}`, init).then(
        ({ status }) => over("give", number, status),
        (error) => {
          if (!(error instanceof XeroError)) return over(error, number);
          const { code, outcome, retryAt } = error;
          return over("fail", number, code, outcome, retryAt && since(retryAt));
        },
      );
    });
    if (abortAt !== undefined) time.after(abortAt, () => controller.abort("aborted"));
  }
  try {
    await time.still();
    while (open > 0) {
      time.step();
      await time.still();
    }
  } finally {
    xero.close();
    await time.still();
    time.end();
    Math.random = random;
  }
  // In any order within a millisecond.
  const done = lines.filter(([at]) => at <= end).sort(([one, a], [other, b]) => one - other || (a < b ? -1 : a > b ? 1 : 0));
  return done.map(([at, words]) => `${at} ${words}`);
}

/** FNV-1a. */
function checksum(text) {
  let sum = 0x811c9dc5;
  for (const byte of Buffer.from(text)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum.toString(16).padStart(8, "0");
}

test("the shipped driver does what the native one does", { timeout: 600_000 }, async () => {
  const one = process.env.XERO_M2M_SEED;
  if (one !== undefined) return console.log((await play(Number(one))).join("\n"));
  const text = readFileSync(new URL("../vectors/agendas.txt", import.meta.url), "utf8");
  const agendas = text.trim().split("\n").map((row) => row.split(" "));
  assert.ok(agendas.length > 3_000, `${agendas.length} agendas`);
  const wrong = [];
  for (const [seed, sum] of agendas.slice(0, length("agendas"))) {
    const lines = await play(Number(seed));
    if (checksum(lines.join("\n")) !== sum) wrong.push(`XERO_M2M_SEED=${seed}:\n${lines.join("\n")}`);
    if (wrong.length > 20) break;
  }
  assert.equal(wrong.length, 0, `${wrong.length} agendas differ, first ${wrong[0]}`);
});
