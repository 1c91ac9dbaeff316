/** Processes with one engine and one connection, against the local Xero: what each of them sees, and how often Xero is asked. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";
import { postgresServer, skip as noPostgres } from "../js/postgres-server.mjs";
import { COUNT, answers, members } from "./members.mjs";
import { proxy } from "./proxy.mjs";
import { redisServer, skip } from "./redis-server.mjs";

/** A local Xero whose books are small. */
async function local(t, options = {}) {
  const simulator = createSimulator({ invoices: 1, ...options });
  t.after(() => simulator.close());
  await simulator.listen();
  return simulator;
}

const statuses = (lists) => lists.flat().map(({ status }) => status);
/** The length of a claim, in milliseconds. */
const CLAIM_MS = 10_000;

/** True of a process that asked Xero itself: it found the store away, or had its first answer too late, on a busy machine. */
function isAlone(lines) {
  const types = lines.flatMap((line) => line.events).map(({ type }) => type);
  const [asked, joined] = [types.indexOf("token.asked"), types.indexOf("fleet.joined")];
  return types.includes("fleet.away") || (asked >= 0 && (joined < 0 || asked < joined));
}

/** Fails unless one process asked Xero. Each one more may have that was alone, and one more for each time that a claim lasts. */
function assertOneAsked(lists, simulator) {
  const times = lists.flat().flatMap((line) => line.events).map(({ at }) => at);
  const claims = Math.floor((Math.max(...times) - Math.min(...times)) / CLAIM_MS);
  const alone = lists.filter(isAlone).length;
  const { tokenRequests } = simulator.counts();
  const most = 1 + claims + alone;
  assert.ok(tokenRequests >= 1 && tokenRequests <= most, `${tokenRequests} token requests; at most ${most}: ${claims} claims ended, ${alone} were alone`);
  assert.ok(events(lists, "fleet.token").length >= lists.length - most, "the others adopted the token");
}

const events = (lists, type) => lists.flat().flatMap((line) => line.events).filter((event) => event.type === type);
const fully = (count, calls = 1) => Array(count * calls).fill(200);

/** Resolves once the condition holds. */
async function until(condition) {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 20));
}

test(`${COUNT} cold processes with one Redis and four kinds of clients ask Xero for one token`, { skip }, async (t) => {
  const { port } = await redisServer(t);
  const simulator = await local(t);
  const engines = ["redis", "ioredis", "valkey-glide", "@upstash/redis"];
  const seen = await answers(await members(t, simulator, { engines, port }));
  assert.deepEqual(statuses(seen), fully(COUNT));
  assertOneAsked(seen, simulator);
});

test(`${COUNT} cold processes with PostgreSQL ask Xero for one token`, { skip: noPostgres }, async (t) => {
  const { connection, stop } = await postgresServer();
  t.after(stop);
  const simulator = await local(t);
  const seen = await answers(await members(t, simulator, { engines: ["postgres"], port: connection.port }));
  assert.deepEqual(statuses(seen), fully(COUNT));
  assertOneAsked(seen, simulator);
});

test("what Redis holds has no token and no secret in it", { skip }, async (t) => {
  const server = await redisServer(t);
  const simulator = await local(t);
  const all = await answers(await members(t, simulator, { port: server.port, count: 2 }));
  assert.deepEqual(statuses(all), fully(2));
  const [keys] = await server.run(["KEYS", "*"]);
  assert.ok(keys.length > 0);
  const documents = await server.run(...keys.map((key) => ["HGETALL", key]));
  const text = JSON.stringify([keys, documents]);
  for (const secret of [simulator.clientSecret, simulator.clientId, "eyJ"]) assert.ok(!text.includes(secret), secret.slice(0, 3));
});

test("a token that Xero calls expired is renewed once, for all", { skip }, async (t) => {
  const { port } = await redisServer(t);
  const simulator = await local(t);
  const all = await members(t, simulator, { port, count: 4, calls: 12, pauseMs: 150 });
  await until(() => all.every(({ lines }) => lines.length > 2));
  simulator.advance(31 * 60_000);
  const seen = await answers(all);
  assert.deepEqual(statuses(seen), fully(4, 12));
  assert.equal(simulator.counts().tokenRequests, 2);
});

const OUTAGES = {
  "is killed, and comes back empty": { end: (server) => server.kill(), begin: (server) => server.start() },
  "stalls, and goes on": { end: (server) => server.stall(), begin: (server) => server.goOn() },
};

for (const [what, { end, begin }] of Object.entries(OUTAGES)) {
  test(`while the engine ${what}, every call is answered with the token that is there`, { skip }, async (t) => {
    const server = await redisServer(t);
    const simulator = await local(t);
    const all = await members(t, simulator, { port: server.port, count: 4, calls: 40, pauseMs: 100 });
    await until(() => all.every(({ lines }) => lines.length > 5));
    await end(server);
    await until(() => all.every(({ lines }) => lines.length > 20));
    await begin(server);
    // A process that is alone at first is none of those that the outage finds.
    const cold = all.filter(({ lines }) => isAlone(lines.slice(1, 2))).length;
    const seen = await answers(all);
    assert.deepEqual(statuses(seen), fully(4, 40));
    assert.ok(simulator.counts().tokenRequests <= 1 + cold, `${simulator.counts().tokenRequests} token requests; ${cold} were alone when cold`);
  });
}

test("cold processes whose engine stands still have their answers before they take it for away", { skip }, async (t) => {
  const server = await redisServer(t);
  const simulator = await local(t);
  const all = await members(t, simulator, { port: server.port, count: 2, before: () => server.stall() });
  await until(() => all.every(({ lines }) => lines.length === 2));
  server.goOn();
  const seen = await answers(all);
  assert.deepEqual(statuses(seen), fully(2));
  assert.equal(simulator.counts().tokenRequests, 2);
  assert.deepEqual(events(seen, "fleet.away"), [], "no caller waited for the end of a swap");
});

test("while the engine is away and the token ends, each process asks for its own; then it finds the engine again", { skip }, async (t) => {
  const server = await redisServer(t);
  const simulator = await local(t);
  const all = await members(t, simulator, { port: server.port, count: 4, calls: 80, pauseMs: 100 });
  await until(() => all.every(({ lines }) => lines.length > 5));
  await server.kill();
  simulator.advance(31 * 60_000);
  await until(() => all.every(({ lines }) => lines.length > 20));
  await server.start();
  const seen = await answers(all);
  assert.deepEqual(statuses(seen), fully(4, 80));
  const { tokenRequests } = simulator.counts();
  assert.ok(tokenRequests > 1 && tokenRequests <= 5, `${tokenRequests} requests`);
  for (const lines of seen) {
    assert.ok(events([lines], "fleet.away").length > 0);
    for (const { why, until: next, at } of events([lines], "fleet.away")) assert.ok(why.length > 10 && next > at);
  }
});

test("after a failover to a replica all go on with their token", { skip }, async (t) => {
  const first = await redisServer(t);
  const second = await redisServer(t, ["--replicaof", "127.0.0.1", String(first.port)]);
  const simulator = await local(t);
  const between = await proxy(t, first.port);
  const all = await members(t, simulator, { port: between.port, count: 4, calls: 40, pauseMs: 100 });
  await until(() => all.every(({ lines }) => lines.length > 5));
  await first.kill();
  await second.run(["REPLICAOF", "NO", "ONE"]);
  between.leadTo(second.port);
  const seen = await answers(all);
  assert.deepEqual(statuses(seen), fully(4, 40));
  assert.equal(simulator.counts().tokenRequests, 1);
});

test("a process that is killed while it asks costs one request more, and the others are served", { skip, timeout: 60_000 }, async (t) => {
  const { port } = await redisServer(t);
  const simulator = await local(t);
  simulator.fault("identity silent first=1");
  const [asker] = await members(t, simulator, { port, count: 1 });
  await until(() => simulator.counts().tokenRequests === 1);
  const others = await members(t, simulator, { port, count: 3 });
  asker.child.kill("SIGKILL");
  const seen = await answers(others);
  assert.deepEqual(statuses(seen), fully(3));
  assert.equal(simulator.counts().tokenRequests, 2);
});
