/** The other stores, each with 20 writers: PostgreSQL, a file, and Durable Objects in workerd. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { file } from "xero-m2m/file";
import { postgres } from "xero-m2m/postgres";
import { checkSharedStore } from "xero-m2m/shared";
import { postgresServer, skip } from "../js/postgres-server.mjs";
import { workers } from "./workers.mjs";
import { assertAllCounted, assertNoneLost } from "./writers.mjs";

const WORKER = join(import.meta.dirname, "store-worker.mjs");

test("20 writers lose nothing in PostgreSQL", { skip }, async (t) => {
  const { pool, stop } = await postgresServer();
  t.after(stop);
  const store = postgres((text, values) => pool.query(text, values));
  assert.deepEqual(await checkSharedStore(store), []);
  await assertNoneLost(store);
});

test("20 writers lose nothing in a file", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "xero-file-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  await assertNoneLost(file(join(folder, "shared")));
});

test("20 writers of three Workers lose nothing in one Durable Object", async (t) => {
  const { ask } = await workers(t, 3, { entry: WORKER });
  assert.deepEqual(await Promise.all([0, 1, 2].map((n) => ask(n, {}))), [[], [], []]);
  await assertAllCounted(async (n, key, rounds) => {
    const counts = [];
    // In short requests, as a Worker has them.
    while (counts.length < rounds) counts.push(...(await ask(n % 3, { count: [key, 5] })));
    return counts;
  });
});

test("a Durable Object has its documents after a restart", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "xero-object-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const turn = { key: "xero-m2m:{0123456789abcdef}:limits:1", at: Date.now(), slackMs: 60_000, ttlMs: 0 };
  const first = await workers(t, 1, { entry: WORKER, folder });
  const { version } = await first.ask(0, { swap: { ...turn, version: 0, document: "v first" } });
  await first.close();
  const second = await workers(t, 1, { entry: WORKER, folder });
  const found = await second.ask(0, { swap: { ...turn, version: -1 } });
  assert.deepEqual([found.document, found.version], ["v first", version]);
});
