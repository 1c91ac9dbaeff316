import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSimulator } from "xero-m2m/simulator";
import { file } from "xero-m2m/file";
import { postgres } from "xero-m2m/postgres";
import { Vault } from "xero-m2m/user";
import { postgresServer, skip } from "./postgres-server.mjs";
import { length } from "./support.mjs";

const CHILD = fileURLToPath(new URL("vault-child.mjs", import.meta.url));
const REDIRECT = "http://localhost:8765/callback";

/** The stores that processes share: `place` is the part of the options by which a process finds it. */
const STORES = {
  async file(t) {
    const path = mkdtempSync(join(tmpdir(), "xero-vault-"));
    t.after(() => rmSync(path, { recursive: true, force: true }));
    const place = { path: join(path, "vault") };
    return { place, store: file(place.path), files: () => readdirSync(path).length };
  },
  async postgres(t) {
    const server = await postgresServer();
    t.after(() => server.stop());
    return { place: { connection: server.connection }, store: postgres((text, values) => server.pool.query(text, values)), files: () => 0 };
  },
};

/** A local Xero, a vault with a login, and processes that share it. */
async function shared(t, kind, simulated) {
  const { place, store, files } = await STORES[kind](t);
  const simulator = createSimulator({ invoices: 1, consent: "all", ...simulated });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const { clientId, clientSecret } = simulator.web;
  const options = { ...place, url, clientId, clientSecret };
  // It outlasts a claim of a process that was killed, and the doubt after it.
  const vault = new Vault({ store, clientId, clientSecret, identityUrl: url, apiUrl: url, timeoutMs: 240_000 });
  t.after(() => vault.close());
  const query = new URLSearchParams({ response_type: "code", client_id: clientId, redirect_uri: REDIRECT, scope: "offline_access accounting.invoices.read", state: "s" });
  const answer = await fetch(`${url}/identity/connect/authorize?${query}`, { redirect: "manual" });
  await vault.login(await vault.exchangeCode(new URL(answer.headers.get("location")).searchParams.get("code"), REDIRECT));
  const start = (rounds) => {
    const child = spawn(process.execPath, [CHILD, JSON.stringify({ ...options, rounds })], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = [];
    child.stdout.on("data", (data) => lines.push(...String(data).split("\n").filter(Boolean)));
    t.after(() => child.kill("SIGKILL"));
    return { child, lines, ended: once(child, "close") };
  };
  return { simulator, vault, start, files };
}

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
