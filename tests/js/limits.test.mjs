/** Limits, retries, deadlines and events of the client, in virtual time where time matters. */

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { inspect } from "node:util";
import { createSimulator } from "xero-m2m/simulator";
import { CLIENT_ID, MINUTE, SECRET, START, TOKEN, client, clock, deferred, failure, granted, json, refused, stub, turn } from "./support.mjs";

/** A client of a local Xero with limits, without HTTP, on the clock of the test. */
function limited(t, limits, options = {}) {
  const simulator = createSimulator({ invoices: 1, limits });
  t.after(() => simulator.close());
  const { clientId, clientSecret, fetch } = simulator;
  return { simulator, xero: client(t, { clientId, clientSecret, fetch, ...options }) };
}

test("150 reads wait for their minutes, and one of them is refused at most", async (t) => {
  const time = clock(t);
  const statuses = [];
  const { simulator, xero } = limited(t, true);
  // Making the key of the local Xero takes real time.
  await xero.token();
  for (let n = 0; n < 150; n++) void xero.fetch("/Organisation").then(({ status }) => statuses.push(status));
  await time.advance(4 * MINUTE, 100);
  assert.deepEqual(statuses, Array(150).fill(200));
  assert.ok(simulator.counts().apiRequests <= 151, `${simulator.counts().apiRequests} requests`);
});

test("no more than five calls are in flight, and an abort in the queue or in flight frees its place", async (t) => {
  const answers = [];
  const { fetch, apiCalls } = stub({ api: () => (answers.push(deferred()), answers.at(-1).promise) });
  const xero = client(t, { fetch });
  const first = xero.fetch("/Organisation");
  await turn();
  answers[0].resolve(json({}, { headers: { "x-minlimit-remaining": "50", "x-daylimit-remaining": "900" } }));
  await first;
  const controllers = Array.from({ length: 8 }, () => new AbortController());
  const calls = controllers.map(({ signal }) => failure(xero.fetch("/Organisation", { signal })));
  await turn();
  assert.equal(apiCalls.length, 6);
  controllers[6].abort("queued");
  controllers[0].abort("in flight");
  assert.deepEqual([await calls[6], await calls[0]], ["queued", "in flight"]);
  await turn();
  assert.equal(apiCalls.length, 7);
  for (const controller of controllers) controller.abort("end");
  await Promise.all(calls);
});

test("calls that move others up leave nothing behind on their signal", async (t) => {
  const { signal } = new AbortController();
  const xero = client(t, { fetch: stub().fetch, limits: { inFlight: 1 } });
  await Promise.all(Array.from({ length: 20 }, () => xero.fetch("/Organisation", { signal })));
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("the reserve is only for calls with priority high", async (t) => {
  const time = clock(t);
  let left = 60;
  const api = () => json({}, { headers: { "x-minlimit-remaining": String(--left) } });
  const { fetch, apiCalls } = stub({ api });
  const xero = client(t, { fetch, limits: { minuteReserve: 10, inFlight: 1 } });
  const urgent = () => xero.fetch("/Organisation", { priority: "high" });
  let served = 0;
  for (let n = 0; n < 55; n++) void xero.fetch("/Organisation").then(() => served++, () => {});
  await time.advance(1_000, 10);
  assert.equal(served, 50);
  await urgent();
  assert.equal(apiCalls.length, 51);
});

test("a full queue refuses at once", async (t) => {
  const xero = client(t, { fetch: stub({ api: () => new Promise(() => {}) }).fetch, limits: { inFlight: 1, queue: 2 } });
  await xero.token();
  const calls = [1, 2, 3].map(() => failure(xero.fetch("/Organisation")));
  const error = await failure(xero.fetch("/Organisation"));
  assert.deepEqual([error.code, error.blame, error.retryable], ["queue_full", "caller", true]);
  xero.close();
  for (const call of calls) assert.equal((await call).code, "closed");
});

test("a day that is over fails every call until it ends, and sends nothing", async (t) => {
  clock(t);
  const headers = { "x-rate-limit-problem": "day", "retry-after": "3600" };
  const { fetch, apiCalls } = stub({ api: () => new Response("", { status: 429, headers }) });
  const xero = client(t, { fetch });
  assert.equal((await xero.fetch("/Organisation")).status, 429);
  for (let n = 0; n < 3; n++) {
    const error = await failure(xero.json("GET", "/Organisation"));
    assert.deepEqual([error.code, error.limit, error.retryAt], ["rate_limited", "day", START + 3_600_000]);
  }
  assert.equal(apiCalls.length, 1);
});

test("a call that could not be sent before its deadline fails at once", async (t) => {
  clock(t);
  const headers = { "x-rate-limit-problem": "minute", "retry-after": "50" };
  const { fetch, apiCalls } = stub({ api: () => new Response("", { status: 429, headers }) });
  const xero = client(t, { fetch, deadlineMs: 20_000 });
  assert.equal((await xero.fetch("/Organisation")).status, 429);
  const error = await failure(xero.fetch("/Organisation"));
  assert.deepEqual([error.code, error.retryAt], ["rate_limited", START + 50_000]);
  assert.equal(apiCalls.length, 1);
});

test("a clock that is set does not end a pause, and the instant in errors goes by it", async (t) => {
  clock(t, ["Date"]);
  const headers = { "x-rate-limit-problem": "minute", "retry-after": "50" };
  const { fetch, apiCalls } = stub({ api: () => new Response("", { status: 429, headers }) });
  const xero = client(t, { fetch, deadlineMs: 20_000 });
  assert.equal((await xero.fetch("/Organisation")).status, 429);
  for (const setTo of [START + 600_000, START - 3_600_000]) {
    t.mock.timers.setTime(setTo);
    const error = await failure(xero.fetch("/Organisation"));
    assert.equal(error.code, "rate_limited");
    // What the test itself takes is measured as well.
    assert.ok(error.retryAt <= setTo + 50_000 && error.retryAt > setTo + 40_000, String(error.retryAt - setTo));
  }
  assert.equal(apiCalls.length, 1);
});

test("deadlineMs ends a call that is sent again and again", async (t) => {
  const time = clock(t);
  const { fetch, apiCalls } = stub({ api: () => new Response("", { status: 502 }) });
  const xero = client(t, { fetch, retry: 100, deadlineMs: 10_000 });
  const status = xero.fetch("/Organisation").then(({ status }) => status);
  await time.advance(10_000, 50);
  assert.equal(await status, 502);
  assert.ok(apiCalls.length > 3 && apiCalls.length < 10, `${apiCalls.length}`);
});

test("a write without a key is sent once after any fault, and one with a key not after five minutes", async (t) => {
  const time = clock(t);
  const { fetch, apiCalls } = stub({ api: () => new Response("", { status: 503 }) });
  const xero = client(t, { fetch, retry: 1_000, deadlineMs: 3_600_000 });
  const post = (headers) => xero.fetch("/Invoices", { method: "POST", body: "{}", headers });
  assert.equal((await post({})).status, 503);
  assert.equal(apiCalls.length, 1);
  const keyed = post({ "Idempotency-Key": "k" });
  await time.advance(5 * MINUTE, 500);
  assert.equal((await keyed).status, 503);
  assert.ok(apiCalls.length > 10);
  assert.ok(new Set(apiCalls.slice(1).map(({ headers }) => headers.get("idempotency-key"))).size === 1);
});

test("an abort while a call pauses before it is sent again throws its reason", async (t) => {
  const { fetch, apiCalls } = stub({ api: () => new Response("", { status: 502 }) });
  const controller = new AbortController();
  const told = failure(client(t, { fetch, retry: 3 }).fetch("/Organisation", { signal: controller.signal }));
  while (apiCalls.length === 0) await turn();
  controller.abort("enough");
  assert.equal(await told, "enough");
  assert.equal(apiCalls.length, 1);
});

test("json: an answer that stops in its middle ends with the call's deadline", async (t) => {
  const time = clock(t);
  const api = ({ signal }) =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("{"));
          signal.addEventListener("abort", () => controller.error(signal.reason));
        },
      }),
    );
  const told = failure(client(t, { fetch: stub({ api }).fetch, deadlineMs: 5_000 }).json("GET", "/Organisation"));
  await time.advance(5_000);
  assert.equal((await told).code, "timeout");
});

// Events

test("events report each act of a client, in order, with nothing secret in them", async (t) => {
  clock(t, ["Date"]);
  const events = [];
  const headers = { "x-minlimit-remaining": "59", "x-daylimit-remaining": "4999", "x-appminlimit-remaining": "9999" };
  const { fetch } = stub({ token: () => granted({ scope: "accounting.settings" }), api: () => json({}, { headers }) });
  const xero = client(t, { fetch, onEvent: (event) => events.push(event) });
  await xero.json("GET", "/Organisation");
  const at = START;
  assert.deepEqual(events, [
    { type: "token.asked", at, attempt: 1, secret: 0 },
    { type: "token.renewed", at, expiresAt: START + 30 * MINUTE, scopes: ["accounting.settings"], secret: 0 },
    { type: "call.admitted", at, call: 1, waitedMs: 0 },
    { type: "call.sent", at, call: 1, attempt: 1, method: "GET", operation: "accounting.getOrganisations" },
    { type: "call.answered", at, call: 1, attempt: 1, status: 200, tookMs: 0 },
    { type: "limit.learnt", at, minuteLeft: 59, dayLeft: 4999, appMinuteLeft: 9999 },
  ]);
  const said = inspect(events, { depth: 9 });
  assert.ok(![TOKEN, SECRET, CLIENT_ID].some((secret) => said.includes(secret)));
});

test("events of a call that is queued, paused, sent again, refused and aborted", async (t) => {
  const time = clock(t);
  const events = [];
  const answers = [
    new Response("", { status: 502 }),
    new Response("", { status: 429, headers: { "x-rate-limit-problem": "minute", "retry-after": "7" } }),
    json({}),
  ];
  const { fetch } = stub({ api: (_, n) => answers[n - 1] });
  const xero = client(t, { fetch, retry: 3, onEvent: (event) => events.push(event) });
  const done = xero.fetch("/Organisation");
  await time.advance(20_000, 20);
  assert.equal((await done).status, 200);
  const types = events.map(({ type }) => type).filter((type) => type !== "limit.learnt");
  assert.deepEqual(types.slice(2), [
    "call.admitted",
    "call.sent",
    "call.answered",
    "call.retried",
    "call.admitted",
    "call.sent",
    "call.answered",
    "limit.paused",
    "call.queued",
    "call.sent",
    "call.answered",
  ]);
  const paused = events.find(({ type }) => type === "limit.paused");
  assert.equal(paused.why, "minute");
  assert.ok(paused.until >= paused.at + 7_000);
  assert.deepEqual(events.find(({ type }) => type === "call.retried").why, 502);

  const failed = failure(xero.fetch("/Organisation", { signal: AbortSignal.abort("no") }));
  assert.equal(await failed, "no");
  assert.deepEqual(events.at(-1).code, "aborted");
});

test("a listener that throws fails no call", async (t) => {
  const xero = client(t, { fetch: stub().fetch, onEvent: () => { throw new Error("the log is full"); } });
  assert.equal((await xero.fetch("/Organisation")).status, 200);
});

// Secrets

const basic = ({ headers }) => atob(headers.get("authorization").slice(6)).split(":")[1];

test("several secrets: the next one after invalid_client, and the one that worked from then on", async (t) => {
  const time = clock(t);
  let good = "second";
  const token = (call) => (basic(call) === good ? granted({ expires_in: 60 }) : refused("invalid_client"));
  const { fetch, tokenCalls } = stub({ token });
  const events = [];
  const xero = client(t, { fetch, clientSecret: ["first", "second", "third"], onEvent: (event) => events.push(event) });
  await xero.token();
  assert.deepEqual(tokenCalls.map(basic), ["first", "second"]);
  assert.deepEqual(events.filter(({ type }) => type === "token.renewed").map(({ secret }) => secret), [1]);
  await time.advance(MINUTE);
  await xero.token();
  assert.deepEqual(tokenCalls.map(basic), ["first", "second", "second"]);
  good = "none";
  await time.advance(MINUTE);
  assert.equal((await failure(xero.token())).code, "invalid_client");
  assert.deepEqual(tokenCalls.map(basic).slice(3), ["second", "first", "third"]);
  assert.ok(!/first|second|third/.test(JSON.stringify(events)));
});

test("several secrets: any other refusal is no reason to try another", async (t) => {
  for (const code of ["unauthorized_client", "invalid_scope", "something"]) {
    const { fetch, tokenCalls } = stub({ token: () => refused(code) });
    await failure(client(t, { fetch, clientSecret: ["first", "second"] }).token());
    assert.deepEqual(tokenCalls.map(basic), ["first"], code);
  }
});

test("a function is asked again after its secret was refused, and not sent the same one twice", async (t) => {
  const given = ["old", "new"];
  const { fetch, tokenCalls } = stub({ token: (call) => (basic(call) === "new" ? granted() : refused("invalid_client")) });
  await client(t, { fetch, clientSecret: () => given.shift() }).token();
  assert.deepEqual(tokenCalls.map(basic), ["old", "new"]);

  const same = stub({ token: () => refused("invalid_client") });
  let asked = 0;
  const error = await failure(client(t, { fetch: same.fetch, clientSecret: () => (asked++, "same") }).token());
  assert.deepEqual([error.code, asked, same.tokenCalls.length], ["invalid_client", 2, 1]);
});

test("a function that fails leaves it to the other secrets", async (t) => {
  const { fetch, tokenCalls } = stub();
  const down = () => Promise.reject(new Error("the vault is sealed"));
  await client(t, { fetch, clientSecret: [down, "second"] }).token();
  assert.deepEqual(tokenCalls.map(basic), ["second"]);
});

// Validation messages

test("validation messages are on the error, and in nothing that is logged", async (t) => {
  const body = {
    ErrorNumber: 10,
    Type: "ValidationException",
    Message: "A validation exception occurred",
    Elements: [{ InvoiceID: "x", ValidationErrors: [] }, { ValidationErrors: [{ Message: "Email jo@example.com is not valid" }] }],
  };
  const xero = client(t, { fetch: stub({ api: () => json(body, { status: 400 }) }).fetch });
  const error = await failure(xero.json("POST", "/Invoices", {}));
  assert.deepEqual(error.validation, [{ message: "Email jo@example.com is not valid", element: 1 }]);
  assert.ok(![error.message, JSON.stringify(error), inspect(error), error.stack].some((text) => text.includes("jo@")));
});

// Clocks that are set

test("a clock that is set back or forward by an hour moves no deadline", { timeout: 20_000 }, async (t) => {
  for (const by of [-3_600_000, 3_600_000]) {
    t.mock.timers.enable({ apis: ["Date"], now: START });
    const { fetch, apiCalls } = stub({ api: () => new Response("", { status: 502 }) });
    const xero = client(t, { fetch, retry: 1_000, deadlineMs: 1_500 });
    const status = xero.fetch("/Organisation").then(({ status }) => status);
    while (apiCalls.length === 0) await turn();
    t.mock.timers.setTime(START + by);
    assert.equal(await status, 502);
    assert.ok(apiCalls.length >= 2, "it went on");
    t.mock.timers.reset();
  }
});

test("a process that was suspended past the end of its token asks for another", async (t) => {
  const time = clock(t, ["Date"]);
  assert.ok(time);
  const { fetch, apiCalls } = stub({ token: (_, n) => granted({ access_token: `token-${n}` }) });
  const xero = client(t, { fetch });
  await xero.fetch("/Organisation");
  t.mock.timers.setTime(START + 3_600_000);
  await xero.fetch("/Organisation");
  assert.deepEqual(apiCalls.map(({ headers }) => headers.get("authorization")), ["Bearer token-1", "Bearer token-2"]);
});
