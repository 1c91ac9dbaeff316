// The diagnosis in numbered steps, against the local Xero and against faulty servers.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { diagnose } from "xero-m2m/doctor";
import { memory, withFleet } from "xero-m2m/shared";
import { createSimulator } from "xero-m2m/simulator";
import { CLIENT_ID, SECRET, TOKEN, client, clock, failure, granted, json, local, refused, serve, stub } from "./support.mjs";

const NAMES = ["reach", "credentials", "app", "activation", "scopes", "rules", "organisation", "limits", "clock"];
const ORGANISATION = () => json({ Organisations: [{ Name: "Kea Outdoor Hire", CountryCode: "NZ" }] });
const OPTIONS = { clientId: CLIENT_ID, clientSecret: SECRET };

/** The states that are not `ok`, by the name of the step. */
const amiss = ({ steps }) =>
  Object.fromEntries(steps.filter(({ state }) => state !== "ok").map(({ name, state }) => [name, state]));
const step = ({ steps }, name) => steps.find((step) => step.name === name);

/** In any case there are nine steps. */
function assertSound(health, ...secrets) {
  assertSteps(health, NAMES);
  assertClear(health, ...secrets);
}

function assertSteps({ steps }, names) {
  assert.deepEqual(
    steps.map(({ number, name }) => [number, name]),
    names.map((name, index) => [index + 1, name]),
  );
}

/** Each step has a message, and none of them has a secret in it. */
function assertClear(health, ...secrets) {
  const everything = JSON.stringify(health);
  for (const secret of [SECRET, TOKEN, CLIENT_ID, btoa(`${CLIENT_ID}:${SECRET}`), ...secrets]) {
    assert.ok(!everything.includes(secret), "nothing secret is in it");
  }
  for (const { number, title, state, message, advice } of health.steps) {
    assert.ok(message.length > 8);
    // Every problem has advice.
    if (state === "problem" || state === "warning") assert.ok(advice?.length > 20, `${title}: ${message}`);
    assert.ok(health.report.includes(`${number}. ${state.padEnd(7)} ${title}: ${message}`));
  }
  // A step is well only if the evidence shows it.
  const seen = health.steps.slice(0, 4).every(({ state }) => state === "ok" || state === "warning");
  if (health.ok) assert.ok(seen && health.summary.startsWith("No problem found"));
  else assert.match(health.summary, /^(Problems|Not known to work): see step/);
  if (health.steps.some(({ state }) => state === "problem")) assert.equal(health.ok, false);
  if (!seen) assert.equal(health.ok, false);
  assert.ok(health.report.includes(health.target.description));
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
    /not opened: accounting\.\w*[iI]nvoices; it needs accounting\.invoices/,
  );
  assert.equal((await xero.doctor({ scopes: ["accounting.invoices.read"] })).ok, true);
  const closed = await xero.doctor({ calls: "GET /Journals" });
  assertSound(closed);
  assert.match(step(closed, "scopes").message, /not every connection can hold/);
  assert.match(
    step(closed, "scopes").details[0],
    /accounting\.getJournals; it needs accounting\.journals\.read/,
  );
});

test("without a scope for the organisation, the list that is open is asked for", async (t) => {
  const { simulator, xero } = await local(t, {}, { scopes: "accounting.contacts.read" });
  const health = await xero.doctor();
  assertSound(health);
  assert.match(step(health, "activation").message, /accounting\.getContacts/);
  assert.deepEqual(amiss(health), { organisation: "unknown" });
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
  const none = await client(t, { fetch: stub({ api: () => json({}, { headers: { "x-daylimit-remaining": "0" } }) }).fetch }).doctor();
  assert.deepEqual([none.ok, step(none, "limits").state], [false, "problem"]);
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
  const health = await client(t, { clientSecret: ["an old one", SECRET], fetch: stub({ token, api: ORGANISATION }).fetch }).doctor();
  assertSound(health, "an old one");
  assert.deepEqual([step(health, "credentials").state, health.ok], ["warning", true]);
  assert.match(step(health, "credentials").message, /^secret 2 of 2 /);
});

test("a secret that never comes holds the diagnosis no longer than timeoutMs", async (t) => {
  const time = clock(t);
  const health = client(t, { fetch: stub().fetch, clientSecret: () => new Promise(() => {}) }).doctor();
  await time.advance(31_000, 500);
  assertSound(await health);
  assert.equal((await health).ok, false);
  assert.equal(step(await health, "credentials").state, "problem");
  assert.notEqual(step(await health, "reach").state, "problem", "no request was sent");
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
    assert.deepEqual([health.ok, step(health, "reach").state, step(health, "activation").state], [false, "unknown", "unknown"]);
    assert.equal(health.summary, "Not known to work: see steps 1, 4");
  }
});

// Every status that Xero does not give to this call, and that is no proof of anything.
for (const status of [400, 402, 404, 405, 406, 407, 409, 410, 411, 413, 415, 418, 421, 426, 428, 431, 451, 499, 501]) {
  for (const body of ["", "<h1>zebra</h1>", '{"message":"no"}']) {
    test(`GET /Organisation that is answered with ${status} and ${body || "nothing"} is not well`, async (t) => {
      const health = await client(t, { fetch: stub({ api: () => new Response(body, { status }) }).fetch }).doctor();
      assertSound(health, "zebra");
      assert.equal(health.ok, false);
      assert.ok(health.steps.some(({ state, message }) => state === "problem" && message.includes(`${status}`)));
      assert.doesNotMatch(health.report, /authorise/);
      assert.notEqual(step(health, "reach").state, "ok");
    });
  }
}

test("a 403 and a 401 that are not Xero's are from something on the way, and nobody is told to authorise again", async (t) => {
  for (const status of [401, 403]) {
    for (const body of ["<html>blocked</html>", '{"message":"Forbidden"}', "Forbidden"]) {
      const health = await client(t, { fetch: stub({ api: () => new Response(body, { status }) }).fetch }).doctor();
      assertSound(health);
      const { state, code, advice } = step(health, "reach");
      assert.deepEqual([health.ok, state, code], [false, "problem", "intercepted"]);
      assert.match(advice, /proxy, firewall and TLS 1\.2 .* https:\/\/api\.xero\.com/);
      assert.doesNotMatch(health.report, /authorising user/);
    }
  }
  const token = () => new Response("<html>TLS 1.2 is required</html>", { status: 403, headers: { "content-type": "text/html" } });
  const health = await client(t, { fetch: stub({ token }).fetch, timeoutMs: 1_000 }).doctor();
  assertSound(health);
  assert.equal(step(health, "reach").code, "intercepted");
});

for (const [how, wrap, code] of [
  ["a line break at its end", (secret) => `${secret}\n`, "invalid_option"],
  ["a carriage return at its end", (secret) => `${secret}\r`, "invalid_option"],
  ["quotation marks around it", (secret) => `"${secret}"`, "invalid_client"],
  ["a space at its end", (secret) => `${secret} `, "invalid_client"],
]) {
  test(`a secret with ${how} is a problem, and the advice names it`, async (t) => {
    const simulator = createSimulator({ invoices: 5 });
    t.after(() => simulator.close());
    const { clientId, clientSecret, fetch } = simulator;
    const health = await diagnose({ clientId, clientSecret: wrap(clientSecret), fetch, timeoutMs: 5_000 });
    assertSound(health, clientSecret);
    const { state, code: found, advice } = step(health, "credentials");
    assert.deepEqual([health.ok, state, found], [false, "problem", code]);
    assert.match(advice, code === "invalid_option" ? /line break/ : /begins or ends with a quotation mark or a space/);
    if (code === "invalid_option") assert.deepEqual(step(health, "reach").state, "unknown");
  });
}

test("a secret that is not set is a problem", async (t) => {
  const health = await client(t, { clientSecret: undefined, fetch: stub().fetch, deadlineMs: 200 }).doctor();
  assertSound(health);
  assert.deepEqual([health.ok, step(health, "credentials").code], [false, "secret_unavailable"]);
});

test("an identity service that limits, or refuses for a reason of its own, is no proof of anything", async (t) => {
  for (const token of [() => new Response("", { status: 429 }), () => new Response("", { status: 404 }), () => refused("invalid_request")]) {
    const health = await client(t, { fetch: stub({ token }).fetch, deadlineMs: 200 }).doctor();
    assertSound(health);
    assert.deepEqual([health.ok, step(health, "reach").state], [false, "unknown"]);
  }
});

test("the whole connection is refused its scopes", async (t) => {
  const health = await client(t, { fetch: stub({ token: () => refused("invalid_scope") }).fetch, deadlineMs: 200 }).doctor();
  assertSound(health);
  assert.deepEqual([health.ok, step(health, "scopes").code], [false, "invalid_scope"]);
});

test("an error that is nobody's", async (t) => {
  const fetch = async () => {
    throw { not: "an error" };
  };
  const health = await diagnose({ ...OPTIONS, fetch, deadlineMs: 200 });
  assertSound(health);
  assert.equal(health.ok, false);
});

test("base URLs that end with what is added to them are refused, with the right value", async () => {
  for (const [option, url, right] of [
    ["apiUrl", "https://api.xero.com/api.xro/2.0", "https://api.xero.com"],
    ["identityUrl", "https://identity.xero.com/connect/token", "https://identity.xero.com"],
  ]) {
    const error = await failure(diagnose({ ...OPTIONS, [option]: url }));
    assert.deepEqual([error.code, error.message.endsWith(` write ${right}`)], ["invalid_option", true], error.message);
  }
});

test("the report says which addresses and which client id it spoke to, and what that is", async (t) => {
  const { simulator, url, xero } = await local(t);
  const { target, report } = await xero.doctor();
  const id = simulator.clientId.slice(0, 4);
  assert.deepEqual([target.clientId, target.identityUrl, target.apiUrl, target.kind], [id, url, url, "local"]);
  assert.ok(report.split("\n")[1] === `Client id ${id}…, at ${url}: a local Xero (xero-m2m simulate), not Xero itself`);
  const xeros = await client(t, { fetch: stub({ api: ORGANISATION }).fetch }).doctor();
  assertSound(xeros);
  assert.equal(xeros.target.description, "Client id 0123…, at https://identity.xero.com and https://api.xero.com: Xero");
  const apiUrl = "https://gateway.example/xero";
  const other = await client(t, { fetch: stub({ api: ORGANISATION }).fetch, apiUrl }).doctor();
  assert.deepEqual([other.target.apiUrl, other.target.kind], [apiUrl, "other"]);
});

test("nothing listens on this machine: the local Xero is the advice", async () => {
  for (const url of ["http://127.0.0.1:9", "http://localhost:9"]) {
    const health = await diagnose({ ...OPTIONS, identityUrl: url, apiUrl: url, timeoutMs: 5_000 });
    assertSound(health);
    assert.match(step(health, "reach").advice, /npx xero-m2m simulate/);
    assert.ok(step(health, "reach").advice.includes(url));
    assert.match(health.target.description, /this machine, not Xero itself/);
  }
});

test("progress is told while it waits, and a display that fails does not fail it", async (t) => {
  const lines = [];
  const { url, xero } = await local(t);
  const health = await xero.doctor({
    onProgress: (line) => {
      lines.push(line);
      throw new Error("no display");
    },
  });
  assert.ok(health.ok);
  assert.deepEqual(lines, [`asking ${url} for a token (up to 30 s)`, `calling GET /api.xro/2.0/Organisation of ${url} (up to 30 s)`]);
});

test("wanted scopes that are not granted: advice for each kind", async (t) => {
  const { xero } = await local(t, {}, { scopes: "accounting.settings", createdOn: "2026-05-01" });
  for (const [scopes, advice] of [
    ["accounting.contacts", /have accounting\.contacts added/],
    ["offline_access", /leave out offline_access/],
    ["accounting.transactions", /cannot be added.*accounting\.banktransactions/],
    ["accounting.setting", /is accounting\.settings meant\?/],
  ]) {
    const health = await xero.doctor({ scopes });
    assertSound(health);
    assert.equal(step(health, "scopes").state, "problem");
    assert.match(step(health, "scopes").advice, advice);
  }
});

test("any list that the scopes open will do for a test", async (t) => {
  for (const scopes of ["files", "assets.read", "projects"]) {
    const { simulator, xero } = await local(t, {}, { scopes });
    const health = await xero.doctor();
    assertSound(health);
    assert.deepEqual([health.ok, simulator.counts().refusals], [true, 0], health.report);
    assert.equal(health.summary, "No problem found; not known: step 7");
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
  assert.match(well.stdout, /^No problem found\nClient id \w{4}…, at http:[^:]+:\d+: a local Xero [^]+?itself\n\n1\. ok {7}Way to Xero: /);
  assert.ok(well.stdout.includes(organisation));

  const lacking = await run(env, "--call", "GET /Contacts", "--format", "json");
  assert.equal(lacking.code, 1);
  const health = JSON.parse(lacking.stdout);
  assertSound(health, clientSecret);
  assert.equal(step(health, "scopes").message, "wanted and not granted: accounting.contacts.read");

  const ticket = await run(env, "--scopes", "accounting.contacts", "--format", "markdown");
  assert.equal(ticket.code, 1);
  assert.match(ticket.stdout, /^## Xero connection: Problems: see step 5\n\nClient id \w{4}….*\n\n1\. \*\*Way to Xero: ok\.\*\* /);

  // On a terminal, progress goes to standard error.
  const terminal = "data:text/javascript,process.stderr.isTTY=true";
  const watched = spawn(process.execPath, ["--import", terminal, cli, "doctor", "--no-policy"], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  assert.match(await text(watched.stderr), /^xero-m2m: asking http:\S+ for a token .*\nxero-m2m: calling GET \/api/);

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

test("another organisation than the option names is a problem, also where its token names none", async (t) => {
  const other = "0a0b0c0d-1111-4222-8333-944455556666";
  const { xero } = await local(t);
  const { Organisations } = await xero.json("GET", "/Organisation");
  const asked = async (id) => {
    const answered = async (url, init) => {
      const response = await fetch(url, init);
      if (!String(url).endsWith("/Organisation")) return response;
      return Response.json({ Organisations: [{ ...Organisations[0], OrganisationID: id }] });
    };
    const { xero: own } = await local(t, { organisation: Organisations[0].OrganisationID.replaceAll("-", ""), fetch: answered });
    const health = await own.doctor();
    return [health.ok, step(health, "organisation").state];
  };
  assert.deepEqual(await asked(Organisations[0].OrganisationID.toUpperCase()), [true, "ok"]);
  assert.deepEqual(await asked(other), [false, "problem"]);
  assert.deepEqual(await asked(undefined), [true, "unknown"]);
});

test("a connection with a fleet has three steps more: its store, the processes that are there, and their token", async (t) => {
  const store = memory();
  const look = async (fleet) => {
    const { simulator, xero } = await local(t, { fleet });
    const health = await xero.doctor();
    assertSteps(health, [...NAMES, "engine", "members", "sharedToken"]);
    assertClear(health, simulator.clientId, simulator.clientSecret);
    return { simulator, xero, health, engine: step(health, "engine"), members: step(health, "members"), token: step(health, "sharedToken") };
  };
  const first = await look(store);
  assert.deepEqual([first.health.ok, first.engine.state, first.token.state], [true, "ok", "unknown"]);
  assert.match(first.engine.message, /^the store answers in \d+ ms, and puts what it is given$/);
  assert.match(first.engine.details.join(), /may lose what it acknowledged/);
  assert.match(first.engine.details.join(), /the token has 0 characters there, the board of the limits 0/);
  assert.match(first.token.message, /no process has put a token there yet/);
  assert.deepEqual([first.members.state, first.members.message], ["unknown", "no process has shared the limits yet"]);
  assert.equal(first.simulator.counts().tokenRequests, 1, "the diagnosis asks for a token of its own, and puts none there");

  await first.xero.fetch("/Organisation");
  const held = step(await first.xero.doctor(), "sharedToken");
  assert.equal(held.state, "ok");
  assert.match(held.message, /^generation 1, \d+ s old, ends in 30 min$/);
  assert.match(held.details.join(), /characters, sealed/);
  const there = step(await first.xero.doctor(), "members");
  assert.equal(there.state, "ok");
  assert.match(there.message, /^processes there: 1; places taken: [0-5]; calls that wait: 0$/);
  assert.match(there.details.join(), /calls left of the minute: (?:not known|\d+),calls left of the day: /);

  const away = await look(withFleet({ durable: false, swap: () => Promise.reject(new Error("redis://:word@host")) }));
  assert.deepEqual([away.health.ok, away.engine.state, away.members.state, away.token.state], [false, "problem", "unknown", "unknown"]);
  assert.equal(away.engine.message, "the store failed (an error without a code)");
  assert.ok(!JSON.stringify(away.health).includes("word@host"));

  const refuses = await look(withFleet({ durable: false, swap: (turn) => store.swap({ ...turn, version: -1 }) }));
  assert.deepEqual([refuses.health.ok, refuses.engine.state], [false, "problem"]);
  assert.equal(refuses.engine.message, "the store answers, and refuses every change");

  const notes = (turn) => ({ swapped: false, version: 5, document: "notes of another program", at: turn.at });
  const foreign = await look(withFleet({ durable: false, swap: async (turn) => (turn.key.includes("trial") ? store.swap(turn) : notes(turn)) }));
  assert.deepEqual([foreign.health.ok, foreign.members.state, foreign.token.state], [true, "warning", "warning"]);
  assert.match(foreign.token.message, /something else, or a document of another release/);
});

test("calls that cannot be read or are not known are not called granted", async (t) => {
  const { xero } = await local(t);
  for (const calls of ["hello", "GET /Nope", "", []]) {
    const health = await xero.doctor({ calls });
    assertSound(health);
    assert.deepEqual([health.ok, step(health, "scopes").state], [false, "unknown"], JSON.stringify(calls));
    assert.match(health.summary, /^Not known to work: see step 5$/);
  }
});

test("an answer to another call, or one without an organisation, is no proof of anything", async (t) => {
  const answered = (scopes, body) => client(t, { fetch: stub({ token: () => granted({ scope: scopes }), api: () => json(body) }).fetch });
  const other = await answered("accounting.contacts.read", { Organisations: [{ Name: "Other" }] }).doctor();
  assert.equal(step(other, "activation").state, "unknown");
  const none = await answered("accounting.settings.read", { Organisations: [] }).doctor();
  assert.equal(step(none, "organisation").message, "the answer has no organisation in it");
});
