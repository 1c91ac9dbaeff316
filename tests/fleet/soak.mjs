/**
 * 20,000 reads by eight processes, in time that passes 25 times as fast, while Redis stands still one moment in a hundred: is memory
 * flat, is the document bounded, is each read answered? `cargo xtask test long` runs it; a number as argument makes it shorter.
 */

import { setTimeout as pause } from "node:timers/promises";
import { count, median, table } from "../bench/measure.mjs";
import { fastXero, readers } from "./readers.mjs";
import { redisServer, skip } from "./redis-server.mjs";

const READS = Number(process.argv[2] ?? 20_000);
const PROCESSES = 8;
const IN_LINE = 8;
/** At 100, a token request would have 0.1 s of this machine's time, which nine processes on two processors do not keep. */
const FACTOR = 25;
const READ_MS = 200;
/** Each part of a run is so long, by the clock of this machine, and Redis stands still for a hundredth of it. */
const PART_MS = 5_000;
/** The most that a document of a fleet may have: `MOST_BYTES` of src/fleet/codec.rs. */
const MOST_BYTES = 16_384;
/** The growth of a heap between the first quarter of the run and its end that is no leak. */
const GROWTH = 2e6;

if (skip) throw new Error(skip);
const closing = [];
const t = { after: (close) => closing.unshift(close) };

/** The number of documents, and the length of the longest. */
async function documents(server) {
  const [keys] = await server.run(["KEYS", "*"]);
  const found = await server.run(...keys.map((key) => ["HGET", key, "d"]));
  return { keys: keys.length, longest: Math.max(0, ...found.map((text) => text?.length ?? 0)) };
}

async function soak() {
  const server = await redisServer(t);
  const { env, seen } = await fastXero(t, FACTOR, READ_MS);
  const all = await readers(t, env, { client: "xero-m2m", count: PROCESSES, calls: READS / PROCESSES, inLine: IN_LINE, port: server.port });
  all.go();
  let isOver = false;
  const ended = all.ended().finally(() => (isOver = true));
  let [longest, keys] = [0, 0];
  while (!isOver) {
    await Promise.race([ended, pause(PART_MS * 0.99)]);
    if (isOver) break;
    server.stall();
    await pause(PART_MS * 0.01);
    server.goOn();
    all.weigh();
    const found = await documents(server);
    longest = Math.max(longest, found.longest);
    keys = Math.max(keys, found.keys);
  }
  const results = await ended;
  const statuses = {};
  for (const result of results) for (const [status, number] of Object.entries(result.statuses)) statuses[status] = (statuses[status] ?? 0) + number;
  const events = (type) => results.reduce((sum, result) => sum + (result.events[type] ?? 0), 0);
  const heaps = results.map(({ memories }) => memories.map(({ heap }) => heap));
  const middles = (from, to) => heaps.map((heap) => median(heap.slice(Math.floor(heap.length * from), Math.ceil(heap.length * to))));
  const [early, late] = [middles(0.1, 0.35), middles(0.75, 1)];
  const megabytes = (list) => `${(Math.max(...list) / 1e6).toFixed(2)} MB`;

  table(`${count(READS)} reads by ${PROCESSES} processes`, ["number"], [
    ["answered", count(statuses[200] ?? 0)],
    ["over a limit: refused by Xero", count(seen.refused)],
    ["sent again, because its time ran out", count(events("again"))],
    ["token requests", count(seen.tokens())],
    ["times that a process lost the store", count(events("fleet.away"))],
    ["documents; characters of the longest", `${keys}; ${count(longest)}`],
    ["largest heap early", megabytes(early)],
    ["largest heap late", megabytes(late)],
  ]);
  console.log(`  time passes ${FACTOR} times as fast: a token request has ${10 / FACTOR} s, and a process that is slower asks for one more`);
  console.log("  each time that the store is away, each process goes on with its part of the limits, and Xero may refuse it");

  return [
    [statuses[200] !== READS, `not every read was answered: ${JSON.stringify(statuses)}`],
    [early.some((heap, at) => late[at] > heap + GROWTH), "the heap of a process has grown"],
    [longest > MOST_BYTES, "a document is too long"],
    [keys > 2, "the connection has more documents than its token and its board"],
  ].flatMap(([wrong, words]) => (wrong ? [words] : []));
}

try {
  const complaints = await soak();
  for (const words of complaints) console.error(`  ${words}`);
  process.exitCode = complaints.length ? 1 : 0;
} finally {
  for (const close of closing) await close();
}
