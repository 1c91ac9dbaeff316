/**
 * The same suite in every runtime, on the packed package: Node.js of three lines, Deno, Bun, workerd, Vercel's edge
 * runtime. A runtime that cannot run on this machine is left out, and said.
 */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";
import { isolate } from "./isolate.mjs";
import { edge } from "./edge.mjs";

const here = import.meta.dirname;
const modules = join(here, "node_modules");
const { version } = JSON.parse(readFileSync(join(modules, "xero-m2m/package.json"), "utf8"));

const PROCESSES = {
  "Node.js 20": [join(modules, "node-20/bin/node"), ["process.mjs"]],
  "Node.js 22": [join(modules, "node-22/bin/node"), ["process.mjs"]],
  "Node.js 24": [join(modules, "node-24/bin/node"), ["process.mjs"]],
  "Node.js 20, by require": [join(modules, "node-20/bin/node"), ["process.cjs"]],
  Deno: [join(modules, "@deno/linux-x64-glibc/deno"), ["run", "--quiet", "--no-remote", "--allow-net=127.0.0.1", "--allow-env", "--allow-read", "process.mjs"]],
  Bun: [join(modules, "@oven/bun-linux-x64/bin/bun"), ["process.mjs"]],
};

/** A local Xero of its own. */
async function local() {
  const simulator = createSimulator({ invoices: 25 });
  after(() => simulator.close());
  const { url } = await simulator.listen();
  const { clientId, clientSecret } = simulator;
  return { url, clientId, clientSecret };
}

/** Whether a program runs on this machine; if not, why. */
function trouble(program) {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore", timeout: 20_000 });
    return false;
  } catch (error) {
    return `it does not run on this machine: ${error.code ?? error.message}`;
  }
}

for (const [name, [program, args]] of Object.entries(PROCESSES)) {
  test(name, { skip: trouble(program), timeout: 120_000 }, async (t) => {
    const child = spawn(program, [...args, JSON.stringify(await local())], { cwd: here, stdio: ["ignore", "pipe", "pipe"], timeout: 100_000 });
    const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve([code, signal])));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [first, ...results] = stdout.trim().split("\n").map((line) => JSON.parse(line));
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
