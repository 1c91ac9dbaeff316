// The recorder, as people run it: programs of any client against the local Xero, and nothing in the file but operations.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, watch, writeFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import { UsageRecorder, catalogue, compareUsage, mergeUsage, planChange, requiredScopes, usageSummary } from "xero-m2m/policy";
import { createSimulator } from "xero-m2m/simulator";
import { local, serve } from "./support.mjs";

const require = createRequire(import.meta.url);
const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const root = dirname(require.resolve("xero-m2m/package.json"));
const cli = join(root, "dist/cli.js");
const validate = new Ajv({ strict: true, allErrors: true }).compile(
  JSON.parse(readFileSync(require.resolve("xero-m2m/xero-usage.schema.json"), "utf8")),
);

function folder(t) {
  const made = mkdtempSync(join(tmpdir(), "xero m2m "));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A recording in a file, which is valid by the schema and by the core: its one run, or all its runs as one. */
function recording(file, runs = 1) {
  const written = readFileSync(file, "utf8");
  const usage = JSON.parse(written);
  assert.ok(validate(usage), JSON.stringify(validate.errors));
  assert.equal(mergeUsage([written, written]), written);
  assert.equal(usage.runs.length, runs);
  return JSON.parse(mergeUsage([written], "0".repeat(16))).runs[0];
}

const counts = ({ calls }) => Object.fromEntries(calls.map(({ operations, times }) => [operations.join(), times]));

function start(args, { cwd, env = {}, stdin = "ignore" } = {}) {
  const child = spawn(args[0], args.slice(1), { cwd, env: { ...process.env, NODE_OPTIONS: "", ...env }, stdio: [stdin, "pipe", "pipe"] });
  const ended = Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  return { child, ended: ended.then(([[code, signal], stdout, stderr]) => ({ code, signal, stdout, stderr })) };
}

const run = (...args) => start(...args).ended;
const program = (name) => join(here, "recorded", name);

async function simulated(t, options = {}) {
  const simulator = createSimulator({ invoices: 5, ...options });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  return { simulator, url };
}

const ID = "220ddca8-3144-4085-9a88-2d72c5133734";
const EVERY = {
  "accounting.getAccounts": 1,
  "accounting.getContacts": 1,
  "accounting.getCurrencies": 1,
  "accounting.getInvoice": 1,
  "accounting.getInvoices": 1,
  "accounting.getItem": 1,
  "accounting.getOrganisations": 1,
  "accounting.getTaxRates": 1,
};

test("a process that ends opens the recorder's own small module, and the policy only to print the end", { timeout: 60_000 }, async (t) => {
  const cwd = folder(t);
  const { url } = await simulated(t);
  const hook = join(cwd, "hook.cjs");
  writeFileSync(hook, `const fs = require("node:fs"), { basename } = require("node:path");
    const { readFileSync } = fs;
    const opened = [];
    fs.readFileSync = (...given) => {
      if (/[.]wasm/.test(given[0])) opened.push(basename(given[0]));
      return readFileSync(...given);
    };
    globalThis.opened = opened;`);
  const script = `process.on("exit", () => process.stdout.write(opened.join())); fetch("${url}/api.xro/2.0/Invoices")`;
  const ended = (quiet) => {
    const env = { XERO_USAGE: join(cwd, quiet), XERO_USAGE_QUIET: quiet };
    return run([process.execPath, "--require", hook, "--require", join(root, "dist/record.cjs"), "--eval", script], { cwd, env });
  };
  assert.equal((await ended("1")).stdout, "record.wasm.deflate");
  assert.equal((await ended("0")).stdout, "record.wasm.deflate,policy.wasm");
  for (const quiet of ["1", "0"]) {
    const usage = recording(join(cwd, quiet, readdirSync(join(cwd, quiet))[0]));
    assert.deepEqual(counts(usage), { "accounting.getInvoices": 1 });
  }
});

for (const how of ["--import", "--require", "record"]) {
  test(`each call is seen once, by operation, whatever the client: ${how}`, { timeout: 120_000 }, async (t) => {
    const cwd = folder(t);
    const { simulator, url } = await simulated(t);
    const args = [program("program.mjs"), url, simulator.clientId, simulator.clientSecret, ID];
    const preload = how === "--import" ? new URL(`file://${root}/dist/record.cjs`).href : join(root, "dist/record.cjs");
    const plain = await run([process.execPath, ...args], { cwd });
    const recorded = await run(how === "record" ? [process.execPath, cli, "record", "--", process.execPath, ...args] : [process.execPath, how, preload, ...args], { cwd });
    assert.deepEqual([plain.code, plain.stdout, plain.stderr], [7, "done\n", "well\n"]);
    assert.deepEqual([recorded.code, recorded.stdout], [7, "done\n"]);
    const file = how === "record" ? join(cwd, "xero-usage.json") : join(cwd, "xero-usage", readdirSync(join(cwd, "xero-usage"))[0]);
    const usage = recording(file);
    assert.deepEqual(counts(usage), EVERY);
    assert.deepEqual(usage.notKnown.map(({ method, base, times }) => [method, base, times]), [["GET", "/api.xro/2.0", 1]]);
    assert.equal(usage.watched.processes, 1);
    const written = readFileSync(file, "utf8");
    const { access_token: token } = await (await simulator.fetch(`${url}/connect/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials", client_id: simulator.clientId, client_secret: simulator.clientSecret }),
    })).json();
    for (const secret of [ID, simulator.clientId, simulator.clientSecret, token, "eyJ", "Needle", "where", "unitdp", "page", "Wishes", "127.0.0.1", "elsewhere", url]) {
      assert.ok(!written.includes(secret) && !recorded.stderr.includes(secret), secret);
    }
    // The program's own line, and the end of the recording.
    const [first, ...rest] = recorded.stderr.trim().split("\n");
    assert.equal(first, "well");
    assert.ok(rest.every((line) => line.startsWith("xero-m2m record: ")), recorded.stderr);
    assert.match(recorded.stderr, /watched 1 process for \d+ s: 9 calls to Xero, 8 operations\n.*smallest set of scopes for what ran: accounting\.[\s\S]*not known: GET \/api\.xro\/2\.0 \(1 call\)[\s\S]*did not run meanwhile are not in it/);
    assert.deepEqual(readdirSync(cwd).filter((name) => /parts|lock|tmp/.test(name)), []);
  });
}

test("several processes at once, and several runs, lose no count", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const { url } = await serve(t, (request, response) => response.end("{}"));
  const record = () => run([process.execPath, cli, "record", "--out", "usage.json", "--", process.execPath, program("calls.mjs"), url, "20", "4"], { cwd });
  const ends = await Promise.all([record(), record(), record()]);
  assert.deepEqual(ends.map(({ code }) => code), [0, 0, 0]);
  const usage = recording(join(cwd, "usage.json"), 3);
  assert.deepEqual(counts(usage), { "accounting.getInvoices": 3 * 4 * 20 });
  // Each run has a parent and four others.
  assert.equal(usage.watched.processes, 3 * 5);
  assert.deepEqual(readdirSync(cwd), ["usage.json"]);

  // A run that is merged again is counted once.
  const both = join(cwd, "both.json");
  const merge = () => run([process.execPath, cli, "record", "--merge", "usage.json", "usage.json", "--out", both], { cwd });
  for (let again = 0; again < 2; again++) {
    const merged = await merge();
    assert.equal(merged.code, 0, merged.stderr);
    assert.deepEqual(counts(recording(both, 3)), { "accounting.getInvoices": 240 });
  }
});

test("threads are recorded too", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const { url } = await serve(t, (request, response) => response.end("{}"));
  const { code, stderr } = await run([process.execPath, cli, "record", "--", process.execPath, program("thread.mjs"), url], { cwd });
  assert.equal(code, 0, stderr);
  const usage = recording(join(cwd, "xero-usage.json"));
  assert.deepEqual([counts(usage), usage.watched.processes], [{ "accounting.getContacts": 1, "accounting.getInvoices": 1 }, 2]);
});

test("XERO_USAGE_QUIET=1 keeps a process from printing, and from nothing else", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const { url } = await serve(t, (request, response) => response.end("{}"));
  const args = ["--require", join(root, "dist/record.cjs"), program("calls.mjs"), url, "2", "1"];
  const { code, stdout, stderr } = await run([process.execPath, ...args], { cwd, env: { XERO_USAGE_QUIET: "1" } });
  assert.deepEqual([code, stdout, stderr], [0, "", ""]);
  const [name, ...others] = readdirSync(join(cwd, "xero-usage"));
  assert.deepEqual([counts(recording(join(cwd, "xero-usage", name))), others], [{ "accounting.getInvoices": 2 }, []]);
});

test("processes and threads with an environment of their own are recorded too", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const { url } = await serve(t, (request, response) => response.end("{}"));
  const { code, stderr } = await run([process.execPath, cli, "record", "--", process.execPath, program("children.mjs"), url], { cwd });
  assert.equal(code, 0, stderr);
  const usage = recording(join(cwd, "xero-usage.json"));
  const called = ["Accounts", "Contacts", "Currencies", "Invoices", "Items", "Organisations", "Payments", "TaxRates", "Users"];
  assert.deepEqual(counts(usage), Object.fromEntries(called.map((name) => [`accounting.get${name}`, 1])));
  assert.equal(usage.watched.processes, 10);
});

test("processes that were killed, and those that live longer than the command, are reported", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const { url } = await serve(t, (request, response) => response.end("{}"));
  const calls = [program("calls.mjs"), url, "2", "1", "stay"];
  // It ends when its child has made its calls, and prints the number of the process.
  const parent = `const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, process.argv.slice(1), { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    child.stdout.once("data", () => { console.log(child.pid); process.env.KILL ? child.kill("SIGKILL") : process.exit(); });`;
  const record = (out, env) => run([process.execPath, cli, "record", "--out", out, "--", process.execPath, "-e", parent, ...calls], { cwd, env });
  const killed = await record("killed.json", { KILL: "1" });
  assert.equal(killed.code, 0, killed.stderr);
  assert.match(killed.stderr, /1 process of the command ended before it could write: calls of the last second may be missing/);
  const lives = await record("lives.json");
  assert.equal(lives.code, 0, lives.stderr);
  const advice = /1 process of the command still runs; when it has ended, add its recording: xero-m2m (record --merge (\S+) --out lives\.json)/;
  const [, merge = "", parts = ""] = advice.exec(lives.stderr) ?? [];
  assert.ok(merge, lives.stderr);
  // It removes its mark when it has written.
  const marks = () => readdirSync(join(cwd, parts)).filter((name) => name.startsWith("."));
  const watching = watch(join(cwd, parts));
  process.kill(Number(lives.stdout), "SIGTERM");
  while (marks().length) await once(watching, "change");
  watching.close();
  for (let again = 0; again < 2; again++) {
    const merged = await run([process.execPath, cli, ...merge.split(" ")], { cwd });
    assert.equal(merged.code, 0, merged.stderr);
    assert.deepEqual(counts(recording(join(cwd, "lives.json"), 2)), { "accounting.getInvoices": 2 });
  }
});

test("calls by HTTP/2 are seen, each once", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const answer = (request, response) => response.end("{}");
  const listening = async (server) => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    t.after(() => server.close());
    return server.address().port;
  };
  const args = [`http://127.0.0.1:${await listening(http2.createServer(answer))}`];
  const made = spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "own.pem", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], { cwd });
  const expected = { "accounting.getInvoices": 1, "accounting.getItems": 1 };
  if (made.status === 0) {
    const [key, cert] = ["key.pem", "own.pem"].map((name) => readFileSync(join(cwd, name)));
    args.push(`https://localhost:${await listening(http2.createSecureServer({ key, cert }, answer))}`, join(cwd, "own.pem"));
    expected["accounting.getAccounts"] = 1;
  } else t.diagnostic("openssl does not work on this machine, so undici is not tried");
  const ended = await run([process.execPath, cli, "record", "--", process.execPath, program("http2.mjs"), ...args], { cwd });
  assert.deepEqual([ended.code, ended.stdout], [0, "done\n"], ended.stderr);
  assert.deepEqual(counts(recording(join(cwd, "xero-usage.json"))), expected);
});

test("a killed process leaves a file that can be read", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const { url } = await serve(t, (request, response) => response.end("{}"));
  const { child, ended } = start([process.execPath, "--require", join(root, "dist/record.cjs"), program("calls.mjs"), url, "3", "1", "stay"], {
    cwd,
    env: { XERO_USAGE: cwd },
  });
  const seen = () => readdirSync(cwd).find((name) => name.endsWith(".json"));
  const watching = watch(cwd);
  while (!seen()) await once(watching, "change");
  watching.close();
  child.kill("SIGKILL");
  const { signal, stdout, stderr } = await ended;
  assert.deepEqual([signal, stdout, stderr], ["SIGKILL", "called\n", ""]);
  const usage = recording(join(cwd, seen()));
  assert.deepEqual(Object.keys(counts(usage)), ["accounting.getInvoices"]);
});

test("a command ends as it ends without the recorder, and it is reported if it recorded nothing", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const record = (...command) => run([process.execPath, cli, "record", "--", ...command], { cwd });
  const silent = await record("sh", "-c", "echo out; echo err >&2; exit 3");
  assert.deepEqual([silent.code, silent.stdout], [3, "out\n"]);
  assert.match(silent.stderr, /^err\nxero-m2m record: the command made no recording: no Node\.js program/);
  assert.equal(existsSync(join(cwd, "xero-usage.json")), false);
  const killed = await record("sh", "-c", "kill -TERM $$");
  assert.deepEqual([killed.code, killed.signal], [null, "SIGTERM"]);
  const core = await record("sh", "-c", "kill -KILL $$");
  assert.deepEqual([core.code, core.signal], [null, "SIGKILL"]);
  assert.match(core.stderr, /ended by SIGKILL: calls of its last second may be missing/);
  assert.match((await record("sh", "-c", "exit 137")).stderr, /ended by exit code 137: calls of its last second may be missing/);
  assert.doesNotMatch(killed.stderr + silent.stderr, /last second/);
  const thrown = await record(process.execPath, "-e", "throw new Error('own')");
  assert.equal(thrown.code, 1);
  assert.match(thrown.stderr, /Error: own[\s\S]*watched 1 process for \d+ s: 0 calls to Xero, 0 operations\n.*no scopes are known from it/);
  const empty = await run([process.execPath, cli, "scopes", "xero-usage.json"], { cwd });
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /nothing can be said from "xero-usage\.json": watched 1 process for \d+ s: 0 calls to Xero/);
  const missing = await record("there-is-no-such-program");
  assert.deepEqual([missing.code, missing.stdout], [2, ""]);
  assert.match(missing.stderr, /cannot run .*there-is-no-such-program.*: there is no such program/);
  assert.deepEqual(readdirSync(cwd), ["xero-usage.json"]);
});

/** A program that makes a call, reports its listeners, and lives on until a signal. */
const waiting = (url, more = "", later = "") =>
  `${more} await (await fetch("${url}/api.xro/2.0/Invoices")).text(); ${later} setInterval(() => {}, 60_000); console.log("called");`;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"]) {
  test(`${signal} is handed on to the command, which ends as it would alone`, { timeout: 120_000 }, async (t) => {
    const cwd = folder(t);
    const { url } = await serve(t, (request, response) => response.end("{}"));
    for (const more of [`process.on("${signal}", () => process.exit(5));`, ""]) {
      // A debugger's signal ends no program.
      if (signal === "SIGUSR1" && !more) continue;
      const command = [process.execPath, "--input-type=module", "-e", waiting(url, more)];
      const ends = await Promise.all(
        [command, [process.execPath, cli, "record", "--", ...command]].map(async (args) => {
          const { child, ended } = start(args, { cwd });
          await once(child.stdout, "data");
          child.kill(signal);
          return ended;
        }),
      );
      const [plain, recorded] = ends.map(({ code, signal, stdout }) => [code, signal, stdout]);
      assert.deepEqual(recorded, plain);
    }
    // A process that another signal ends at once leaves what it had written before.
    const usage = recording(join(cwd, "xero-usage.json"), ["SIGINT", "SIGTERM", "SIGHUP"].includes(signal) ? 2 : 1);
    assert.deepEqual(Object.keys(counts(usage)), ["accounting.getInvoices"]);
  });
}

test("a program that a signal ends prints the end of its recording first, and ends as it would alone", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const { url } = await serve(t, (request, response) => response.end("{}"));
  const preload = ["--require", join(root, "dist/record.cjs")];
  const listeners = 'const own = () => {}; process.on("SIGTERM", own); process.once("SIGTERM", own);';
  const count = 'console.log(process.listenerCount("SIGTERM"));';
  const gone = 'process.off("SIGTERM", own); process.off("SIGTERM", own);';
  // The listeners of the program are counted alone, and what they do is what happens, before the first call and after it.
  const leave = 'process.on("SIGTERM", () => process.exit(process.listenerCount("SIGTERM")));';
  for (const [more, later, expected] of [
    ["", "", [null, "SIGTERM", "called\n"]],
    [leave, "", [1, null, "called\n"]],
    ["", leave, [1, null, "called\n"]],
    ["", `${listeners} ${count} ${gone}`, [null, "SIGTERM", "2\ncalled\n"]],
  ]) {
    const script = waiting(url, more, later);
    const { child, ended } = start([process.execPath, ...preload, "--input-type=module", "-e", script], { cwd });
    await new Promise((done) => {
      let out = "";
      child.stdout.on("data", (chunk) => (out += chunk).includes("called") && done());
    });
    child.kill("SIGTERM");
    const { code, signal, stdout, stderr } = await ended;
    assert.deepEqual([code, signal, stdout], expected, stderr);
    assert.match(stderr, /^xero-m2m record: watched 1 process for \d+ s: 1 call to Xero[\s\S]*accounting\.invoices\.read\n[\s\S]*written to/);
  }
  assert.equal(readdirSync(join(cwd, "xero-usage")).length, 4);
});

test("a program that sends itself a signal ends by it, also with nothing left to do", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const { url } = await serve(t, (request, response) => response.end("{}"));
  const call = `await (await fetch("${url}/api.xro/2.0/Invoices", { headers: { connection: "close" } })).text();`;
  // As a program does that has cleaned up in a listener of its own.
  const again = 'process.once("SIGTERM", () => process.kill(process.pid, "SIGTERM")); process.emit("SIGTERM");';
  for (const [last, signal] of [["process.kill(process.pid);", "SIGTERM"], ["process.kill(process.pid, 2);", "SIGINT"], [again, "SIGTERM"]]) {
    const command = [process.execPath, "--input-type=module", "-e", `${call} ${last}`];
    const [plain, recorded] = await Promise.all([command, [process.execPath, cli, "record", "--", ...command]].map((args) => run(args, { cwd })));
    assert.deepEqual([plain.code, plain.signal], [null, signal]);
    assert.deepEqual([recorded.code, recorded.signal], [null, signal], recorded.stderr);
    assert.match(recorded.stderr, /1 call to Xero/);
  }
});

test("what cannot be used is refused before the command runs", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  writeFileSync(join(cwd, "other.json"), "{}");
  for (const [args, message] of [
    [[], /record needs a command/],
    [["--merge"], /--merge needs recordings/],
    [["--to", "https://api.xero.com", "--", "node"], /--to belongs to --listen/],
    [["--listen", "0", "--", "node"], /--listen takes no command/],
    [["--listen", "0", "--to", "http://example.com"], /--to is .*example\.com.*has to be a base/],
    [["--listen", "0", "--to", "https://api.xero.com/api.xro"], /has to be a base/],
    [["--out", "other.json", "--", "node", "-e", "console.log(1)"], /other\.json.* is no recording/],
    [["--out", "none/usage.json", "--", "node", "-e", "console.log(1)"], /no recording can be kept/],
    [["--merge", "other.json"], /other\.json.* is no recording/],
  ]) {
    const { code, stdout, stderr } = await run([process.execPath, cli, "record", ...args], { cwd });
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, message);
  }
  assert.deepEqual(readdirSync(cwd), ["other.json"]);
});

/** A proxy in front of a base: its address, and the recording when it has ended. */
async function proxy(t, to) {
  const cwd = folder(t);
  const { child, ended } = start([process.execPath, cli, "record", "--listen", "0", "--to", to], { cwd });
  t.after(() => child.kill("SIGKILL"));
  const [chunk] = await once(child.stdout, "data");
  const url = /XERO_API_URL=(http:\/\/127\.0\.0\.1:\d+)/.exec(chunk)[1];
  return {
    url,
    async end() {
      child.kill("SIGINT");
      const { code, stderr } = await ended;
      assert.equal(code, 0, stderr);
      return { stderr, usage: recording(join(cwd, "xero-usage.json")) };
    },
  };
}

test("the proxy hands on methods, paths, headers and bodies as they are, and keeps operations", { timeout: 120_000 }, async (t) => {
  const { url: to, requests } = await serve(t, (request, response) => {
    response.writeHead(request.method === "PUT" ? 429 : 200, { "x-one": "1", "set-cookie": ["a=1", "b=2"], "retry-after": "7" });
    response.end(request.method === "HEAD" ? undefined : "answer");
  });
  const { url, end } = await proxy(t, to);
  const get = await fetch(`${url}/api.xro/2.0/Invoices/${ID}?where=Needle`, { headers: { authorization: "Bearer token", "xero-tenant-id": "tenant" } });
  assert.deepEqual([get.status, get.headers.get("x-one"), get.headers.getSetCookie(), await get.text()], [200, "1", ["a=1", "b=2"], "answer"]);
  const put = await fetch(`${url}/api.xro/2.0/Contacts`, { method: "PUT", body: "Needle" });
  assert.deepEqual([put.status, put.headers.get("retry-after"), await put.text()], [429, "7", "answer"]);
  assert.equal((await fetch(`${url}/connections`, { method: "HEAD" })).status, 200);
  assert.equal((await fetch(`${url}/connections/${ID}`, { method: "DELETE" })).status, 200);
  const [first, second, , last] = requests;
  assert.deepEqual([first.method, first.url, first.headers.authorization, first.headers["xero-tenant-id"], first.headers.host], ["GET", `/api.xro/2.0/Invoices/${ID}?where=Needle`, "Bearer token", "tenant", new URL(to).host]);
  assert.deepEqual([second.method, second.body], ["PUT", "Needle"]);
  assert.deepEqual([last.method, last.body, last.headers["transfer-encoding"]], ["DELETE", "", undefined]);
  const { usage, stderr } = await end();
  assert.deepEqual(counts(usage), {
    "accounting.createContacts": 1,
    "accounting.getInvoice": 1,
    "identity.deleteConnection": 1,
    "identity.getConnections": 1,
  });
  for (const secret of [ID, "Needle", "token\"", "tenant"]) assert.ok(!JSON.stringify(usage).includes(secret) && !stderr.includes(ID), secret);
});

test("the proxy adds to its file while it serves, so that its end by kill -9 loses a second at most", { timeout: 120_000 }, async (t) => {
  const { url: to } = await serve(t, (request, response) => response.end("{}"));
  const cwd = folder(t);
  for (let runs = 1; runs <= 2; runs++) {
    const { child, ended } = start([process.execPath, cli, "record", "--listen", "0", "--to", to], { cwd });
    const [written] = await once(child.stdout, "data");
    const [, url] = /XERO_API_URL=(\S+)/.exec(`${written}`);
    const file = join(cwd, "xero-usage.json");
    const times = () => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).runs.flatMap((run) => run.calls).reduce((sum, call) => sum + call.times, 0) : 0);
    const watching = watch(cwd);
    for (let call = 1; call <= 2; call++) {
      await (await fetch(`${url}/api.xro/2.0/Items`)).text();
      while (times() < (runs - 1) * 2 + call) await once(watching, "change");
    }
    watching.close();
    assert.deepEqual(counts(recording(file, runs)), { "accounting.getItems": 2 * runs });
    assert.deepEqual(readdirSync(cwd).filter((name) => !/^xero-usage\.json(\.lock|\.tmp)?$/.test(name)), []);
    child.kill("SIGKILL");
    await ended;
    rmSync(join(cwd, "xero-usage.json.lock"), { force: true });
  }
});

test("the proxy streams both ways", { timeout: 120_000 }, async (t) => {
  const parts = [];
  const server = http.createServer((request, response) => {
    response.write("began ");
    request.on("data", (chunk) => {
      parts.push(`${chunk}`);
      response.write(`got ${chunk} `);
    });
    request.on("end", () => response.end("over"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.closeAllConnections() ?? server.close());
  const { url, end } = await proxy(t, `http://127.0.0.1:${server.address().port}`);
  const request = http.request(`${url}/api.xro/2.0/Invoices`, { method: "POST" });
  // Each part is sent only when the answer to the one before it is here.
  request.write("one");
  const [response] = await once(request, "response");
  let all = "";
  const chunks = response[Symbol.asyncIterator]();
  const until = async (words) => {
    while (!all.includes(words)) all += `${(await chunks.next()).value}`;
  };
  await until("got one");
  request.write("two");
  await until("got two");
  request.end("three");
  await until("over");
  assert.equal(all, "began got one got two got three over");
  assert.deepEqual(parts, ["one", "two", "three"]);
  assert.deepEqual(counts((await end()).usage), { "accounting.updateOrCreateInvoices": 1 });
});

test("the proxy answers for a base that does not, cuts what was cut, and takes no other place", { timeout: 120_000 }, async (t) => {
  const { url: to } = await serve(t, (request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  const cut = await proxy(t, to);
  await assert.rejects(async () => (await fetch(`${cut.url}/api.xro/2.0/Invoices`)).text());
  const answered = await new Promise((done) => http.get(cut.url, { path: "http://example.com/" }, done));
  assert.equal(answered.statusCode, 400);
  answered.resume();
  await cut.end();
  const nobody = await proxy(t, "http://127.0.0.1:1");
  const answer = await fetch(`${nobody.url}/api.xro/2.0/Invoices`);
  assert.equal(answer.status, 502);
  assert.match(await answer.text(), /did not answer: ECONNREFUSED/);
  await nobody.end();
});

const works = (command, ...args) => {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return false;
  } catch {
    return `${command} ${args.join(" ")} does not work on this machine`;
  }
};

test("curl calls a local Xero through the proxy", { skip: works("curl", "--version"), timeout: 120_000 }, async (t) => {
  const { simulator, url: to } = await local(t);
  const { url, end } = await proxy(t, to);
  const { access_token } = await (await simulator.fetch(`${to}/connect/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "client_credentials", client_id: simulator.clientId, client_secret: simulator.clientSecret }),
  })).json();
  const { stdout, code } = await run(["curl", "-s", "-H", `Authorization: Bearer ${access_token}`, "-H", "Accept: application/json", `${url}/api.xro/2.0/Organisation`]);
  assert.deepEqual([code, JSON.parse(stdout).Organisations.length], [0, 1]);
  assert.deepEqual(counts((await end()).usage), { "accounting.getOrganisations": 1 });
});

test("curl streams through the proxy both ways", { skip: works("curl", "--version"), timeout: 120_000 }, async (t) => {
  const server = http.createServer((request, response) => {
    response.write("began ");
    request.on("data", (chunk) => response.write(`got ${chunk} `));
    request.on("end", () => response.end("over"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.closeAllConnections() ?? server.close());
  const { url, end } = await proxy(t, `http://127.0.0.1:${server.address().port}`);
  const { child, ended } = start(["curl", "-s", "-N", "-T", ".", "-X", "POST", "-H", "Expect:", `${url}/api.xro/2.0/Invoices`], { stdin: "pipe" });
  let all = "";
  child.stdout.on("data", (chunk) => (all += chunk));
  const until = async (words) => {
    while (!all.includes(words)) await once(child.stdout, "data");
  };
  // Each part is sent only when the answer to the one before it is here.
  child.stdin.write("one");
  await until("got one");
  child.stdin.write("two");
  await until("got two");
  child.stdin.end("three");
  const { code, stdout } = await ended;
  assert.deepEqual([code, stdout], [0, "began got one got two got three over"]);
  assert.deepEqual(counts((await end()).usage), { "accounting.updateOrCreateInvoices": 1 });
});

const python = process.env.XERO_PYTHON ?? "python3";
test("xero-python calls a local Xero through the proxy", { skip: works(python, "-c", "import xero_python"), timeout: 120_000 }, async (t) => {
  const { simulator, url: to } = await local(t);
  const { url, end } = await proxy(t, to);
  const { access_token } = await (await simulator.fetch(`${to}/connect/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "client_credentials", client_id: simulator.clientId, client_secret: simulator.clientSecret }),
  })).json();
  const { stdout, stderr, code } = await run([python, program("through.py"), url, access_token]);
  assert.deepEqual([code, stdout], [0, "25\n"], stderr);
  assert.deepEqual(counts((await end()).usage), { "accounting.getInvoices": 1 });
});

/** A recording of requests to Xero. */
function recorded(...requests) {
  const recorder = new UsageRecorder();
  for (const [method, path] of requests) recorder.request(method, `https://api.xero.com${path}`);
  return recorder.text();
}

test("every verb and function reads a recording, and its calls are sure", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  const usage = recorded(["GET", "/api.xro/2.0/Invoices"], ["PUT", "/api.xro/2.0/Payments"], ["GET", "/api.xro/2.0/Wishes"]);
  writeFileSync(join(cwd, "usage.json"), usage);
  const answer = requiredScopes(usage);
  assert.deepEqual(answer.scopes, ["accounting.invoices.read", "accounting.payments"]);
  assert.deepEqual(answer.calls.map(({ assumed, ambiguous }) => [assumed, ambiguous]), [[undefined, false], [undefined, false]]);
  const verb = (...args) => run([process.execPath, cli, ...args], { cwd });
  const scopes = await verb("scopes", "usage.json");
  // Beside the verdict.
  assert.match(scopes.stdout, /^2 scopes; 2 calls found;[^.]*all\s+of\s+them\s+are\s+known\s+from\s+1\s+recording\s+alone,\s+which\s+watched\s+1\s+process[^.]*missing\n/);
  assert.deepEqual(JSON.parse((await verb("scopes", "usage.json", "--format", "json")).stdout).scopes, answer.scopes);
  const plan = await verb("plan", "--from", "accounting.transactions", "--created-on", "2025-02-01", "usage.json");
  assert.match(plan.stdout, /accounting\.payments/);
  assert.match(plan.stdout, /^Not everything is known: [^.]*known\s+from\s+1\s+recording\s+alone/);
  assert.match(plan.stdout, /rests\s+on\s+a\s+recording\s+alone/);
  assert.match((await verb("plan", "--email", "--full", "--from", "accounting.transactions", "--created-on", "2025-02-01", "usage.json")).stdout, /while we watched it/);
  writeFileSync(join(cwd, "known.json"), recorded(["GET", "/api.xro/2.0/Invoices"]));
  const check = await verb("check", "--scopes", "accounting.invoices.read accounting.contacts", "known.json");
  assert.match(check.stdout, /^ALLOWED: 1 call found;\s+it\s+is\s+known\s+from\s+1\s+recording\s+alone/);
  assert.match(check.stdout, /No\s+call\s+needs\s+accounting\.contacts[^;]*;\s+this\s+rests\s+on\s+a\s+recording\s+alone/);
  const { recorded: basis, scopes: from } = requiredScopes(readFileSync(join(cwd, "known.json"), "utf8"));
  const own = planChange({ from: "accounting.invoices accounting.contacts", to: from, recorded: basis });
  assert.ok(own.steps.some(({ why }) => why.text.includes("rests on a recording alone")));
  writeFileSync(join(cwd, "usage.json"), usage.replace('"xeroUsage": 2', '"xeroUsage": 3'));
  const newer = await verb("scopes", "usage.json");
  assert.equal(newer.code, 1);
  assert.match(newer.stdout, /could not be read/);
});

test("check --recorded compares code with what ran", { timeout: 120_000 }, async (t) => {
  const cwd = folder(t);
  writeFileSync(join(cwd, "usage.json"), recorded(["GET", "/api.xro/2.0/Invoices"], ["GET", "/api.xro/2.0/Items"], ["GET", "/api.xro/2.0/Items"]));
  writeFileSync(join(cwd, "app.js"), "xero.accountingApi.getInvoices(tenant);\nxero.accountingApi.createPayment(tenant, payment);\n");
  const check = (...args) => run([process.execPath, cli, "check", "--scopes", "accounting.invoices accounting.payments accounting.settings.read", ...args], { cwd });
  const { recorded: compared, calls } = JSON.parse((await check("--recorded", "usage.json", "app.js", "--format", "json")).stdout);
  assert.deepEqual(compared.notRun.map(({ operations, file, line }) => [operations, file, line]), [[["accounting.createPayment"], "app.js", 2]]);
  assert.deepEqual(compared.notRead.map(({ operations, file, times }) => [operations, file, times]), [[["accounting.getItems"], "usage.json", 2]]);
  assert.deepEqual([compared.recordings, compared.shown, compared.watched.processes, compared.notKnown], [1, 1, 1, []]);
  // What ran is checked as well.
  assert.ok(calls.some(({ operation }) => operation === "accounting.getItems"));
  const { stdout } = await check("--recorded", "usage.json", "app.js");
  assert.match(stdout, /1 of 2 calls in\s+the\s+code ran[\s\S]*no run has shown it: a test is missing[\s\S]*app\.js:2:\d+.*createPayment[\s\S]*reading the code did not find it[\s\S]*accounting\.getItems \(2 calls\)/);
  assert.match((await check("--recorded", "usage.json", "app.js", "--format", "markdown")).stdout, /no run has shown it[\s\S]*createPayment/);
  // A recording is found in a folder too.
  assert.match((await check(".")).stdout, /1 of 2 calls in\s+the\s+code ran/);
  const wrong = await check("--recorded", "app.js", "app.js");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /app\.js.* is no recording/);
});

test("events of a client give the same", async (t) => {
  const usage = new UsageRecorder();
  const { xero } = await local(t, { onEvent: usage.onEvent });
  await xero.json("GET", "/Organisation");
  await xero.fetch("/Invoices?page=1");
  await xero.fetch("/Invoices?page=2");
  await xero.fetch("/Wishes");
  await new Promise(setImmediate);
  assert.ok(validate(JSON.parse(usage.text())));
  // Each text of it is the same run, later.
  assert.equal(JSON.parse(mergeUsage([usage.text(), usage.text()])).runs.length, 1);
  const [found] = JSON.parse(usage.text()).runs;
  assert.deepEqual(counts(found), { "accounting.getInvoices": 2, "accounting.getOrganisations": 1 });
  assert.deepEqual(found.notKnown.map(({ method, times }) => [method, times]), [["GET", 1]]);
  assert.match(usageSummary(usage.text()), /4 calls to Xero, 2 operations/);
});

test("every operation of the catalogue is counted at Xero, by a proxy and at a local Xero", () => {
  // Some differ only in the names of their parameters, and are opened by the same scopes.
  const form = ({ method, path }) => `${method} ${path.replaceAll(/\{[^}]*\}/g, "{}")}`;
  for (const base of ["https://api.xero.com", "http://127.0.0.1:4010"]) {
    const recorder = new UsageRecorder();
    for (const { method, path } of catalogue.operations) {
      // Some operations take an id, others of the same form a name.
      for (const value of [ID, "7.pdf"]) {
        const filled = path.replaceAll(/\{[^}]*\}/g, value);
        assert.ok(recorder.request(method, `${base}${filled}`), path);
      }
    }
    const [{ calls, notKnown }] = JSON.parse(recorder.text()).runs;
    const keys = new Set(calls.flatMap(({ operations }) => operations));
    const found = new Set(catalogue.operations.filter(({ key }) => keys.has(key)).map(form));
    // A name in the place of an id is no operation.
    assert.ok(notKnown.every(({ base }) => base !== undefined));
    assert.deepEqual(catalogue.operations.map(form).filter((own) => !found.has(own)), []);
  }
});

test("mistakes of callers are named", () => {
  assert.throws(() => mergeUsage(["{}"]), { code: "invalid_option", message: /text 0 is no recording/ });
  assert.throws(() => mergeUsage("{}"), { code: "invalid_option" });
  assert.throws(() => mergeUsage([], "host"), { code: "invalid_option", message: /run is not 16 hexadecimal digits/ });
  assert.throws(() => usageSummary("GET /Invoices"), { code: "invalid_option" });
  assert.throws(() => compareUsage({ operations: [] }), { code: "invalid_option" });
  assert.equal(compareUsage("GET /Invoices").recordings, 0);
});
