/** 10,000 connections in one process, with a fleet over the store in memory or without: what each takes, and the time of a warm call. */

import { CustomConnection } from "xero-m2m";
import { memory } from "xero-m2m/shared";
import { clientId, clientSecret, fetch } from "../bench/stub.mjs";

const CONNECTIONS = 10_000;
const AT_ONCE = 100;
const ROUNDS = 5;

const fleet = process.argv[2] === "fleet" ? memory() : undefined;

function read() {
  gc();
  gc();
  const { heapUsed: heap, rss } = process.memoryUsage();
  return { heap, rss };
}

/** Does it for each of the connections, so many at once. */
async function each(act) {
  for (let from = 0; from < CONNECTIONS; from += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => act(from + n)));
  }
}

/** Nanoseconds of this process's processor time, which no other process adds to. */
function busy() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

const connections = [];
// What the first of them loads is not part of what each takes.
const first = new CustomConnection({ clientId, clientSecret, fetch, fleet });
await first.fetch("/Organisation");
const before = read();
await each(async (n) => {
  // A client of its own, so a document of its own.
  const xero = new CustomConnection({ clientId: `${clientId}${n}`, clientSecret, fetch, fleet });
  connections.push(xero);
  await xero.fetch("/Organisation");
});
const after = read();
const times = [];
for (let round = 0; round < ROUNDS; round++) {
  const began = busy();
  for (const xero of connections) await xero.fetch("/Organisation");
  times.push((busy() - began) / CONNECTIONS);
}
const per = (key) => (after[key] - before[key]) / CONNECTIONS;
console.log(JSON.stringify({ heap: per("heap"), rss: per("rss"), times }));
process.exit();
