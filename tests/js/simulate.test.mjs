/** `xero-m2m simulate`: with a proxy, over HTTPS, with a command, its forms of variables and its log. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("xero-m2m/package.json")), "dist/cli.js");
const NODE = process.execPath;

/** Starts the command and waits for what it prints. */
async function serve(t, args, env = process.env) {
  const child = spawn(NODE, [cli, "simulate", "--port", "0", "--invoices", "3", ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  t.after(() => child.kill("SIGKILL"));
  const server = { child, stdout: "", stderr: "" };
  child.stderr.on("data", (data) => (server.stderr += data));
  const ends = args[args.indexOf("--format") + 1] === "json" ? /\}\n$/ : /XERO_[^]*(?:\n#[^\n]*|=[^\n]*)\n$/;
  for await (const data of child.stdout) {
    server.stdout += data;
    if (ends.test(server.stdout)) break;
  }
  return server;
}

/** Runs the command to its end. */
function run(args, { env = process.env, ...more } = {}) {
  return spawnSync(NODE, [cli, "simulate", ...args], { encoding: "utf8", env, ...more });
}

async function stopped({ child }, signal = "SIGTERM") {
  child.kill(signal);
  return once(child, "exit");
}

/** True where a program can be started. */
const has = (program, ...args) => spawnSync(program, args).status === 0;

/** A folder for temporary files that only this test uses, so that what is left over is seen. */
function place(t) {
  const folder = mkdtempSync(join(tmpdir(), "test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, env: { ...process.env, TMPDIR: folder } };
}

test("--proxy writes a private folder without a key, and removes it at the end", async (t) => {
  const { folder, env } = place(t);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    const server = await serve(t, ["--proxy", "--format", "json"], env);
    const given = JSON.parse(server.stdout);
    const [own] = readdirSync(folder);
    const inside = join(folder, own);
    assert.equal(statSync(inside).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(inside).sort(), ["authority.pem", "bundle.pem"]);
    for (const name of readdirSync(inside)) {
      assert.equal(statSync(join(inside, name)).mode & 0o777, 0o600);
      assert.doesNotMatch(readFileSync(join(inside, name), "utf8"), /PRIVATE/);
    }
    assert.equal(given.NODE_EXTRA_CA_CERTS, join(inside, "authority.pem"));
    assert.equal(given.SSL_CERT_FILE, join(inside, "bundle.pem"));
    assert.equal(given.REQUESTS_CA_BUNDLE, given.SSL_CERT_FILE);
    const [added, whole] = [given.NODE_EXTRA_CA_CERTS, given.SSL_CERT_FILE].map((file) => readFileSync(file, "utf8"));
    assert.ok(whole.endsWith(added) && whole.match(/BEGIN CERTIFICATE/g).length > 50, "the roots of the system are there too");
    assert.equal(given.HTTPS_PROXY, given.XERO_API_URL);
    assert.equal(given.https_proxy, given.HTTPS_PROXY);
    assert.equal(given.NODE_USE_ENV_PROXY, "1");
    assert.match(given.NO_PROXY, /localhost/);
    assert.deepEqual(await stopped(server, signal), [0, null]);
    assert.deepEqual(readdirSync(folder), []);
  }
});

test("certificates that a program adds or uses already are kept", async (t) => {
  const { folder, env } = place(t);
  const own = join(folder, "own.pem");
  const text = "-----BEGIN CERTIFICATE-----\nT1dO\n-----END CERTIFICATE-----\n";
  writeFileSync(own, text);
  const server = await serve(t, ["--proxy", "--format", "json"], { ...env, NODE_EXTRA_CA_CERTS: "", SSL_CERT_FILE: own });
  const given = JSON.parse(server.stdout);
  assert.ok(readFileSync(given.SSL_CERT_FILE, "utf8").startsWith(text));
  assert.ok(!readFileSync(given.NODE_EXTRA_CA_CERTS, "utf8").startsWith(text));
  await stopped(server);
});

test("curl and Python's requests reach Xero's addresses, and no other host", async (t) => {
  const server = await serve(t, ["--proxy", "--format", "json", "--log", "text"]);
  const env = { ...process.env, ...JSON.parse(server.stdout) };
  const said = (program, ...args) => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env });
    return { status, text: stdout + stderr };
  };
  if (has("curl", "--version")) {
    const credentials = `${env.XERO_CLIENT_ID}:${env.XERO_CLIENT_SECRET}`;
    const token = said("curl", "--silent", "--user", credentials, "--data", "grant_type=client_credentials", "https://identity.xero.com/connect/token");
    assert.match(token.text, /"access_token"/);
    assert.match(said("curl", "--silent", "https://api.xero.com/api.xro/2.0/Invoices").text, /AuthenticationUnsuccessful/);
    const refused = said("curl", "--silent", "--show-error", "--include", "https://example.com/");
    assert.notEqual(refused.status, 0);
    assert.match(refused.text, /403/);
  } else {
    t.diagnostic("skipped: there is no curl");
  }
  if (has("python3", "-c", "import requests")) {
    const script = (url) => `import requests; r = requests.get("${url}"); print(r.status_code, r.json()["Detail"])`;
    assert.equal(said("python3", "-c", script("https://api.xero.com/connections")).text.trim(), "401 AuthenticationUnsuccessful");
    const refused = said("python3", "-c", script("https://example.com/"));
    assert.match(refused.text, /403 The local Xero does not answer for this host/);
  } else {
    t.diagnostic("skipped: there is no Python with requests");
  }
  await stopped(server);
  assert.match(server.stderr, /CONNECT example\.com:443 403 \d+ ms, refused: The proxy of the local Xero/);
});

test("the variables of each form", async (t) => {
  const shell = await serve(t, ["--proxy"]);
  assert.match(shell.stdout, /^export HTTPS_PROXY=http:\/\/127\.0\.0\.1:\d+$/m);
  assert.match(shell.stdout, /^# The proxy answers for identity\.xero\.com, login\.xero\.com and api\.xero\.com.* ends at \d{4}-\d\d-\d\dT/m);
  assert.match(shell.stdout, /^# - fetch of Node\.js before 24: /m);
  const dotenv = await serve(t, ["--format", "dotenv", "--app", "pkce"]);
  assert.match(dotenv.stdout, /^# XERO_CLIENT_SECRET must not be set\.$/m);
  assert.match(dotenv.stdout, /^XERO_VAULT_KEY=[\w-]+$/m);
  assert.equal(dotenv.stdout.match(/^XERO_CLIENT_ID=/gm).length, 1);
  const power = await serve(t, ["--format", "powershell", "--https"]);
  assert.match(power.stdout, /^\$env:XERO_API_URL = 'https:\/\/127\.0\.0\.1:\d+'$/m);
  assert.match(power.stdout, /^\$env:SSL_CERT_FILE = '/m);
  assert.doesNotMatch(power.stdout, /PROXY/);
  const json = await serve(t, ["--format", "json", "--app", "web"]);
  assert.deepEqual(Object.keys(JSON.parse(json.stdout)), ["XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "XERO_IDENTITY_URL", "XERO_API_URL", "XERO_AUTHORIZE_URL"]);
  await Promise.all([shell, dotenv, power, json].map((server) => stopped(server)));
});

test("the log: text, JSON and none", async (t) => {
  for (const [args, pattern] of [
    [[], /^\d\d:\d\d:\d\d\.\d{3} GET \/api\.xro\/2\.0\/Users\?where 401 \d+ ms, accounting\.getUsers, refused: there is no bearer token\n$/],
    [["--log", "json"], /^\{"at":"[^"]+","method":"GET","path":"\/api\.xro\/2\.0\/Users","query":\["where"\],"ms":\d+,"status":401,"operation":"accounting\.getUsers","refused":"there is no bearer token"\}\n$/],
    [["--format", "json"], /^\{"at":"[^"]+",.*\}\n$/],
    [["--quiet"], /^$/],
    [["--log", "none"], /^$/],
  ]) {
    const server = await serve(t, args);
    const [, url] = /XERO_API_URL"?[:=] ?"?(http[^"\s]+)/.exec(server.stdout);
    await (await fetch(`${url}/api.xro/2.0/Users?where=hush`)).text();
    await stopped(server);
    assert.match(server.stderr, pattern, args.join(" "));
  }
});

const PRINT = "console.log(JSON.stringify({ env: process.env, argv: process.argv.slice(1) }))";

test("a command gets the variables and its arguments, and its exit code is that of the local Xero", (t) => {
  const { folder, env } = place(t);
  const { status, stdout, stderr } = run(["--", NODE, "-e", PRINT, "--", "--port", "-x", "a b"], { env: { ...env, https_proxy: "http://other.example", NO_PROXY: "*" } });
  assert.deepEqual([status, stderr], [0, ""]);
  const said = JSON.parse(stdout);
  assert.deepEqual(said.argv, ["--port", "-x", "a b"]);
  assert.equal(said.env.HTTPS_PROXY, said.env.XERO_IDENTITY_URL);
  assert.equal(said.env.https_proxy, said.env.HTTPS_PROXY);
  assert.equal(said.env.NO_PROXY, said.env.no_proxy);
  assert.doesNotMatch(said.env.NO_PROXY, /\*/);
  assert.ok(said.env.XERO_CLIENT_ID && said.env.XERO_CLIENT_SECRET && said.env.NODE_EXTRA_CA_CERTS.startsWith(folder));
  for (const code of [0, 3, 255]) assert.equal(run(["--", NODE, "-e", `process.exit(${code})`], { env }).status, code);
  assert.deepEqual(readdirSync(folder), []);
});

test("a Node.js program of a command reaches the local Xero by the proxy, or no Xero at all", () => {
  const fetched = (host) => `fetch("https://${host}/connections").then(({ status }) => status, ({ cause }) => cause.message)`;
  const asked = (host) => `new Promise((end) => require("node:https").get("https://${host}/connections", ({ statusCode }) => end(statusCode)).on("error", ({ message }) => end(message)))`;
  for (const of of [fetched, asked]) {
    const { stdout, status } = run(["--", NODE, "-e", `${of("api.xero.com")}.then((said) => { console.log(said); process.exit(0); })`]);
    assert.equal(status, 0);
    assert.match(stdout, /^401\n$|^xero-m2m simulate keeps this program from the real api\.xero\.com: it does not use HTTPS_PROXY/);
  }
  for (const option of ["--no-proxy", "--https"]) {
    const { stdout } = run([option, "--", NODE, "-e", `${asked("api.xero.com")}.then((said) => { console.log(said); process.exit(0); })`]);
    assert.match(stdout, /^xero-m2m simulate keeps this program from the real api\.xero\.com: no proxy is served with --no-proxy or --https/);
  }
  const kept = run(["--", NODE, "-p", "process.env.NODE_OPTIONS"], { env: { ...process.env, NODE_OPTIONS: "--no-deprecation" } });
  assert.match(kept.stdout, /^--no-deprecation --import=data:/);
});

test("--no-proxy, --https and --app change what a command gets", () => {
  const envOf = (...args) => JSON.parse(run([...args, "--", NODE, "-e", PRINT], { env: { PATH: process.env.PATH, XERO_CLIENT_SECRET: "old" } }).stdout).env;
  const plain = envOf("--no-proxy");
  assert.deepEqual(Object.keys(plain).filter((name) => /PROXY|CERT|BUNDLE/i.test(name)), []);
  assert.match(plain.XERO_API_URL, /^http:/);
  const secure = envOf("--https");
  assert.match(secure.XERO_API_URL, /^https:/);
  assert.ok(secure.NODE_EXTRA_CA_CERTS && !secure.HTTPS_PROXY);
  const pkce = envOf("--app", "pkce");
  assert.ok(pkce.XERO_VAULT_KEY && pkce.XERO_CLIENT_SECRET === undefined);
});

test("a command that a signal ends, ends the local Xero by the same signal, and nothing is left", (t) => {
  const { folder, env } = place(t);
  for (const signal of ["SIGTERM", "SIGKILL", "SIGINT"]) {
    const ended = run(["--", NODE, "-e", `process.kill(process.pid, "${signal}"); setInterval(() => {}, 1_000)`], { env });
    assert.deepEqual([ended.status, ended.signal], [null, signal]);
    assert.deepEqual(readdirSync(folder), []);
  }
});

test("a signal reaches the command, which decides what it does", async (t) => {
  const { folder, env } = place(t);
  const script = `
    process.on("SIGTERM", () => { console.log("got it"); process.exit(7); });
    console.log(process.pid);
    setInterval(() => {}, 1_000);`;
  const child = spawn(NODE, [cli, "simulate", "--", NODE, "-e", script], { stdio: ["ignore", "pipe", "inherit"], env });
  t.after(() => child.kill("SIGKILL"));
  let said = "";
  for await (const data of child.stdout) {
    if (said === "") child.kill("SIGTERM");
    said += data;
  }
  if (child.exitCode === null) await once(child, "exit");
  assert.equal(child.exitCode, 7);
  const [pid, words] = said.split("\n");
  assert.equal(words, "got it");
  assert.throws(() => process.kill(Number(pid), 0), { code: "ESRCH" });
  assert.deepEqual(readdirSync(folder), []);
});

test("a command that cannot be started is reported in one line, with the exit code of a shell", (t) => {
  const { folder, env } = place(t);
  const missing = run(["--", join(folder, "missing")], { env });
  assert.deepEqual([missing.status, missing.stdout], [127, ""]);
  assert.match(missing.stderr, /^xero-m2m: the command after -- was not started: there is no such program\n$/);
  const file = join(folder, "plain");
  writeFileSync(file, "");
  chmodSync(file, 0o600);
  assert.equal(run(["--", file], { env }).status, 126);
  assert.ok(!readdirSync(folder).some((name) => name.startsWith("xero-m2m-")));
});

test("invalid usage is reported in one line, with exit code 2", () => {
  for (const [args, words] of [
    [["npm", "test"], /is written after --/],
    [["--proxy", "--https"], /--proxy or --https/],
    [["--quiet", "--log", "json"], /--quiet or --log/],
    [["--format", "yaml"], /shell, dotenv, json, powershell/],
    [["--app", "native"], /custom, web, pkce/],
    [["--country", "FR"], /--country must be/],
    [["--created-on", "yesterday"], /--created-on is not a day/],
    [["--redirect", "nowhere"], /--redirect has nowhere/],
    [["--webhook", "http://example.com"], /--webhook must start with/],
    [["--fault", "api"], /--fault: the fault rule has no status/],
  ]) {
    const { status, stdout, stderr } = run(args);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, /^xero-m2m: [^\n]+\n$/);
    assert.match(stderr, words);
  }
  assert.ok(existsSync(cli));
});
