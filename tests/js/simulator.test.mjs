import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { XeroError as ClientError } from "xero-m2m";
import { XeroError, createSimulator } from "xero-m2m/simulator";

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("xero-m2m/package.json")), "dist/cli.js");

const START = Date.UTC(2026, 10, 23, 10);

function open(options = {}) {
  return createSimulator({ now: () => START, invoices: 250, ...options });
}

function tokenRequest({ clientId, clientSecret }) {
  return {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  };
}

async function token(simulator, base = "https://identity.xero.com", fetch = simulator.fetch) {
  const response = await fetch(`${base}/connect/token`, tokenRequest(simulator));
  assert.equal(response.status, 200);
  return (await response.json()).access_token;
}

const bearer = (token) => ({ headers: { Authorization: `Bearer ${token}`, Accept: "application/json" } });

test("in process: a token that the published key verifies opens the API until it ends", async () => {
  const simulator = open();
  const accessToken = await token(simulator);
  const [header, claims, signature] = accessToken.split(".");
  const { keys } = await (
    await simulator.fetch("https://identity.xero.com/.well-known/openid-configuration/jwks")
  ).json();
  assert.equal(keys[0].kid, JSON.parse(Buffer.from(header, "base64url")).kid);
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("jwk", keys[0], algorithm, false, ["verify"]);
  const signed = new TextEncoder().encode(`${header}.${claims}`);
  assert.ok(await crypto.subtle.verify(algorithm.name, key, Buffer.from(signature, "base64url"), signed));

  const read = () => simulator.fetch("https://api.xero.com/api.xro/2.0/Invoices?page=3", bearer(accessToken));
  const page = await read();
  assert.equal((await page.json()).Invoices.length, 50);
  assert.equal(page.headers.get("date"), new Date(START).toUTCString());
  simulator.advance(30 * 60_000 - 1);
  assert.equal((await read()).status, 200);
  simulator.advance(1);
  assert.equal(simulator.now(), START + 30 * 60_000);
  const expired = await read();
  assert.equal(expired.status, 401);
  assert.match((await expired.json()).Detail, /^TokenExpired: token expired at 11\/23\/2026 10:30:00$/);
  assert.deepEqual(simulator.counts(), { tokenRequests: 1, apiRequests: 3, refusals: 1, faults: 0 });
  await simulator.close();
  await assert.rejects(read(), { code: "closed" });
});

test("in process: it behaves as fetch does", async () => {
  const simulator = open({ scopes: ["paymentservices"] });
  const headers = bearer(await token(simulator)).headers;
  const request = new Request("https://api.xero.com/api.xro/2.0/PaymentServices", { method: "PUT", body: "{}", headers });
  const refused = await simulator.fetch(request);
  assert.equal(refused.status, 501);
  assert.equal(refused.headers.get("x-local-xero"), "not played");
  assert.match(await refused.text(), /accounting\.createPaymentService.*docs\/local-xero\.md/);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(simulator.fetch("https://api.xero.com/", { signal }), { message: "enough" });
  await simulator.close();
});

test("many tokens asked for at once are all good", async () => {
  const simulator = open({ scopes: "accounting.settings" });
  const tokens = await Promise.all(Array.from({ length: 50 }, () => token(simulator)));
  assert.equal(new Set(tokens).size, 50);
  const call = (token) => simulator.fetch("https://api.xero.com/api.xro/2.0/Organisation", bearer(token));
  for (const response of await Promise.all(tokens.map(call))) assert.equal(response.status, 200);
  await simulator.close();
});

test("over HTTP: the same, at the address it names", async () => {
  const simulator = open({ scopes: "accounting.invoices accounting.contacts" });
  assert.deepEqual(Object.keys(simulator.env), ["XERO_CLIENT_ID", "XERO_CLIENT_SECRET"]);
  const server = await simulator.listen();
  const { url } = server;
  assert.deepEqual(simulator.env, {
    XERO_CLIENT_ID: simulator.clientId,
    XERO_CLIENT_SECRET: simulator.clientSecret,
    XERO_IDENTITY_URL: url,
    XERO_API_URL: url,
  });
  const discovery = await (await fetch(`${url}/.well-known/openid-configuration`)).json();
  assert.equal(discovery.issuer, url);
  const accessToken = await token(simulator, url, fetch);
  const invoice = { Type: "ACCREC", Contact: { Name: "Zoë & Søn" }, Reference: "№ 1" };
  const made = await fetch(`${url}/api.xro/2.0/Invoices`, {
    method: "PUT",
    headers: { ...bearer(accessToken).headers, "Content-Type": "application/json" },
    body: JSON.stringify({ Invoices: [invoice] }),
  });
  assert.equal(made.status, 200);
  const [{ InvoiceNumber, Contact, Reference }] = (await made.json()).Invoices;
  assert.deepEqual([Contact.Name, Reference], [invoice.Contact.Name, invoice.Reference]);
  const found = await fetch(`${url}/api.xro/2.0/Invoices/${InvoiceNumber}`, bearer(accessToken));
  assert.equal((await found.json()).Invoices[0].InvoiceNumber, InvoiceNumber);
  assert.ok(Number(found.headers.get("content-length")) > 0);
  const refused = await fetch(`${url}/api.xro/2.0/Accounts`, bearer(accessToken));
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get("www-authenticate"), "insufficient_scope");
  await server.close();
  await assert.rejects(fetch(url));
  assert.equal(simulator.env.XERO_API_URL, undefined);
  const elsewhere = { name: "XeroError", code: "invalid_option", message: /^host is "0\.0\.0\.0"; .*127\.0\.0\.1/ };
  await assert.rejects(simulator.listen({ host: "0.0.0.0" }), elsewhere);
  await simulator.close();
});

test("a base URL of one's own keeps its path when listening", async () => {
  const simulator = open({ baseUrl: "http://localhost:1/xero/" });
  const { url } = await simulator.listen();
  assert.equal(simulator.env.XERO_API_URL, `${url}/xero`);
  const discovery = await (await fetch(`${url}/xero/.well-known/openid-configuration`)).json();
  assert.equal(discovery.issuer, "http://localhost:1/xero");
  assert.equal((await fetch(`${url}/connect/token`)).status, 404);
  await simulator.close();
});

test("connections that cannot be are refused with a code", () => {
  for (const options of [
    { scopes: "accounting.journals.read" },
    { scopes: ["no.such.scope"] },
    { scopes: [] },
    { createdOn: "yesterday" },
    { country: "FR" },
    { invoices: -1 },
    { invoices: 1e9 },
    { invoices: 1.5 },
    { tokenLifetimeMs: 1e15 },
    { latencyMs: -1 },
    { latencyMs: Infinity },
    { seed: 1.5 },
    { tokenLifetimeMs: 1_500 },
    { tokenLifetimeMs: 0 },
    { invalidClientStatus: 418 },
    { baseUrl: "localhost" },
    { clientId: "" },
    { organisations: [] },
    { redirectUris: ["http://127.0.0.1:8765/callback"] },
    { appScopes: "no.such.scope" },
    { grace: "endless" },
    { consent: "maybe" },
    { consent: { organisations: ["Nobody"] } },
  ]) {
    const [name] = Object.keys(options);
    const expected = { name: "XeroError", code: "invalid_option", message: new RegExp(`^(?:[^]* )?${name}\\b`) };
    assert.throws(() => createSimulator(options), expected, JSON.stringify(options));
  }
  for (const [invoices, found] of [[-1, "a negative number"], [1.5, "a number with a fraction"], ["3", "a text"], [null, "null"]]) {
    const message = `invoices has to be a whole number from 0 to 1000000, not ${found}`;
    assert.throws(() => createSimulator({ invoices }), { name: "XeroError", message });
  }
  for (const [options, message] of [
    [{ limits: { minute: "60" } }, /^limits\.minute has to be a whole number.*, not a text$/],
    [{ limits: [] }, /^limits has to be .*, not a list$/],
    [{ now: () => Number.NaN }, /^now has to return milliseconds/],
    [{ now: 5 }, /^now has to be a function/],
    [{ faults: ["api 503 often=2"] }, /^faults: .*word 3, often=2/],
    [{ scopes: "accounting.invoces" }, /accounting\.invoces/],
    [{ consent: { user: 3 } }, /^consent\.user has to be 1 or 2, not/],
    [{ consent: 5 }, /^consent has to be a text or an object, not/],
    [{ organisation: "A", organisations: ["B"] }, /^organisation and organisations/],
    [{ scopes: 5 }, /^scopes has to be a text or a list of texts/],
  ]) {
    assert.throws(() => createSimulator(options), { name: "XeroError", code: "invalid_option", message });
  }
  assert.throws(() => open().advance(Number.NaN), { name: "XeroError", code: "invalid_option", message: /^advance\(\)/ });
});

test("a wrong argument is refused by its name, and other local Xeros go on", () => {
  const [one, other] = [open(), open()];
  for (const [act, message] of [
    ...[5, true, null, {}, { scopes: "files" }, new Set(), [5]].map((scopes) => [() => one.edit(scopes), /^edit\(\): scopes has to be a text or a list of texts, not /]),
    ...[5, null, undefined, { x: 1 }, ["api 503"]].map((rule) => [() => one.fault(rule), /^fault\(\): rule has to be a text, not /]),
    ...[-5, 1e30, "60000", undefined, null].map((ms) => [() => one.advance(ms), /^advance\(\): ms has to be a number of milliseconds from 0 to /]),
  ]) {
    assert.throws(act, { name: "XeroError", code: "invalid_option", message });
  }
  one.advance(1);
  assert.deepEqual([one.state, other.state], ["active", "active"], "the core was not replaced");
});

test("every refusal is a XeroError of the class that each entry exports", async () => {
  const simulator = open();
  const closed = open();
  await closed.close();
  for (const [act, code] of [
    [() => createSimulator({ scopes: "nonsense" }), "invalid_option"],
    [() => createSimulator({ invoices: -1 }), "invalid_option"],
    [() => simulator.fault("nonsense"), "invalid_option"],
    [() => simulator.edit("nonsense"), "invalid_option"],
    [() => simulator.advance(Infinity), "invalid_option"],
    [() => closed.counts(), "closed"],
    [() => closed.authorise(), "closed"],
    [() => closed.fault("api 503"), "closed"],
    [() => closed.fetch("https://api.xero.com/api.xro/2.0/Organisation"), "closed"],
    [() => open({ now: () => 1e300 }), "invalid_option"],
    [() => simulator.listen({ host: "example.com" }), "invalid_option"],
  ]) {
    const error = await (async () => act())().then(() => assert.fail(`${act}`), (error) => error);
    assert.ok(error instanceof XeroError && error instanceof ClientError, `${act}: ${error}`);
    assert.deepEqual([error.code, error.blame, error.retryable], [code, "caller", false], `${act}`);
  }
});

test("/simulator answers this machine's own programs and pages, and no other page that a browser has open", async (t) => {
  const simulator = createSimulator({ invoices: 1 });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const status = async (method, path, headers) => {
    const [response] = await once(request(url + path, { method, headers }).end(), "response");
    response.resume();
    return response.statusCode;
  };
  const { host, port } = new URL(url);
  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://localhost.evil.example" },
    { host: `rebound.example:${port}` },
    { host: `127.0.0.1.evil.example:${port}`, origin: `http://127.0.0.1.evil.example:${port}` },
  ]) {
    for (const [method, path] of [["POST", "/simulator/reset"], ["POST", "/simulator/advance?ms=60000"], ["POST", "/simulator/fault?rule=api%20503"], ["GET", "/simulator"]]) {
      assert.equal(await status(method, path, headers), 403, `${method} ${path} ${JSON.stringify(headers)}`);
    }
  }
  assert.equal(simulator.state, "active");
  for (const headers of [{}, { host: `localhost:${port}` }, { host, origin: url }, { origin: "http://localhost:3000" }, { host: `[::1]:${port}` }]) {
    assert.equal(await status("POST", "/simulator/advance?ms=1", headers), 200, JSON.stringify(headers));
  }
});

test("states: from code, and over HTTP for another process", async (t) => {
  const simulator = createSimulator({ authorised: false, createdOn: "2026-04-28", scopes: "accounting.transactions files" });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const status = async () => (await fetch(`${url}/files.xro/1.0/Files`, bearer(await token(simulator, url, fetch)))).status;
  assert.deepEqual([simulator.state, await status()], ["unauthorised", 403]);
  simulator.authorise();
  assert.deepEqual([simulator.state, await status()], ["active", 200]);
  simulator.edit(["files"]);
  assert.deepEqual([simulator.state, await status()], ["deactivated", 403]);
  assert.throws(() => simulator.edit("files accounting.transactions"), { code: "invalid_option", message: /R11/ });
  const post = async (path) => (await fetch(`${url}/simulator/${path}`, { method: "POST" })).json();
  assert.equal((await post("authorise")).state, "active");
  assert.equal(await status(), 200);
  assert.equal((await post("edit?scopes=assets")).state, "deactivated");
  assert.match((await post("edit?scopes=nonsense")).error, /nonsense/);
  assert.equal((await post("reset")).state, "reset");
  assert.match((await post("fault?rule=nonsense")).error, /nonsense/);
  await post(`fault?rule=${encodeURIComponent("api 418")}`);
  assert.equal(await status(), 418);
  await post("mend");
  assert.equal(await status(), 403);
  assert.equal((await (await fetch(`${url}/simulator`)).json()).state, "reset");
});

test("limits: calls at once, as far as answers take time", async (t) => {
  const simulator = createSimulator({ limits: { inFlight: 2, minute: 5 }, latencyMs: 50, now: () => START });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const accessToken = await token(simulator, url, fetch);
  const call = async () => {
    const { status, headers } = await fetch(`${url}/api.xro/2.0/Organisation`, bearer(accessToken));
    return [status, headers.get("x-rate-limit-problem")];
  };
  const three = await Promise.all([call(), call(), call()]);
  assert.deepEqual(three.filter(([status]) => status === 429), [[429, "concurrent"]]);
  for (let n = 0; n < 3; n++) assert.equal((await call())[0], 200);
  assert.deepEqual(await call(), [429, "minute"]);
});

test("faults: in process they look as fetch shows them, and can be taken away", async (t) => {
  const simulator = createSimulator({ faults: ["api GET /Contacts 503 retry-after=9"] });
  t.after(() => simulator.close());
  const accessToken = await token(simulator, "http://local", simulator.fetch);
  const call = (name, init) => simulator.fetch(`http://local/api.xro/2.0/${name}`, { ...bearer(accessToken), ...init });
  const contacts = await call("Contacts");
  assert.deepEqual([contacts.status, contacts.headers.get("retry-after")], [503, "9"]);
  for (const [rule, failed] of [
    ["reset", /fetch failed/],
    ["reset-head", /fetch failed/],
    ["reset-body performed", /fetch failed/],
    ["wrong-length performed", /fetch failed/],
    ["cut-gzip", /fetch failed/],
  ]) {
    const mend = simulator.fault(`api ${rule}`);
    await assert.rejects(async () => (await call("Organisation")).text(), failed, rule);
    mend();
    assert.equal((await call("Organisation")).status, 200);
  }
  simulator.fault("api silent");
  const controller = new AbortController();
  setTimeout(() => controller.abort("enough"), 20);
  await assert.rejects(call("Organisation", { signal: controller.signal }), (reason) => reason === "enough");
  assert.throws(() => simulator.fault("api 503 often=2"), { code: "invalid_option", message: /word 3, often=2/ });
  assert.equal(simulator.counts().faults, 7);
});

test("books of one's own are taken, changed and dumped", async (t) => {
  const company = { Contacts: [{ Name: "Only one" }] };
  const simulator = open({ company });
  t.after(() => simulator.close());
  const accessToken = await token(simulator);
  const contacts = async (from, key) => {
    const response = await from.fetch("https://api.xero.com/api.xro/2.0/Contacts", bearer(key));
    return (await response.json()).Contacts.map(({ Name }) => Name);
  };
  assert.deepEqual(await contacts(simulator, accessToken), ["Only one"]);
  const body = JSON.stringify({ Contacts: [{ Name: "Another" }] });
  const headers = { ...bearer(accessToken).headers, "Content-Type": "application/json" };
  const made = await simulator.fetch("https://api.xero.com/api.xro/2.0/Contacts", { method: "PUT", headers, body });
  assert.equal(made.status, 200);
  const dumped = simulator.dump();
  const again = open({ company: dumped });
  t.after(() => again.close());
  assert.deepEqual(await contacts(again, await token(again)), ["Only one", "Another"]);
  assert.deepEqual(again.dump(), dumped);
  assert.throws(() => open({ company: { Contacts: [{}] } }), { code: "invalid_option", message: /company\.Contacts\[0\]/ });
  assert.throws(() => open({ company: [] }), { code: "invalid_option", message: /^company has to be an object/ });
});

test("a strict local Xero refuses reads without data, and answers without it are marked", async (t) => {
  for (const [strict, status, mark] of [[false, 200, "shape"], [true, 501, "not played"]]) {
    const simulator = open({ strict, scopes: ["paymentservices"] });
    t.after(() => simulator.close());
    const answer = await simulator.fetch("https://api.xero.com/api.xro/2.0/PaymentServices", bearer(await token(simulator)));
    assert.deepEqual([answer.status, answer.headers.get("x-local-xero")], [status, mark]);
  }
});

test("idempotency keys: one invoice for one key", async (t) => {
  const simulator = createSimulator({ invoices: 1 });
  t.after(() => simulator.close());
  const accessToken = await token(simulator, "http://local", simulator.fetch);
  const invoice = { Type: "ACCREC", Contact: { Name: "A" }, LineItems: [{ Description: "x", Quantity: 1, UnitAmount: 1, AccountCode: "200" }] };
  const post = async (key, body = { Invoices: [invoice] }) => {
    const headers = { ...bearer(accessToken).headers, "content-type": "application/json", "idempotency-key": key };
    const response = await simulator.fetch("http://local/api.xro/2.0/Invoices", { method: "POST", headers, body: JSON.stringify(body) });
    return response.status === 200 ? (await response.json()).Invoices[0].InvoiceID : response.status;
  };
  const first = await post("a");
  assert.deepEqual([await post("a"), await post("a", {})], [first, 400]);
  assert.notEqual(await post("b"), first);
  simulator.advance(6 * 60_000);
  assert.notEqual(await post("a"), first);
});

const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CALLBACK = "http://localhost:8765/callback";

/** The address at which a user consents to an app; a PKCE app sends the challenge of `VERIFIER`. */
function authorizeUrl({ clientId, clientSecret, env }, more = {}) {
  const proof = { code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256" };
  const scope = "offline_access accounting.settings";
  const query = { response_type: "code", client_id: clientId, redirect_uri: CALLBACK, scope, state: "1 & 2", ...(!clientSecret && proof), ...more };
  return `${env.XERO_AUTHORIZE_URL ?? "https://login.xero.com/identity/connect/authorize"}?${new URLSearchParams(query)}`;
}

test("users consent in process and over HTTP, and their tokens reach the organisations", async (t) => {
  const simulator = open({ organisations: ["Kea & Co", "Tui"], consent: "all", redirectUris: [CALLBACK] });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const { organisations, web, pkce } = simulator;
  assert.deepEqual(organisations.map(({ name }) => name), ["Kea & Co", "Tui"]);
  assert.equal(pkce.clientSecret, undefined);
  for (const [app, send] of [[web, simulator.fetch], [pkce, fetch]]) {
    const answer = await send(authorizeUrl(app), { redirect: "manual" });
    assert.equal(answer.status, 302);
    const back = new URL(answer.headers.get("location"));
    assert.deepEqual([back.origin + back.pathname, back.searchParams.get("state")], [CALLBACK, "1 & 2"]);
    const { clientId, clientSecret } = app;
    const ask = async (form) => {
      const headers = clientSecret ? { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` } : {};
      const body = new URLSearchParams({ ...form, ...(!clientSecret && { client_id: clientId }) });
      return (await send(`${url}/connect/token`, { method: "POST", headers, body })).json();
    };
    const code = back.searchParams.get("code");
    const first = await ask({ grant_type: "authorization_code", code, redirect_uri: CALLBACK, ...(!clientSecret && { code_verifier: VERIFIER }) });
    const second = await ask({ grant_type: "refresh_token", refresh_token: first.refresh_token });
    const { headers } = bearer(second.access_token);
    const rows = await (await send(`${url}/connections`, { headers })).json();
    assert.deepEqual(rows.map(({ tenantId, tenantName }) => [tenantId, tenantName]), organisations.map(({ id, name }) => [id, name]));
    const read = (tenant) => send(`${url}/api.xro/2.0/Organisation`, { headers: { ...headers, ...tenant } });
    assert.equal((await read({})).status, 403);
    const found = await (await read({ "xero-tenant-id": organisations[1].id })).json();
    assert.equal(found.Organisations[0].Name, "Tui");
  }
});

test("the answer of users can be set from code and over HTTP, and a page asks otherwise", async (t) => {
  const simulator = open({ organisations: ["<b>Kea</b>", "Tui"] });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const where = async () => {
    const answer = await fetch(authorizeUrl(simulator.web), { redirect: "manual" });
    return answer.headers.get("location")?.replace(/code=\w+/, "code=…") ?? (await answer.text());
  };
  const page = await where();
  assert.match(page, /&lt;b&gt;Kea&lt;\/b&gt;/);
  assert.doesNotMatch(page, /<b>|8765/);
  simulator.consent("refuse");
  assert.equal(await where(), `${CALLBACK}?error=access_denied&state=1%20%26%202`);
  const post = async (query) => (await fetch(`${url}/simulator/consent?${query}`, { method: "POST" })).status;
  assert.equal(await post("user=2&organisation=Tui"), 200);
  assert.equal(await where(), `${CALLBACK}?code=…&state=1%20%26%202`);
  assert.equal(await post("answer=ask"), 200);
  assert.match(await where(), /<form/);
  assert.equal(await post("answer=maybe"), 400);
  assert.throws(() => simulator.consent({ organisations: ["Nobody"] }), { code: "invalid_option", message: /Nobody/ });
  assert.throws(() => simulator.consent({ users: 1 }), { code: "invalid_option", message: /"users".*user/ });
});

test("the same seed gives the same connection", () => {
  const { clientId, clientSecret, scopes } = createSimulator({ seed: 5 });
  assert.deepEqual(createSimulator({ seed: 5 }).clientSecret, clientSecret);
  assert.notEqual(createSimulator({ seed: 6 }).clientId, clientId);
  assert.match(clientId, /^[0-9A-F]{32}$/);
  assert.equal(scopes.length, 40);
});

async function run(...args) {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

test("command line: invalid usage is reported in one line, with exit code 2", async () => {
  const cases = [
    ["simulat"],
    ["simulate", "--prot", "1"],
    ["simulate", "--port"],
    ["simulate", "--port", "99999"],
    ["simulate", "--seed=-1"],
    ["simulate", "--created-on", "2026-05-01", "--scopes", "accounting.transactions"],
    ["simulate", "--country", "FR"],
    ["simulate", "--redirect", "http://127.0.0.1:1/"],
    ["simulate", "--grace", "endless"],
    ["simulate", "--consent", "maybe"],
    ["simulate", "extra"],
    ["simulate", "--fault", "api often"],
    ["simulate", "--fault", "api 503", "--fault", ""],
  ];
  for (const { code, stdout, stderr } of await Promise.all(cases.map((args) => run(...args)))) {
    assert.match(stderr, /^xero-m2m: [^\n]+\n$/);
    assert.equal(stdout, "");
    assert.equal(code, 2);
  }
  for (const args of [["--help"], ["simulate", "--help"], ["--version"]]) {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^(xero-m2m|Usage: xero-m2m|\d+\.\d+\.\d+\n$)/);
  }
});

test("command line: a port in use is reported in one line, with exit code 1", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { code, stderr } = await run("simulate", "--port", String(other.address().port));
  assert.match(stderr, /^xero-m2m: port \d+ is in use; [^\n]+\n$/);
  assert.equal(code, 1);
  other.close();
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`command line: prints the variables for a service, serves, ends cleanly on ${signal}`, async () => {
    const child = spawn(process.execPath, [cli, "simulate", "--port", "0", "--invoices", "3", "--country", "nz", "--limits", "--fault", "api GET /Organisation 503 first=1", "--fault", "api GET /Contacts 404"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    for await (const data of child.stdout) {
      stdout += data;
      if (stdout.includes("XERO_VAULT_KEY=") && stdout.endsWith("\n")) break;
    }
    assert.match(stdout, /^# A local imitation of Xero, for tests\. It is not Xero/);
    const [, custom, web, pkce] = stdout.split("\n\n");
    const read = (lines) => Object.fromEntries([...lines.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
    const env = read(custom);
    const addresses = ["XERO_IDENTITY_URL", "XERO_API_URL", "XERO_AUTHORIZE_URL"];
    assert.deepEqual(Object.keys(read(web)), ["XERO_CLIENT_ID", "XERO_CLIENT_SECRET", ...addresses]);
    assert.deepEqual(Object.keys(read(pkce)), ["XERO_CLIENT_ID", "XERO_VAULT_KEY", ...addresses]);
    assert.equal(Buffer.from(read(pkce).XERO_VAULT_KEY, "base64url").length, 32);
    assert.match(pkce, /^unset XERO_CLIENT_SECRET$/m);
    assert.equal(read(web).XERO_AUTHORIZE_URL, `${env.XERO_IDENTITY_URL}/identity/connect/authorize`);
    const { XERO_CLIENT_ID: clientId, XERO_CLIENT_SECRET: clientSecret, XERO_IDENTITY_URL: url } = env;
    const accessToken = await token({ clientId, clientSecret }, url, fetch);
    const call = (name) => fetch(`${env.XERO_API_URL}/api.xro/2.0/${name}`, bearer(accessToken));
    assert.deepEqual([(await call("Organisation")).status, (await call("Contacts")).status], [503, 404]);
    const response = await call("Organisation");
    assert.equal(response.headers.get("x-minlimit-remaining"), "59");
    assert.equal((await response.json()).Organisations[0].CountryCode, "NZ");
    child.kill(signal);
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
}

test("in process: an abort ends a request that is never answered, also after a garbage collection", { timeout: 60_000 }, async (t) => {
  const script = `
    import { CustomConnection } from "xero-m2m";
    import { createSimulator } from "xero-m2m/simulator";
    const simulator = createSimulator({ invoices: 5 });
    const { clientId, clientSecret, fetch } = simulator;
    // The first token takes as long as making a key does.
    await new CustomConnection({ clientId, clientSecret, fetch }).token();
    const xero = new CustomConnection({ clientId, clientSecret, fetch, retry: 0, timeoutMs: 3_000 });
    await xero.token();
    const base = "https://api.xero.com/api.xro/2.0";
    let collecting = true;
    const collect = () => { gc(); if (collecting) setTimeout(collect, 20); };
    collect();
    const ends = {
      init: (signal) => fetch(base + "/Organisation", { signal }),
      request: (signal) => fetch(new Request(base + "/Organisation", { signal })),
      body: async (signal) => (await fetch(base + "/Invoices", { signal })).text(),
      client: () => xero.fetch("/Organisation"),
      signal: (signal) => xero.fetch("/Organisation", { signal }),
    };
    simulator.fault("api GET /Organisation silent");
    simulator.fault("api GET /Invoices slow-body");
    const told = [];
    for (const [name, act] of Object.entries(ends)) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error("enough")), 200);
      const error = await act(controller.signal).then((value) => typeof value, (error) => error.code ?? error.message);
      told.push(name + ": " + error);
    }
    collecting = false;
    process.stdout.write(told.join(", "));
  `;
  const child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "--eval", script], {
    cwd: dirname(cli),
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  let out = "";
  child.stdout.on("data", (chunk) => (out += chunk));
  const [code] = await once(child, "close");
  assert.equal(out, "init: enough, request: enough, body: enough, client: timeout, signal: enough");
  assert.equal(code, 0);
});

test("an option that there is not is refused, and the right ones are named", async () => {
  for (const [act, part] of [
    [() => createSimulator({ scope: "files" }), /"scope".*scopes/],
    [() => createSimulator({ limits: { minutes: 5 } }), /"minutes".*minute/],
  ]) {
    assert.throws(act, (error) => error.code === "invalid_option" && part.test(error.message));
  }
  const simulator = open();
  await assert.rejects(simulator.listen({ prot: 0 }), { code: "invalid_option", message: /"prot".*port/ });
  await simulator.close();
});
