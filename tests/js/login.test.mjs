// A login by the program, against the local Xero: callbacks and forged ones, pasted addresses, taken ports, and no secret anywhere.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";
import { freePort } from "./free-port.mjs";
import { serve } from "./support.mjs";

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("xero-m2m/package.json")), "dist/cli.js");
const SCOPES = "accounting.invoices.read accounting.settings.read";

/** The environment without anything that would decide about browsers, apps or services. */
const bare = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(XERO_|SSH_|DISPLAY$|WAYLAND_|BROWSER$|COLUMNS$|FORCE_COLOR$|NO_COLOR$)/.test(name)),
);

/** A folder of the test. */
function folder(t) {
  const made = mkdtempSync(join(tmpdir(), "xero-m2m-login-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A local Xero that redirects to this port. Its users consent to everything. */
async function localXero(t, port, options = {}) {
  const xero = createSimulator({ invoices: 3, redirectUris: [`http://localhost:${port}/callback`], consent: "all", ...options });
  t.after(() => xero.close());
  await xero.listen();
  return xero;
}

/** Starts the program. `said(pattern)` waits for a match in what it has written; `end` has its exit code. */
function start(t, args, { env = {}, cwd, input } = {}) {
  const child = spawn(process.execPath, [cli, ...args], { env: { ...bare, ...env }, cwd, stdio: ["pipe", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  const program = { child, stdout: "", stderr: "", end: once(child, "close").then(([code]) => code) };
  const waiting = new Set();
  const heard = (name) => (data) => {
    program[name] += data;
    for (const look of waiting) look();
  };
  child.stdout.setEncoding("utf8").on("data", heard("stdout"));
  child.stderr.setEncoding("utf8").on("data", heard("stderr"));
  child.stdin.on("error", () => {});
  if (input === undefined) child.stdin.end();
  else child.stdin.write(input);
  program.said = async (pattern) => {
    for (;;) {
      const found = pattern.exec(`${program.stdout}\n${program.stderr}`);
      if (found) return found;
      const more = new Promise((resolve) => waiting.add(resolve));
      const ended = program.end.then(() => assert.fail(`it ended: ${program.stdout}\n${program.stderr}`));
      await Promise.race([more, ended]);
    }
  };
  /** The address to open, on a line of its own. */
  program.address = async () => (await program.said(/^(https?:\/\/\S+authorize\?\S+)$/m))[1];
  return program;
}

/** The address that a browser ends at when it opens this one. */
async function ends(address) {
  const answer = await fetch(address, { redirect: "manual" });
  assert.equal(answer.status, 302, await answer.text());
  return answer.headers.get("location");
}

/** A raw request to the callback's port: status, headers and body. */
async function ask(port, path, { method = "GET", host = `localhost:${port}`, address = "127.0.0.1" } = {}) {
  const asked = request({ host: address, port, path, method, headers: { host }, agent: false });
  asked.end();
  const [answer] = await once(asked, "response");
  let body = "";
  for await (const part of answer.setEncoding("utf8")) body += part;
  return { status: answer.statusCode, headers: answer.headers, body };
}

const visit = (address) => ask(Number(new URL(address).port), new URL(address).pathname + new URL(address).search);

/** Fails if one of these texts is in what the program wrote. */
function isSecretIn({ stdout, stderr }, secrets) {
  for (const secret of secrets) assert.ok(!`${stdout}${stderr}`.includes(secret), `${secret.slice(0, 4)}… in the output`);
}

const flags = (port, ...more) => ["login", "--no-browser", "--no-policy", "--port", String(port), "--scopes", SCOPES, ...more];

for (const kind of ["web", "pkce"]) {
  test(`a login to a ${kind} app seals its tokens in a file`, async (t) => {
    const port = await freePort();
    const xero = await localXero(t, port);
    const vault = join(folder(t), "xero.vault");
    const program = start(t, flags(port, "--vault", vault), { env: xero[kind].env });
    const address = new URL(await program.address());
    assert.deepEqual(address.searchParams.get("scope").split(" "), [...SCOPES.split(" "), "offline_access"]);
    assert.equal(address.searchParams.get("redirect_uri"), `http://localhost:${port}/callback`);
    assert.equal(address.searchParams.has("code_challenge"), kind === "pkce");
    assert.ok(address.searchParams.get("state").length >= 43);
    assert.ok(!existsSync(vault), "nothing is saved before the user has consented");
    const callback = await ends(address);
    const page = await visit(callback);
    assert.equal(page.status, 200);
    assert.equal(await program.end, 0, program.stderr);
    assert.equal(statSync(vault).mode & 0o777, 0o600);
    assert.match(program.stdout, /tenant: "[0-9a-f-]{36}"/);
    isSecretIn(program, [new URL(callback).searchParams.get("code"), ...Object.values(xero[kind].env).slice(1, 2)]);
    const looked = start(t, ["vault", vault], { env: xero[kind].env });
    assert.equal(await looked.end, 0, looked.stderr);
    assert.match(looked.stdout, /Harbour & Pine/);
    const other = { ...xero[kind].env, ...(kind === "web" ? { XERO_CLIENT_SECRET: "other" } : { XERO_VAULT_KEY: Buffer.alloc(32, 9).toString("base64url") }) };
    const closed = start(t, ["vault", vault], { env: other });
    assert.equal(await closed.end, 1);
    assert.match(closed.stdout, /no key of this app opens/);
    const unrevoked = start(t, ["logout", "--vault", vault, "--revoke", "--yes"], { env: other });
    assert.equal(await unrevoked.end, 2);
    assert.match(unrevoked.stderr, /cannot be revoked/);
    assert.ok(existsSync(vault));
  });
}

test("forged callbacks get a page that reflects nothing, and change nothing", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port);
  const program = start(t, flags(port, "--vault", join(folder(t), "vault")), { env: xero.web.env });
  const address = await program.address();
  const state = new URL(address).searchParams.get("state");
  const forged = [
    [`/callback?code=evil&state=${state.slice(1)}`],
    ["/callback?error=access_denied&error_description=<script>alert(1)</script>"],
    [`/callback?code=evil&state=${state}&state=${state}`],
    [`/callback?code=evil&code=evil&state=${state}`],
    [`/callback?code=evil&state=${state}`, { method: "POST" }],
    [`/callback?code=evil&state=${state}`, { host: `evil.example:${port}` }],
    [`/callback?code=evil&state=${state}`, { host: `127.0.0.1:${port}` }],
    [`/evil?code=evil&state=${state}`],
    ["/favicon.ico"],
  ];
  for (const [path, options] of forged) {
    const { status, headers, body } = await ask(port, path, options);
    assert.equal(status, 404, path);
    assert.match(headers["content-security-policy"], /default-src 'none'/);
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.doesNotMatch(body, /evil|script|state/, path);
  }
  const page = await visit(await ends(address));
  assert.equal(page.status, 200);
  assert.match(page.headers["content-security-policy"], /default-src 'none'.*frame-ancestors 'none'/);
  assert.doesNotMatch(page.body, /<script|<style|src=|href=/);
  assert.equal(await program.end, 0, program.stderr);
});

test("the callback counts on both address families", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port);
  const program = start(t, flags(port, "--vault", join(folder(t), "vault")), { env: xero.web.env });
  const callback = new URL(await ends(await program.address()));
  const page = await ask(port, callback.pathname + callback.search, { address: "::1" });
  assert.equal(page.status, 200);
  assert.equal(await program.end, 0, program.stderr);
});

for (const address of ["127.0.0.1", "::1"]) {
  test(`a port that is somebody else's on ${address} stops the login before anything is opened`, async (t) => {
    const port = await freePort();
    const stranger = createServer().listen({ port, host: address, ipv6Only: true });
    t.after(() => stranger.close());
    await once(stranger, "listening");
    const xero = await localXero(t, port);
    const program = start(t, flags(port, "--vault", join(folder(t), "vault")), { env: xero.web.env });
    assert.equal(await program.end, 1);
    assert.match(program.stderr, new RegExp(`port ${port} is in use on ${address}.*--port`));
    assert.doesNotMatch(program.stdout, /authorize\?/);
  });
}

test("a machine without IPv6 can log in", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port);
  const made = folder(t);
  const preload = join(made, "no-ipv6.cjs");
  writeFileSync(
    preload,
    `const net = require("node:net");
     const { listen } = net.Server.prototype;
     net.Server.prototype.listen = function (options, ...rest) {
       if (options?.host !== "::1") return listen.call(this, options, ...rest);
       queueMicrotask(() => this.emit("error", Object.assign(new Error("no IPv6"), { code: "EADDRNOTAVAIL" })));
       return this;
     };`,
  );
  const program = start(t, flags(port, "--vault", join(made, "vault")), { env: { ...xero.web.env, NODE_OPTIONS: `--require ${preload}` } });
  assert.equal((await visit(await ends(await program.address()))).status, 200);
  assert.equal(await program.end, 0, program.stderr);
});

test("the address that the browser ended at can be pasted", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port);
  const program = start(t, flags(port, "--vault", join(folder(t), "vault")), { env: xero.web.env, input: "http://localhost/other\n" });
  await program.said(/not the address that the browser ended at/);
  program.child.stdin.write(`http://localhost:${port}/callback?code=evil&state=other\n`);
  await program.said(/belongs to another login/);
  program.child.stdin.write(` ${await ends(await program.address())}\n`);
  assert.equal(await program.end, 0, program.stderr);
  assert.doesNotMatch(program.stdout + program.stderr, /evil/);
});

test("by ssh the program prints the line that leads a port here", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port);
  const env = { ...xero.web.env, SSH_CONNECTION: "192.0.2.1 50000 192.0.2.7 22", USER: "kim" };
  const program = start(t, flags(port, "--vault", join(folder(t), "vault")), { env });
  assert.ok(await program.said(new RegExp(`ssh -L ${port}:localhost:${port} kim@192\\.0\\.2\\.7`)));
});

test("no argument of any process has the state, a secret or a key, and the page for the browser is the user's own", { skip: process.platform !== "linux" }, async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port);
  const made = folder(t);
  writeFileSync(join(made, "xdg-open"), `#!/bin/sh\nprintf '%s\\n' "$@" > "${join(made, "opened.part")}"\nmv "${join(made, "opened.part")}" "${join(made, "opened")}"\nsleep 30\n`, { mode: 0o755 });
  const env = { ...xero.web.env, XERO_VAULT_KEY: Buffer.alloc(32, 7).toString("base64url"), DISPLAY: ":7", PATH: `${made}${delimiter}${bare.PATH}` };
  const program = start(t, flags(port, "--vault", join(made, "vault")).filter((flag) => flag !== "--no-browser"), { env });
  const address = await program.address();
  await program.said(/A browser opens/);
  while (!existsSync(join(made, "opened"))) await new Promise((resolve) => setImmediate(resolve));
  const opened = readFileSync(join(made, "opened"), "utf8").trim();
  const file = new URL(opened);
  assert.equal(file.protocol, "file:");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(readFileSync(file, "utf8").includes(address.replaceAll("&", "&amp;")));
  const secrets = [new URL(address).searchParams.get("state"), env.XERO_CLIENT_SECRET, env.XERO_VAULT_KEY];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    let line = "";
    try {
      line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      continue;
    }
    for (const secret of secrets) assert.ok(!line.includes(secret), `${secret.slice(0, 4)}… in the arguments of ${line.split("\0")[0]}`);
  }
  await visit(await ends(address));
  assert.equal(await program.end, 0, program.stderr);
  assert.ok(!existsSync(file), "the page is removed");
  isSecretIn(program, secrets.slice(1));
});

test("a secret in an argument is refused and not repeated", async (t) => {
  for (const argument of ["--client-secret=hunter2", "--key=hunter2"]) {
    const program = start(t, ["login", argument]);
    assert.equal(await program.end, 2);
    assert.doesNotMatch(program.stdout + program.stderr, /hunter2/);
    assert.match(program.stderr, /unknown option/);
  }
});

test("scopes are judged before anything is opened", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port);
  for (const [scopes, pattern, more = []] of [
    ["accounting.invoces", /probably accounting\.invoices is meant/],
    ["accounting.contacts app.connections", /R35/],
    ["accounting.transactions", /R38.*Xero would refuse/, ["--created-on", "2026-03-02"]],
    ["offline_access", /no scope is asked for/],
  ]) {
    const args = ["login", "--no-browser", "--no-policy", "--port", String(port), "--vault", join(folder(t), "v"), "--scopes", scopes, ...more];
    const program = start(t, args, { env: xero.web.env });
    assert.equal(await program.end, 2, `${scopes}: ${program.stderr}`);
    assert.match(program.stderr, pattern);
    assert.equal(program.stdout, "");
  }
});

test("a user who refuses ends the login, and nothing is saved", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port, { consent: "refuse" });
  const vault = join(folder(t), "vault");
  const program = start(t, flags(port, "--vault", vault), { env: xero.web.env });
  const page = await visit(await ends(await program.address()));
  assert.equal(page.status, 200);
  assert.equal(await program.end, 1);
  assert.match(program.stderr, /did not give access; nothing has changed/);
  assert.ok(!existsSync(vault));
});

test("of several organisations one is named by --tenant, or none is taken", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port, { organisations: ["Kea Outdoor Hire", "Tui Books"] });
  const place = folder(t);
  const attempt = async (...more) => {
    const program = start(t, flags(port, "--vault", join(place, "vault"), ...more), { env: xero.web.env });
    await visit(await ends(await program.address()));
    return { ...program, code: await program.end, stdout: program.stdout, stderr: program.stderr };
  };
  const wrong = await attempt("--tenant", "Moa Mining");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /nothing was saved: .*Moa Mining.*Kea Outdoor Hire.*Tui Books/);
  assert.ok(!existsSync(join(place, "vault")));
  const right = await attempt("--tenant", "Tui Books");
  assert.equal(right.code, 0, right.stderr);
  assert.ok(right.stdout.includes(`tenant: "${xero.organisations[1].id}"`), right.stdout);
  const open = await attempt("--replace");
  assert.equal(open.code, 0, open.stderr);
  assert.match(open.stdout, /1\. Kea Outdoor Hire \([0-9a-f-]{36}\)\n {2}2\. Tui Books/);
  assert.match(open.stdout, /tenant: the id of one of them/);
});

test("an answer without a refresh token is no login", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port);
  const { url } = await serve(t, (_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ access_token: "a.b.c", token_type: "Bearer", expires_in: 1800 }));
  });
  const vault = join(folder(t), "vault");
  const program = start(t, flags(port, "--vault", vault), { env: { ...xero.web.env, XERO_IDENTITY_URL: url } });
  await visit(await ends(await program.address()));
  assert.equal(await program.end, 1);
  assert.match(program.stderr, /refresh token/);
  assert.ok(!existsSync(vault));
});

test("a seed is all that is on standard output", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port);
  const program = start(t, flags(port, "--seed"), { env: xero.pkce.env });
  await visit(await ends(await program.address()));
  assert.equal(await program.end, 0, program.stderr);
  assert.match(program.stdout, /^\S+\n$/);
});

test("a key is 32 random bytes in base64url", async (t) => {
  const keys = [];
  for (let round = 0; round < 2; round++) {
    const program = start(t, ["key"]);
    assert.equal(await program.end, 0);
    keys.push(program.stdout);
  }
  assert.match(keys[0], /^[\w-]{43}\n$/);
  assert.notEqual(keys[0], keys[1]);
});

test("a vault that ends within 14 days fails the command, and a logout revokes only if it is asked to", async (t) => {
  const port = await freePort();
  const xero = await localXero(t, port);
  const vault = join(folder(t), "vault");
  const program = start(t, flags(port, "--vault", vault), { env: xero.web.env });
  await visit(await ends(await program.address()));
  assert.equal(await program.end, 0, program.stderr);

  const missing = start(t, ["vault", `${vault}.other`], { env: xero.web.env });
  assert.equal(await missing.end, 1);
  const other = join(dirname(vault), "package.json");
  writeFileSync(other, "{}", { mode: 0o600 });
  for (const [path, words] of [[other, /is something else[^]*not removed/], [`${vault}.other`, /there is no vault in/]]) {
    const wrong = start(t, ["logout", "--vault", path, "--yes"], { env: xero.web.env });
    assert.equal(await wrong.end, 2, wrong.stdout);
    assert.match(wrong.stderr, words);
  }
  assert.equal(readFileSync(other, "utf8"), "{}", "a file that is no vault is left as it is");
  const unasked = start(t, ["logout", "--vault", vault], { env: xero.web.env });
  assert.equal(await unasked.end, 2, unasked.stdout);
  assert.ok(existsSync(vault));
  const mend = xero.fault("identity POST /connect/revocation 503");
  const local = start(t, ["logout", "--vault", vault, "--yes"], { env: xero.web.env });
  assert.equal(await local.end, 0, local.stderr);
  assert.ok(!existsSync(vault));

  const again = start(t, flags(port, "--vault", vault), { env: xero.web.env });
  await visit(await ends(await again.address()));
  assert.equal(await again.end, 0, again.stderr);
  const failed = start(t, ["logout", "--vault", vault, "--revoke", "--yes"], { env: xero.web.env });
  assert.equal(await failed.end, 1);
  assert.match(failed.stderr, /every organisation of its user is cut off[^]*did not revoke the login \(status 503\)/);
  assert.ok(existsSync(vault), "a login that is not revoked stays in its vault");
  mend();
  const revoked = start(t, ["logout", "--vault", vault, "--revoke", "--yes"], { env: xero.web.env });
  assert.equal(await revoked.end, 0, revoked.stderr);
  assert.ok(!existsSync(vault));
});
