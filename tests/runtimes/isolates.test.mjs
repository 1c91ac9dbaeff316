/** One client for many requests of an isolate: what one request has begun may end with it, and strands no other. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";
import { isolate } from "./isolate.mjs";

const MINUTE = 60_000;

/** Records calls at module scope of functions that Workers forbid there, or that behave differently there. */
const WATCH = `
globalThis.atModuleScope = true;
for (const [object, name] of [
  [globalThis, "setTimeout"], [globalThis, "setInterval"], [globalThis, "fetch"], [Math, "random"], [Date, "now"],
  [performance, "now"], [crypto, "getRandomValues"], [crypto, "randomUUID"],
]) {
  const original = object[name].bind(object);
  object[name] = (...given) => {
    if (globalThis.atModuleScope) throw new Error(name + " at module scope");
    return original(...given);
  };
}
`;

/** A local Xero and a Worker with one client of it. */
async function shared(t, { simulated = {}, ...options } = {}) {
  const simulator = createSimulator({ invoices: 5, ...simulated });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const { clientId, clientSecret } = simulator;
  // Making its key takes a while, which is not to be a client's.
  await fetch(`${url}/connect/token`, { method: "POST" });
  const bindings = { CONNECTION: { clientId, clientSecret, url, ...options } };
  const worker = await isolate("shared-client.mjs", { bindings, banner: WATCH });
  t.after(worker.close);
  const before = simulator.counts();
  const cost = () => {
    const { tokenRequests, apiRequests } = simulator.counts();
    return [tokenRequests - before.tokenRequests, apiRequests - before.apiRequests];
  };
  return { simulator, cost, ask: (path) => worker.ask(`http://worker${path}`) };
}

const times = (count, act) => Promise.all(Array.from({ length: count }, act));

async function until(holds, what) {
  for (let n = 0; n < 300; n++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`it never came: ${what}`);
}

test("20 cold requests at once: one token request, and no promise of another's", async (t) => {
  const { ask, cost } = await shared(t, { simulated: { latencyMs: 200 } });
  const answers = await times(20, () => ask("/token"));
  assert.equal(new Set(answers.map(({ token }) => token)).size, 1, JSON.stringify(answers[0]));
  assert.deepEqual(cost(), [1, 0]);
});

test("40 requests share five places, and their queue", async (t) => {
  const { ask, cost, simulator } = await shared(t, {
    simulated: { latencyMs: 30, limits: { inFlight: 5, minute: 1_000 } },
  });
  const { refusals } = simulator.counts();
  const answers = await times(40, () => ask("/Organisation"));
  assert.deepEqual(
    new Set(answers.map(({ count }) => count)),
    new Set([1]),
    JSON.stringify(answers.find(({ count }) => count !== 1)),
  );
  assert.deepEqual([cost(), simulator.counts().refusals], [[1, 40], refusals], "nothing was refused");
});

test("a request that ends while it asks for the token blocks no other: one more token request", async (t) => {
  const { ask, cost, simulator } = await shared(t);
  simulator.fault("identity silent first=1");
  assert.equal(await ask("/leave"), "left");
  assert.equal(cost()[0], 1);
  const found = await times(5, () => ask("/token"));
  assert.equal(new Set(found.map(({ token }) => token)).size, 1, JSON.stringify(found[0]));
  assert.deepEqual(cost(), [2, 0]);
});

test("requests that end with calls in flight and in the queue give their places back", async (t) => {
  const { ask, simulator } = await shared(t, { timeoutMs: 1_000 });
  // The first call goes alone.
  await ask("/Organisation");
  const mend = simulator.fault("api silent");
  assert.deepEqual(await times(8, () => ask("/leave?call")), Array(8).fill("left"));
  assert.equal(simulator.counts().faults, 5);
  mend();
  assert.deepEqual(await times(5, () => ask("/Organisation")), Array(5).fill({ count: 1 }));
});

test("a renewal outlives the request that it began with, by waitUntil", async (t) => {
  const latencyMs = 3_000;
  const { ask, cost } = await shared(t, { simulated: { latencyMs }, keep: true });
  const { token } = await ask("/token");
  const started = Date.now();
  const path = `/token?later=${28.5 * MINUTE}`;
  assert.equal((await ask(path)).token, token);
  assert.ok(Date.now() - started < latencyMs, "nobody waits for it");
  await until(() => cost()[0] === 2, "the renewal");
  await until(async () => (await ask(path)).token !== token, "a new token");
  assert.deepEqual(cost(), [2, 0]);
});

test("nothing of one request is used by another: a hundred in a row, and in tens", async (t) => {
  const { ask, cost } = await shared(t);
  for (let n = 0; n < 50; n++) assert.deepEqual(await ask("/Organisation"), { count: 1 });
  for (let n = 0; n < 5; n++)
    assert.deepEqual(await times(10, () => ask("/Organisation")), Array(10).fill({ count: 1 }));
  assert.deepEqual(cost(), [1, 100]);
});
