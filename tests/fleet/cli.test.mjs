/** The command `fleet`, in a project that has clients of its own. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { CustomConnection } from "xero-m2m";
import { redis } from "xero-m2m/redis";
import { postgres } from "xero-m2m/postgres";
import { createSimulator } from "xero-m2m/simulator";
import { freePort } from "../js/free-port.mjs";
import { postgresServer, skip as noPostgres } from "../js/postgres-server.mjs";
import { CLIENTS } from "./clients.mjs";
import { redisServer, skip } from "./redis-server.mjs";

const PROGRAM = join(dirname(createRequire(import.meta.url).resolve("xero-m2m/package.json")), "dist/cli.js");
const PROJECT = join(import.meta.dirname, "..");
const PASSWORD = "pass-word-of-the-engine";

/** Runs `xero-m2m fleet`. Returns its exit code and its outputs. */
async function run(env, args = [], cwd = PROJECT) {
  const child = spawn(process.execPath, [PROGRAM, "fleet", ...args], { cwd, env: { ...process.env, COLUMNS: "120", ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  for (const output of [out, err]) assert.ok(!output.includes(PASSWORD), "no part of the address is shown");
  return { code, out, err };
}

/** A local Xero, and a connection to it with a fleet that has called once. */
async function called(t, store) {
  const simulator = createSimulator({ invoices: 1 });
  t.after(() => simulator.close());
  await simulator.listen();
  const { XERO_CLIENT_ID: clientId, XERO_CLIENT_SECRET: clientSecret, XERO_IDENTITY_URL: identityUrl, XERO_API_URL: apiUrl } = simulator.env;
  const xero = new CustomConnection({ clientId, clientSecret, identityUrl, apiUrl, fleet: store });
  t.after(() => xero.close());
  assert.equal((await xero.fetch("/Organisation")).status, 200);
  return simulator;
}

test("it shows the token of a fleet in Redis, and no secret", { skip }, async (t) => {
  const { port, run: command } = await redisServer(t);
  await command(["CONFIG", "SET", "requirepass", PASSWORD]);
  const url = `redis://:${PASSWORD}@127.0.0.1:${port}`;
  const store = redis(await CLIENTS.redis(t, port, PASSWORD), { prefix: "billing" });
  const simulator = await called(t, store);
  const env = { ...simulator.env, XERO_FLEET_URL: url };
  const { code, out, err } = await run(env, ["--prefix", "billing"]);
  assert.equal(code, 0, err);
  assert.match(out, /^ *Store +answers in \d+ ms; .*may lose what it acknowledged$/m);
  assert.match(out, /^ *Token +generation 1, \d+ s old, ends in \d+ min \d+ s, [\d,]+ characters$/m);
  assert.match(out, /^ *Limits +1 process, [0-5] places? taken, [\d,]+ characters$/m);
  assert.match(out, /^ *Minute +calls left: (?:not known|\d+ of 60|\d+); end: /m);
  assert.match(out, /^ *Process \d+ +(?:no place|[1-5] places? with \d+ calls? for \d+ s)$/m);
  const json = JSON.parse((await run(env, ["--prefix", "billing", "--format", "json"])).out);
  assert.deepEqual([json.durable, json.token.is, json.token.generation], [false, "held", 1]);
  assert.deepEqual([json.limits.is, json.limits.members.length], ["held", 1]);
  for (const secret of [simulator.clientSecret, "eyJ"]) assert.ok(!(out + JSON.stringify(json)).includes(secret));
  assert.match((await run(env)).out, /^ *Token +none yet$[^]*^ *Limits +none yet$/m, "another prefix is another fleet");
});

test("it shows the token of a fleet in PostgreSQL", { skip: noPostgres }, async (t) => {
  const { connection, pool, stop } = await postgresServer();
  t.after(stop);
  const simulator = await called(t, postgres((query, values) => pool.query(query, values)));
  const { host, port, user, database } = connection;
  const { code, out, err } = await run({ ...simulator.env, XERO_FLEET_URL: `postgres://${user}:${PASSWORD}@${host}:${port}/${database}` });
  assert.equal(code, 0, err);
  assert.match(out, /^ *Token +generation 1, /m);
});

test("without a client in the project it says what to install", async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), "xero-project-"));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [scheme, words] of [["redis", /npm install redis, or npm install ioredis/], ["postgres", /npm install pg/]]) {
    const { code, err } = await run({ XERO_CLIENT_ID: "id", XERO_FLEET_URL: `${scheme}://:${PASSWORD}@127.0.0.1:1` }, [], cwd);
    assert.equal(code, 2);
    assert.match(err, words);
  }
});

test("a store that cannot be reached is named by its error's code alone", async () => {
  const url = `redis://:${PASSWORD}@127.0.0.1:${await freePort()}`;
  const { code, out, err } = await run({ XERO_CLIENT_ID: "id", XERO_FLEET_URL: url });
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /^xero-m2m: the store at XERO_FLEET_URL cannot be reached with the package redis \(ECONNREFUSED\)$/m);
});

test("without the variables, or with another address, it says what is missing", async () => {
  for (const [env, words] of [
    [{ XERO_CLIENT_ID: "" }, /XERO_CLIENT_ID is not set/],
    [{ XERO_CLIENT_ID: "id", XERO_FLEET_URL: "" }, /XERO_FLEET_URL is not set/],
    [{ XERO_CLIENT_ID: "id", XERO_FLEET_URL: `mysql://:${PASSWORD}@127.0.0.1` }, /XERO_FLEET_URL has to begin with redis:\/\//],
    [{ XERO_CLIENT_ID: "id", XERO_FLEET_URL: PASSWORD }, /XERO_FLEET_URL has to begin with redis:\/\//],
  ]) {
    const { code, err } = await run(env);
    assert.equal(code, 2);
    assert.match(err, words);
  }
});
