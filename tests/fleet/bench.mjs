/**
 * What a fleet costs and saves, beside others that share limits by Redis: `cargo xtask bench --fleet`. A number as argument is that of
 * the reads of a drain.
 */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { CustomConnection } from "xero-m2m";
import { redis } from "xero-m2m/redis";
import { memory, withFleet } from "xero-m2m/shared";
import { createSimulator } from "xero-m2m/simulator";
import { count, kB, median, note, ratio, table, time } from "../bench/measure.mjs";
import { postgresServer, skip as noPostgres } from "../js/postgres-server.mjs";
import { CLIENTS } from "./clients.mjs";
import { fastXero, optimum, readers } from "./readers.mjs";
import { redisServer, skip as noRedis } from "./redis-server.mjs";

const PROCESSES = 8;
const ROUNDS = 5;
/** The times by which a drain is faster, its reads, and the time of each, by Xero's clock. */
const FACTOR = 5;
const READS = Number(process.argv[2] ?? 320);
const READ_MS = 200;
/** The time that a swap takes in a trickle, the time between its calls, and their number. */
const FAR_MS = 80;
const TRICKLE_MS = 400;
const TRICKLE = 12;
const MINUTE_MS = 60_000;
/** The time of Xero's clock after which the store of a drain is stopped: the end of the minute is known. */
const AWAY_AFTER_MS = 90_000;
/** The time in which a token that replaces an expired one is not replaced itself. */
const YOUNG_MS = 5_000;

/** Stands for a test's context: what it closes is closed at the end. */
const closing = [];
const t = { after: (close) => closing.unshift(close) };

async function local() {
  const simulator = createSimulator({ invoices: 1 });
  t.after(() => simulator.close());
  await simulator.listen();
  return simulator;
}

/** Starts processes that make a call each. Returns the token requests, and the time until all had their answers. */
async function cold(engine, port) {
  const simulator = await local();
  const env = { ...process.env, ...simulator.env, ENGINE: engine, ENGINE_PORT: String(port) };
  const all = Array.from({ length: PROCESSES }, () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "member.mjs")], { env, stdio: ["pipe", "pipe", "inherit"] });
    return { child, lines: createInterface(child.stdout), ended: once(child, "close") };
  });
  await Promise.all(all.map(({ lines }) => once(lines, "line")));
  const began = performance.now();
  for (const { child } of all) child.stdin.write("go\n");
  await Promise.all(all.map(({ lines }) => once(lines, "line")));
  const took = performance.now() - began;
  await Promise.all(all.map(({ ended }) => ended));
  return { requests: simulator.counts().tokenRequests, took };
}

async function coldRows() {
  const engines = [["no fleet", "none", 0]];
  if (!noRedis) engines.push(["Redis", "redis", (await redisServer(t)).port]);
  if (!noPostgres) {
    const { connection, stop } = await postgresServer();
    t.after(stop);
    engines.push(["PostgreSQL", "postgres", connection.port]);
  }
  const rows = [];
  for (const [name, engine, port] of engines) {
    const { requests, took } = await cold(engine, port);
    rows.push([name, count(requests), time(took * 1e6)]);
  }
  table(`${PROCESSES} cold processes, a call each`, ["token requests", "until all"], rows);
}

/** The time of a first `token()` in a new connection. */
async function firstToken(simulator, fleet) {
  const { XERO_CLIENT_ID: clientId, XERO_CLIENT_SECRET: clientSecret } = simulator.env;
  const took = [];
  for (let n = 0; n < ROUNDS; n++) {
    const xero = new CustomConnection({ clientId, clientSecret, fetch: simulator.fetch, fleet: fleet?.(n) });
    took.push(await taken(() => xero.token()));
    // Waits for the store, which may be stopped: not before the end.
    t.after(() => xero.close());
  }
  return median(took);
}

/** The nanoseconds that `act` takes. */
async function taken(act) {
  const began = performance.now();
  await act();
  return (performance.now() - began) * 1e6;
}

async function waiting() {
  const simulator = await local();
  const server = await redisServer(t);
  const client = await CLIENTS.redis(t, server.port);
  const rows = [["no fleet", time(await firstToken(simulator))]];
  // Each round has a document of its own.
  rows.push(["a fleet in Redis, which is empty", time(await firstToken(simulator, (n) => redis(client, { prefix: `empty${n}` })))]);
  rows.push(["a fleet in Redis, with a token", time(await firstToken(simulator, () => redis(client, { prefix: "empty0" })))]);
  server.stall();
  rows.push(["a fleet in Redis, which is stopped", time(await firstToken(simulator, () => redis(client)))]);
  server.goOn();
  table("the first token of a connection", ["median"], rows);
  note("with a token at hand no call looks at the store");
}

/** The times of the calls of one connection while its Redis is stopped. */
async function outage() {
  const simulator = await local();
  const server = await redisServer(t);
  const client = await CLIENTS.redis(t, server.port);
  const { XERO_CLIENT_ID: clientId, XERO_CLIENT_SECRET: clientSecret } = simulator.env;
  const xero = new CustomConnection({ clientId, clientSecret, fetch: simulator.fetch, fleet: redis(client) });
  t.after(() => xero.close());
  const call = async () => (await xero.fetch("/Organisation")).arrayBuffer();
  const rows = [];
  const row = async (name) => rows.push([name, time(await taken(call))]);
  const expire = async () => {
    await pause(YOUNG_MS + 100);
    simulator.advance(31 * 60_000);
  };
  await call();
  // Until the usual round trip is known.
  for (let n = 0; n < 3; n++) await expire().then(call);
  await row("before, with a token at hand");
  await expire();
  await row("before, with a token that Xero calls expired");
  // Its token is put.
  await pause(YOUNG_MS);
  server.stall();
  await row("then, with a token at hand");
  await expire();
  await row("then, with a token that Xero calls expired: the first");
  await expire();
  await row("then, with a token that Xero calls expired: the next");
  server.goOn();
  table("a call of one caller before and after Redis is stopped", ["time"], rows);
}

/** The scripts that a Redis has run, and all its commands. */
async function commandsOf(server) {
  const [stats] = await server.run(["INFO", "commandstats"]);
  const calls = (name) => Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, "m").exec(stats)?.[1] ?? 0);
  return calls("eval") + calls("evalsha");
}

/** Has processes of this client drain reads, for a time of Xero's clock without the store. Returns the row of it. */
async function drain(client, processes, reads, awayMs = 0) {
  const server = await redisServer(t);
  const { env, seen, now } = await fastXero(t, FACTOR, READ_MS);
  // It has no limit of calls at once.
  const inLine = client === "rate-limiter-flexible" ? 1 : reads;
  const each = { client, count: processes, calls: reads / processes, inLine, port: server.port };
  const all = await readers(t, env, each);
  const [before, since] = [await commandsOf(server), now()];
  all.go();
  if (awayMs > 0) {
    await pause(AWAY_AFTER_MS / FACTOR);
    server.stall();
    await pause(awayMs / FACTOR);
    server.goOn();
  }
  const results = await all.ended();
  const scripts = (await commandsOf(server)) - before;
  await server.kill();
  const best = await optimum(reads, since, READ_MS);
  const failed = reads - results.reduce((sum, { statuses }) => sum + (statuses[200] ?? 0), 0);
  return [count(seen.tokens()), (scripts / reads).toFixed(2), count(seen.refused), count(failed), time((seen.last - since) * 1e6), ratio(seen.last - since, best)];
}

async function draining() {
  const heads = ["token requests", "scripts a read", "refused", "failed", "time", "of the optimum"];
  const rows = [[`xero-m2m, one process, ${count(READS / 2)} reads`, ...(await drain("xero-m2m", 1, READS / 2))]];
  for (const client of ["xero-m2m", "bottleneck", "rate-limiter-flexible"]) {
    rows.push([client, ...(await drain(client, PROCESSES, READS))]);
  }
  rows.push(["xero-m2m, Redis stopped for a minute", ...(await drain("xero-m2m", PROCESSES, READS, MINUTE_MS))]);
  table(`${PROCESSES} processes drain ${count(READS)} reads`, heads, rows);
  note(`against the local Xero with Xero's limits, 5 at once and 60 a minute, ${READ_MS} ms each; times by its clock, ${FACTOR} times as fast as`);
  note("this machine's: so the store has a fifth of its usual deadline, and a busy process that misses it asks for a token of its own");
  note("one read is refused on purpose, to find out when the minute ends; while the store is away, one more for each process is expected");
  note("bottleneck 2.19.5 clustered: 5 at once, 60 a minute. rate-limiter-flexible 11.4.0: 60 a minute; one at a time in each process, because");
  note("it has no limit of calls at once. Both with a token of each process; refused reads are sent again after Retry-After, or a second");
}

/** The calls of a trickle whose store is far: those that waited for it. */
async function trickle() {
  const simulator = await local();
  const store = memory();
  const far = withFleet({ durable: false, swap: async (turn) => (await pause(FAR_MS), store.swap(turn)) });
  const { XERO_CLIENT_ID: clientId, XERO_CLIENT_SECRET: clientSecret } = simulator.env;
  const xero = new CustomConnection({ clientId, clientSecret, fetch: simulator.fetch, fleet: far });
  t.after(() => xero.close());
  const took = [];
  for (let n = 0; n < TRICKLE; n++) {
    took.push((await taken(async () => (await xero.fetch("/Organisation")).arrayBuffer())) / 1e6);
    await pause(TRICKLE_MS);
  }
  // The first has no token, and the second no count yet.
  const later = took.slice(2);
  const rows = [["calls", count(later.length)], ["of them waited for the store", count(later.filter((ms) => ms >= FAR_MS).length)], ["median", time(median(later) * 1e6)]];
  table(`a call each ${TRICKLE_MS} ms, with a store that takes ${FAR_MS} ms`, ["number"], rows);
}

function connections() {
  const rows = ["none", "fleet"].map((mode) => {
    const script = join(import.meta.dirname, "connections.mjs");
    const { heap, rss, times } = JSON.parse(execFileSync(process.execPath, ["--expose-gc", script, mode], { encoding: "utf8" }));
    return [mode === "none" ? "no fleet" : "a fleet in memory", kB(heap), kB(rss), time(median(times))];
  });
  table("10,000 connections in one process", ["heap of each", "RSS of each", "a warm call"], rows);
  note("a client id, a token and, in the fleet, a document of its own for each");
}

try {
  await coldRows();
  connections();
  await trickle();
  if (noRedis) {
    note(noRedis);
  } else {
    await waiting();
    await outage();
    await draining();
  }
} finally {
  for (const close of closing) await close();
}
