// What works on a connection and what does not, told in numbered steps, against the local Xero and against worse.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { diagnose } from "xero-m2m/doctor";
import { createSimulator } from "xero-m2m/simulator";
import { CLIENT_ID, SECRET, TOKEN, client, failure, granted, json, local, refused, serve, stub } from "./support.mjs";

const NAMES = ["reach", "credentials", "app", "activation", "scopes", "rules", "organisation", "limits", "clock"];
const OPTIONS = { clientId: CLIENT_ID, clientSecret: SECRET };

/** The states that are not `ok`, by the name of the step. */
const amiss = ({ steps }) =>
  Object.fromEntries(steps.filter(({ state }) => state !== "ok").map(({ name, state }) => [name, state]));
const step = ({ steps }, name) => steps.find((step) => step.name === name);

/** Whatever is wrong, there are nine steps, each says something, and nothing that is secret is in any of them. */
function assertSound(health, ...secrets) {
  assert.deepEqual(
    health.steps.map(({ number, name }) => [number, name]),
    NAMES.map((name, index) => [index + 1, name]),
  );
  const everything = JSON.stringify(health);
  for (const secret of [SECRET, TOKEN, CLIENT_ID, btoa(`${CLIENT_ID}:${SECRET}`), ...secrets]) {
    assert.ok(!everything.includes(secret), "nothing secret is in it");
  }
  for (const { number, title, state, message, advice } of health.steps) {
    assert.ok(message.length > 8);
    // Who is told of a problem is told what to do.
    if (state === "problem" || state === "warning") assert.ok(advice?.length > 20, `${title}: ${message}`);
    assert.ok(health.report.includes(`${number}. ${state.padEnd(7)} ${title}: ${message}`));
  }
  assert.equal(
    health.ok,
    health.steps.every(({ state }) => state !== "problem"),
  );
  assert.deepEqual(JSON.parse(everything), health);
}

test("a connection that is well", async (t) => {
  const { simulator, xero } = await local(t, { createdOn: "2026-05-01" }, { limits: true });
  const health = await xero.doctor({ calls: "GET /Invoices" });
  assertSound(health, simulator.clientId, simulator.clientSecret);
  assert.deepEqual([health.ok, amiss(health)], [true, {}]);
  assert.match(
    step(health, "organisation").message,
    new RegExp(`^${simulator.organisation.replaceAll(/\W/g, ".")}, AU, a demo company$`),
  );
  assert.match(step(health, "limits").message, /59 of this minute, \d+ of this day/);
  assert.match(step(health, "scopes").details.join(), /not needed for these calls: .*accounting\.contacts/);
  const { tokenRequests, apiRequests } = simulator.counts();
  assert.deepEqual([tokenRequests, apiRequests], [1, 1]);
});

test("it takes nothing from the client: no token, no store, no listener", async (t) => {
  const { simulator, xero } = await local(t, {
    store: { load: () => assert.fail(), save: () => assert.fail(), erase: () => assert.fail() },
    onEvent: () => assert.fail(),
  });
  assert.ok((await xero.doctor()).ok);
  assert.equal(simulator.counts().tokenRequests, 1);
});

test("a wrong secret", async (t) => {
  const { simulator, xero } = await local(t, { clientSecret: SECRET });
  const health = await xero.doctor();
  assertSound(health, simulator.clientId);
  assert.equal(step(health, "credentials").code, "invalid_client");
  assert.deepEqual(Object.values(amiss(health)).filter((state) => state === "problem").length, 1);
  assert.equal(simulator.counts().apiRequests, 0);
});

test("an app of another kind", async (t) => {
  const health = await client(t, { fetch: stub({ token: () => refused("unauthorized_client") }).fetch }).doctor();
  assertSound(health);
  assert.deepEqual([step(health, "app").code, step(health, "credentials").state], ["unauthorized_client", "ok"]);
});

for (const [how, what] of [
  ["nobody has authorised", { authorised: false }],
  ["an edit has switched off", {}],
]) {
  test(`a connection that ${how}`, async (t) => {
    const { simulator, xero } = await local(t, {}, what);
    if (what.authorised !== false) simulator.edit("accounting.settings accounting.invoices");
    const health = await xero.doctor();
    assertSound(health);
    const { state, code, correlationId, advice } = step(health, "activation");
    assert.deepEqual([state, code], ["problem", "not_authorised"]);
    assert.match(correlationId, /^[0-9a-f-]{36}$/);
    assert.match(advice, /authorising user/);
    assert.ok(health.report.includes(correlationId));
    simulator.authorise();
    assert.ok((await xero.doctor()).ok);
  });
}

test("scopes that are asked for and not configured: the rest is looked at all the same", async (t) => {
  const scopes = ["accounting.invoices", "accounting.contacts"];
  const { xero } = await local(t, { scopes }, { scopes: "accounting.invoices accounting.settings.read" });
  const health = await xero.doctor();
  assertSound(health);
  const { state, code, message, details } = step(health, "scopes");
  assert.deepEqual([state, code], ["problem", "invalid_scope"]);
  assert.match(message, /accounting\.contacts/);
  assert.doesNotMatch(message, /accounting\.invoices/);
  assert.deepEqual(details, ["granted: accounting.invoices, accounting.settings.read"]);
  assert.equal(step(health, "organisation").state, "ok");
});

test("scopes and calls that the connection is meant for", async (t) => {
  const { xero } = await local(t, {}, { scopes: "accounting.invoices.read accounting.settings.read" });
  const wanted = await xero.doctor({ scopes: "accounting.invoices.read, accounting.contacts" });
  assertSound(wanted);
  assert.equal(step(wanted, "scopes").message, "wanted and not granted: accounting.contacts");
  const called = await xero.doctor({ calls: ["GET /Invoices", "POST /Invoices"] });
  assertSound(called);
  assert.equal(step(called, "scopes").message, "wanted and not granted: accounting.invoices");
  assert.match(
    step(called, "scopes").details.join("\n"),
    /not opened: accounting\.\w*[iI]nvoices, which accounting\.invoices would open/,
  );
  assert.equal((await xero.doctor({ scopes: ["accounting.invoices.read"] })).ok, true);
  const closed = await xero.doctor({ calls: "GET /Journals" });
  assertSound(closed);
  assert.match(step(closed, "scopes").message, /not every connection can hold/);
  assert.match(
    step(closed, "scopes").details[0],
    /accounting\.getJournals, which accounting\.journals\.read would open/,
  );
});

test("without a scope for the organisation, the list that is open is asked for", async (t) => {
  const { simulator, xero } = await local(t, {}, { scopes: "accounting.contacts.read" });
  const health = await xero.doctor();
  assertSound(health);
  assert.match(step(health, "activation").message, /accounting\.getContacts/);
  assert.deepEqual(amiss(health), { organisation: "unknown", limits: "unknown" });
  assert.equal(simulator.counts().refusals, 0);
});

test("rules that will bite", async (t) => {
  const simulated = { scopes: "accounting.transactions accounting.settings", createdOn: "2025-02-01" };
  const { xero } = await local(t, { createdOn: "2025-02-01" }, simulated);
  const health = await xero.doctor();
  assertSound(health);
  const rules = step(health, "rules");
  assert.equal(rules.state, "warning");
  assert.match(rules.message, /broad scopes end in 2027-09 \(in \d+ days/);
  assert.match(rules.details.join("\n"), /^R13: /m);
});

test("a limit that is used up, and a day that nearly is", async (t) => {
  const headers = { "x-rate-limit-problem": "day", "retry-after": "3600", "x-daylimit-remaining": "0" };
  const full = await client(t, {
    fetch: stub({ api: () => new Response("", { status: 429, headers }) }).fetch,
  }).doctor();
  assertSound(full);
  assert.deepEqual([step(full, "limits").code, step(full, "activation").state], ["rate_limited", "unknown"]);
  const scarce = () => json({}, { headers: { "x-daylimit-remaining": "17", "x-minlimit-remaining": "3" } });
  const low = await client(t, { fetch: stub({ api: scarce }).fetch }).doctor();
  assertSound(low);
  assert.deepEqual(
    [step(low, "limits").state, step(low, "limits").message],
    ["warning", "calls left: 3 of this minute, 17 of this day"],
  );
});

test("nobody answers, or somebody else does", async (t) => {
  const { url } = await serve(t, (_, response) =>
    response.writeHead(502, { "content-type": "text/html" }).end("<h1>proxy</h1>"),
  );
  for (const [at, code] of [
    ["http://127.0.0.1:9", "offline"],
    [url, "identity_unavailable"],
  ]) {
    const health = await diagnose({ ...OPTIONS, identityUrl: at, apiUrl: at });
    assertSound(health, "<h1>");
    assert.equal(step(health, "reach").code, code);
    assert.ok(health.steps.filter(({ state }) => state === "unknown").length >= 7);
  }
  const html = () => new Response("<h1>", { status: 503, headers: { "content-type": "text/html" } });
  const api = await client(t, { fetch: stub({ api: html }).fetch }).doctor();
  assertSound(api);
  assert.deepEqual([step(api, "reach").code, step(api, "credentials").state], ["server_error", "ok"]);
});

test("a clock that is wrong", async (t) => {
  for (const [off, words] of [
    [-600_000, "ahead of"],
    [600_000, "behind"],
  ]) {
    const token = () => {
      const date = new Date(Date.now() + off).toUTCString();
      return json({ access_token: TOKEN, token_type: "Bearer", expires_in: 1800 }, { headers: { date } });
    };
    const health = await client(t, { fetch: stub({ token }).fetch }).doctor();
    assertSound(health);
    assert.equal(step(health, "clock").state, "warning");
    assert.match(step(health, "clock").message, new RegExp(`(599|600|601) s ${words} Xero's`));
  }
});

test("a secret that is not the first of the list", async (t) => {
  const token = ({ headers }) =>
    headers.get("authorization") === `Basic ${btoa(`${CLIENT_ID}:${SECRET}`)}` ? granted() : refused("invalid_client");
  const health = await client(t, { clientSecret: ["an old one", SECRET], fetch: stub({ token }).fetch }).doctor();
  assertSound(health, "an old one");
  assert.deepEqual([step(health, "credentials").state, health.ok], ["warning", true]);
  assert.match(step(health, "credentials").message, /^secret 2 of 2 /);
});

test("what an organisation calls itself does nothing to a terminal", async (t) => {
  const name = "A\u001b[31m\nB\u202e".padEnd(500, "x");
  const api = () => json({ Organisations: [{ Name: name, CountryCode: "\u0007" }] });
  const health = await client(t, { fetch: stub({ api }).fetch }).doctor();
  assertSound(health);
  assert.doesNotMatch(step(health, "organisation").message, /[\p{Cc}\p{Cf}]/u);
  assert.ok(step(health, "organisation").message.length < 250);
});

test("answers that are not Xero's", async (t) => {
  for (const body of [
    {},
    [],
    { Organisations: [] },
    { Organisations: [null] },
    { Organisations: [{ Name: 1 }] },
    "text",
  ]) {
    const health = await client(t, { fetch: stub({ api: () => json(body) }).fetch }).doctor();
    assertSound(health);
    assert.equal(step(health, "organisation").state, "unknown");
  }
});

test("its caller may end it, and is told of bad use", async (t) => {
  const { fetch } = stub({ token: () => new Promise(() => {}) });
  const controller = new AbortController();
  const ended = failure(diagnose({ ...OPTIONS, fetch }, { signal: controller.signal }));
  controller.abort("enough");
  assert.equal(await ended, "enough");
  assert.equal((await failure(diagnose({ clientId: "" }))).code, "invalid_option");
  assert.equal((await failure(diagnose(OPTIONS, { call: "GET /Invoices" }))).code, "invalid_option");
  const closed = client(t);
  closed.close();
  assert.equal((await failure(closed.doctor())).code, "closed");
});

const cli = join(dirname(createRequire(import.meta.url).resolve("xero-m2m/package.json")), "dist/cli.js");

/** `xero-m2m doctor` with an environment of its own. */
async function run(env, ...args) {
  const child = spawn(process.execPath, [cli, "doctor", "--no-policy", ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, stdout, stderr };
}

test("on the command line", async (t) => {
  const simulator = createSimulator({ invoices: 5, scopes: "accounting.settings accounting.invoices" });
  t.after(() => simulator.close());
  await simulator.listen();
  const { env, clientSecret, organisation } = simulator;

  const well = await run(env);
  assert.deepEqual([well.code, well.stderr], [0, ""]);
  assert.match(well.stdout, /^No problem found\n\n1\. ok {7}Way to Xero: /);
  assert.ok(well.stdout.includes(organisation));

  const lacking = await run(env, "--call", "GET /Contacts", "--format", "json");
  assert.equal(lacking.code, 1);
  const health = JSON.parse(lacking.stdout);
  assertSound(health, clientSecret);
  assert.equal(step(health, "scopes").message, "wanted and not granted: accounting.contacts.read");

  const ticket = await run(env, "--scopes", "accounting.contacts", "--format", "markdown");
  assert.equal(ticket.code, 1);
  assert.match(ticket.stdout, /^## Xero connection: Not well: see 5\n\n1\. \*\*Way to Xero: ok\.\*\* /);

  const wrong = await run({ ...env, XERO_CLIENT_SECRET: SECRET });
  assert.deepEqual([wrong.code, wrong.stderr], [1, ""]);
  assert.ok(!(wrong.stdout + lacking.stdout + ticket.stdout).includes(SECRET));

  for (const [given, args, words] of [
    [{}, [], "XERO_CLIENT_ID and XERO_CLIENT_SECRET are not set"],
    [{ XERO_CLIENT_ID: "a" }, [], "XERO_CLIENT_SECRET is not set"],
    [{ ...env, XERO_API_URL: "ftp://x" }, [], "apiUrl|https"],
    [env, ["--created-on", "yesterday"], "YYYY-MM-DD"],
  ]) {
    const { code, stdout, stderr } = await run(given, ...args);
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, new RegExp(words));
  }
});
