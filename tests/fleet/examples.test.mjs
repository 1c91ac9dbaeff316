/** The examples of a fleet, as their users run them, against a local Xero. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { createSimulator } from "xero-m2m/simulator";
import { redisServer, skip } from "./redis-server.mjs";
import { workers } from "./workers.mjs";

const EXAMPLES = join(import.meta.dirname, "../examples");

async function local(t) {
  const simulator = createSimulator({ invoices: 25 });
  t.after(() => simulator.close());
  await simulator.listen();
  return simulator;
}

test("fleet-redis: of five processes at once, not each asks for a token", { skip }, async (t) => {
  const { url } = await redisServer(t);
  const simulator = await local(t);
  const env = { ...process.env, ...simulator.env, REDIS_URL: url };
  const run = () => promisify(execFile)(process.execPath, ["script.js"], { cwd: join(EXAMPLES, "fleet-redis"), env });
  const outputs = await Promise.all(Array.from({ length: 5 }, run));
  assert.deepEqual(outputs.map(({ stdout }) => stdout), Array(5).fill(`${simulator.organisation}\n`));
  // One, unless the machine is so busy that a process takes the store for away.
  assert.ok(simulator.counts().tokenRequests < 5, `${simulator.counts().tokenRequests}`);
});

test("fleet-worker: three Workers with ten requests each ask for one token, and for one more when it is expired", async (t) => {
  const simulator = await local(t);
  const { ask } = await workers(t, 3, { entry: join(EXAMPLES, "fleet-worker/worker.js"), bindings: simulator.env });
  for (const tokens of [1, 2]) {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => ask(n % 3)));
    assert.deepEqual(answers.map(({ Invoices }) => Invoices?.length), Array(30).fill(10));
    assert.equal(simulator.counts().tokenRequests, tokens);
    simulator.advance(31 * 60_000);
  }
});
