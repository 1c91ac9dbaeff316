/** The folders of examples/, each as a user would run it, against a local Xero. */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { file } from "xero-m2m/file";
import { createSimulator } from "xero-m2m/simulator";
import { edge } from "./edge.mjs";
import { isolate } from "./isolate.mjs";
import { loggedIn } from "./login.mjs";
import { PROGRAMS, trouble } from "./programs.mjs";

const here = import.meta.dirname;
const examples = join(here, "examples");

/** A local Xero, and the environment of its callers. */
async function local(t) {
  const simulator = createSimulator({ invoices: 25 });
  t.after(() => simulator.close());
  await simulator.listen();
  return { simulator, env: { ...process.env, ...simulator.env } };
}

/** Returns the output of a program that ends by itself. */
async function printed(program, args, options) {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "inherit"], timeout: 200_000 });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  const [code] = await once(child, "close");
  assert.equal(code, 0);
  return text;
}

/** A server that prints its address, and is ended with the test. */
async function listening(t, program, args, options) {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill());
  let text = "";
  // Its output is read to the end: a server whose output nobody takes any more ends with EPIPE.
  const found = new Promise((done) => {
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const [url] = /http:\/\/127\.0\.0\.1:\d+\/?\w*(?=\s)/.exec(stripVTControlCharacters(text)) ?? [];
      if (url) done({ child, url, origin: new URL(url).origin });
    });
  });
  const ended = once(child.stdout, "end").then(() => {
    throw new Error(`it ended: ${text}`);
  });
  return Promise.race([found, ended]);
}

/** Starts a server. Returns its answer at the address that it prints. */
async function served(t, ...started) {
  const { child, url } = await listening(t, ...started);
  return { child, response: await fetch(url) };
}

const [NODE_20, NODE_22] = [PROGRAMS["Node.js 20"], PROGRAMS["Node.js 22"]];

test("node-service", { timeout: 60_000, skip: trouble(NODE_20) }, async (t) => {
  const { env } = await local(t);
  const { child, response } = await served(t, NODE_20, ["service.js"], {
    cwd: join(examples, "node-service"),
    env: { ...env, PORT: "0" },
  });
  const sums = await response.json();
  assert.ok(Object.values(sums).length > 0 && Object.values(sums).every((sum) => sum > 0), JSON.stringify(sums));
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null], "it ends by itself once it is told to");
});

test("node-script", { timeout: 60_000, skip: trouble(NODE_22) }, async (t) => {
  const { env, simulator } = await local(t);
  assert.match(await printed(NODE_22, ["script.js"], { cwd: join(examples, "node-script"), env }), /^INV-\d+\n$/);
  assert.deepEqual([simulator.counts().tokenRequests, simulator.counts().apiRequests], [1, 1]);
});

test("year: the totals that were added up by hand", { timeout: 60_000, skip: trouble(NODE_22) }, async () => {
  const text = await printed(NODE_22, ["year.js"], { cwd: join(examples, "year"), env: process.env });
  assert.match(text, /^(\d+) of \1 totals are as they were added up by hand\n$/);
});

test("deno", { timeout: 60_000, skip: trouble(PROGRAMS.Deno) }, async (t) => {
  const { env } = await local(t);
  const args = [
    "run",
    "--no-config",
    "--no-remote",
    "--node-modules-dir=manual",
    "--allow-net=127.0.0.1",
    "--allow-env",
    "--allow-read",
    "main.ts",
  ];
  const { response } = await served(t, PROGRAMS.Deno, args, {
    cwd: join(examples, "deno"),
    env: { ...env, PORT: "0" },
  });
  assert.ok((await response.json()).contacts > 0);
});

test("bun", { timeout: 60_000, skip: trouble(PROGRAMS.Bun) }, async (t) => {
  const { env } = await local(t);
  const { response } = await served(t, PROGRAMS.Bun, ["index.ts"], {
    cwd: join(examples, "bun"),
    env: { ...env, PORT: "0" },
  });
  assert.ok((await response.json()).contacts > 0);
});

test("cloudflare-worker", { timeout: 60_000 }, async (t) => {
  const { simulator } = await local(t);
  const { ask, close } = await isolate("examples/cloudflare-worker/worker.js", { bindings: simulator.env });
  t.after(close);
  assert.equal((await ask("http://worker/")).Invoices.length, 10);
});

/** The local Xero's webhook goes to `url`: its state after the address was asked for its intent to receive. */
async function validated(t, url, key) {
  const simulator = createSimulator({ invoices: 0, webhooks: { url, key } });
  t.after(() => simulator.close());
  return simulator.webhooks.validate();
}

test("webhook-node", { timeout: 60_000, skip: trouble(NODE_20) }, async (t) => {
  const env = { ...process.env, XERO_WEBHOOK_KEY: "k3y", PORT: "0" };
  const { url } = await listening(t, NODE_20, ["server.js"], { cwd: join(examples, "webhook-node"), env });
  assert.equal(await validated(t, url, "k3y"), "active");
  assert.equal(await validated(t, url, "another"), "disabled");
});

test("webhook-worker", { timeout: 60_000 }, async (t) => {
  const { url, close } = await isolate("examples/webhook-worker/worker.js", { bindings: { XERO_WEBHOOK_KEY: "k3y" } });
  t.after(close);
  assert.equal(await validated(t, url, "k3y"), "active");
  assert.equal(await validated(t, url, "another"), "disabled");
});

/** A local Xero with two organisations, whose users consent. */
async function withUsers(t) {
  const simulator = createSimulator({ invoices: 25, organisations: ["Kea Outdoor Hire", "Tui Tours"], consent: "all" });
  t.after(() => simulator.close());
  await simulator.listen();
  return simulator;
}

test("user-service", { timeout: 60_000, skip: trouble(NODE_22) }, async (t) => {
  const simulator = await withUsers(t);
  const folder = mkdtempSync(join(tmpdir(), "vault-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const vault = join(folder, "xero.vault");
  await loggedIn(simulator, "web", file(vault));
  const env = { ...process.env, ...simulator.web.env, XERO_VAULT: vault, PORT: "0" };
  const { child, response } = await served(t, NODE_22, ["service.js"], { cwd: join(examples, "user-service"), env });
  assert.deepEqual(Object.keys(await response.json()).sort(), ["Kea Outdoor Hire", "Tui Tours"]);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null], "it ends by itself once it is told to");
});

test("user-worker", { timeout: 60_000 }, async (t) => {
  const simulator = createSimulator({ invoices: 25, consent: "all" });
  t.after(() => simulator.close());
  await simulator.listen();
  const { seed } = await loggedIn(simulator, "pkce");
  const { ask, close } = await isolate("examples/user-worker/worker.js", {
    bindings: { ...simulator.pkce.env, XERO_SEED: seed },
    durableObjects: { XERO_FLEET: { className: "XeroFleet", useSQLite: true } },
  });
  t.after(close);
  // Several requests of one isolate: the first ones find the vault empty, the others a token that Xero calls expired.
  for (let n = 0; n < 2; n++) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask("http://worker/")));
    assert.deepEqual(answers.map(({ Invoices }) => Invoices.length), Array(10).fill(10));
    simulator.advance(31 * 60_000);
  }
});

test("app-connections", { timeout: 60_000, skip: trouble(NODE_22) }, async (t) => {
  const simulator = await withUsers(t);
  const { tenant } = await loggedIn(simulator);
  const output = await printed(NODE_22, ["script.js", tenant], {
    cwd: join(examples, "app-connections"),
    env: { ...process.env, ...simulator.web.env },
  });
  assert.match(output, /^Kea Outdoor Hire \S+\n$/);
});

test("vercel-edge", { timeout: 60_000 }, async (t) => {
  const { simulator } = await local(t);
  const { ask } = await edge("examples/vercel-edge/api/organisation.js", simulator.env);
  assert.deepEqual(await ask("http://function/"), { name: simulator.organisation });
});

test("next: built, and both of its routes answer", { timeout: 240_000 }, async (t) => {
  const { env, simulator } = await local(t);
  const cwd = join(examples, "next");
  const next = join(here, "node_modules/next/dist/bin/next");
  const quiet = { ...env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
  await printed(process.execPath, [next, "build"], { cwd, env: quiet });
  const { origin, child } = await listening(t, process.execPath, [next, "start", "--port", "0", "--hostname", "127.0.0.1"], {
    cwd,
    env: quiet,
  });
  for (const route of ["node", "edge"]) {
    const response = await fetch(`${origin}/api/${route}`);
    assert.deepEqual(await response.json(), { name: simulator.organisation }, route);
  }
  child.kill();
});

test("openapi-fetch: the types hold, and the calls go through", { timeout: 60_000 }, async (t) => {
  const { env } = await local(t);
  const cwd = join(examples, "openapi-fetch");
  const bin = (name) => join(here, "node_modules/.bin", name);
  const options = [
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--skipLibCheck",
    "--types",
    "node",
    "--outDir",
    "built",
  ];
  try {
    execFileSync(process.execPath, [bin("tsc"), ...options, "main.ts"], { cwd, stdio: "pipe" });
  } catch (error) {
    assert.fail(String(error.stdout));
  }
  const lines = (await printed(process.execPath, ["built/main.js"], { cwd, env })).trim().split("\n");
  assert.equal(lines.length, 5);
  for (const line of lines) assert.match(line, /^\S+ [\d.]+ 20\d\d-\d\d-\d\d$/);
});

test("xero-node: its calls go on with a token from here", { timeout: 60_000 }, async (t) => {
  const { env, simulator } = await local(t);
  const text = await printed(process.execPath, ["migrate.js"], { cwd: join(examples, "xero-node"), env });
  assert.equal(text, `by the SDK:  ${simulator.organisation}\nby xero-m2m: ${simulator.organisation}\n`);
  assert.equal(simulator.counts().tokenRequests, 1);
});
