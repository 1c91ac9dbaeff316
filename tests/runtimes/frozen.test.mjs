/** A process that is stopped for longer than its token lives, as functions are between two requests, and goes on. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";

test(
  "thawed, it sends no token that has ended, and goes on at once",
  { timeout: 60_000, skip: process.platform === "win32" },
  async (t) => {
    const simulator = createSimulator({ invoices: 1, tokenLifetimeMs: 2_000, limits: true });
    t.after(() => simulator.close());
    await simulator.listen();
    const env = { ...process.env, ...simulator.env };
    const child = spawn(process.execPath, [join(import.meta.dirname, "frozen.mjs")], {
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    const lines = createInterface(child.stdout);
    await once(lines, "line");
    child.kill("SIGSTOP");
    // Its token ends meanwhile, by Xero's clock and by that of the machine.
    const { promise, resolve } = Promise.withResolvers();
    setTimeout(resolve, 2_500);
    await promise;
    child.kill("SIGCONT");
    child.stdin.write("go on\n");
    await once(lines, "line");
    assert.deepEqual(await once(child, "exit"), [0, null]);
    const { tokenRequests, apiRequests, refusals } = simulator.counts();
    assert.deepEqual([tokenRequests, apiRequests, refusals], [2, 2, 0]);
  },
);
