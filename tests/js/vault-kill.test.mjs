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
import { Vault } from "xero-m2m/user";
import { length } from "./support.mjs";

const CHILD = fileURLToPath(new URL("vault-child.mjs", import.meta.url));
const REDIRECT = "http://localhost:8765/callback";

/** A local Xero, a vault in a file with a login, and processes that share it. */
async function shared(t, simulated) {
  const path = mkdtempSync(join(tmpdir(), "xero-vault-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  const simulator = createSimulator({ invoices: 1, consent: "all", ...simulated });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const { clientId, clientSecret } = simulator.web;
  const options = { path: join(path, "vault"), url, clientId, clientSecret };
  const vault = new Vault({ store: file(options.path), clientId, clientSecret, identityUrl: url, apiUrl: url });
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
  return { simulator, vault, start, path };
}

for (const grace of ["lenient", "strict"]) {
  const kills = length("vault kills");
  test(`${kills} times one of two processes is killed at a random moment (${grace}): the login is never lost`, { timeout: 60_000 + kills * 60_000 }, async (t) => {
    const { simulator, vault, start, path } = await shared(t, { grace, latencyMs: 20 });
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
      // A claim of the killed process is waited for, and so is a doubt.
      if (kill % 10 === 9) simulator.advance(0);
    }
    const { generation } = await vault.look();
    const { generation: next } = await vault.take({ notGeneration: generation });
    assert.ok(next > generation);
    for (const { child, lines, ended } of processes) {
      child.kill("SIGKILL");
      await ended;
      all.push(...lines);
    }
    const bad = all.filter((line) => ["login_required", "vault_copied", "vault_key_mismatch"].includes(line));
    assert.deepEqual(bad, []);
    assert.ok(readdirSync(path).length < 2 * kills + 4);
  });
}

test("100 callers in four processes: one exchange", { timeout: 60_000 }, async (t) => {
  const { simulator, vault, start } = await shared(t, { latencyMs: 50 });
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
