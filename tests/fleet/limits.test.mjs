/** Processes with one Redis against a local Xero that has limits: together they keep them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";
import { COUNT, answers, members } from "./members.mjs";
import { redisServer, skip } from "./redis-server.mjs";

/** The lines of processes that make `calls` each, all at once. */
async function run(t, simulator, port, calls) {
  return answers(await members(t, simulator, { engines: ["redis", "ioredis"], port, calls, atOnce: true }));
}

/** Fails unless all were served, and Xero refused at most `refusals`. */
function assertServed(seen, simulator, calls, refusals) {
  assert.deepEqual(
    seen.flat().map(({ status }) => status),
    Array(COUNT * calls).fill(200),
  );
  const events = seen.flat().flatMap((line) => line.events);
  const away = events.filter(({ type }) => type === "fleet.away");
  const paused = events.filter(({ type }) => type === "limit.paused");
  assert.ok(paused.every(({ why }) => why !== "concurrent") || away.length > 0, "more than five at once");
  // A busy machine may make the store look away; then each process goes on with its share.
  const most = refusals + COUNT * away.length;
  assert.ok(simulator.counts().refusals <= most, `${simulator.counts().refusals} refusals, at most ${most}`);
  return events;
}

/** A local Xero that takes its time, so that calls meet. */
async function local(t) {
  const simulator = createSimulator({ invoices: 1, limits: true, latencyMs: 40 });
  t.after(() => simulator.close());
  await simulator.listen();
  return simulator;
}

test(`${COUNT} processes have five calls at once together, and Xero refuses none`, { skip }, async (t) => {
  const { port } = await redisServer(t);
  const simulator = await local(t);
  const events = assertServed(await run(t, simulator, port, 6), simulator, 6, 0);
  assert.equal(events.filter(({ type }) => type === "fleet.joined").length, COUNT);
  const leased = events.filter(({ type }) => type === "limit.leased").reduce((sum, { calls }) => sum + calls, 0);
  assert.ok(leased >= COUNT * 6, `${leased} calls were leased`);
});

test(`${COUNT} processes with more calls than a minute has learn when it ends by one refusal`, { skip, timeout: 200_000 }, async (t) => {
  const { port } = await redisServer(t);
  const simulator = await local(t);
  assertServed(await run(t, simulator, port, 9), simulator, 9, 1);
});
