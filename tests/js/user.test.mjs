/** Connections of users: the token of a vault, the organisation of each call, and everything else as with a custom connection. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { XeroError } from "xero-m2m";
import { AppConnection } from "xero-m2m/app";
import { file } from "xero-m2m/file";
import { redis } from "xero-m2m/redis";
import { memory } from "xero-m2m/shared";
import { createSimulator } from "xero-m2m/simulator";
import { UserConnection } from "xero-m2m/user";
import { CLIENT_ID, MINUTE, SECRET, clock, deferred, expired, failure, json, refused, turn } from "./support.mjs";
import { KEA, Login, TUI, localLogin, tokenOf, user } from "./user-support.mjs";

const tenants = (calls) => calls.map(({ headers }) => headers.get("xero-tenant-id"));
const bearers = (calls) => calls.map(({ headers }) => headers.get("authorization"));
const tokens = (...numbers) => numbers.map((number) => `Bearer ${tokenOf(number)}`);
const loggedIn = (options) => new Login(options).begin();

test("a call has the token of the vault and names the only organisation", async (t) => {
  const { client, login, apiCalls, tokenCalls } = await user(t);
  assert.equal((await client.fetch("/Invoices?page=1")).status, 200);
  assert.deepEqual([bearers(apiCalls), tenants(apiCalls)], [tokens(1), [KEA.id]]);
  assert.equal(apiCalls[0].headers.get("accept"), "application/json");
  assert.deepEqual([login.exchanges, tokenCalls.length], [0, 0]);
});

test("json, pages and token work as those of a custom connection", async (t) => {
  const answers = [{ Invoices: [{ n: 1 }] }, { Invoices: [{ n: 1 }] }, { Invoices: [] }];
  const { client, apiCalls } = await user(t, {}, { api: (_, n) => json(answers[n - 1]) });
  assert.deepEqual(await client.json("GET", "/Invoices"), answers[0]);
  const found = [];
  for await (const invoice of client.pages("/Invoices")) found.push(invoice);
  assert.deepEqual(found, [{ n: 1 }]);
  assert.deepEqual(tenants(apiCalls), apiCalls.map(() => KEA.id));
  const token = await client.token();
  assert.equal(token.accessToken, tokenOf(1));
  assert.deepEqual(token.scopes, ["accounting.invoices", "accounting.settings.read", "offline_access"]);
  assert.ok(!JSON.stringify(token).includes(tokenOf(1)));
});

test("a hundred callers at once make one exchange", async (t) => {
  const time = clock(t, ["Date"]);
  const login = await loggedIn();
  await time.advance(31 * MINUTE, 31 * MINUTE);
  const { client, apiCalls } = await user(t, { limits: false }, { login });
  await Promise.all(Array.from({ length: 100 }, () => client.fetch("/Invoices")));
  assert.deepEqual([login.exchanges, bearers(apiCalls)], [1, tokens(...Array(100).fill(2))]);
});

test("renewal begins ten minutes before the end, while the old token is used", async (t) => {
  const time = clock(t);
  const { client, login, apiCalls } = await user(t);
  await client.fetch("/Invoices");
  await time.advance(19 * MINUTE + 50_000, 10_000);
  await client.fetch("/Invoices");
  assert.equal(login.exchanges, 0);
  await time.advance(20_000, 10_000);
  await client.fetch("/Invoices");
  await time.advance(5_000);
  assert.equal(login.exchanges, 1);
  await client.fetch("/Invoices");
  assert.deepEqual(bearers(apiCalls), tokens(1, 1, 1, 2));
});

test("a token that Xero calls expired is renewed", async (t) => {
  const { client, login, apiCalls } = await user(t, {}, { api: (_, n) => (n === 1 ? expired() : json({})) });
  assert.deepEqual(await client.json("GET", "/Invoices"), {});
  assert.deepEqual([bearers(apiCalls), login.exchanges], [tokens(1, 2), 1]);
});

test("a token that another process renewed is taken as it is", async (t) => {
  const login = await loggedIn();
  const api = ({ headers }) => (headers.get("authorization") === tokens(1)[0] ? expired() : json({}));
  const one = await user(t, {}, { login });
  await one.client.json("GET", "/Invoices");
  const other = await user(t, {}, { login, api });
  await other.client.json("GET", "/Invoices");
  const third = await user(t, {}, { login, api });
  await third.client.json("GET", "/Invoices");
  assert.deepEqual([bearers(other.apiCalls), bearers(third.apiCalls), login.exchanges], [tokens(1, 2), tokens(2), 1]);
});

test("the organisation is never the first of several", async (t) => {
  for (const [tenant, organisations, code] of [
    [undefined, [KEA, TUI], "tenant_ambiguous"],
    ["only", [KEA, TUI], "tenant_ambiguous"],
    ["Kea", [KEA, TUI], "tenant_unknown"],
    ["Kea Outdoor Hire", [KEA, { ...TUI, name: KEA.name }], "tenant_ambiguous"],
    [TUI.id, [KEA], "tenant_unknown"],
    [undefined, [], "tenant_unknown"],
    [TUI.connectionId, [KEA, TUI], "tenant_unknown"],
  ]) {
    const { client, apiCalls } = await user(t, { tenant }, { login: await loggedIn({ organisations }) });
    const error = await failure(client.fetch("/Invoices"));
    assert.deepEqual([error instanceof XeroError, error.code, error.retryable], [true, code, false], String(tenant));
    for (const { id } of code === "tenant_ambiguous" ? organisations : []) assert.ok(error.message.includes(id), error.message);
    assert.equal(apiCalls.length, 0);
  }
  for (const [tenant, organisations, id] of [
    [TUI.id, [KEA, TUI], TUI.id],
    [TUI.id.replaceAll("-", "").toUpperCase(), [KEA, TUI], TUI.id],
    ["Tui Tours", [KEA, TUI], TUI.id],
  ]) {
    const { client, apiCalls } = await user(t, { tenant }, { login: await loggedIn({ organisations }) });
    await client.fetch("/Invoices");
    assert.deepEqual(tenants(apiCalls), [id]);
  }
});

test("a later login never gives the option another meaning", async (t) => {
  const { client, login, apiCalls } = await user(t, {}, { api: (_, n) => (n === 2 ? expired() : json({})) });
  await client.json("GET", "/Invoices");
  // Somebody logs in anew, and chooses another organisation.
  login.organisations = [TUI];
  await login.begin();
  for (let n = 0; n < 2; n++) assert.equal((await failure(client.json("GET", "/Invoices"))).code, "tenant_unknown");
  assert.deepEqual(tenants(apiCalls), [KEA.id, KEA.id]);
  const { client: later } = await user(t, {}, { login });
  assert.deepEqual((await later.tenants()).map(({ id }) => id), [TUI.id]);
});

test("a header of the call has to name the same organisation", async (t) => {
  const { client, apiCalls } = await user(t, {}, { api: () => json({ Organisations: [] }) });
  const url = "https://api.xero.com/api.xro/2.0/Invoices";
  const same = { "xero-tenant-id": KEA.id, "x-other": "kept" };
  await client.fetch("/Invoices", { headers: same });
  await client.fetch("/Invoices", { headers: { "Xero-Tenant-Id": KEA.id.replaceAll("-", "").toUpperCase() } });
  await client.fetch("/Invoices", { headers: { "xero-tenant-id": "" } });
  await client.fetch(new Request(url, { method: "POST", body: "{}", headers: same }));
  await client.fetch(url, new Request(url, { method: "POST", body: "{}", headers: same }));
  await client.json("GET", "/Invoices", undefined, { headers: same });
  for await (const _ of client.pages("/Organisation", { headers: same })) assert.fail("there are none");
  assert.deepEqual(tenants(apiCalls), apiCalls.map(() => KEA.id));
  assert.deepEqual(apiCalls.map(({ method }) => method), ["GET", "GET", "GET", "POST", "POST", "GET", "GET"]);
  assert.equal(apiCalls[3].headers.get("x-other"), "kept");
  const other = { "xero-tenant-id": TUI.id };
  for (const call of [
    () => client.fetch("/Invoices", { headers: other }),
    () => client.fetch(new Request(url, { headers: other })),
    () => client.json("GET", "/Invoices", undefined, { headers: other }),
    () => client.pages("/Invoices", { headers: other }).next(),
  ]) {
    const error = await failure(call());
    assert.deepEqual([error.code, error.message.includes(TUI.id)], ["invalid_header", false]);
  }
  assert.equal(apiCalls.length, 7);
});

test("clients of several organisations share the login, and those of one share its limits", async (t) => {
  const login = await loggedIn({ organisations: [KEA, TUI] });
  const gates = { [KEA.id]: deferred(), [TUI.id]: deferred() };
  const api = async ({ headers }) => (await gates[headers.get("xero-tenant-id")].promise, json({}, { headers: { "x-minlimit-remaining": "50" } }));
  const { client, apiCalls } = await user(t, { tenant: KEA.id }, { login, api });
  assert.deepEqual(await client.tenants(), [KEA, TUI]);
  const clients = [client, client.forTenant(TUI.id), client.forTenant("Tui Tours"), client.forTenant(KEA.name)];
  const calls = clients.map((one) => one.fetch("/Invoices"));
  while (apiCalls.length < 2) await turn();
  await turn();
  // Until an answer has the remaining count, one call is sent at a time: one of each organisation.
  assert.deepEqual(tenants(apiCalls), [KEA.id, TUI.id]);
  gates[TUI.id].resolve();
  await Promise.all([calls[1], calls[2]]);
  assert.deepEqual(tenants(apiCalls), [KEA.id, TUI.id, TUI.id]);
  gates[KEA.id].resolve();
  await Promise.all(calls);
  assert.equal(login.exchanges, 0);
});

test("after a 403, the connections of the user are looked at", async (t) => {
  const forbidden = () => json({ Title: "Forbidden", Status: 403, Detail: "AuthenticationUnsuccessful" }, { status: 403 });
  let connections = [];
  const api = ({ url }) => (url.endsWith("/connections") ? json(connections) : forbidden());
  const { client, apiCalls } = await user(t, {}, { api });
  const error = await failure(client.json("GET", "/Invoices"));
  assert.equal(error.code, "tenant_unknown");
  assert.equal(apiCalls.filter(({ url }) => url.endsWith("/connections")).length, 1);
  connections = [{ id: KEA.connectionId, tenantId: KEA.id, tenantName: KEA.name }];
  const other = await failure(client.json("GET", "/Invoices"));
  assert.deepEqual([other.code, other.status], ["not_authorised", 403]);
  assert.ok(!other.message.includes("custom connection") && other.message.includes("login"), other.message);
  // As with a custom connection, fetch gives the answer as it is, as long as the organisation is connected.
  assert.equal((await client.fetch("/Invoices")).status, 403);
  connections = [];
  assert.equal((await failure(client.fetch("/Invoices"))).code, "tenant_unknown");
});

test("an operation that no scope of the login opens is not sent, and the error says to log in again", async (t) => {
  const { client, apiCalls } = await user(t);
  const error = await failure(client.fetch("/Contacts"));
  assert.deepEqual([error.code, error.operation, apiCalls.length], ["scope_missing", "accounting.getContacts", 0]);
  assert.ok(error.scopes.includes("accounting.contacts.read"));
  assert.match(error.message, /log in again/);
  assert.doesNotMatch(error.message, /custom connection|R9/);
  const journals = await failure(client.fetch("/Journals"));
  assert.deepEqual([journals.code, journals.rule], ["scope_missing", undefined]);
  assert.match(journals.message, /Advanced tier/);
  // A login that has their scope may read them at any age.
  const held = await user(t, {}, { login: await loggedIn({ scopes: "offline_access accounting.journals.read" }) });
  assert.equal((await held.client.fetch("/Journals")).status, 200);
});

test("without a login every call says so, and a login is found within a minute", async (t) => {
  const time = clock(t);
  const login = new Login();
  const { client } = await user(t, {}, { login });
  for (const call of [() => client.fetch("/Invoices"), () => client.token(), () => client.tenants(), () => client.pages("/Invoices").next(), () => client.keepAlive()]) {
    const error = await failure(call());
    assert.deepEqual([error.code, error.blame, error.retryable, error.rule], ["login_required", "connection", false, "R33"]);
  }
  await login.begin();
  await time.advance(61_000, 1_000);
  assert.equal((await client.fetch("/Invoices")).status, 200);
});

test("the login ends while a token is at hand: the error comes when that has ended", async (t) => {
  const time = clock(t);
  const { client, login } = await user(t);
  await client.fetch("/Invoices");
  login.refuses = "invalid_grant";
  await time.advance(25 * MINUTE, 10_000);
  assert.equal((await client.fetch("/Invoices")).status, 200);
  await time.advance(6 * MINUTE, 10_000);
  const error = await failure(client.fetch("/Invoices"));
  // Of a token that this vault never used, the vault cannot know whether a copy used it or the user revoked it.
  assert.deepEqual([["login_required", "vault_copied"].includes(error.code), error.rule], [true, "R33"]);
  login.refuses = undefined;
  await login.begin();
  await time.advance(2 * MINUTE, 1_000);
  assert.equal((await client.fetch("/Invoices")).status, 200);
});

test("a vault that is away costs no call while there is a token", async (t) => {
  const time = clock(t);
  const { client, login } = await user(t);
  await client.fetch("/Invoices");
  await time.advance(25 * MINUTE, 10_000);
  login.away = true;
  const before = login.swaps;
  for (let n = 0; n < 30; n++) {
    assert.equal((await client.fetch("/Invoices")).status, 200);
    await time.advance(1_000, 100);
  }
  assert.ok(login.swaps - before < 60, `${login.swaps - before} swaps in half a minute`);
  login.away = false;
  await time.advance(70_000, 1_000);
  await client.fetch("/Invoices");
  await time.advance(1_000);
  assert.equal(login.exchanges, 1);
});

test("a vault that is away, or sealed with another key, is the error of a call without a token", async (t) => {
  const login = await loggedIn();
  const other = await user(t, { clientSecret: "another-secret-value" }, { login });
  const sealed = await failure(other.client.fetch("/Invoices"));
  assert.deepEqual([sealed.code, sealed.blame, sealed.retryable], ["vault_key_mismatch", "caller", false]);
  login.away = true;
  const { client } = await user(t, { timeoutMs: 500 }, { login });
  const away = await failure(client.fetch("/Invoices"));
  assert.deepEqual([away.code, away.retryable], ["vault_unavailable", true]);
});

test("a store that takes no document is the error of a call, an event, and a step of the diagnosis", async (t) => {
  const time = clock(t);
  const events = [];
  const { client, login } = await user(t, { onEvent: (event) => events.push(event) });
  await client.fetch("/Invoices");
  login.full = true;
  await time.advance(31 * MINUTE, 10_000);
  let error;
  failure(client.fetch("/Invoices")).then((thrown) => (error = thrown));
  for (let n = 0; n < 200 && !error; n++) await time.advance(100, 50);
  assert.deepEqual([error.code, error.blame, error.retryable], ["vault_unavailable", "caller", true]);
  assert.match(error.message, /the store failed/);
  const away = events.filter(({ type }) => type === "vault.away");
  assert.equal(away.length, 1);
  assert.match(away[0].why, /the store failed/);
  let health;
  client.doctor().then((found) => (health = found));
  for (let n = 0; n < 400 && !health; n++) await time.advance(100, 50);
  const { ok, report, steps } = health;
  assert.equal(ok, false);
  assert.equal(steps[9].state, "problem");
  assert.match(steps[9].message, /the store failed/);
  assert.notEqual(steps[0].state, "problem", report);
  assert.equal(login.exchanges, 0);
  login.full = false;
  await time.advance(61_000, 1_000);
  let status;
  client.fetch("/Invoices").then((response) => (status = response.status), (thrown) => (status = thrown.code));
  for (let n = 0; n < 200 && status === undefined; n++) await time.advance(100, 50);
  assert.equal(status, 200);
});

test("everything ends by deadlineMs while the vault never answers, and the vault is named whatever timeoutMs is", async (t) => {
  const time = clock(t);
  const asks = (client) => [client.fetch("/Invoices"), client.json("GET", "/Invoices"), client.token(), client.tenants(), client.keepAlive(), client.pages("/Invoices").next()];
  const login = new Login();
  login.silent = true;
  for (const timeoutMs of [1_000, 30_000]) {
    const { client } = await user(t, { deadlineMs: 2_000, timeoutMs }, { login });
    const told = asks(client).map(failure);
    await time.advance(2_000, 50);
    for (const error of await Promise.all(told)) assert.deepEqual([error.code, error.blame], ["vault_unavailable", "caller"]);
  }
  // The organisation is known, and the token has ended.
  const other = await loggedIn();
  const { client } = await user(t, { deadlineMs: 2_000 }, { login: other });
  await client.fetch("/Invoices");
  await time.advance(31 * MINUTE, 10_000);
  other.silent = true;
  const told = failure(client.fetch("/Invoices"));
  await time.advance(2_000, 50);
  const error = await told;
  assert.deepEqual([error.code, error.blame], ["vault_unavailable", "caller"]);
});

test("the time that it takes to find the organisation is part of deadlineMs", async (t) => {
  const time = clock(t);
  const login = await loggedIn();
  const { client, apiCalls } = await user(t, { deadlineMs: 60_000, timeoutMs: 300_000 }, { login, api: () => new Promise(() => {}) });
  const began = Date.now();
  login.away = true;
  const told = failure(client.fetch("/Invoices"));
  let isOver = false;
  told.then(() => (isOver = true));
  await time.advance(400, 50);
  login.away = false;
  while (apiCalls.length === 0 && !isOver) await time.advance(50, 50);
  await time.advance(60_100 - (Date.now() - began), 100);
  assert.ok(isOver);
  assert.equal((await told).code, "timeout");
});

test("an identity service that never answers is not blamed on the vault", async (t) => {
  const time = clock(t);
  const answer = deferred();
  const { client } = await user(t, { deadlineMs: 2_000 }, { token: () => answer.promise });
  await client.fetch("/Invoices");
  await time.advance(31 * MINUTE, 10_000);
  const told = failure(client.fetch("/Invoices"));
  await time.advance(2_000, 50);
  const error = await told;
  assert.deepEqual([error.code, error.blame], ["timeout", "network"]);
  answer.resolve(refused("invalid_request"));
  await turn();
});

test("a file of the vault that only a person can mend is an error that is not retryable", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "xero-user-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "vault");
  const told = async () => {
    const client = new UserConnection({ clientId: CLIENT_ID, clientSecret: SECRET, vault: file(path), fetch: () => Promise.reject(new Error()), retry: 0 });
    const error = await failure(client.fetch("/Invoices"));
    await client.close();
    assert.equal(error.code, "vault_unavailable");
    return error;
  };
  for (const text of ["", "my notes", "v1"]) {
    writeFileSync(path, text, { mode: 0o600 });
    const error = await told();
    assert.equal(error.retryable, false);
    assert.match(error.message, /changed or cut/);
  }
  chmodSync(path, 0o644);
  const open = await told();
  assert.equal(open.retryable, false);
  assert.match(open.message, /chmod 600/);
  rmSync(path);
  mkdirSync(path);
  assert.equal((await told()).retryable, false);
});

test("events of the client and of the vault come to one listener", async (t) => {
  const events = [];
  const { client } = await user(t, { onEvent: (event) => events.push(event.type) }, { api: (_, n) => (n === 1 ? expired() : json({})) });
  await client.fetch("/Invoices");
  await turn();
  for (const type of ["token.renewed", "call.sent", "call.answered", "vault.claimed", "vault.saved"]) assert.ok(events.includes(type), String(events));
});

test("events name their organisation, and calls of two organisations have numbers of their own", async (t) => {
  const events = [];
  const login = await loggedIn({ organisations: [KEA, TUI] });
  const { client } = await user(t, { tenant: KEA.id, onEvent: (event) => events.push(event) }, { login });
  for (const one of [client, client.forTenant(TUI.id), client]) await one.fetch("/Invoices");
  await turn();
  const sent = events.filter(({ type }) => type === "call.sent");
  assert.deepEqual(sent.map(({ tenant }) => tenant), [KEA.id, TUI.id, KEA.id]);
  assert.equal(new Set(sent.map(({ call }) => call)).size, 3);
  assert.deepEqual(sent.map(({ call }) => call % 1_000_000_000), [1, 1, 2]);
});

test("waitUntil keeps a renewal alive", async (t) => {
  const kept = [];
  const { client } = await user(t, { waitUntil: (promise) => kept.push(promise) });
  await client.fetch("/Invoices");
  assert.ok(kept.length > 0);
  await Promise.all(kept);
});

test("a client that was closed does nothing more, nor do those that share its login", async (t) => {
  const { client, apiCalls } = await user(t, { tenant: KEA.id }, { login: await loggedIn({ organisations: [KEA, TUI] }) });
  await client.fetch("/Invoices");
  const other = client.forTenant(TUI.id);
  await other.fetch("/Invoices");
  await other.close();
  for (const one of [client, other, client.forTenant(TUI.name)]) assert.equal((await failure(one.fetch("/Invoices"))).code, "closed");
  assert.equal(apiCalls.length, 2);
});

test("a diagnosis uses the login, and its tenth step is the vault", async (t) => {
  const time = clock(t, ["Date"]);
  const login = await loggedIn({ organisations: [KEA, TUI] });
  const api = () => json({ Organisations: [{ Name: KEA.name, CountryCode: "SG" }] });
  const { client } = await user(t, { tenant: KEA.id }, { login, api });
  const health = await client.doctor();
  assert.ok(health.ok && health.report.includes(KEA.name), health.report);
  assert.equal(health.steps.length, 10);
  const [, credentials, app] = health.steps;
  assert.deepEqual([credentials.message, app.message], ["the vault gave an access token", "a Web app, with the login of a user"]);
  const vault = health.steps.at(-1);
  assert.deepEqual([vault.name, vault.state], ["vault", "ok"]);
  assert.match(vault.message, /^a login that was renewed 0 days ago and ends in (59|60) days unless it is used$/);
  for (const { id, name } of [KEA, TUI]) assert.ok(vault.details.includes(`organisation: ${name} (${id})`), vault.details);
  assert.ok(vault.details.includes("no process renews it now"));
  for (const secret of [tokenOf(1), "refresh-token-1", SECRET]) assert.ok(!JSON.stringify(health).includes(secret));
  assert.doesNotMatch(health.report, /custom connection/i);

  const later = async (options, { days, ...more } = {}) => {
    await time.advance((days ?? 0) * 24 * 60 * MINUTE, (days ?? 0) * 24 * 60 * MINUTE);
    const { client } = await user(t, { tenant: KEA.id, ...options }, { login, api, ...more });
    const { ok, steps } = await client.doctor();
    return [ok, steps.at(-1).state, steps.at(-1).message];
  };
  assert.deepEqual(await later({ clientSecret: "another-secret-value" }), [false, "problem", "no key of this process opens the vault, or its text was changed"]);
  login.refuses = "server_error";
  const [, state, message] = await later({}, { days: 47 });
  assert.equal(state, "warning");
  assert.match(message, /^the login ends in 1[23] days unless it is used$/);
  login.refuses = "invalid_grant";
  assert.deepEqual((await later({}, { days: 1 })).slice(0, 2), [false, "problem"]);
  const { client: empty } = await user(t, {}, { login: new Login() });
  const without = (await empty.doctor()).steps.at(-1);
  assert.deepEqual([without.state, without.message], ["problem", "there is no login in the vault"]);
});

test("a vault that can be read and not written is a problem, although the token is fresh", async (t) => {
  const login = await loggedIn();
  const store = { durable: true, swap: (turn) => (turn.version < 0 ? login.store.swap(turn) : Promise.reject(Object.assign(new Error("read-only"), { code: "EROFS" }))) };
  const { client } = await user(t, { vault: store }, { login });
  assert.equal((await client.fetch("/Invoices")).status, 200);
  const health = await client.doctor();
  const vault = health.steps.at(-1);
  assert.deepEqual([health.ok, vault.state, /EROFS/.test(vault.message)], [false, "problem", true], vault.message);
  assert.equal((await failure(client.keepAlive())).code, "vault_unavailable");
});

test("after a new client secret the vault opens with the old one, and is sealed with the new one", async (t) => {
  const time = clock(t, ["Date"]);
  const login = await loggedIn();
  const closed = await user(t, { clientSecret: "the-new-secret" }, { login });
  assert.equal((await failure(closed.client.fetch("/Invoices"))).code, "vault_key_mismatch");
  const both = await user(t, { clientSecret: ["the-new-secret", SECRET] }, { login });
  assert.equal((await both.client.fetch("/Invoices")).status, 200);
  await time.advance(31 * MINUTE, 31 * MINUTE);
  assert.equal((await both.client.fetch("/Invoices")).status, 200);
  const renewed = await user(t, { clientSecret: "the-new-secret" }, { login });
  assert.equal((await renewed.client.fetch("/Invoices")).status, 200);
});

test("each option is checked", () => {
  const vault = new Login().store;
  const make = (options) => new UserConnection({ clientId: CLIENT_ID, clientSecret: SECRET, vault, ...options });
  for (const [options, word] of [
    [{ vault: undefined }, "vault"],
    [{ vault: {} }, "vault"],
    [{ vault: memory() }, "durable"],
    [{ vault: redis(async () => []) }, "durable"],
    [{ clientSecret: undefined }, "key"],
    [{ tenant: "" }, "tenant"],
    [{ tenant: 1 }, "tenant"],
    [{ clientId: undefined }, "clientId"],
    [{ scopes: ["accounting.invoices"] }, "scopes"],
    [{ createdOn: "2026-01-01" }, "createdOn"],
    [{ store: {} }, "store"],
    [{ timeoutMs: 0 }, "timeoutMs"],
    [{ seed: 1 }, "seed"],
    [{ onEvent: 1 }, "onEvent"],
  ]) {
    assert.throws(() => make(options), (error) => error.code === "invalid_option" && error.message.includes(word), word);
  }
});

test("no error, event or print of a client shows a token, a secret or a key", async (t) => {
  const { inspect } = await import("node:util");
  const events = [];
  const { client } = await user(t, { onEvent: (event) => events.push(event) }, { api: () => json({ Detail: tokenOf(1) }, { status: 400 }) });
  const error = await failure(client.json("GET", "/Invoices"));
  await turn();
  const shown = [client, error, error.stack, events, await client.token()].map((value) => inspect(value, { depth: 10, showHidden: false }) + JSON.stringify(value));
  for (const secret of [tokenOf(1), "refresh-token-1", SECRET]) assert.ok(!shown.some((text) => text.includes(secret)), secret.slice(0, 4));
});

for (const app of ["web", "pkce"]) {
  test(`a login to the ${app} app of the local Xero, and calls to each of its organisations`, async (t) => {
    const time = clock(t, ["Date"]);
    const simulator = createSimulator({ invoices: 3, organisations: [KEA.name, TUI.name], consent: "all" });
    t.after(() => simulator.close());
    const xero = new UserConnection({ ...(await localLogin(simulator, app)), tenant: TUI.name, retry: 0 });
    t.after(() => xero.close());
    const nameOf = async (client) => (await client.json("GET", "/Organisation")).Organisations[0].Name;
    assert.equal(await nameOf(xero), TUI.name);
    assert.deepEqual((await xero.tenants()).map(({ name }) => name).sort(), [KEA.name, TUI.name]);
    // Xero calls a token expired, and then the tokens end by the clock of both, for two days.
    simulator.advance(31 * MINUTE);
    for (let n = 0; n < 5; n++) {
      for (const { id, name } of simulator.organisations) assert.equal(await nameOf(xero.forTenant(id)), name);
      await time.advance(12 * 60 * MINUTE, 12 * 60 * MINUTE);
    }
    assert.equal((await failure(xero.forTenant("Wren").fetch("/Organisation"))).code, "tenant_unknown");
  });
}

test("a connection that the app itself ended is one that the user's client knows of after a 403", async (t) => {
  const simulator = createSimulator({ invoices: 3, organisations: [KEA.name, TUI.name], consent: "all" });
  t.after(() => simulator.close());
  const options = await localLogin(simulator);
  const { clientId, clientSecret, identityUrl, apiUrl } = options;
  const xero = new UserConnection({ ...options, tenant: TUI.name, retry: 0 });
  const itself = new AppConnection({ clientId, clientSecret, identityUrl, apiUrl });
  t.after(() => (itself.close(), xero.close()));
  assert.equal((await xero.fetch("/Organisation")).status, 200);
  const tui = simulator.organisations.find(({ name }) => name === TUI.name);
  const [connection, ...others] = await itself.connections({ tenantId: tui.id });
  assert.deepEqual([connection.tenantName, others], [TUI.name, []]);
  await itself.disconnect(connection.id);
  assert.deepEqual(await itself.connections({ tenantId: tui.id }), []);
  const error = await failure(xero.json("GET", "/Organisation"));
  assert.equal(error.code, "tenant_unknown");
  assert.ok(error.message.includes(KEA.name), error.message);
  assert.equal((await xero.forTenant(KEA.name).fetch("/Organisation")).status, 200);
});

test("a hundred callers in four processes make one exchange", { timeout: 120_000 }, async (t) => {
  const simulator = createSimulator({ invoices: 3, consent: "all", limits: false });
  const folder = mkdtempSync(join(tmpdir(), "vault-"));
  t.after(() => (simulator.close(), rmSync(folder, { recursive: true, force: true })));
  const path = join(folder, "xero.vault");
  const { vault: _, ...options } = await localLogin(simulator, "web", file(path));
  simulator.advance(31 * MINUTE);
  const before = simulator.counts().tokenRequests;
  const code = `
    import { file } from "xero-m2m/file";
    import { UserConnection } from "xero-m2m/user";
    const { path, ...options } = JSON.parse(process.env.OPTIONS);
    const xero = new UserConnection({ ...options, vault: file(path), limits: false });
    const answers = await Promise.all(Array.from({ length: 25 }, () => xero.json("GET", "/Organisation")));
    console.log(answers.filter(({ Organisations }) => Organisations.length === 1).length);
    await xero.close();`;
  const run = () =>
    promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: import.meta.dirname,
      env: { ...process.env, OPTIONS: JSON.stringify({ ...options, path }) },
    });
  const served = await Promise.all(Array.from({ length: 4 }, run));
  assert.deepEqual(served.map(({ stdout }) => stdout), Array(4).fill("25\n"));
  assert.equal(simulator.counts().tokenRequests - before, 1);
});
