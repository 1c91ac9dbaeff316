/** Processes that drain reads against a local Xero with limits, in time that passes faster; and the time that it takes at best. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createSimulator } from "xero-m2m/simulator";

const MINUTE_MS = 60_000;
/** Calls that Xero takes in a minute, and at once. */
const MINUTE = 60;
const IN_FLIGHT = 5;
const LIMITS = { day: 1_000_000 };
const SEED = 7;

/** A local Xero whose time passes `factor` times as fast, and what it has seen. */
export async function fastXero(t, factor, latencyMs) {
  const began = Date.now();
  const seen = { answered: 0, refused: 0, last: began, tokens: () => simulator.counts().tokenRequests };
  const now = () => Math.floor(began + (Date.now() - began) * factor);
  const log = ({ path, status }) => {
    if (!path?.startsWith("/api.xro/")) return;
    if (status === 200) {
      seen.answered += 1;
      seen.last = now();
    }
    if (status === 429) seen.refused += 1;
  };
  const simulator = createSimulator({ invoices: 0, seed: SEED, limits: LIMITS, latencyMs: latencyMs / factor, now, log });
  t.after(() => simulator.close());
  await simulator.listen();
  const env = { ...simulator.env, XERO_M2M_FASTER: String(factor), XERO_M2M_FASTER_SINCE: String(began) };
  return { env, seen, now };
}

/** The first instant after `at` at which a minute of {@link fastXero} begins: another one of the same seed shows it. */
async function edge(at) {
  const probe = createSimulator({ invoices: 0, seed: SEED, limits: LIMITS, now: () => at });
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id: probe.clientId, client_secret: probe.clientSecret });
  const granted = await probe.fetch("https://identity.xero.com/connect/token", { method: "POST", body });
  const headers = { authorization: `Bearer ${(await granted.json()).access_token}` };
  const read = () => probe.fetch("https://api.xero.com/api.xro/2.0/Organisation", { headers });
  let response;
  do response = await read();
  while (response.status === 200);
  at += (Number(response.headers.get("retry-after")) - 1) * 1_000;
  for (; (await read()).status !== 200; at++);
  await probe.close();
  return at;
}

/** The time that so many reads take if the minutes are known, each is used from its first moment, and each read takes `latencyMs`. */
export async function optimum(reads, since, latencyMs) {
  const first = await edge(since);
  const rounds = Math.floor((first - since) / latencyMs);
  const left = reads - Math.min(MINUTE, rounds * IN_FLIGHT);
  if (left <= 0) return Math.ceil(reads / IN_FLIGHT) * latencyMs;
  const minutes = Math.ceil(left / MINUTE) - 1;
  return first - since + minutes * MINUTE_MS + Math.ceil((left - minutes * MINUTE) / IN_FLIGHT) * latencyMs;
}

/** Starts processes with this client, which are ready when it resolves. */
export async function readers(t, env, { client, count, calls, inLine, port }) {
  const own = { ...process.env, ...env, CLIENT: client, CALLS: String(calls), IN_LINE: String(inLine), REDIS_PORT: String(port) };
  // The others know nothing of time that passes faster.
  const faster = client === "xero-m2m" ? ["--import", join(import.meta.dirname, "../js/faster.mjs")] : [];
  const all = Array.from({ length: count }, () => {
    const child = spawn(process.execPath, ["--expose-gc", ...faster, join(import.meta.dirname, "reader.mjs")], { env: own, stdio: ["pipe", "pipe", "inherit"] });
    t.after(() => child.kill("SIGKILL"));
    const self = { child, memories: [], ended: once(child, "close") };
    self.ready = new Promise((done) => {
      createInterface(child.stdout).on("line", (line) => {
        const { memory, ready, ...result } = JSON.parse(line);
        if (memory) self.memories.push(memory);
        else if (ready) done();
        else self.result = result;
      });
    });
    return self;
  });
  await Promise.all(all.map(({ ready }) => ready));
  const say = (word) => {
    for (const { child } of all) if (child.exitCode === null) child.stdin.write(`${word}\n`);
  };
  return {
    go: () => say("go"),
    /** Has each process note its memory. */
    weigh: () => say("memory"),
    /** Resolves to the result and the memories of each process, once all have ended. */
    async ended() {
      await Promise.all(all.map(({ ended }) => ended));
      return all.map(({ result, memories }) => ({ ...result, memories }));
    },
  };
}
