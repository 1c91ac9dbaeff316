/** A fleet: one token for clients that share a store, which may be away. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { file } from "xero-m2m/file";
import { redis } from "xero-m2m/redis";
import { checkSharedStore, memory, withFleet } from "xero-m2m/shared";
import { fleetState } from "xero-m2m/user";
import { CLIENT_ID, SECRET, TOKEN, client, expired, failure, granted, json, refused, stub, turn } from "./support.mjs";

/** A store whose documents can be seen, and that can fail. */
function watched() {
  const store = memory();
  const watch = {
    ...memory(),
    durable: false,
    documents: new Map(),
    swaps: 0,
    fails: undefined,
    async swap(given) {
      watch.swaps += 1;
      if (watch.fails) await watch.fails();
      const found = await store.swap(given);
      if (found.swapped) watch.documents.set(given.key, given.document);
      return found;
    },
    text: () => [...watch.documents.values()].join("\n"),
  };
  return watch;
}

/** Waits until something is true. */
async function until(done) {
  for (let tries = 0; !done(); tries++) {
    assert.ok(tries < 2_000, "it never comes true");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const tokens = (prefix) => ({ token: (_, n) => granted({ access_token: `${prefix}-${n}`, scope: "files accounting.settings" }) });

test("eight cold clients make one token request, and all of them use its token", async (t) => {
  const store = watched();
  const { fetch, tokenCalls, apiCalls } = stub(tokens("shared"));
  const clients = Array.from({ length: 8 }, () => client(t, { fetch, fleet: store }));
  const found = await Promise.all(clients.map((xero) => xero.token()));
  assert.equal(tokenCalls.length, 1);
  assert.deepEqual([...new Set(found.map(({ accessToken }) => accessToken))], ["shared-1"]);
  assert.deepEqual(found.map(({ scopes }) => scopes), Array(8).fill(["accounting.settings", "files"]));
  await Promise.all(clients.map((xero) => xero.fetch("/Organisation")));
  assert.equal(tokenCalls.length, 1);
  assert.ok(apiCalls.every(({ headers }) => headers.get("authorization") === "Bearer shared-1"));
});

test("the store holds no token, no secret and no id in the clear", async (t) => {
  const store = watched();
  const { fetch } = stub();
  await client(t, { fetch, fleet: store }).token();
  await until(() => store.documents.size === 1 && /^t1 1 /.test(store.text()));
  const all = [...store.documents.keys(), store.text()].join("\n");
  for (const secret of [TOKEN, SECRET, CLIENT_ID]) assert.ok(!all.includes(secret));
  assert.match([...store.documents.keys()][0], /^xero-m2m:\{[0-9a-f]{16}\}:token:1:[0-9a-f]{16}$/);
});

test("clients with other scopes, another organisation, id or service have tokens of their own", async (t) => {
  const store = watched();
  const { fetch, tokenCalls } = stub();
  const organisation = "01234567-89ab-cdef-0123-456789abcdef";
  const others = [{}, { scopes: ["files"] }, { organisation }, { clientId: "another" }, { identityUrl: "https://gateway.example/xero" }];
  for (const more of others) await client(t, { fetch, fleet: store, ...more }).token();
  await client(t, { fetch, fleet: store, scopes: ["files", "files"] }).token();
  assert.equal(tokenCalls.length, others.length);
});

test("a token that Xero calls expired is replaced once for all", async (t) => {
  const store = watched();
  const accepted = new Set(["shared-1"]);
  const api = ({ headers }) => (accepted.has(headers.get("authorization").slice(7)) ? json({}) : expired());
  const { fetch, tokenCalls } = stub({ ...tokens("shared"), api });
  const clients = Array.from({ length: 4 }, () => client(t, { fetch, fleet: store }));
  await Promise.all(clients.map((xero) => xero.fetch("/Organisation")));
  await until(() => /^t1 1 /.test(store.text()));
  accepted.clear();
  accepted.add("shared-2");
  // The token is too young to be replaced before five seconds have gone.
  const statuses = await Promise.all(clients.map(async (xero) => (await xero.fetch("/Organisation")).status));
  assert.deepEqual(statuses, [200, 200, 200, 200]);
  assert.equal(tokenCalls.length, 2);
});

test("without its store each client asks for its own token, says so once, and no call fails", async (t) => {
  const store = watched();
  store.fails = () => Promise.reject(new Error("connection refused by 10.0.0.7"));
  const { fetch, tokenCalls } = stub(tokens("own"));
  const events = [];
  const clients = Array.from({ length: 3 }, () => client(t, { fetch, fleet: store, onEvent: (event) => events.push(event) }));
  const statuses = await Promise.all(clients.map(async (xero) => (await xero.fetch("/Organisation")).status));
  assert.deepEqual(statuses, [200, 200, 200]);
  assert.equal(tokenCalls.length, 3);
  const away = events.filter(({ type }) => type === "fleet.away");
  assert.equal(away.length, 3);
  assert.ok(away.every(({ why, until }) => !why.includes("10.0.0.7") && until > Date.now() - 1_000));

  // The store is back: one of the tokens becomes that of all, without a call.
  store.fails = undefined;
  await until(() => events.filter(({ type }) => type === "fleet.joined").length === 3);
  await until(() => /^t1 [1-3] \d+ \d+ 0 0 - \S+\.\S+\.\S+$/m.test(store.text()));
  assert.equal((await client(t, { fetch, fleet: store }).token()).accessToken.slice(0, 4), "own-");
  assert.equal(tokenCalls.length, 3);
});

test("the event that the store is away says the kind of its fault, and nothing else of it", async (t) => {
  const thrown = (more) => () => Promise.reject(Object.assign(new Error("cannot reach redis://:pass-word@10.0.0.7"), more));
  const refusal = `Redis refused the swap (NOPERM): its user may not run scripts: allow EVAL, TIME, HMGET, HSET, PEXPIRE and PERSIST in its ACL`;
  const faults = [
    [thrown({ code: "ECONNREFUSED" }), "the store failed (ECONNREFUSED)"],
    [thrown({ code: "42P01" }), "the store failed (42P01)"],
    [thrown({ name: "ClientClosedError" }), "the store failed (ClientClosedError)"],
    [thrown({ code: "pass-word", name: "pass word Error" }), "the store failed (an error without a code)"],
    [thrown({}), "the store failed (an error without a code)"],
    [() => Promise.reject("pass-word"), "the store failed (an error without a code)"],
    [() => null.nothing, "the store failed (TypeError)"],
    [async () => ({ swapped: "pass-word" }), "the store gave an answer that makes no sense"],
    [() => new Promise(() => {}), "the store did not answer in time"],
    [redis(async () => { throw new Error("NOPERM this user has no permissions, pass-word"); }).swap, refusal],
  ];
  await Promise.all(
    faults.map(async ([swap, why]) => {
      const events = [];
      const fleet = withFleet({ durable: false, swap });
      await client(t, { fetch: stub().fetch, fleet, onEvent: (event) => events.push(event) }).token();
      await until(() => events.some(({ type }) => type === "fleet.away"));
      assert.deepEqual(events.filter(({ type }) => type === "fleet.away").map((event) => event.why), [why]);
      assert.ok(!JSON.stringify(events).includes("pass-word"));
      assert.equal((await failure(fleetState({ fleet, clientId: CLIENT_ID }))).message, why);
    }),
  );
});

test("boards of the vectors are read as in Rust, and what is none counts as none", async () => {
  const { shown, foreign } = JSON.parse(readFileSync(new URL("../vectors/fleet-boards.json", import.meta.url), "utf8"));
  const limitsOf = async (document, at) => {
    const fleet = { durable: false, swap: async () => ({ swapped: false, version: 1, document, at }) };
    const { key, characters, windows, members, ...board } = (await fleetState({ fleet, clientId: CLIENT_ID })).limits;
    return [board, ...windows, ...members].map((part) => JSON.parse(JSON.stringify(part)));
  };
  for (const { at, document, parts } of shown) {
    assert.deepEqual(await limitsOf(document, at), parts.map(({ part, ...members }) => members));
  }
  for (const document of foreign) assert.deepEqual(await limitsOf(document, Date.now()), [{ is: "foreign" }], document);
});

test("a file is refused: it holds one document", () => {
  const refused = { code: "invalid_option", message: /^a file holds one document, and a fleet needs several: / };
  assert.throws(() => withFleet(file("/tmp/xero.vault")), refused);
});

test("a store that never answers costs one deadline", async (t) => {
  const store = watched();
  store.fails = () => new Promise(() => {});
  const { fetch } = stub();
  const xero = client(t, { fetch, fleet: store });
  assert.equal((await xero.token()).accessToken, TOKEN);
  // The token and the board are looked for at the same time.
  assert.equal(store.swaps, 2);
});

test("a wrong secret is refused once for all that have it, and stops no other", async (t) => {
  const store = watched();
  const right = Buffer.from(`${CLIENT_ID}:${SECRET}`).toString("base64");
  const token = ({ headers }) => (headers.get("authorization").endsWith(right) ? granted() : refused("invalid_client"));
  const { fetch, tokenCalls } = stub({ token });
  const key = randomBytes(32).toString("base64url");
  const wrong = () => client(t, { fetch, fleet: { store, key }, clientSecret: "a wrong secret of the tests" });
  assert.equal((await failure(wrong().token())).code, "invalid_client");
  await until(() => /invalid_client/.test(store.text()) && / 0 0 invalid_client/.test(store.text()));
  const shared = await failure(wrong().token());
  assert.deepEqual([shared.code, shared.retryable, shared.retryAt > Date.now()], ["invalid_client", false, true]);
  assert.equal(tokenCalls.length, 1);
  assert.equal((await client(t, { fetch, fleet: { store, key } }).token()).accessToken, TOKEN);
});

test("a token that no key of a client opens is none, and an older key opens it", async (t) => {
  const store = watched();
  const { fetch, tokenCalls } = stub(tokens("sealed"));
  const [first, second] = [0, 1].map(() => randomBytes(32).toString("base64url"));
  await client(t, { fetch, fleet: { store, key: first } }).token();
  await until(() => /^t1 1 /.test(store.text()));
  await client(t, { fetch, fleet: { store, key: [second, first] } }).token();
  assert.equal(tokenCalls.length, 1);
  await client(t, { fetch, fleet: { store, key: second } }).token();
  assert.equal(tokenCalls.length, 2);
});

test("the secret may be a list or a function", async (t) => {
  const store = watched();
  const { fetch, tokenCalls } = stub();
  await client(t, { fetch, fleet: store, clientSecret: [SECRET, "the old secret"] }).token();
  await until(() => /^t1 1 /.test(store.text()));
  await client(t, { fetch, fleet: store, clientSecret: async () => SECRET }).token();
  await client(t, { fetch, fleet: store, clientSecret: ["the new secret", SECRET] }).token();
  assert.equal(tokenCalls.length, 1);
});

test("a document that is foreign, or much too long, is replaced", async (t) => {
  for (const text of ["something else", "t".repeat(16_384)]) {
    const store = watched();
    const { fetch, tokenCalls } = stub();
    await client(t, { fetch, fleet: store }).token();
    await until(() => /^t1 1 /.test(store.text()));
    const [key] = store.documents.keys();
    const { version, at } = await store.swap({ key, version: -1, at: 0, slackMs: 0, ttlMs: 0 });
    await store.swap({ key, version, at, slackMs: 10_000, ttlMs: 0, document: text });
    await client(t, { fetch, fleet: store }).token();
    await until(() => /^t1 \d/.test(store.text()));
    assert.equal(tokenCalls.length, 2);
  }
});

test("an error or an answer of the store that makes no sense is as if it were away", async (t) => {
  for (const swap of [() => undefined, async () => ({}), async () => ({ swapped: true, version: -1, at: 0 }), () => { throw new Error("no"); }]) {
    const { fetch } = stub();
    assert.equal((await client(t, { fetch, fleet: withFleet({ durable: false, swap }) }).token()).accessToken, TOKEN);
  }
});

test("options that cannot work are refused when the client is made", () => {
  const store = memory();
  const cache = { load() {}, save() {}, erase() {} };
  const make = (more) => client({ after() {} }, more);
  for (const more of [{ fleet: {} }, { fleet: "redis" }, { fleet: { store: {} } }, { fleet: { store, key: [] } }, { fleet: { store, keys: "x" } }]) {
    assert.throws(() => make(more), { code: "invalid_option" }, JSON.stringify(more));
  }
  const bare = { durable: false, swap: (given) => store.swap(given) };
  assert.throws(() => make({ fleet: bare }), { code: "invalid_option", message: /give it to withFleet\(\)/ });
  assert.throws(() => make({ fleet: { store: bare } }), { code: "invalid_option", message: /give it to withFleet\(\)/ });
  assert.throws(() => make({ fleet: store, store: cache }), { code: "invalid_option", message: /fleet and store exclude each other/ });
});

test("a key that is none fails the first call, and not for good", async (t) => {
  const { fetch } = stub();
  const error = await failure(client(t, { fetch, fleet: { store: memory(), key: "short" } }).token());
  assert.deepEqual([error.code, error.retryable], ["invalid_option", false]);
});

test("a client that is closed leaves its fleet, and its callers get the error", async (t) => {
  const store = watched();
  store.fails = () => new Promise(() => {});
  const xero = client(t, { fetch: stub().fetch, fleet: store });
  const call = failure(xero.token());
  await turn();
  xero.close();
  assert.equal((await call).code, "closed");
});

test("the state of a fleet is known without a client, and has nothing secret", async (t) => {
  const store = watched();
  const question = { fleet: store, clientId: CLIENT_ID };
  assert.deepEqual((await fleetState(question)).token.is, "empty");
  const xero = client(t, { fetch: stub().fetch, fleet: store });
  const { expiresAt } = await xero.token();
  await until(() => /^t1 1 /.test(store.text()));
  const { durable, roundTripMs, clockOffsetMs, token } = await fleetState(question);
  assert.deepEqual([durable, token.is, token.generation, token.claimedBy], [false, "held", 1, undefined]);
  assert.ok(roundTripMs < 2_000 && Math.abs(clockOffsetMs) < 2_000 && Math.abs(token.expiresAt - expiresAt) < 5_000);
  assert.ok(token.characters > 100);
  store.fails = () => Promise.reject(new Error("away"));
  assert.equal((await failure(fleetState(question))).code, "vault_unavailable");
});

test("the state of a fleet has its processes, their places, and what is known of Xero's windows", async (t) => {
  const store = watched();
  const question = { fleet: store, clientId: CLIENT_ID };
  const { limits: before } = await fleetState(question);
  assert.deepEqual([before.is, before.windows, before.members], ["empty", [], []]);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const headers = { "x-minlimit-remaining": "42", "x-daylimit-remaining": "4900" };
  const api = async (_, number) => (number > 1 ? await held : 0, json({}, { headers }));
  const xero = client(t, { fetch: stub({ api }).fetch, fleet: store });
  await xero.fetch("/Organisation");
  const second = xero.fetch("/Organisation");
  // With the second call the end of the first comes to the board.
  for (let tries = 0, reported = false; !reported; tries++) {
    assert.ok(tries < 500, "the count never comes to the board");
    const { limits, at } = await fleetState(question);
    const [minute, day, app] = limits.windows;
    reported = minute.left === 42;
    if (!reported) continue;
    assert.deepEqual([limits.is, minute.name, day.name, day.left, app.name, app.left], ["held", "minute", "day", 4900, "app_minute", undefined]);
    assert.ok(minute.endsTo >= at && minute.endsTo <= at + 60_000, "it ends within a minute");
    const [member, ...others] = limits.members;
    assert.deepEqual([others.length, member.waiting], [0, 0]);
    assert.ok(member.places >= 1 && member.calls >= 1 && member.until > at);
    assert.match(limits.key, /^xero-m2m:\{[0-9a-f]{16}\}:limits:1$/);
  }
  release();
  await second;
});

test("a store that brings the code of a fleet keeps the contract", async () => {
  assert.deepEqual(await checkSharedStore(withFleet(memory())), []);
});
