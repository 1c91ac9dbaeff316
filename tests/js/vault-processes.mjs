/** Processes that share a vault. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSimulator } from "xero-m2m/simulator";
import { file } from "xero-m2m/file";
import { postgres } from "xero-m2m/postgres";
import { Vault } from "xero-m2m/user";
import { postgresServer } from "./postgres-server.mjs";
import { byThisClock } from "./this-clock.mjs";

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
    const store = await byThisClock(postgres((text, values) => server.pool.query(text, values)));
    return { place: { connection: server.connection }, store, files: () => 0 };
  },
};

/** A local Xero, a vault with a login, and processes that share it. `node` are options for their `node`. */
export async function shared(t, kind, simulated, node = []) {
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
  const grant = await vault.exchangeCode(new URL(answer.headers.get("location")).searchParams.get("code"), REDIRECT);
  await served(() => vault.login(grant));
  const start = (rounds) => {
    const child = spawn(process.execPath, [...node, CHILD, JSON.stringify({ ...options, rounds })], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = [];
    child.stdout.on("data", (data) => lines.push(...String(data).split("\n").filter(Boolean)));
    t.after(() => child.kill("SIGKILL"));
    return { child, lines, ended: once(child, "close") };
  };
  return { simulator, vault, start, files };
}

/** The result of `act`, which is tried again while the store is away: on a machine that is busy it is, now and then. */
export async function served(act) {
  for (let tried = 1; ; tried++) {
    try {
      return await act();
    } catch (error) {
      if (error.code !== "vault_unavailable" || tried === 100) throw error;
    }
  }
}
