// A million calls, one in a hundred of them faulty: does memory stay flat, and does every place come free again?
// `cargo xtask bench --soak` runs it; a number as argument makes it shorter.
import { fork } from "node:child_process";
import { once } from "node:events";
// First, so that it sees the module made.
import { memories } from "../js/memories.mjs";
import { CustomConnection } from "xero-m2m";
import { table } from "./measure.mjs";

const CALLS = Number(process.argv[2] ?? 1_000_000);
const CALLERS = 100;
const PARTS = 10;

const server = fork(new URL("soak-server.mjs", import.meta.url));
process.on("exit", () => server.kill());
const [{ url }] = await once(server, "message");
const ask = async (what) => {
  server.send(what);
  return (await once(server, "message"))[0];
};

const xero = new CustomConnection({
  clientId: "soak",
  clientSecret: "soak",
  identityUrl: url,
  apiUrl: url,
  timeoutMs: 300,
  deadlineMs: 30_000,
  onEvent: ({ type }) => (events[type] = (events[type] ?? 0) + 1),
});
const events = {};
const outcomes = {};
let left = CALLS;

async function caller() {
  while (left > 0) {
    left -= 1;
    const outcome = await xero.json("GET", "/Organisation").then(
      () => "answered",
      ({ code }) => code,
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
const readings = [];
function read() {
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  readings.push({ heap: heapUsed, wasm: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0), rss });
}

const started = performance.now();
const callers = Array.from({ length: CALLERS }, caller);
for (let part = 1; part <= PARTS; part++) {
  while (left > (CALLS * (PARTS - part)) / PARTS) await new Promise((resolve) => setTimeout(resolve, 50));
  read();
}
await Promise.all(callers);
const seconds = (performance.now() - started) / 1_000;
// Lowered by refusals for too many calls at once, the cap takes two minutes to be whole again; a fresh clock costs none.
const { now } = performance;
performance.now = () => now.call(performance) + 600_000;
const seen = await ask("hold");
const together = await Promise.all(
  Array.from({ length: 5 }, () =>
    xero.json("GET", "/Organisation").then(
      () => true,
      () => false,
    ),
  ),
);
xero.close();
server.kill();

table(
  `${CALLS.toLocaleString("en")} calls, ${seen.faults.toLocaleString("en")} faults, ${Math.round(CALLS / seconds).toLocaleString("en")} calls a second`,
  ["heap", "wasm", "rss"],
  readings.map(({ heap, wasm, rss }, index) => [
    `after ${(index + 1) * (100 / PARTS)} %`,
    megabytes(heap),
    megabytes(wasm),
    megabytes(rss),
  ]),
);
console.log("  outcomes", JSON.stringify(outcomes));
console.log("  events  ", JSON.stringify(events));
console.log("  server  ", JSON.stringify(seen));

const [early, late] = [readings[1], readings.at(-1)];
const complaints = [
  [late.heap > early.heap + 2e6, "the heap has grown"],
  [late.wasm > early.wasm, "the memory of wasm has grown"],
  [!together.every(Boolean), "a place in flight was not given back"],
  [seen.most > 5, "more than five calls were in flight"],
  [Object.values(outcomes).reduce((sum, count) => sum + count, 0) !== CALLS, "a call was never answered"],
].flatMap(([wrong, words]) => (wrong ? [words] : []));
for (const words of complaints) console.error(`  ${words}`);
process.exitCode = complaints.length ? 1 : 0;
