/** The recorder in Node.js of three lines, Bun and Deno: every call once, by operation. A runtime that cannot run is skipped. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";
import { PROGRAMS, trouble } from "./programs.mjs";

const here = import.meta.dirname;
const preload = join(here, "node_modules/xero-m2m/dist/record.cjs");
const cli = join(here, "node_modules/xero-m2m/dist/cli.js");

/** The arguments by which each runtime loads the recorder. */
const RUNTIMES = {
  "Node.js 20": ["--import", "xero-m2m/record"],
  "Node.js 22": ["--import", "xero-m2m/record"],
  "Node.js 24": ["--import", "xero-m2m/record"],
  Bun: ["--preload", "xero-m2m/record"],
  Deno: ["run", "--quiet", "--no-remote", "--allow-net", "--allow-env", "--allow-sys", "--allow-read", "--allow-write", "--preload", preload],
};

/** Programs below `record --`, which load the recorder by a variable of the environment. */
const BELOW = { "Node.js 20": [], "Node.js 22": [], "Node.js 24": [], Bun: [] };

const EVERY = {
  "accounting.createItems": 1,
  "accounting.createPayment": 1,
  "accounting.getAccounts": 1,
  "accounting.getContacts": 1,
  "accounting.getCurrencies": 1,
  "accounting.getInvoices": 1,
  "accounting.getOrganisations": 1,
  "accounting.getQuotes": 1,
  "accounting.getTaxRates": 1,
};

async function recorded(t, command, folder) {
  const simulator = createSimulator({ invoices: 3 });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const args = [...command.slice(1), "recorded.mjs", url, simulator.clientId, simulator.clientSecret];
  const env = { ...process.env, NODE_OPTIONS: "", XERO_USAGE: folder };
  const child = spawn(command[0], args, { cwd: here, env, stdio: ["ignore", "pipe", "pipe"], timeout: 100_000 });
  const [[code], stdout, stderr] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  assert.deepEqual([code, stdout], [0, "done\n"], stderr);
  assert.match(stderr, /watched 1 process for \d+ s: 9 calls to Xero, 9 operations\n/);
  return stderr;
}

function folderOf(t) {
  const folder = mkdtempSync(join(tmpdir(), "xero-m2m-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function counts(file) {
  const written = readFileSync(file, "utf8");
  assert.doesNotMatch(written, /Needle|127\.0\.0\.1|where/);
  const [{ calls, notKnown }, ...others] = JSON.parse(written).runs;
  assert.deepEqual(others, []);
  assert.deepEqual(notKnown, []);
  return Object.fromEntries(calls.map(({ operations, times }) => [operations.join(), times]));
}

for (const [runtime, args] of Object.entries(RUNTIMES)) {
  test(runtime, { skip: trouble(PROGRAMS[runtime]), timeout: 120_000 }, async (t) => {
    const folder = folderOf(t);
    await recorded(t, [PROGRAMS[runtime], ...args], folder);
    const [file, ...others] = readdirSync(folder);
    assert.deepEqual(others, []);
    assert.deepEqual(counts(join(folder, file)), EVERY);
  });
}

for (const [runtime, args] of Object.entries(BELOW)) {
  test(`${runtime} below xero-m2m record`, { skip: trouble(PROGRAMS[runtime]), timeout: 120_000 }, async (t) => {
    const file = join(folderOf(t), "usage.json");
    await recorded(t, [process.execPath, cli, "record", "--out", file, "--", PROGRAMS[runtime], ...args]);
    assert.deepEqual(counts(file), EVERY);
  });
}
