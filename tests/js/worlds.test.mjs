/**
 * The packed client in random worlds, in virtual time: windows with a hidden phase, others who spend, slow answers,
 * faults, callers who leave, clients that are closed, answers that are none.
 *
 * `XERO_M2M_SEED` repeats, `XERO_M2M_RUNS` sets how many worlds there are of each kind.
 */

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSimulator } from "xero-m2m/simulator";
import { client, length } from "./support.mjs";
import { VirtualTime } from "./worlds/time.mjs";

const MINUTE = 60_000;

/** The real time after which a world counts as endless. */
const LONGEST_MS = 120_000;

/** Runs worlds in a process of their own, where no rejection may be left over. */
async function worlds(t, name, ...how) {
  const runner = fileURLToPath(new URL("worlds/run.mjs", import.meta.url));
  const env = { ...process.env, XERO_M2M_RUNS: String(length(name)) };
  const stdio = ["ignore", "pipe", "pipe", "ipc"];
  const child = fork(runner, how, { env, stdio, execArgv: ["--unhandled-rejections=strict"] });
  let [said, seed] = ["", "none"];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  let watch;
  child.on("message", (begun) => {
    seed = begun;
    clearTimeout(watch);
    watch = setTimeout(() => child.kill(), LONGEST_MS);
  });
  const [code, signal] = await once(child, "close");
  clearTimeout(watch);
  t.diagnostic(said.split("\n")[0]);
  assert.equal(code, 0, `${said}\nthe last world: XERO_M2M_SEED=${seed} XERO_M2M_RUNS=1, signal ${signal}`);
}

test("in random worlds every call ends, no place is lost, no timer or rejection is left", (t) => worlds(t, "worlds"));

test("so it is where requests live apart and may end without a word", (t) => worlds(t, "worlds apart", "apart"));

/** A client of a local Xero with limits, in virtual time, which has its token. */
async function limited(t, options, latency = 0) {
  const simulator = createSimulator({ invoices: 1, limits: true, now: () => Date.now() });
  t.after(() => simulator.close());
  const time = new VirtualTime();
  t.after(() => time.end());
  const { clientId, clientSecret } = simulator;
  const fetch = async (url, init) => {
    const response = await simulator.fetch(url, init);
    if (!url.endsWith("/token")) await new Promise((resolve) => time.after(latency, resolve));
    return response;
  };
  const xero = client(t, { clientId, clientSecret, fetch, ...options });
  // Making its key takes real time.
  await time.real(xero.token());
  return { time, xero };
}

/** Makes `count` calls at once. Returns the time at which each was served, or `undefined` for one that was not. */
async function served({ time, xero }, count) {
  const from = time.now();
  const at = Array(count).fill(undefined);
  let ended = 0;
  for (let n = 0; n < count; n++) {
    void xero.fetch("/Organisation").then(
      () => (ended++, (at[n] = time.now() - from)),
      () => ended++,
    );
  }
  while (ended < count) await time.pass(1_000);
  return at;
}

test("calls that wait for the next minute go out when it has begun, with a reserve", async (t) => {
  for (const minuteReserve of [1, 10, 30]) {
    await t.test(`of ${minuteReserve}`, async (t) => {
      const at = await served(await limited(t, { limits: { minuteReserve }, deadlineMs: 140_000 }), 62 - minuteReserve);
      assert.ok(at.every((ms) => ms <= MINUTE + 2_000), String(at));
    });
  }
});

test("calls that wait for the next minute go out when it has begun, one at a time", async (t) => {
  const at = await served(await limited(t, { limits: { inFlight: 1 } }, 100), 140);
  assert.ok(at.every((ms) => ms <= 3 * MINUTE), String(at));
});

test("140 slow reads take the minutes that they need", async (t) => {
  const at = await served(await limited(t, {}, 2_500), 140);
  assert.ok(at.every((ms) => ms <= 3 * MINUTE), String(at));
});
