// What the recorder adds to a program: processor time for each of its calls, and the time of a process that makes one.
import { once } from "node:events";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { median, note, ratio, table, time } from "./measure.mjs";

const ROUNDS = 7;
const CALLS = 2_000;

const server = http.createServer((request, response) => response.end("{}")).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}/api.xro/2.0/Invoices`;
const folder = mkdtempSync(join(tmpdir(), "xero-m2m-"));

// The first calls warm up, until the recorder has loaded its module, and are not measured. A call by `node:http` has less work of its own than one by `fetch`.
const script = (calls) => `
  import http from "node:http";
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const call = (page) => new Promise((done) => http.get("${url}?page=" + page, { agent }, (response) => response.resume().on("end", done)));
  for (let page = 0; page < ${calls} / 4; page++) await call(page);
  if (${calls} > 4) await new Promise((done) => setTimeout(done, 2_000));
  const before = process.cpuUsage();
  for (let page = 0; page < ${calls}; page++) await call(page);
  const { user, system } = process.cpuUsage(before);
  agent.destroy();
  console.log((user + system) / ${calls});`;

/** Microseconds of the processor for a call, and milliseconds from the start of the process to its end. */
async function run(calls, preload) {
  const env = { ...process.env, NODE_OPTIONS: "", XERO_USAGE: folder, XERO_USAGE_QUIET: "1" };
  const started = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [...preload, "--input-type=module", "--eval", script(calls)], { cwd: new URL("..", import.meta.url), env });
  return { call: Number(stdout), whole: performance.now() - started };
}

const RECORDER = ["--import", "xero-m2m/record"];
const found = { call: [[], []], whole: [[], []] };
// In turn, so that a slow moment of the machine falls on both alike.
for (let round = 0; round < ROUNDS; round++) {
  for (const [which, preload] of [[], RECORDER].entries()) {
    found.call[which].push((await run(CALLS, preload)).call);
    found.whole[which].push((await run(4, preload)).whole);
  }
}
server.close();
rmSync(folder, { recursive: true });

const row = (name, [without, recorded], unit) => [
  name,
  time(median(without) * unit),
  time(median(recorded) * unit),
  ratio(median(recorded), median(without)),
];
table("the recorder", ["without", "recorded", "ratio"], [
  row("processor time for a call by node:http, of 2,000", found.call, 1e3),
  row("a process with five calls, from start to end", found.whole, 1e6),
]);
note("a process pays once, at its end, for the module that finds the operations");
