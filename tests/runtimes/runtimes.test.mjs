/**
 * The same suite in every runtime, on the packed package: Node.js of three lines, Deno, Bun, workerd, Vercel's edge
 * runtime. A runtime that cannot run on this machine is skipped, with the reason.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";
import { isolate } from "./isolate.mjs";
import { loggedIn } from "./login.mjs";
import { edge } from "./edge.mjs";
import { PROGRAMS, trouble } from "./programs.mjs";

const here = import.meta.dirname;
const modules = join(here, "node_modules");
const { version } = JSON.parse(readFileSync(join(modules, "xero-m2m/package.json"), "utf8"));

const DENO = ["run", "--quiet", "--no-remote", "--allow-net=127.0.0.1", "--allow-env", "--allow-read"];

/** Which program runs the suite, with which arguments. */
const PROCESSES = {
  "Node.js 20": ["Node.js 20", "process.mjs"],
  "Node.js 22": ["Node.js 22", "process.mjs"],
  "Node.js 24": ["Node.js 24", "process.mjs"],
  "Node.js 20, by require": ["Node.js 20", "process.cjs"],
  "Node.js 24, by require": ["Node.js 24", "process.cjs"],
  Deno: ["Deno", ...DENO, "process.mjs"],
  Bun: ["Bun", "process.mjs"],
};

/** A local Xero of its own. */
async function local() {
  const simulator = createSimulator({ invoices: 25, consent: "all" });
  after(() => simulator.close());
  const { url } = await simulator.listen();
  const { clientId, clientSecret } = simulator;
  return { url, clientId, clientSecret, web: await loggedIn(simulator) };
}

for (const [name, [runtime, ...args]] of Object.entries(PROCESSES)) {
  const program = PROGRAMS[runtime];
  test(name, { skip: trouble(program), timeout: 120_000 }, async (t) => {
    const child = spawn(program, [...args, JSON.stringify(await local())], {
      cwd: here,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 100_000,
    });
    const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve([code, signal])));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [first, ...results] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(first, { version });
    await told(t, results);
    // It ended by itself, and had nothing to say.
    assert.deepEqual([await ended, stderr], [[0, null], ""]);
  });
}

for (const [name, make] of Object.entries({ workerd: isolate, "Vercel's edge runtime": edge })) {
  test(name, { timeout: 120_000 }, async (t) => {
    const { ask, close } = await make("worker.mjs");
    t.after(close);
    const connection = JSON.stringify(await local());
    const { version: found, names } = await ask("http://worker/");
    assert.equal(found, version);
    const results = [];
    for (const check of names) results.push(await ask(`http://worker/?${new URLSearchParams({ check, connection })}`));
    await told(t, results);
  });
}

/** Each check as a test. */
async function told(t, results) {
  assert.ok(results.length >= 15);
  for (const { name, ok, why } of results) await t.test(name, () => assert.ok(ok, why));
}
