/** The store in Redis, by each client, against Debian's redis-server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { redis } from "xero-m2m/redis";
import { checkSharedStore } from "xero-m2m/shared";
import { CLIENTS, OF_CLUSTERS } from "./clients.mjs";
import { proxy } from "./proxy.mjs";
import { redisCluster, redisServer, skip } from "./redis-server.mjs";
import { assertNoneLost } from "./writers.mjs";

const KEY = "xero-m2m:{0123456789abcdef}:limits:1";
const SLACK_MS = 300;

const look = (store, key = KEY) => store.swap({ key, version: -1, at: Date.now(), slackMs: 0, ttlMs: 0 });
const put = (store, version, document, more) => store.swap({ key: KEY, version, at: Date.now(), slackMs: 60_000, ttlMs: 60_000, document, ...more });

/** Resolves once the condition holds. */
async function until(condition) {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 20));
}

/** The answer of a swap, or the word "rejected"; `ended` is then true. */
function watched(swap) {
  const self = { ended: false, answer: swap.then((found) => found, () => "rejected") };
  self.answer.then(() => (self.ended = true));
  return self;
}

for (const [name, open] of Object.entries(CLIENTS)) {
  test(`by ${name}, Redis keeps the contract, and 20 writers lose nothing`, { skip }, async (t) => {
    const { port } = await redisServer(t);
    const client = await open(t, port);
    assert.deepEqual(await checkSharedStore(redis(client)), []);
    assert.deepEqual(await checkSharedStore(redis(client, { prefix: "billing" })), []);
    await assertNoneLost(redis(client));
  });
}

test("writers by different clients lose nothing, and 40 ms of delay change nothing", { skip }, async (t) => {
  const { port } = await redisServer(t);
  const between = await proxy(t, port);
  between.delayMs = 20;
  const near = await Promise.all(["redis", "ioredis", "valkey-glide", "@upstash/redis"].map((name) => CLIENTS[name](t, port)));
  const far = await CLIENTS.redis(t, between.port);
  assert.deepEqual(await checkSharedStore(redis(far)), []);
  await assertNoneLost(...near.map((client) => redis(client)));
});

for (const [name, open] of Object.entries(OF_CLUSTERS)) {
  test(`by ${name}, a cluster keeps the contract, and 20 writers lose nothing`, { skip }, async (t) => {
    const { port } = await redisCluster(t);
    const client = await open(t, port);
    assert.deepEqual(await checkSharedStore(redis(client)), []);
    await assertNoneLost(redis(client));
  });
}

test("the documents of one connection are in one slot, whatever the prefix", { skip }, async (t) => {
  const server = await redisCluster(t);
  const keys = [KEY, `billing:${KEY}`, "billing:xero-m2m:{0123456789abcdef}:token:1"];
  const slots = await server.run(...keys.map((key) => ["CLUSTER", "KEYSLOT", key]));
  assert.equal(new Set(slots).size, 1);
});

for (const name of ["redis", "ioredis", "valkey-glide"]) {
  test(`by ${name}, a swap that was sent before the server stalled changes nothing when it goes on`, { skip }, async (t) => {
    const server = await redisServer(t);
    const store = redis(await CLIENTS[name](t, server.port));
    const { version } = await put(store, 0, "v first");
    server.stall();
    const at = Date.now();
    const late = watched(put(store, version, "v late", { at, slackMs: SLACK_MS }));
    await until(() => Date.now() > at + 2 * SLACK_MS);
    server.goOn();
    const answer = await late.answer;
    assert.ok(answer === "rejected" || answer.swapped === false, JSON.stringify(answer));
    const other = redis(await CLIENTS["a function"](t, server.port));
    assert.deepEqual((await look(other)).document, "v first");
  });

  test(`by ${name}, a swap that the client kept while the server was away changes nothing`, { skip }, async (t) => {
    const server = await redisServer(t, ["--appendonly", "yes", "--appendfsync", "always"]);
    const store = redis(await CLIENTS[name](t, server.port));
    const { version } = await put(store, 0, "v first");
    await server.kill();
    const at = Date.now();
    const late = watched(put(store, version, "v late", { at, slackMs: SLACK_MS }));
    await until(() => Date.now() > at + 2 * SLACK_MS);
    await server.start();
    const answer = await late.answer;
    assert.ok(answer === "rejected" || answer.swapped === false, JSON.stringify(answer));
    // The client finds the server again by itself.
    await until(() => look(store).then(({ document }) => document === "v first", () => false));
  });
}

test("with appendonly always, what was acknowledged is there after kill -9", { skip }, async (t) => {
  const server = await redisServer(t, ["--appendonly", "yes", "--appendfsync", "always"]);
  const store = redis(await CLIENTS.redis(t, server.port));
  let version = 0;
  for (let n = 1; n <= 50; n++) ({ version } = await put(store, version, `v${n}`));
  await server.kill();
  await server.start();
  const found = await look(redis(await CLIENTS.redis(t, server.port)));
  assert.deepEqual([found.document, found.version], ["v50", version]);
});

test("a server that comes back empty gives a version above all before", { skip }, async (t) => {
  const server = await redisServer(t);
  const { version } = await put(redis(await CLIENTS.redis(t, server.port)), 0, "v first");
  await server.kill();
  await server.start();
  const store = redis(await CLIENTS.redis(t, server.port));
  const empty = await look(store);
  assert.deepEqual([empty.version, empty.document], [0, undefined]);
  assert.equal((await put(store, version, "v old")).swapped, false, "a version from before the loss fits no more");
  const anew = await put(store, 0, "v anew");
  assert.ok(anew.swapped && anew.version > version);
});

test("after a failover that lost the last write, versions still grow", { skip }, async (t) => {
  const first = await redisServer(t);
  const between = await proxy(t, first.port);
  const second = await redisServer(t, ["--replicaof", "127.0.0.1", String(between.port)]);
  const store = redis(await CLIENTS.redis(t, first.port));
  const { version: kept } = await put(store, 0, "v kept");
  const onSecond = redis(await CLIENTS.redis(t, second.port));
  // A replica refuses scripts that could write, so it is asked in another way.
  await until(async () => (await second.run(["HGET", KEY, "d"]))[0] === "v kept");
  await assert.rejects(put(onSecond, kept, "v on a replica"), /it is a replica/);
  between.cut();
  const { version: lost } = await put(store, kept, "v lost");
  await first.kill();
  await second.run(["REPLICAOF", "NO", "ONE"]);
  const found = await look(onSecond);
  assert.deepEqual([found.document, found.version], ["v kept", kept]);
  assert.equal((await put(onSecond, lost, "v")).swapped, false);
  const next = await put(onSecond, kept, "v next");
  assert.ok(next.swapped && next.version > lost);
});

test("an answer that is lost on the way leaves a document that its writer can recognise", { skip }, async (t) => {
  const server = await redisServer(t);
  const between = await proxy(t, server.port);
  const store = redis(await CLIENTS.redis(t, between.port));
  const { version } = await put(store, 0, "v first");
  between.isDeaf = true;
  const unheard = watched(put(store, version, "v unheard"));
  await until(async () => (await server.run(["HGET", KEY, "d"]))[0] === "v unheard");
  assert.equal(unheard.ended, false);
  between.isDeaf = false;
  between.cut();
  between.join();
  await unheard.answer;
  await until(() => look(store).then(({ document }) => document === "v unheard", () => false));
});

const LIMITED = ["ACL", "SETUSER", "default", "-@scripting"];
const FULL = ["CONFIG", "SET", "maxmemory", "1"];

for (const [advice, command] of [["may not run scripts", LIMITED], ["raise maxmemory", FULL]]) {
  for (const name of ["redis", "ioredis", "valkey-glide", "@upstash/redis"]) {
    test(`by ${name}, a refusal is reported with what to do: ${advice}`, { skip }, async (t) => {
      const server = await redisServer(t);
      const store = redis(await CLIENTS[name](t, server.port));
      await server.run(command);
      await assert.rejects(put(store, 0, "v first"), ({ code, message }) => code === "vault_unavailable" && message.includes(advice));
    });
  }
}

test("a document ends with its ttlMs, and one without is kept", { skip }, async (t) => {
  const server = await redisServer(t);
  const store = redis(await CLIENTS.redis(t, server.port));
  const { version } = await put(store, 0, "v first", { ttlMs: 50_000 });
  const [ends] = await server.run(["PTTL", KEY]);
  assert.ok(ends > 40_000 && ends <= 50_000, String(ends));
  await put(store, version, "v second", { ttlMs: 0 });
  assert.deepEqual(await server.run(["PTTL", KEY]), [-1]);
});
