/** A store of tokens between processes: a cache, whose failures cost nothing but a request. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CLIENT_ID, MINUTE, SECRET, START, TOKEN, client, clock, expired, granted, json, stub, turn } from "./support.mjs";

/** A store in memory that records its calls. */
function memory(tokens = new Map()) {
  const calls = [];
  return {
    tokens,
    calls,
    load: async (key) => (calls.push(["load", key]), tokens.get(key)),
    save: async (key, token) => (calls.push(["save", key, token]), void tokens.set(key, structuredClone(token))),
    erase: async (key) => (calls.push(["erase", key]), void tokens.delete(key)),
  };
}

const KEY = `https://identity.xero.com|${CLIENT_ID}|configured`;
const stored = (more = {}) => ({ accessToken: "stored", obtainedAt: START - MINUTE, expiresAt: START + 29 * MINUTE, ...more });

test("a token is saved, and the next process asks for none", async (t) => {
  clock(t, ["Date"]);
  const store = memory();
  const first = stub({ token: () => granted({ scope: "files accounting.settings" }) });
  const token = await client(t, { fetch: first.fetch, store }).token();
  await turn();
  const saved = { accessToken: TOKEN, obtainedAt: START, expiresAt: START + 30 * MINUTE, scopes: "accounting.settings files" };
  assert.deepEqual(store.calls, [["load", KEY], ["save", KEY, saved]]);

  const second = stub();
  const xero = client(t, { fetch: second.fetch, store });
  const found = await xero.token();
  assert.deepEqual([found.accessToken, found.expiresAt, found.scopes], [TOKEN, token.expiresAt, token.scopes]);
  assert.equal((await xero.fetch("/Organisation")).status, 200);
  assert.equal(second.tokenCalls.length, 0);
  assert.equal(second.apiCalls[0].headers.get("authorization"), `Bearer ${TOKEN}`);
});

test("the key names the connection and the scopes of a token, and nothing secret", async (t) => {
  const keys = [];
  const store = { ...memory(), load: (key) => void keys.push(key) };
  const { fetch } = stub();
  await client(t, { fetch, store, scopes: ["files", "assets", "files"] }).token();
  await client(t, { fetch, store, scopes: ["assets", "files"] }).token();
  await client(t, { fetch, store, scopes: ["assets"] }).token();
  await client(t, { fetch, store, clientId: "another" }).token();
  await client(t, { fetch, store, identityUrl: "https://gateway.example/xero" }).token();
  assert.equal(keys[0], keys[1]);
  assert.equal(new Set(keys).size, 4);
  assert.ok(keys.every((key) => !key.includes(SECRET)));
});

test("the scopes of a stored token rule preflight", async (t) => {
  clock(t, ["Date"]);
  const store = memory(new Map([[KEY, stored({ scopes: "accounting.settings" })]]));
  const { fetch, apiCalls } = stub();
  await assert.rejects(client(t, { fetch, store }).fetch("/Invoices"), { code: "scope_missing" });
  assert.equal(apiCalls.length, 0);
});

test("a stored token that Xero calls expired is erased and replaced", async (t) => {
  clock(t, ["Date"]);
  const store = memory(new Map([[KEY, stored()]]));
  const { fetch, tokenCalls } = stub({ api: (_, n) => (n === 1 ? expired() : json({})) });
  assert.equal((await client(t, { fetch, store }).fetch("/Invoices")).status, 200);
  assert.equal(tokenCalls.length, 1);
  assert.deepEqual(store.calls.map(([name]) => name), ["load", "erase", "save"]);
  assert.equal(store.tokens.get(KEY).accessToken, TOKEN);
});

const NONE = {
  undefined: undefined,
  null: null,
  "a text": "token",
  "a number": 7,
  "an empty object": {},
  "an empty token": stored({ accessToken: "" }),
  "a token that is no header": stored({ accessToken: "a\r\nb" }),
  "a token that is longer than headers may be": stored({ accessToken: "a".repeat(20_000) }),
  "a token beyond ASCII": stored({ accessToken: "t\u00f6ken" }),
  "a token that is no text": stored({ accessToken: ["stored"] }),
  "instants as texts": stored({ obtainedAt: String(START), expiresAt: String(START + MINUTE) }),
  "no instants": { accessToken: "stored" },
  "instants that are none": stored({ obtainedAt: Number.NaN, expiresAt: Number.POSITIVE_INFINITY }),
  "an instant before the epoch": stored({ obtainedAt: -1 }),
  "scopes as a list": stored({ scopes: ["files"] }),
  "a token that has ended": stored({ obtainedAt: START - 31 * MINUTE, expiresAt: START - MINUTE }),
  "a token in its last half minute": stored({ obtainedAt: START - 30 * MINUTE, expiresAt: START + 30_000 }),
  "a token from the future": stored({ obtainedAt: START + 2 * MINUTE, expiresAt: START + 30 * MINUTE }),
  "a token that ended before it began": stored({ obtainedAt: START + 50_000, expiresAt: START }),
};
for (const [name, record] of Object.entries(NONE)) {
  test(`a record that is no good token costs one request: ${name}`, async (t) => {
    clock(t, ["Date"]);
    const { fetch, tokenCalls } = stub();
    const store = { ...memory(), load: () => record };
    assert.equal((await client(t, { fetch, store }).token()).accessToken, TOKEN);
    assert.equal(tokenCalls.length, 1);
  });
}

test("a store that throws or rejects, in any of its functions, costs nothing", async (t) => {
  const failures = [
    () => { throw new Error("store"); },
    () => Promise.reject(new Error("store")),
    () => Promise.reject(undefined),
  ];
  for (const fail of failures) {
    const { fetch, tokenCalls } = stub({ api: (_, n) => (n === 1 ? expired() : json({})) });
    const xero = client(t, { fetch, store: { load: fail, save: fail, erase: fail } });
    assert.equal((await xero.fetch("/Invoices")).status, 200);
    assert.equal(tokenCalls.length, 2);
    // An unhandled rejection would fail this test.
    await turn();
  }
});

test("a store that hangs is given up after two seconds, and its later answer is ignored", async (t) => {
  const time = clock(t);
  let answer;
  const store = { ...memory(), load: () => new Promise((resolve) => (answer = resolve)) };
  const { fetch, tokenCalls } = stub();
  const xero = client(t, { fetch, store });
  const token = xero.token();
  await time.advance(1_999, 1_999);
  assert.equal(tokenCalls.length, 0);
  await time.advance(1);
  assert.equal((await token).accessToken, TOKEN);
  answer(stored());
  await turn();
  assert.equal((await xero.token()).accessToken, TOKEN);
});

test("a store that never finishes saving delays no call", async (t) => {
  const never = () => new Promise(() => {});
  const { fetch } = stub();
  const xero = client(t, { fetch, store: { ...memory(), save: never, erase: never } });
  assert.equal((await xero.token()).accessToken, TOKEN);
});

test("saves and erases come one after the other, in the order of their events, and no caller waits for them", async (t) => {
  const time = clock(t);
  const order = [];
  let erased;
  const store = {
    load: () => undefined,
    save: async (_, { obtainedAt }) => void order.push(`save ${obtainedAt - START}`),
    erase: () => new Promise((resolve) => (order.push("erase"), (erased = resolve))),
  };
  const { fetch } = stub({ api: (_, n) => (n % 2 === 1 ? expired() : json({})) });
  const xero = client(t, { fetch, store, timeoutMs: 30_000 });
  assert.equal((await xero.fetch("/Invoices")).status, 200);
  await turn();
  assert.deepEqual(order, ["save 0", "erase"]);
  erased();
  await turn();
  assert.deepEqual(order, ["save 0", "erase", "save 0"]);
  // One that never ends holds up the next for as long as a request may take.
  await time.advance(60_000);
  assert.equal((await xero.fetch("/Invoices")).status, 200);
  await turn();
  assert.deepEqual(order.slice(3), ["erase"]);
  await time.advance(29_999);
  assert.deepEqual(order.slice(3), ["erase"]);
  await time.advance(1);
  await turn();
  assert.deepEqual(order.slice(3), ["erase", "save 60000"]);
});

test("1,000 cold callers ask the store once", async (t) => {
  clock(t, ["Date"]);
  const store = memory(new Map([[KEY, stored()]]));
  const { fetch, tokenCalls } = stub();
  const xero = client(t, { fetch, store });
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => xero.token()));
  assert.ok(tokens.every(({ accessToken }) => accessToken === "stored"));
  assert.deepEqual([store.calls.length, tokenCalls.length], [1, 0]);
});

test("the methods of a store are called on it", async (t) => {
  class Store {
    #tokens = new Map();
    load(key) { return this.#tokens.get(key); }
    save(key, token) { this.#tokens.set(key, token); }
    erase(key) { this.#tokens.delete(key); }
  }
  const store = new Store();
  await client(t, { fetch: stub().fetch, store }).token();
  const { fetch, tokenCalls } = stub();
  await client(t, { fetch, store }).token();
  assert.equal(tokenCalls.length, 0);
});

test("a token from before a switch of the organisation is erased from the store", async (t) => {
  clock(t, ["Date"]);
  const [own, other] = ["7f1a5c1e-1111-4222-8333-944455556666", "0a0b0c0d-1111-4222-8333-944455556666"];
  const jwt = (id) => `e30.${Buffer.from(JSON.stringify({ scope: ["accounting.settings"], xero_tenant_id: id })).toString("base64url")}.x`;
  const ended = { obtainedAt: START - 60 * MINUTE, expiresAt: START - 30 * MINUTE };
  // The stored token names another organisation; or it has expired, and the new one names another.
  for (const [kept, asked, code] of [
    [{ accessToken: jwt(other) }, jwt(own), undefined],
    [{ accessToken: jwt(other), ...ended }, jwt(own), undefined],
    [{ accessToken: jwt(other) }, jwt(other), "organisation_changed"],
    [ended, jwt(other), "organisation_changed"],
  ]) {
    const store = memory(new Map([[KEY, stored(kept)]]));
    const { fetch, apiCalls, tokenCalls } = stub({ token: () => granted({ access_token: asked }) });
    const found = await client(t, { fetch, store, organisation: own }).fetch("/Organisation").then(
      () => undefined,
      (error) => error.code,
    );
    await turn();
    assert.deepEqual([found, tokenCalls.length, apiCalls.length], [code, 1, code ? 0 : 1]);
    assert.ok(store.calls.some(([what]) => what === "erase"));
    assert.equal(store.tokens.get(KEY)?.accessToken, code ? undefined : asked);
  }
});
