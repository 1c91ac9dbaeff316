/** Processes that share a vault are killed while they renew its tokens. Time passes faster here: what a kill leaves ends after minutes. */

import { pause } from "./faster.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { skip } from "./postgres-server.mjs";
import { length } from "./support.mjs";
import { served, shared } from "./vault-processes.mjs";

const FASTER = ["--import", fileURLToPath(new URL("faster.mjs", import.meta.url))];
const isGeneration = (line) => /^\d+$/.test(line);

for (const [kind, grace] of ["file", "postgres"].flatMap((kind) => ["lenient", "strict"].map((grace) => [kind, grace]))) {
  const kills = length("vault crashes");
  const options = { timeout: 100_000 + kills * 60_000, skip: kind === "postgres" && skip };
  test(`${kills} times one of two processes is killed soon after a renewal, when the next is under way (${kind}, ${grace}): the login is never lost`, options, async (t) => {
    // Most of the time an exchange is under way.
    const { simulator, vault, start } = await shared(t, kind, { grace, latencyMs: 400 }, FASTER);
    const all = [];
    const processes = [start(1e9), start(1e9)];
    let unsure = 0;
    for (let kill = 0; kill < kills; kill++) {
      const before = processes.map(({ lines }) => lines.filter(isGeneration).length);
      while (!processes.some(({ lines }, at) => lines.filter(isGeneration).length > before[at] + 1)) await pause(10);
      await pause(Math.random() * 60);
      const at = Math.floor(Math.random() * 2);
      const { child, lines, ended } = processes[at];
      child.kill("SIGKILL");
      await ended;
      all.push(...lines);
      if ((await served(() => vault.look())).claimedBy) unsure += 1;
      processes[at] = start(1e9);
    }
    for (const { child, lines, ended } of processes) {
      child.kill("SIGKILL");
      await ended;
      all.push(...lines);
    }
    const { generation } = await served(() => vault.look());
    const { generation: next } = await served(() => vault.take({ notGeneration: generation }));
    assert.ok(next > generation);
    const { tokenRequests } = simulator.counts();
    t.diagnostic(`${tokenRequests} token requests, ${next} generations, ${unsure} kills left a claim`);
    assert.deepEqual(all.filter((line) => ["login_required", "vault_copied", "vault_key_mismatch"].includes(line)), []);
  });
}
