/** Writes: the outcome of one whose answer was lost, keys that make it safe to repeat, and bodies as they were at the call. */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { XeroError } from "xero-m2m";
import { client, clock, failure, json, local, serve, stub, turn } from "./support.mjs";

const INVOICE = { Invoices: [{ Type: "ACCREC", Contact: { Name: "Kea Outdoor Hire" }, LineItems: [{ Description: "Tent", UnitAmount: 90 }] }] };

const reset = () => Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) });
const refusedConnection = () =>
  Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });

/** Checks that the error of a write that may have been carried out has this outcome and is not retryable. */
function assertUnknown(error, code) {
  assert.ok(error instanceof XeroError);
  assert.deepEqual([error.code, error.outcome, error.retryable, error.retryAt], [code, "unknown", false, undefined], error.message);
  assert.match(error.message, /may have been carried out|may have carried out/);
  assert.equal(error.toJSON().outcome, "unknown");
}

test("a lost answer to a write without a key: the outcome is unknown, with the filter that finds it", async (t) => {
  const { xero, simulator } = await local(t);
  await xero.token();
  simulator.fault("api POST /Invoices reset performed");
  const error = await failure(xero.json("POST", "/Invoices", INVOICE));
  assertUnknown(error, "offline");
  assert.equal(error.operation, "accounting.updateOrCreateInvoices");
  assert.match(error.message, /GET \/Invoices with the header If-Modified-Since: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
  assert.match(error.message, /`idempotencyKeys`/);
  // The filter does find it.
  const [, since] = error.message.match(/If-Modified-Since: (\S+) /);
  const { Invoices } = await xero.json("GET", "/Invoices", undefined, { headers: { "If-Modified-Since": since } });
  assert.ok(Invoices.some(({ Contact }) => Contact.Name === "Kea Outdoor Hire"));
});

test("the filter for a lost write finds it although this machine's clock is hours ahead", async (t) => {
  const { xero, simulator } = await local(t);
  await xero.token();
  simulator.fault("api POST /Invoices reset performed");
  const { now } = Date;
  t.mock.method(Date, "now", () => now() + 20 * 3_600_000);
  const error = await failure(xero.json("POST", "/Invoices", INVOICE));
  t.mock.restoreAll();
  const [, since] = error.message.match(/If-Modified-Since: (\S+) /);
  assert.ok(new Date(`${since}Z`).getTime() < now(), error.message);
});

test("a member of init in another spelling, or an option of the client, is refused before anything is sent", async (t) => {
  const { fetch, apiCalls } = stub();
  const xero = client(t, { fetch });
  const wrong = { idempotencykey: "`idempotencyKey`", "Idempotency-Key": "`idempotencyKey`", Priority: "`priority`", Headers: "`headers`", timeoutMs: "option of the client", idempotencyKeys: "option of the client" };
  for (const [name, words] of Object.entries(wrong)) {
    for (const sent of [xero.fetch("/Invoices", { method: "POST", body: "{}", [name]: "1" }), xero.json("POST", "/Invoices", {}, { [name]: "1" })]) {
      const error = await failure(sent);
      assert.deepEqual([error.code, error.message.includes(words), error.outcome], ["invalid_option", true, undefined], error.message);
    }
  }
  assert.equal(apiCalls.length, 0);
  // What only a platform knows goes on to it, and so does what another client hands on.
  await xero.fetch("/Invoices", { tls: {}, timeout: 5, retry: 1 });
  assert.equal(apiCalls.length, 1);
});

test("every way to lose the answer to a write, by fetch and by json", async (t) => {
  const lost = {
    offline: () => Promise.reject(reset()),
    server_error: () => json({}, { status: 503, headers: { "retry-after": "7" } }),
    malformed_answer: () => new Response("<html>", { status: 200 }),
  };
  for (const [code, api] of Object.entries(lost)) {
    const xero = client(t, { fetch: stub({ api }).fetch, retry: 3 });
    assertUnknown(await failure(xero.json("PUT", "/Invoices", INVOICE)), code);
  }
  for (const status of [408, 500, 502, 504]) {
    const xero = client(t, { fetch: stub({ api: () => json({}, { status }) }).fetch });
    assertUnknown(await failure(xero.json("PUT", "/Invoices", INVOICE)), "server_error");
    // The answer itself is the caller's.
    assert.equal((await xero.fetch("/Invoices", { method: "PUT", body: "{}" })).status, status);
  }
  const time = clock(t);
  const silent = client(t, { fetch: stub({ api: () => new Promise(() => {}) }).fetch, timeoutMs: 5_000 });
  const told = failure(silent.fetch("/Invoices", { method: "POST", body: "{}" }));
  await time.advance(6_000);
  assertUnknown(await told, "timeout");
});

test("a write that was under way when the client was closed has an unknown outcome too", async (t) => {
  const xero = client(t, { fetch: stub({ api: () => new Promise(() => {}) }).fetch });
  await xero.token();
  const told = failure(xero.fetch("/Invoices", { method: "POST", body: "{}" }));
  await turn();
  xero.close();
  assertUnknown(await told, "closed");
});

test("a write that was certainly not carried out keeps its error: refusals, limits, no connection", async (t) => {
  for (const [api, code, retryable] of [
    [() => json({}, { status: 429 }), "rate_limited", true],
    [() => json({}, { status: 400 }), "refused", false],
    [() => Promise.reject(refusedConnection()), "offline", true],
  ]) {
    const xero = client(t, { fetch: stub({ api }).fetch, limits: false });
    const error = await failure(xero.json("POST", "/Invoices", INVOICE));
    assert.deepEqual([error.code, error.retryable, "outcome" in error], [code, retryable, false], error.message);
  }
  const closed = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => closed.once("listening", listening));
  const { port } = closed.address();
  await new Promise((done) => closed.close(done));
  const { url } = await serve(t, (_, response) => response.setHeader("content-type", "application/json").end(JSON.stringify({ access_token: "a", token_type: "Bearer", expires_in: 1800 })));
  const xero = client(t, { identityUrl: url, apiUrl: `http://127.0.0.1:${port}` });
  const error = await failure(xero.json("POST", "/Invoices", INVOICE));
  assert.deepEqual([error.code, error.retryable, error.outcome], ["offline", true, undefined]);
  assert.match(error.message, /ECONNREFUSED\); nothing was sent/);
});

test("a read, and a write whose caller has the key, can be made again", async (t) => {
  const { fetch } = stub({ api: () => Promise.reject(reset()) });
  const xero = client(t, { fetch });
  for (const call of [xero.fetch("/Invoices"), xero.fetch("/Invoices", { method: "POST", body: "{}", idempotencyKey: "mine" })]) {
    const error = await failure(call);
    assert.deepEqual([error.retryable, error.outcome], [true, undefined]);
  }
});

test("keys made by the client: fresh for each call, the same for its retries, only where the operation takes one", async (t) => {
  const time = clock(t);
  let n = 0;
  const { fetch, apiCalls } = stub({ api: () => (++n <= 2 ? Promise.reject(reset()) : json({ Invoices: [{ InvoiceID: "1" }] })) });
  const xero = client(t, { fetch, idempotencyKeys: true, retry: 3 });
  const first = xero.fetch("/Invoices", { method: "POST", body: "{}" });
  await time.advance(20_000);
  assert.equal((await first).status, 200);
  await xero.fetch("/Invoices", { method: "POST", body: "{}" });
  await xero.fetch("/Invoices", { method: "POST", body: "{}", idempotencyKey: false });
  await xero.fetch("/Invoices", { method: "POST", body: "{}", idempotencyKey: "mine" });
  await xero.fetch("/Invoices", { method: "POST", body: "{}", headers: { "Idempotency-Key": "header" } });
  await xero.fetch("/Accounts/4f6f2f3c-0000-4000-8000-000000000001", { method: "DELETE" });
  await xero.fetch("/Invoices");
  const keys = apiCalls.map(({ headers }) => headers.get("idempotency-key"));
  assert.match(keys[0], /^[0-9a-f-]{36}$/);
  assert.deepEqual(keys.slice(1, 3), [keys[0], keys[0]]);
  assert.match(keys[3], /^[0-9a-f-]{36}$/);
  assert.notEqual(keys[3], keys[0]);
  assert.deepEqual(keys.slice(4), [null, "mine", "header", null, null]);

  const one = client(t, { fetch });
  await one.json("PUT", "/Invoices", INVOICE, { idempotencyKey: true });
  assert.match(apiCalls.at(-1).headers.get("idempotency-key"), /^[0-9a-f-]{36}$/);
  const refusal = await failure(one.fetch("/Accounts/4f6f2f3c-0000-4000-8000-000000000001", { method: "DELETE", idempotencyKey: true }));
  assert.deepEqual([refusal.code, refusal.operation], ["invalid_option", "accounting.deleteAccount"]);
  assert.match(refusal.message, /takes no Idempotency-Key/);
  for (const idempotencyKey of ["", "x".repeat(129), 7]) {
    assert.match((await failure(one.fetch("/Invoices", { method: "POST", idempotencyKey }))).code, /^invalid_(header|option)$/);
  }
});

test("a write whose key this client made and whose retries are over has an unknown outcome", async (t) => {
  const { fetch } = stub({ api: () => Promise.reject(reset()) });
  const error = await failure(client(t, { fetch, idempotencyKeys: true }).json("POST", "/Invoices", INVOICE));
  assertUnknown(error, "offline");
});

test("a write with a key is not sent again once Xero may have forgotten the key: it counts from the first sending", async (t) => {
  const time = clock(t);
  const sentAt = [];
  const api = () => {
    sentAt.push(performance.now());
    return new Promise(() => {});
  };
  const { fetch } = stub({ api });
  const xero = client(t, { fetch, retry: 10, timeoutMs: 120_000, deadlineMs: 1_200_000 });
  const told = failure(xero.fetch("/Invoices", { method: "POST", body: "{}", idempotencyKey: "key" }));
  await time.advance(1_200_000, 500);
  assert.equal((await told).code, "timeout");
  assert.ok(sentAt.length >= 2);
  assert.ok(sentAt.at(-1) - sentAt[0] < 300_000, `sent again after ${sentAt.at(-1) - sentAt[0]} ms`);
});

test("a write with a key that waits out a limit is not sent once its key may be forgotten", async (t) => {
  const time = clock(t);
  const { fetch, apiCalls } = stub({ api: () => json({}, { status: 429, headers: { "retry-after": "290", "x-rate-limit-problem": "minute" } }) });
  const xero = client(t, { fetch, deadlineMs: 1_200_000 });
  const told = failure(xero.fetch("/Invoices", { method: "POST", body: "{}", idempotencyKey: "key" }));
  await time.advance(1_200_000, 1_000);
  const error = await told;
  assert.deepEqual([error.code, error.outcome], ["timeout", undefined]);
  assert.equal(apiCalls.length, 2);
});

test("a key in the header and another as idempotencyKey are refused; the same one twice is one", async (t) => {
  const { fetch, apiCalls } = stub();
  const xero = client(t, { fetch });
  const call = (headers, idempotencyKey) => xero.fetch("/Invoices", { method: "PUT", body: "{}", headers, idempotencyKey });
  const error = await failure(call({ "Idempotency-Key": "one" }, "other"));
  assert.deepEqual([error.code, error.retryable], ["invalid_option", false]);
  assert.match(error.message, /header Idempotency-Key.*`idempotencyKey`/);
  assert.equal(apiCalls.length, 0);
  await call({ "Idempotency-Key": "one" }, "one");
  await call({ "idempotency-key": " one" }, "one ");
  await call(undefined, "one");
  assert.deepEqual(apiCalls.map(({ headers }) => headers.get("idempotency-key")), ["one", "one", "one"]);
});

test("members of init that stand on a prototype are read, as the platform reads them", async (t) => {
  const bodies = [];
  const { fetch, apiCalls } = stub({ api: ({ body }) => (bodies.push(body), json({})) });
  const xero = client(t, { fetch });
  class Init {
    get method() {
      return "POST";
    }
    get body() {
      return "from a class";
    }
    get headers() {
      return { "Idempotency-Key": "from a class" };
    }
  }
  await xero.fetch("/Invoices", new Init());
  await xero.fetch("/Invoices", new Request("https://api.xero.com/x", { method: "PUT", body: "from a Request", headers: { "X-Own": "1" } }));
  await xero.fetch(new Request("https://api.xero.com/api.xro/2.0/Invoices", { method: "POST", body: "of the input" }), { headers: { "X-Own": "2" } });
  await xero.fetch("/Invoices", null);
  assert.deepEqual(apiCalls.map(({ method }) => method), ["POST", "PUT", "POST", "GET"]);
  assert.deepEqual(bodies.map((body) => body && (typeof body === "string" ? body : Buffer.from(body).toString())), [
    "from a class",
    "from a Request",
    "of the input",
    undefined,
  ]);
  assert.deepEqual(apiCalls.map(({ headers }) => headers.get("x-own") ?? headers.get("idempotency-key")), ["from a class", "1", "2", null]);
});

test("a body that is changed after the call is sent as it was", async (t) => {
  const { fetch, apiCalls } = stub();
  const xero = client(t, { fetch });
  const buffer = Buffer.from("before");
  const view = new Uint8Array(buffer.buffer, buffer.byteOffset, 3);
  const whole = new TextEncoder().encode("before").buffer;
  const parameters = new URLSearchParams({ a: "before" });
  const form = new FormData();
  form.append("a", "before");
  form.append("file", new File(["content"], "name.txt"));
  const calls = [buffer, view, whole, parameters, form].map((body) => xero.fetch("/Invoices", { method: "POST", body }));
  buffer.fill("x");
  new Uint8Array(whole).fill(120);
  parameters.set("a", "after");
  form.set("a", "after");
  await Promise.all(calls);
  const [one, two, three, four, five] = apiCalls.map(({ body }) => body);
  assert.deepEqual([one, two, three].map((body) => Buffer.from(body).toString()), ["before", "bef", "before"]);
  assert.equal(String(four), "a=before");
  assert.deepEqual([five.get("a"), five.get("file").name], ["before", "name.txt"]);
});

test("the header xero-tenant-id: an empty one is dropped, one with a value is refused with advice to send it empty", async (t) => {
  const { fetch, apiCalls } = stub();
  const xero = client(t, { fetch });
  for (const value of ["", "  "]) await xero.fetch("/Invoices", { headers: { "xero-tenant-id": value } });
  assert.ok(apiCalls.every(({ headers }) => !headers.has("xero-tenant-id")));
  const error = await failure(xero.fetch("/Invoices", { headers: { "Xero-Tenant-Id": "4f6f2f3c-0000-4000-8000-000000000001" } }));
  assert.deepEqual([error.code, error.rule], ["invalid_header", "R18"]);
  assert.match(error.message, /send it empty/);
});

test("a lost write whose next try is refused for a limit or its token has an unknown outcome all the same", async (t) => {
  const answers = {
    rate_limited: () => json({}, { status: 429, headers: { "x-rate-limit-problem": "day" } }),
    server_error: () => json({}, { status: 425 }),
    not_found: () => json({}, { status: 404 }),
  };
  for (const [code, second] of Object.entries(answers)) {
    const { fetch } = stub({ api: (_, n) => (n === 1 ? Promise.reject(reset()) : second()) });
    const xero = client(t, { fetch, retry: 1, idempotencyKeys: true, limits: false });
    assertUnknown(await failure(xero.json("POST", "/Invoices", INVOICE)), code);
  }
  // A refusal of the data is what Xero would have kept under the key.
  const { fetch } = stub({ api: (_, n) => (n === 1 ? Promise.reject(reset()) : json({}, { status: 400 })) });
  const error = await failure(client(t, { fetch, retry: 1, idempotencyKeys: true }).json("POST", "/Invoices", INVOICE));
  assert.deepEqual([error.code, error.outcome], ["refused", undefined]);
});

test("the error of a write with its caller's key names the time until which the key is good; after that the outcome is unknown", async (t) => {
  const time = clock(t);
  const { fetch } = stub({ api: () => new Promise(() => {}) });
  const early = client(t, { fetch, timeoutMs: 5_000 });
  const told = failure(early.fetch("/Invoices", { method: "POST", body: "{}", idempotencyKey: "mine" }));
  await time.advance(6_000);
  const error = await told;
  assert.deepEqual([error.retryable, error.outcome], [true, undefined]);
  assert.match(error.message, /the same Idempotency-Key before 2026-11-23T10:05:00 UTC/);
  const late = client(t, { fetch, timeoutMs: 280_000, deadlineMs: 1_800_000, retry: 3 });
  const ended = failure(late.fetch("/Invoices", { method: "POST", body: "{}", idempotencyKey: "mine" }));
  await time.advance(320_000, 1_000);
  assertUnknown(await ended, "timeout");
});

test("a write with its caller's key is not retryable if Xero asks for a pause beyond the life of the key, or refuses it for good", async (t) => {
  const pause = { "x-rate-limit-problem": "day", "retry-after": "3600" };
  const answers = { rate_limited: [429, pause], not_found: [404, {}] };
  for (const [code, [status, headers]] of Object.entries(answers)) {
    const { fetch } = stub({ api: (_, n) => (n === 1 ? Promise.reject(reset()) : json({}, { status, headers })) });
    const xero = client(t, { fetch, retry: 1, limits: false });
    assertUnknown(await failure(xero.json("POST", "/Invoices", INVOICE, { idempotencyKey: "mine" })), code);
  }
});

test("a refusal that follows a lost try is no answer that fetch hands on", async (t) => {
  const time = clock(t);
  const { fetch, apiCalls } = stub({ api: (_, n) => (n === 1 ? Promise.reject(reset()) : new Response("", { status: 403 })) });
  const xero = client(t, { fetch, retry: 1 });
  const call = failure(xero.fetch("/Invoices", { method: "POST", body: "{}", idempotencyKey: true }));
  await time.advance(20_000);
  const error = await call;
  assert.deepEqual([error.code, error.outcome, error.retryable, apiCalls.length], ["not_authorised", "unknown", false, 2]);
});

test("a key of the caller's counts from its first use, in later calls too", async (t) => {
  const time = clock(t);
  const { fetch, apiCalls } = stub({ api: () => Promise.reject(reset()) });
  const xero = client(t, { fetch });
  const write = () => failure(xero.fetch("/Invoices", { method: "POST", body: "{}", idempotencyKey: "order 1042" }));
  const began = Date.now();
  const until = ({ message }) => /before (\S+) UTC/.exec(message)?.[1];
  const first = await write();
  await time.advance(240_000);
  const second = await write();
  assert.deepEqual([first.retryable, second.retryable, until(second)], [true, true, until(first)]);
  assert.deepEqual([first.retryUntil, second.retryUntil], [began + 300_000, began + 300_000]);
  await time.advance(70_000);
  const third = await write();
  assert.deepEqual([third.retryable, third.outcome, third.retryUntil, apiCalls.length], [false, "unknown", undefined, 2]);
  // Xero has surely forgotten it, and would carry the write out again: a queue of jobs comes back so late.
  await time.advance(120_000);
  const late = await write();
  assert.deepEqual([late.retryable, late.outcome, apiCalls.length], [false, "unknown", 2]);
});

test("json reads its init as fetch does, and a body of null leaves that of the Request", async (t) => {
  const { fetch, apiCalls } = stub({ api: () => json({ Invoices: [{ InvoiceID: "1" }] }) });
  const xero = client(t, { fetch });
  await xero.json("POST", "/Invoices", INVOICE, Object.create({ idempotencyKey: "inherited" }));
  assert.equal(apiCalls[0].headers.get("idempotency-key"), "inherited");
  const aborted = Object.create({ signal: AbortSignal.abort("enough") });
  assert.equal(await failure(xero.json("GET", "/Invoices", undefined, aborted)), "enough");
  await xero.fetch(new Request("https://api.xero.com/api.xro/2.0/Invoices", { method: "POST", body: "old" }), { body: null });
  assert.equal(Buffer.from(apiCalls[1].body).toString(), "old");
  const changing = { text: "before", toString: () => changing.text };
  const call = xero.fetch("/Invoices", { method: "POST", body: changing });
  changing.text = "after";
  await call;
  assert.equal(apiCalls[2].body, "before");
  for (const body of [Symbol("x"), Object.create(null)]) {
    assert.equal((await failure(xero.fetch("/Invoices", { method: "POST", body }))).code, "invalid_option");
  }
});

test("a write whose outcome is unknown ends in the events too", async (t) => {
  const events = [];
  const { fetch } = stub({ api: () => json({ Invoices: [] }) });
  const xero = client(t, { fetch, onEvent: (event) => events.push(event) });
  assert.equal((await failure(xero.json("POST", "/Invoices", INVOICE))).outcome, "unknown");
  const { at, ...failed } = events.at(-1);
  assert.deepEqual(failed, { type: "call.failed", call: 1, attempt: 1, code: "malformed_answer", outcome: "unknown" });
});

test("where the fetch of the runtime sends a write again by itself, each has a key unless the client is told otherwise", async (t) => {
  for (const name of ["Deno", "Bun"]) {
    const kept = Object.getOwnPropertyDescriptor(globalThis, name);
    globalThis[name] = {};
    try {
      for (const [options, hasKey] of [[{}, true], [{ idempotencyKeys: false }, false]]) {
        const { fetch, apiCalls } = stub({ api: () => json({ Invoices: [{ InvoiceID: "1" }] }) });
        await client(t, { fetch, ...options }).json("POST", "/Invoices", INVOICE);
        assert.equal(apiCalls[0].headers.has("idempotency-key"), hasKey, name);
      }
    } finally {
      delete globalThis[name];
      if (kept) Object.defineProperty(globalThis, name, kept);
    }
  }
});
