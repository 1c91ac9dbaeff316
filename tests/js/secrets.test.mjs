/**
 * Prints, inspects, serialises and walks every public object and every error that can be provoked, and looks for the
 * secret, the header it travels in, and the token.
 *
 * One place is meant to hold the token: the property `accessToken` of what `token()` gives. It is not enumerable, so
 * printing, spreading and serialising leave it out; `util.inspect` with `showHidden` shows it, which is what that is for.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { format, inspect } from "node:util";
import * as entry from "xero-m2m";
import { CLIENT_ID, SECRET, TOKEN, client, clock, expired, failure, granted, local, refused, stub, turn } from "./support.mjs";

const { XeroError } = entry;

const BASIC = btoa(`${CLIENT_ID}:${SECRET}`);
/** A token whose claims say the secret back. */
const CLAIMING = `e30.${btoa(JSON.stringify({ xero_tenant_id: SECRET })).replaceAll("=", "")}.x`;
/** Everything that no one may find: also a part of the header without its id. */
const SECRETS = [SECRET, TOKEN, BASIC, btoa(SECRET).slice(0, 20), encodeURIComponent(SECRET)];

/** Every text that a program can get out of `value`, except through hidden properties. */
function shown(value) {
  const texts = [inspect(value, { depth: 10, getters: true }), format("%s %o %j", value, value, value), tryTo(() => String(value))];
  texts.push(tryTo(() => JSON.stringify(value)), tryTo(() => JSON.stringify({ ...value })), tryTo(() => inspect(structuredClone(value), { depth: 10 })));
  return texts;
}

/** The same, and hidden properties, prototypes and getters, all the way down. */
function hidden(value) {
  const texts = [...shown(value), inspect(value, { depth: 10, showHidden: true, getters: true })];
  const seen = new Set();
  (function walk(at, depth) {
    if (typeof at === "string") texts.push(at);
    if ((typeof at !== "object" && typeof at !== "function") || at === null || seen.has(at) || depth > 10) return;
    if (at === Object.prototype || at === Function.prototype || at === globalThis) return;
    seen.add(at);
    if (typeof at === "function") texts.push(Function.prototype.toString.call(at));
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      texts.push(key);
      walk("value" in descriptor ? descriptor.value : tryTo(() => descriptor.get?.call(value)), depth + 1);
    }
    walk(Object.getPrototypeOf(at), depth + 1);
  })(value, 0);
  return texts;
}

function tryTo(act) {
  try {
    return String(act());
  } catch (error) {
    return String(error.stack);
  }
}

function assertClean(texts, what) {
  for (const text of texts) {
    for (const secret of SECRETS) assert.ok(!text.includes(secret), `${what}: ${text}`);
  }
}

test("this test finds secrets that are there", () => {
  class Leaky {
    #hidden = 1;
    constructor() {
      Object.defineProperty(this, "secret", { value: { deep: [SECRET] } });
    }
  }
  assert.throws(() => assertClean(hidden(new Leaky()), "leaky"));
  assert.throws(() => assertClean(hidden(new Error("a", { cause: new Error(TOKEN) })), "cause"));
  assert.throws(() => assertClean(shown({ a: { b: BASIC } }), "plain"));
});

test("a client, before and after it has a token, and closed", async (t) => {
  const xero = client(t, { fetch: stub().fetch });
  assertClean(hidden(xero), "new");
  await xero.fetch("/Invoices");
  assertClean(hidden(xero), "with a token");
  assertClean(hidden(xero.pages("/Contacts")), "pages");
  xero.close();
  assertClean(hidden(xero), "closed");
});

test("a client whose secret comes from a function", async (t) => {
  const xero = client(t, { fetch: stub().fetch, clientSecret: async () => [SECRET][0] });
  await xero.token();
  assertClean(shown(xero), "client");
});

test("a token, apart from its hidden property", async (t) => {
  const { xero } = await local(t);
  for (const client of [xero]) {
    const token = await client.token();
    for (const text of shown(token).filter((_, n) => n !== 1)) assert.ok(!text.includes(token.accessToken), text);
    // `%s` and `%j` alone, since `%o` shows hidden properties.
    assert.ok(!format("%s %j", token, token).includes(token.accessToken));
    assert.ok(inspect(token, { showHidden: true }).includes(token.accessToken));
  }
});

test("the exports of the package", () => {
  assertClean(hidden({ ...entry }), "exports");
});

/** A server or network that repeats the secret and the token in every part of its answer. */
const echo = (status, more = {}, type = "application/json") => () => {
  const text = `${SECRET} ${BASIC} Bearer ${TOKEN}`;
  const body = JSON.stringify({ error: text, error_description: text, Detail: text, Message: text, access_token: text, ...more });
  const headers = { "content-type": type, "xero-correlation-id": TOKEN, location: `https://evil.example/${TOKEN}`, "www-authenticate": text };
  return new Response(status === 204 ? null : body, { status, statusText: SECRET, headers });
};
const broken = ({ headers }) => {
  const cause = Object.assign(new Error(headers.get("authorization")), { code: SECRET, headers });
  throw Object.assign(new TypeError(`fetch failed: ${headers.get("authorization")}`, { cause }), { request: headers });
};
/** As in a page: with a document, and without Node.js. */
function inPage(act) {
  const { process } = globalThis;
  Object.assign(globalThis, { document: {}, process: undefined });
  try {
    return act();
  } finally {
    delete globalThis.document;
    globalThis.process = process;
  }
}
const never = () => new Promise(() => {});

/** The recipe for each error: the stub's answers, the options, the call. */
const call = (xero) => xero.fetch("/Invoices");
const read = (xero) => xero.json("GET", "/Invoices");
const PROVOKED = {
  in_browser: [{}, {}, () => inPage(() => new entry.CustomConnection({ clientId: CLIENT_ID, clientSecret: SECRET }))],
  not_initialised: [
    {},
    {},
    async () => new (await import("xero-m2m/slim")).CustomConnection({ clientId: CLIENT_ID, clientSecret: SECRET }),
  ],
  queue_full: [{ api: never }, { limits: { inFlight: 1, queue: 0 } }, (xero) => Promise.race([call(xero), call(xero)])],
  journals_unavailable: [
    { token: () => granted({ scope: "accounting.journals.read" }), api: echo(401, { Detail: "AuthorizationUnsuccessful" }) },
    {},
    (xero) => xero.json("GET", "/Journals"),
  ],
  precondition_failed: [{ api: echo(412) }, {}, read],
  idempotency_conflict: [{ api: echo(400, { Message: "The key is used with a different request." }) }, {}, read],
  invalid_option: [{}, { timeoutMs: 0 }, call],
  invalid_url: [{}, {}, (xero) => xero.fetch(`/Invoices?token=${TOKEN}\n`)],
  foreign_host: [{}, {}, (xero) => xero.fetch(`https://evil.example/${TOKEN}?secret=${SECRET}`)],
  insecure_url: [{}, {}, (xero) => xero.fetch(`http://api.xero.com/${TOKEN}`)],
  invalid_header: [{}, {}, (xero) => xero.fetch("/Invoices", { headers: { Authorization: `Bearer ${TOKEN}` } })],
  body_not_allowed: [{}, {}, (xero) => xero.fetch("/Invoices", { body: SECRET })],
  secret_unavailable: [{}, { clientSecret: () => Promise.reject(new Error(SECRET)), deadlineMs: 200 }, call],
  closed: [{}, {}, async (xero) => (await xero.token(), xero.close(), call(xero))],
  scope_missing: [{ token: () => granted({ scope: "files" }) }, {}, call],
  invalid_client: [{ token: () => refused("invalid_client") }, {}, call],
  organisation_changed: [{ token: () => granted({ access_token: CLAIMING }) }, { organisation: CLIENT_ID }, call],
  unauthorized_client: [{ token: () => refused("unauthorized_client") }, {}, call],
  invalid_scope: [{ token: () => refused("invalid_scope") }, {}, call],
  token_refused: [{ token: echo(400) }, {}, call],
  not_authorised: [{ api: echo(403) }, {}, read],
  intercepted: [{ api: () => new Response(`<h1>${SECRET} ${TOKEN}</h1>`, { status: 403 }) }, {}, read],
  token_expired: [{ api: expired }, {}, read],
  malformed_token: [{ token: echo(200, {}, "text/html") }, { deadlineMs: 200 }, call],
  redirected: [{ token: echo(302) }, {}, call],
  identity_unavailable: [{ token: echo(503) }, { deadlineMs: 200 }, call],
  rate_limited: [{ api: echo(429) }, { limits: false }, read],
  refused: [{ api: echo(400) }, {}, read],
  not_found: [{ api: echo(404) }, {}, read],
  server_error: [{ api: echo(500) }, {}, read],
  malformed_answer: [{ api: () => new Response(`<h1>${SECRET} ${TOKEN}</h1>`) }, {}, read],
  offline: [{ token: broken }, { deadlineMs: 200 }, call],
  timeout: [{ token: never }, { deadlineMs: 200 }, call],
};

for (const [code, [answers, options, act]] of Object.entries(PROVOKED)) {
  test(`the error ${code}`, async (t) => {
    const time = clock(t);
    const events = [];
    const made = (async () => {
      const xero = client(t, { fetch: stub(answers).fetch, onEvent: (event) => events.push(event), ...options });
      await act(xero);
    })();
    const told = failure(made);
    await time.advance(1_000);
    const error = await told;
    assert.ok(error instanceof XeroError, String(error));
    assert.equal(error.code, code);
    assertClean(hidden(error), code);
    assertClean(hidden(events), `events of ${code}`);
    assert.deepEqual(structuredClone(events), events);
    assert.equal(error.cause, undefined);
    // For logs it is complete: all but the stack.
    const { name, ...plain } = JSON.parse(JSON.stringify(error));
    assert.deepEqual({ name, ...plain }, { name: "XeroError", message: error.message, ...error });
    assert.match(String(error), /^XeroError: [^\n]+$/);
  });
}

const MORE = {
  "a network that quotes the call's header": [{ api: broken }, call],
  "a token endpoint that echoes with 401": [{ token: echo(401) }, call],
  "a token endpoint that echoes with 200": [{ token: echo(200) }, call],
  "a URL with credentials": [{}, (xero) => xero.fetch(`https://user:${SECRET}@api.xero.com/Invoices`)],
  "an API that echoes with 401": [{ api: echo(401) }, read],
  "an API that redirects to the token": [{ api: echo(307) }, read],
  "an API that calls its answer by the secret": [
    { api: () => new Response("<h1>", { headers: { "content-type": SECRET, "x-correlation-id": SECRET } }) },
    read,
  ],
  "a list that is none": [{ api: echo(200) }, async (xero) => { for await (const _ of xero.pages("/Contacts")); }],
};
for (const [name, [answers, act]] of Object.entries(MORE)) {
  test(`the error of ${name}`, async (t) => {
    const time = clock(t);
    const events = [];
    const told = failure(act(client(t, { fetch: stub(answers).fetch, deadlineMs: 200, onEvent: (event) => events.push(event) })));
    await time.advance(1_000);
    const error = await told;
    assert.ok(error instanceof XeroError, String(error));
    assertClean(hidden(error), name);
    assertClean(hidden(events), `events of ${name}`);
  });
}

/** The errors that have tests of their own: a trap, and those of a user's login (`user.test.mjs`). */
const ELSEWHERE = ["trapped", "login_required", "tenant_ambiguous", "tenant_unknown", "vault_copied", "vault_key_mismatch", "vault_unavailable"];

test("every error that there is was provoked, but for those that have tests of their own", async () => {
  const { readFileSync } = await import("node:fs");
  const { createRequire } = await import("node:module");
  const script = createRequire(import.meta.url).resolve("xero-m2m/package.json").replace("package.json", "dist/shared/codes.d.ts");
  const codes = [...readFileSync(script, "utf8").matchAll(/^\s+readonly (\w+): readonly \[/gm)].map(([, code]) => code);
  assert.ok(codes.length > 20);
  assert.deepEqual(codes.sort(), [...Object.keys(PROVOKED), ...ELSEWHERE].sort());
});

test("nothing is written to the console", async (t) => {
  const written = [];
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write;
    stream.write = (text, ...rest) => (written.push(String(text)), write.call(stream, text, ...rest));
    t.after(() => (stream.write = write));
  }
  for (const answers of [{ token: broken }, { token: echo(400) }, { api: broken }, {}]) {
    await client(t, { fetch: stub(answers).fetch, deadlineMs: 200 }).fetch("/Invoices").catch(() => {});
  }
  await turn();
  assertClean(written, "console");
});
