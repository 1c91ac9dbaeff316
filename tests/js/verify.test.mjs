// Questions about Xero, asked of the local Xero in each of its states, and of a server that answers otherwise.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { verify } from "xero-m2m/doctor";
import { createSimulator } from "xero-m2m/simulator";
import { CLIENT_ID, SECRET, failure, serve } from "./support.mjs";

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("xero-m2m/package.json")), "dist/cli.js");
const ajv = new Ajv2020({ strict: false });
ajv.addSchema(JSON.parse(readFileSync(require.resolve("xero-m2m/policy.schema.json"), "utf8")), "policy");
const isValid = ajv.getSchema("policy#/$defs/Verification");

const MOST = 25;
const SCOPES = "accounting.invoices accounting.reports.taxreports.read accounting.settings.read";
const PAYROLL = `${SCOPES} payroll.settings.read payroll.employees`;

/** The result of each question: of the comparison, else its state. */
const results = ({ questions }) =>
  Object.fromEntries(questions.map(({ number, state, check }) => [number, state === "asked" ? check : state]));
const question = ({ questions }, number) => questions.find((question) => question.number === number);

/** What does not depend on the connection. */
const NEVER = { 8: "notAsked", 11: "notAsked", 12: "notAsked", 13: "notAsked" };

/** The report of a run, which is valid, within its calls, and free of `secrets`. */
async function asked({ url, secrets }, more = {}) {
  const report = await verify(
    { clientId: CLIENT_ID, clientSecret: SECRET, identityUrl: url, apiUrl: url },
    { confirm: () => true, ...more },
  );
  assert.ok(isValid(report), JSON.stringify(isValid.errors));
  assert.ok(report.calls <= MOST, `${report.calls} calls`);
  const everything = JSON.stringify(report);
  for (const secret of [CLIENT_ID, SECRET, btoa(`${CLIENT_ID}:${SECRET}`), ...secrets]) assert.ok(!everything.includes(secret), secret);
  for (const { state, check, seen, says } of report.questions.flatMap(({ parts }) => parts)) {
    assert.equal(check !== undefined, ["asked", "failed"].includes(state));
    assert.equal(seen.length > 0, check !== undefined);
    assert.ok(says.length > 5);
  }
  return report;
}

/** A local Xero, whose requests are counted. */
async function local(t, options = {}) {
  const simulator = createSimulator({ clientId: CLIENT_ID, clientSecret: SECRET, invoices: 25, scopes: SCOPES, ...options });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const secrets = [simulator.organisation, simulator.tenantId ?? "eyJ", "eyJ"];
  const count = () => Object.values(simulator.counts()).filter(Number.isInteger);
  return { simulator, url, secrets, count };
}

const WELL = { 1: "confirmed", 2: "confirmed", 3: "confirmed", 4: "confirmed", 5: "confirmed", 6: "confirmed", ...NEVER };

for (const [state, options, expected] of [
  ["that is authorised", {}, { ...WELL, 7: "unclear", 9: "unavailable", 10: "confirmed" }],
  ["with limits, whose answers take a while", { limits: true, latencyMs: 100 }, { ...WELL, 7: "confirmed", 9: "unavailable", 10: "confirmed" }],
  ["in the United Kingdom with payroll", { country: "UK", scopes: PAYROLL }, { ...WELL, 7: "unclear", 9: "confirmed", 10: "confirmed" }],
  [
    "that was never authorised",
    { authorised: false },
    { ...WELL, 4: "unclear", 5: "unclear", 6: "unclear", 7: "unavailable", 9: "unavailable", 10: "unavailable" },
  ],
  [
    "with broad scopes",
    { createdOn: "2025-02-01", scopes: "accounting.transactions accounting.transactions.read accounting.reports.read accounting.settings.read" },
    { ...WELL, 1: "unavailable", 2: "unavailable", 7: "unclear", 9: "unavailable", 10: "confirmed" },
  ],
  [
    "whose token endpoint answers 401 to a wrong secret",
    { invalidClientStatus: 401 },
    { ...WELL, 3: "differs", 7: "unclear", 9: "unavailable", 10: "confirmed" },
  ],
  [
    "with one scope that opens nothing to try",
    { scopes: "accounting.attachments" },
    { ...WELL, 1: "unavailable", 2: "confirmed", 4: "confirmed", 6: "unavailable", 7: "unavailable", 9: "unavailable", 10: "unavailable" },
  ],
  [
    "whose list of connections is empty",
    { listsConnection: false },
    { ...WELL, 5: "differs", 7: "unclear", 9: "unavailable", 10: "confirmed" },
  ],
]) {
  test(`a local Xero ${state}`, async (t) => {
    const report = await asked(await local(t, options));
    assert.deepEqual(results(report), expected);
    assert.deepEqual([report.target, report.remains, report.complete], ["local", "nothing", true]);
    assert.match(report.summary, /a local Xero answered, so this is no evidence about Xero$/);
    assert.equal(report.draft, undefined);
  });
}

for (const [change, act, parts] of [
  ["an edit switched off", (simulator) => simulator.edit(SCOPES), ["confirmed", undefined, "unclear"]],
  ["lost its demo company to a reset", (simulator) => simulator.reset(), ["confirmed", undefined, "unclear"]],
]) {
  test(`a connection that ${change}`, async (t) => {
    const xero = await local(t);
    act(xero.simulator);
    const report = await asked(xero);
    assert.deepEqual(question(report, 4).parts.map(({ check }) => check), parts);
    assert.deepEqual([5, 6].map((number) => results(report)[number]), ["unclear", "unclear"]);
    for (const number of [7, 9, 10]) {
      const [part] = question(report, number).parts;
      assert.deepEqual([part.state, /status 403/.test(part.says)], ["unavailable", true], part.says);
    }
  });
}

for (const [rule, number, brief] of [
  ["api GET /connections 503", 5, /went wrong: status 503, server_error/],
  ["api GET /connections 401 body=accounting", 5, /went wrong: status 401/],
  ["api GET /connections 429 problem=minute", 5, /went wrong: status 429, rate_limited/],
  ["api GET /connections reset", 5, /went wrong: no answer/],
  ["api GET /connections 200 body=html", 5, /went wrong: status 200, malformed_answer/],
  ["api GET /Reports 200 body=html", 10, /went wrong: status 200, malformed_answer/],
  ["identity after=1 first=1 500", 1, /went wrong: status 500/],
  ["api GET /Reports 504", 10, /went wrong: status 504/],
]) {
  test(`a fault: ${rule}`, async (t) => {
    const xero = await local(t);
    const sound = results(await asked(xero));
    xero.simulator.fault(rule);
    const report = await asked(xero);
    const found = question(report, number).parts.find(({ check }) => check === "unclear");
    assert.match(found.says, brief);
    // The others go on.
    assert.deepEqual({ ...results(report), [number]: 0 }, { ...sound, [number]: 0 });
    assert.equal(report.complete, found.state !== "failed");
  });
}

test("no answer in time", async (t) => {
  const xero = await local(t);
  xero.simulator.fault("api GET /connections silent");
  const connection = { clientId: CLIENT_ID, clientSecret: SECRET, identityUrl: xero.url, apiUrl: xero.url, timeoutMs: 1_000 };
  const report = await verify(connection, { confirm: () => true });
  assert.match(question(report, 5).parts[0].says, /no answer in time/);
});

test("no service at all", async () => {
  const connection = { clientId: CLIENT_ID, clientSecret: SECRET, identityUrl: "http://127.0.0.1:9", apiUrl: "http://127.0.0.1:9" };
  const report = await verify(connection, { confirm: () => true });
  assert.deepEqual(results(report), {
    ...NEVER,
    1: "failed",
    ...Object.fromEntries([2, 4, 5, 6, 7, 9, 10].map((number) => [number, "unavailable"])),
    3: "failed",
  });
  assert.deepEqual([report.complete, report.target], [false, "other"]);
});

test("requests are sent one at a time, but for six calls at once, and no more than 25", async (t) => {
  const { url } = await local(t, { country: "UK", scopes: PAYROLL });
  const starts = [];
  let open = 0;
  const counting = async (...given) => {
    starts.push(++open);
    return fetch(...given).finally(() => open--);
  };
  const connection = { clientId: CLIENT_ID, clientSecret: SECRET, identityUrl: url, apiUrl: url, fetch: counting };
  const report = await verify(connection, { confirm: () => true, write: true });
  assert.deepEqual(starts.filter((count) => count > 1), [2, 3, 4, 5, 6]);
  assert.equal(report.calls, starts.length);
  assert.ok(starts.length <= MOST, `${starts.length} requests`);
});

/** A server in Xero's place whose every answer differs from the facts of the catalogue. */
async function contrary(t) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = (scope) => ["eyJhbGciOiJSUzI1NiJ9", part({ iss: "x", scope, client_id: CLIENT_ID }), "c2lnbmF0dXJl"].join(".");
  let together = 0;
  const server = await serve(t, ({ url, headers }, response, body) => {
    const reply = (status, value, more = {}) =>
      response.writeHead(status, { "content-type": "application/json", ...more }).end(JSON.stringify(value));
    if (url.endsWith("/connect/token")) {
      const [, secret] = atob(headers.authorization.slice(6)).split(":");
      if (secret !== SECRET) return reply(401, { error: "invalid_client", error_description: "Kea Outdoor Hire" });
      const scope = new URLSearchParams(body).get("scope") ?? PAYROLL;
      const isAlone = /^(payroll|accounting\.reports|accounting\.invoices\.read)\S*$/.test(scope);
      if (scope !== PAYROLL && !isAlone) return reply(400, { error: "invalid_scope" });
      return reply(200, { access_token: token(scope), token_type: "Bearer", expires_in: 1800, scope });
    }
    const { scope } = JSON.parse(Buffer.from(headers.authorization.split(".")[1], "base64url"));
    if (url.startsWith("/connections")) return reply(200, []);
    if (headers["xero-tenant-id"] === "") return reply(403, { Detail: "AuthenticationUnsuccessful" });
    if (scope !== PAYROLL) return reply(401, { Detail: "AuthorizationUnsuccessful" }, { "www-authenticate": "insufficient_scope" });
    if (++together > 1) return reply(429, {}, { "x-rate-limit-problem": "concurrency", "retry-after": "1" });
    reply(200, { Organisations: [{ Name: "Kea Outdoor Hire", CountryCode: "GB" }] });
  });
  return { ...server, secrets: ["Kea", "eyJ"] };
}

test("a Xero that answers otherwise: each question reports it", async (t) => {
  const server = await contrary(t);
  const report = await asked(server);
  const asked9 = [1, 2, 3, 4, 5, 6, 7, 9, 10];
  assert.deepEqual(results(report), { ...NEVER, ...Object.fromEntries(asked9.map((number) => [number, "differs"])) });
  assert.ok(server.requests.length <= MOST && server.requests.length === report.calls, `${server.requests.length} requests`);
  assert.match(question(report, 7).parts[0].says, /concurrency/);
});

test("the draft is created and deleted, and what is left is reported", async (t) => {
  for (const [rule, remains, check] of [
    [undefined, "nothing", "confirmed"],
    ["api PUT /Invoices 503", "unknown", "unclear"],
    ["api PUT /Invoices 400", "nothing", "unclear"],
    ["api POST /Invoices 400", "draft", "unclear"],
    ["api POST /Invoices 500 performed", "unknown", "unclear"],
  ]) {
    const xero = await local(t);
    if (rule) xero.simulator.fault(rule);
    const report = await asked(xero, { write: true });
    assert.deepEqual([report.remains, report.draft.check, report.complete], [remains, check, remains === "nothing"], rule);
    assert.equal(report.summary.includes("reference xero-m2m verify"), remains !== "nothing", report.summary);
  }
});

test("until it is confirmed, a token and one call are asked for", async (t) => {
  const { url, simulator } = await local(t);
  let text;
  const refused = (given) => {
    text = given;
    return false;
  };
  const connection = { clientId: CLIENT_ID, clientSecret: SECRET, identityUrl: url, apiUrl: url };
  assert.equal(await verify(connection, { confirm: refused }), undefined);
  assert.ok(text.includes(simulator.organisation), text);
  assert.match(text, /25 calls/);
  const { tokenRequests, apiRequests } = simulator.counts();
  assert.deepEqual([tokenRequests, apiRequests], [1, 1]);
  assert.equal((await failure(verify(connection, {}))).code, "invalid_option");
  assert.equal((await failure(verify({ ...connection, apiUrl: "http://example.com" }, { confirm: refused }))).code, "insecure_url");
});

/** Runs the program. */
async function run(t, url, ...args) {
  const env = { ...process.env, XERO_CLIENT_ID: CLIENT_ID, XERO_CLIENT_SECRET: SECRET, XERO_IDENTITY_URL: url, XERO_API_URL: url };
  const child = spawn(process.execPath, [cli, "verify", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill());
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status: child.exitCode, stdout, stderr };
}

test("the program: it refuses without a terminal, and prints and writes the report", async (t) => {
  const { url, simulator } = await local(t);
  const refused = await run(t, url);
  assert.deepEqual([refused.status, refused.stdout], [2, ""]);
  assert.match(refused.stderr, /^xero-m2m: nothing was asked: .*--yes\n$/);
  assert.equal(simulator.counts().tokenRequests, 0);

  const folder = mkdtempSync(join(tmpdir(), "xero-m2m-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "report.json");
  const done = await run(t, url, "--yes", "--json", file);
  assert.equal(done.status, 0, done.stderr);
  assert.ok(done.stderr.includes(simulator.organisation), done.stderr);
  const written = readFileSync(file, "utf8");
  assert.ok(isValid(JSON.parse(written)));
  for (const output of [done.stdout, written]) {
    for (const secret of [CLIENT_ID, SECRET, simulator.organisation, "eyJ"]) assert.ok(!output.includes(secret), secret);
  }
  for (const words of [/^1\. Does a connection/m, /could not be asked with this\s+connection/, /not asked/, /confirmed/]) assert.match(done.stdout, words);
  const markdown = await run(t, url, "--yes", "--format", "markdown");
  assert.match(markdown.stdout, /^## Xero, as a live account answers\n\nOf 13 questions, /);
  const json = await run(t, url, "--yes", "--format", "json");
  assert.ok(isValid(JSON.parse(json.stdout)));
});

test("the program: a request that goes wrong, a draft that is left, and a file that cannot be written are exit code 1", async (t) => {
  const { url, simulator } = await local(t);
  const unwritable = await run(t, url, "--yes", "--json", join(tmpdir(), "no", "such", "folder.json"));
  assert.deepEqual([unwritable.status, /cannot be written: ENOENT/.test(unwritable.stderr)], [1, true], unwritable.stderr);
  assert.match(unwritable.stdout, /Of 13 questions/);
  const mend = simulator.fault("api GET /connections 503");
  assert.equal((await run(t, url, "--yes")).status, 1);
  mend();
  simulator.fault("api POST /Invoices 400");
  const left = await run(t, url, "--yes", "--write");
  assert.equal(left.status, 1);
  assert.match(left.stdout, /is\s+left,\s+delete\s+it\s+in\s+Xero/);
});
