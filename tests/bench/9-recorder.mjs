// What the recorder adds to a program: its own work for each call, processor time for each call, and the time of a process.
import { once } from "node:events";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { note, ratio, table, time } from "./measure.mjs";

const ROUNDS = 9;
const CALLS = 2_000;
const REPORTS = 200_000;

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

// A call is reported on its channel again and again: the time is that of the recorder's own work, and of nothing else.
const reports = `
  import { channel } from "node:diagnostics_channel";
  import http from "node:http";
  const start = channel("http.client.request.start");
  const request = http.get("${url}", { agent: new http.Agent() }, (response) => response.resume()).on("error", () => {});
  const report = (count) => { for (let at = 0; at < count; at++) start.publish({ request }); };
  report(${REPORTS} / 4);
  const before = process.cpuUsage();
  report(${REPORTS});
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / ${REPORTS});`;

/** Microseconds of the processor for a call, and milliseconds from the start of the process to its end. */
async function run(script, preload) {
  const env = { ...process.env, NODE_OPTIONS: "", XERO_USAGE: folder, XERO_USAGE_QUIET: "1" };
  const started = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [...preload, "--input-type=module", "--eval", script], { cwd: new URL("..", import.meta.url), env });
  return { call: Number(stdout), whole: performance.now() - started };
}

const RECORDER = ["--import", "xero-m2m/record"];
const found = { own: [[], []], call: [[], []], whole: [[], []] };
// In turn, so that a slow moment of the machine falls on both alike.
for (let round = 0; round < ROUNDS; round++) {
  for (const [which, preload] of [[], RECORDER].entries()) {
    found.own[which].push((await run(reports, preload)).call);
    found.call[which].push((await run(script(CALLS), preload)).call);
    found.whole[which].push((await run(script(4), preload)).whole);
  }
}
server.close();
rmSync(folder, { recursive: true });

// The least of all rounds: what disturbs a program only adds to it.
const least = (list) => Math.min(...list);
const row = (name, [without, recorded], unit) => [
  name,
  time(least(without) * unit),
  time(least(recorded) * unit),
  ratio(least(recorded), least(without)),
];
const [call, own] = [least(found.call[0]), least(found.own[1]) - least(found.own[0])];
table("the recorder", ["without", "recorded", "ratio"], [
  row("processor time for a call by node:http, of 2,000", found.call, 1e3),
  ["the same call, with the recorder's own work added", time(call * 1e3), time((call + own) * 1e3), ratio(call + own, call)],
  row("a process with five calls, from start to end", found.whole, 1e6),
]);
const spread = (Math.max(...found.call[0]) / call - 1) * 100;
note(`the recorder's own work for a call is ${time(own * 1e3)}; without it, rounds of the same program differ by up to ${spread.toFixed(0)} %`);
note("a process pays once, at its end, for the small module that finds the operations; printing the end takes the policy too");
