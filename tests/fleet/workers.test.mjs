/** Workers with one Durable Object, by the packed client: what they ask Xero for, after a restart too, and when a request ends before its answer. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";
import { workers } from "./workers.mjs";

const ENTRY = join(import.meta.dirname, "fleet-worker.mjs");
const COUNT = 3;

/** A local Xero, and what Workers need to find it. */
async function local(t, { keepsAlive = true, ...options } = {}) {
  const simulator = createSimulator({ invoices: 1, ...options });
  t.after(() => simulator.close());
  await simulator.listen();
  return { simulator, bindings: { ...simulator.env, KEEPS_ALIVE: keepsAlive } };
}

/** Each of the Workers has so many requests at once, all of which are answered. */
async function assertAnswered(ask, each = 4) {
  const answers = await Promise.all(Array.from({ length: COUNT * each }, (_, n) => ask(n % COUNT)));
  assert.deepEqual(answers, Array(COUNT * each).fill({ status: 200 }));
}

async function until(condition) {
  while (!condition()) await new Promise((done) => setTimeout(done, 20));
}

test("Workers that are started anew use the token that their object has kept", async (t) => {
  const { simulator, bindings } = await local(t);
  const folder = mkdtempSync(join(tmpdir(), "xero-object-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (let start = 0; start < 2; start++) {
    const { ask, close } = await workers(t, COUNT, { entry: ENTRY, folder, bindings });
    await assertAnswered(ask);
    await close();
  }
  assert.equal(simulator.counts().tokenRequests, 1);
});

test("a token request outlives the request that began it, by waitUntil, and is that of all", async (t) => {
  const { simulator, bindings } = await local(t, { latencyMs: 700 });
  const { ask } = await workers(t, COUNT, { entry: ENTRY, bindings });
  assert.equal(await ask(0, undefined, "leave"), "left");
  await assertAnswered(ask);
  assert.equal(simulator.counts().tokenRequests, 1);
});

test("a request that ends while it asks costs one token request more, and all others are served", { timeout: 60_000 }, async (t) => {
  const { simulator, bindings } = await local(t, { keepsAlive: false });
  simulator.fault("identity silent first=1");
  const { ask } = await workers(t, COUNT, { entry: ENTRY, bindings });
  assert.equal(await ask(0, undefined, "leave"), "left");
  await until(() => simulator.counts().tokenRequests === 1);
  await assertAnswered(ask);
  assert.equal(simulator.counts().tokenRequests, 2);
});
