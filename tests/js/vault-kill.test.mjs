/** Processes that share a vault are killed at random moments. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { skip } from "./postgres-server.mjs";
import { length } from "./support.mjs";
import { shared } from "./vault-processes.mjs";

for (const [kind, grace] of ["file", "postgres"].flatMap((kind) => ["lenient", "strict"].map((grace) => [kind, grace]))) {
  const kills = length("vault kills");
  const options = { timeout: 400_000 + kills * 60_000, skip: kind === "postgres" && skip };
  test(`${kills} times one of two processes is killed at a random moment (${kind}, ${grace}): the login is never lost`, options, async (t) => {
    const { simulator, vault, start, files } = await shared(t, kind, { grace, latencyMs: 20 });
    const all = [];
    let processes = [start(1e9), start(1e9)];
    for (let kill = 0; kill < kills; kill++) {
      // The moment does not depend on what the processes do.
      await new Promise((done) => setTimeout(done, 200 + Math.random() * 400));
      const at = Math.floor(Math.random() * 2);
      const { child, lines, ended } = processes[at];
      child.kill("SIGKILL");
      await ended;
      all.push(...lines);
      processes[at] = start(1e9);
    }
    const { generation } = await vault.look();
    const { generation: next } = await vault.take({ notGeneration: generation });
    assert.ok(next > generation);
    t.diagnostic(`${simulator.counts().tokenRequests} token requests, ${next} generations`);
    for (const { child, lines, ended } of processes) {
      child.kill("SIGKILL");
      await ended;
      all.push(...lines);
    }
    const bad = all.filter((line) => ["login_required", "vault_copied", "vault_key_mismatch"].includes(line));
    assert.deepEqual(bad, []);
    assert.ok(files() < 2 * kills + 4);
  });
}

test("100 callers in four processes: one exchange", { timeout: 60_000 }, async (t) => {
  const { simulator, vault, start } = await shared(t, "file", { latencyMs: 50 });
  const { generation } = await vault.take();
  const before = simulator.counts().tokenRequests;
  // Each takes the token at hand first, and then wants another than that.
  const processes = Array.from({ length: 4 }, () => start(2));
  await Promise.all(processes.map(({ ended }) => ended));
  const lines = processes.map(({ lines }) => lines.join());
  const asked = simulator.counts().tokenRequests - before;
  // One that starts after the exchange of another takes the new token first.
  assert.ok(asked >= 1 && asked <= 4, `${asked}: ${lines}`);
  assert.ok(lines.every((line) => /^\d+,\d+$/.test(line)), `${lines}`);
  assert.equal((await vault.look()).generation, generation + asked);
});
