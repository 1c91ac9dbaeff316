/** What a fleet costs and saves: token requests, waiting, and the memory of many connections. `cargo xtask bench --fleet`. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CustomConnection } from "xero-m2m";
import { redis } from "xero-m2m/redis";
import { memory } from "xero-m2m/shared";
import { createSimulator } from "xero-m2m/simulator";
import { count, heap, kB, median, note, table, time } from "../bench/measure.mjs";
import { postgresServer, skip as noPostgres } from "../js/postgres-server.mjs";
import { CLIENTS } from "./clients.mjs";
import { redisServer, skip as noRedis } from "./redis-server.mjs";

const PROCESSES = 8;
const ROUNDS = 5;
const CONNECTIONS = 10_000;
const CALLS = 5_000;

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
    const began = performance.now();
    await xero.token();
    took.push((performance.now() - began) * 1e6);
    await xero.close();
  }
  return median(took);
}

async function waiting() {
  if (noRedis) return;
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

async function many() {
  const simulator = createSimulator({ invoices: 1, seed: 1 });
  const { clientId, clientSecret, fetch } = simulator;
  const rows = [];
  for (const [name, fleet] of [["no fleet", undefined], ["a fleet", memory()]]) {
    const before = heap();
    const all = Array.from({ length: CONNECTIONS }, () => new CustomConnection({ clientId, clientSecret, fetch, ...(fleet && { fleet }) }));
    for (const xero of all) await xero.token();
    const each = (heap() - before) / CONNECTIONS;
    const xero = all[0];
    const began = process.cpuUsage();
    for (let n = 0; n < CALLS; n++) await (await xero.fetch("/Organisation")).arrayBuffer();
    const { user, system } = process.cpuUsage(began);
    rows.push([name, kB(each), time(((user + system) * 1e3) / CALLS)]);
    for (const one of all) await one.close();
  }
  table(`${count(CONNECTIONS)} connections in one process`, ["heap of each", "a warm call"], rows);
  note("a warm call: processor time, the local Xero in the same process included");
}

try {
  await coldRows();
  await waiting();
  await many();
} finally {
  for (const close of closing) await close();
}
