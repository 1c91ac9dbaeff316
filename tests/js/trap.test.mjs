/**
 * If the core traps: a fresh instance, at most one more token request, and no harm from calls that were under way.
 *
 * The core never traps by design, so these tests force it: they wrap the exports of every instance of wasm in functions that
 * trap on demand.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** The name of the export that traps, once, and which of its calls does; and how many instances there were. */
const forced = { name: undefined, nth: 1, instances: 0 };

/** The next call of this export traps, or a later one. */
function force(name, nth = 1) {
  Object.assign(forced, { name, nth });
}

const Original = WebAssembly.Instance;
WebAssembly.Instance = function Instance(module, imports) {
  forced.instances += 1;
  const { exports } = new Original(module, imports);
  const trapping = (name, act) => (...given) => {
    if (forced.name !== name || --forced.nth > 0) return act(...given);
    if (!forced.always) Object.assign(forced, { name: forced.then, then: undefined, nth: 1 });
    throw new WebAssembly.RuntimeError("unreachable");
  };
  const wrap = ([name, value]) => [name, typeof value === "function" ? trapping(name, value) : value];
  return { exports: Object.fromEntries(Object.entries(exports).map(wrap)) };
};

const { TOKEN, client, clock, deferred, expired, failure, granted, json, stub, turn } = await import("./support.mjs");

/** Checks that the call that traps fails with the error for it. */
function assertTrapped(error) {
  assert.deepEqual([error.name, error.code, error.blame, error.retryable], ["XeroError", "trapped", "library", true]);
  assert.equal(error.cause, undefined);
  assert.equal(forced.name, undefined, "it did trap");
}

/** The calls of the core that a cold call goes through: it is begun, its token is asked for and answered, it is answered. */
for (const [name, nth] of [["handle", 1], ["tokenRequest", 1], ["handle", 2], ["handle", 3]]) {
  test(`a trap in ${name} (${nth}) of a cold client: an error or no effect, and the next call works`, async (t) => {
    const { fetch, tokenCalls } = stub();
    const xero = client(t, { fetch });
    const before = forced.instances;
    force(name, nth);
    const outcome = await xero.fetch("/Invoices").catch((error) => error);
    if (!(outcome instanceof Response)) assertTrapped(outcome);
    assert.equal(forced.name, undefined, "it did trap");
    assert.equal((await xero.fetch("/Invoices")).status, 200);
    assert.equal(forced.instances, before + 1);
    assert.ok(tokenCalls.length <= 2, `${tokenCalls.length} token requests`);
  });
}

for (const [name, nth, sent] of [["checkHeader", 1, 0], ["handle", 1, 0], ["handle", 2, 1]]) {
  test(`a trap in ${name} (${nth}) of a client with a token costs at most one more token request`, async (t) => {
    const { fetch, tokenCalls, apiCalls } = stub();
    const xero = client(t, { fetch });
    await xero.token();
    force(name, nth);
    assertTrapped(await failure(xero.fetch("/Invoices", { headers: { "X-Custom": "1" } })));
    const calls = Array.from({ length: 100 }, () => xero.fetch("/Invoices"));
    assert.ok((await Promise.all(calls)).every(({ status }) => status === 200));
    assert.deepEqual([tokenCalls.length, apiCalls.length], [2, 100 + sent]);
  });
}

test("a write whose answer the core trapped over has an unknown outcome, and is not sent again", async (t) => {
  const { fetch, apiCalls } = stub();
  const xero = client(t, { fetch, retry: 3, idempotencyKeys: true });
  await xero.token();
  force("handle", 2);
  const error = await failure(xero.fetch("/Invoices", { method: "POST", body: "{}" }));
  assert.deepEqual([error.code, error.outcome, error.retryable], ["trapped", "unknown", false]);
  assert.equal(apiCalls.length, 1);
});

test("a core that always traps ends every call, and is not asked for ever", async (t) => {
  const { fetch } = stub({ api: () => new Promise(() => {}) });
  const xero = client(t, { fetch });
  const calls = Array.from({ length: 9 }, (_, n) => failure(xero.fetch("/Invoices", n % 2 ? {} : { method: "POST", body: "{}" })));
  await turn();
  const before = forced.instances;
  Object.assign(forced, { name: "handle", always: true });
  const told = await failure(xero.fetch("/Invoices"));
  const outcomes = await Promise.all(calls);
  forced.always = false;
  forced.name = undefined;
  for (const error of [told, ...outcomes]) assert.equal(error.code, "trapped");
  assert.ok(forced.instances - before < 30, `${forced.instances - before} instances`);
});

test("a core that cannot be opened again ends every call, and the next call opens one", async (t) => {
  const { fetch } = stub({ api: (_, n) => (n > 5 ? json({}) : new Promise(() => {})) });
  const xero = client(t, { fetch });
  await xero.token();
  const calls = Array.from({ length: 7 }, (_, n) => failure(xero.fetch("/Invoices", n % 2 ? {} : { method: "POST", body: "{}" })));
  await turn();
  Object.assign(forced, { name: "handle", nth: 1, then: "open" });
  const outcomes = [await failure(xero.fetch("/Contacts")), ...(await Promise.all(calls))];
  for (const error of outcomes) assert.equal(error.code, "trapped");
  // The first call goes alone, and was sent.
  assert.equal(outcomes[1].outcome, "unknown");
  assert.equal(forced.name, undefined, "both did trap");
  assert.equal((await xero.token()).accessToken, TOKEN);
});

test("calls that wait for a place, a pause or an answer go on in the next core, in their order", async (t) => {
  const answers = [];
  const { fetch, tokenCalls, apiCalls } = stub({ api: () => (answers.push(deferred()), answers.at(-1).promise) });
  const xero = client(t, { fetch, limits: { inFlight: 1 } });
  await xero.token();
  const calls = [1, 2, 3].map((n) => xero.fetch(`/Invoices?n=${n}`));
  await turn();
  assert.equal(apiCalls.length, 1);
  force("handle");
  assertTrapped(await failure(xero.fetch("/Contacts")));
  for (let n = 0; n < 3; n++) {
    await turn();
    answers[n].resolve(json({}));
  }
  assert.deepEqual((await Promise.all(calls)).map(({ status }) => status), [200, 200, 200]);
  assert.deepEqual(apiCalls.map(({ url }) => new URL(url).search), ["?n=1", "?n=2", "?n=3"]);
  assert.equal(tokenCalls.length, 2);
});

test("a trap while the answer to a token request is judged: callers get a token all the same", async (t) => {
  const { fetch, tokenCalls } = stub();
  const xero = client(t, { fetch });
  force("handle", 4);
  const tokens = await Promise.all([xero.token(), xero.token(), xero.token()]);
  assert.ok(tokens.every(({ accessToken }) => accessToken === TOKEN));
  assert.equal(tokenCalls.length, 2);
});

test("a request in flight when the instance is replaced: its answer is ignored", async (t) => {
  const answers = [deferred(), deferred()];
  const { fetch, tokenCalls } = stub({ token: (_, n) => answers[n - 1].promise });
  const xero = client(t, { fetch });
  const waiting = xero.token();
  await turn();
  force("handle");
  assertTrapped(await failure(xero.token()));
  const after = xero.token();
  await turn();
  assert.equal(tokenCalls.length, 2);
  answers[0].resolve(granted({ access_token: "of-the-old-instance" }));
  await turn();
  answers[1].resolve(granted({ access_token: "of-the-new-one" }));
  assert.equal((await after).accessToken, "of-the-new-one");
  assert.equal((await waiting).accessToken, "of-the-new-one");
  assert.equal(tokenCalls.length, 2);
});

test("a late refusal of the old instance does not refuse the new one", async (t) => {
  const answer = deferred();
  const { fetch } = stub({ token: (_, n) => (n === 1 ? answer.promise : granted()) });
  const xero = client(t, { fetch });
  const waiting = xero.token();
  await turn();
  force("handle");
  assertTrapped(await failure(xero.token()));
  assert.equal((await xero.token()).accessToken, TOKEN);
  answer.resolve(json({ error: "invalid_client" }, { status: 400 }));
  await turn();
  assert.equal((await xero.token()).accessToken, TOKEN);
  assert.equal((await waiting).accessToken, TOKEN);
});

test("clients of the old instance all go on, each with one more token request", async (t) => {
  const clients = Array.from({ length: 5 }, () => {
    const { fetch, tokenCalls } = stub();
    return { xero: client(t, { fetch }), tokenCalls };
  });
  await Promise.all(clients.map(({ xero }) => xero.token()));
  force("handle");
  assertTrapped(await failure(clients[0].xero.fetch("/Invoices")));
  for (const { xero, tokenCalls } of clients) {
    assert.equal((await xero.token()).accessToken, TOKEN);
    assert.equal(tokenCalls.length, 2);
  }
});

test("a client of the old instance can be closed, and takes none of the new one's with it", async (t) => {
  const { fetch } = stub();
  const [old, other] = [client(t, { fetch }), client(t, { fetch })];
  await old.token();
  force("handle");
  assertTrapped(await failure(other.fetch("/Invoices")));
  await other.token();
  old.close();
  assert.equal((await other.fetch("/Invoices")).status, 200);
});

test("a trap after a 401: the caller gets an error, the next call works", async (t) => {
  // Over the status, and over the body.
  for (const nth of [2, 3]) {
    const { fetch } = stub({ api: (_, n) => (n === 1 ? expired() : json({})) });
    const xero = client(t, { fetch });
    await xero.token();
    force("handle", nth);
    assertTrapped(await failure(xero.fetch("/Invoices")));
    assert.equal((await xero.fetch("/Invoices")).status, 200);
  }
});

test("a trap while a store's answer is taken: callers get a token all the same", async (t) => {
  const time = clock(t);
  const { fetch, tokenCalls } = stub();
  const store = { load: async () => ({ accessToken: "stored", obtainedAt: 0, expiresAt: 1 }), save() {}, erase() {} };
  const xero = client(t, { fetch, store });
  force("handle", 2);
  const token = xero.token();
  await time.advance(5_000);
  assert.equal((await token).accessToken, TOKEN);
  assert.equal(tokenCalls.length, 1);
});

test("a trap of the local Xero: its caller gets an error, the old ones are closed, and a new one works", async () => {
  const { createSimulator } = await import("xero-m2m/simulator");
  const [old, other] = [createSimulator({ invoices: 1 }), createSimulator({ invoices: 1 })];
  forced.name = "simulatorCounts";
  assert.throws(() => old.counts(), (error) => assertTrapped(error) ?? true);
  const made = createSimulator({ invoices: 1, seed: 7 });
  for (const lost of [old, other]) assert.throws(() => lost.counts(), { name: "XeroError", code: "closed" });
  await old.close();
  assert.equal(made.counts().apiRequests, 0);
});

test("a trap of the policy: its caller gets an error, and the next question is answered", async () => {
  const { requiredScopes } = await import("xero-m2m/policy");
  const { scopes } = requiredScopes("GET /Invoices");
  forced.name = "requiredScopes";
  assert.throws(() => requiredScopes("GET /Invoices"), (error) => assertTrapped(error) ?? true);
  assert.deepEqual(requiredScopes("GET /Invoices").scopes, scopes);
});
