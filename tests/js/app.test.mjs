/** Connections of an app itself: a token for each of its scopes, and no organisation's data. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { XeroError } from "xero-m2m";
import { AppConnection } from "xero-m2m/app";
import { CLIENT_ID, SECRET, failure, granted, json, refused, stub } from "./support.mjs";

const TENANT = "5a0a5a4e-0000-4000-8000-000000000001";
const USER = "5a0a5a4e-0000-4000-8000-0000000000ff";
const CONNECTION = { id: "c0000000-0000-4000-8000-000000000001", tenantId: TENANT, tenantName: "Kea Outdoor Hire", tenantType: "ORGANISATION" };

function app(t, answers, options = {}) {
  const xero = stub({ token: ({ body }) => granted({ access_token: `token-${body}`, scope: new URLSearchParams(body).get("scope") }), ...answers });
  const client = new AppConnection({ clientId: CLIENT_ID, clientSecret: SECRET, retry: 0, fetch: xero.fetch, ...options });
  t.after(() => client.close());
  return { client, ...xero };
}

const scopes = (calls) => calls.map(({ body }) => new URLSearchParams(body).get("scope"));

test("connections of an organisation or a user, with a token for that scope alone", async (t) => {
  const { client, tokenCalls, apiCalls } = app(t, { api: () => json([CONNECTION]) });
  assert.deepEqual(await client.connections({ tenantId: TENANT }), [CONNECTION]);
  assert.deepEqual(await client.connections({ userId: USER }), [CONNECTION]);
  assert.deepEqual(scopes(tokenCalls), ["app.connections"]);
  assert.deepEqual(apiCalls.map(({ url }) => url), Array(2).fill("https://api.xero.com/connections"));
  assert.deepEqual(apiCalls.map(({ headers }) => [headers.get("xero-tenant-id"), headers.get("xero-user-id")]), [[TENANT, null], [null, USER]]);
  assert.ok(apiCalls.every((call) => !("tenant" in call)));
});

test("connections of nobody are not asked for", async (t) => {
  const { client, tokenCalls } = app(t);
  for (const of of [{}, undefined, { tenantId: "" }, { tenantId: TENANT, userId: USER }, { tenant: TENANT }, { tenantId: 1 }, { tenantId: "x" }, { userId: "undefined" }]) {
    assert.equal((await failure(client.connections(of))).code, "invalid_option", JSON.stringify(of));
  }
  assert.equal(tokenCalls.length, 0);
});

test("an answer that is no list of connections is not taken for one", async (t) => {
  const answers = [() => json({}), () => json(null), () => json([null]), () => json([{ id: "x" }]), () => json({ Title: "x", Status: 403 }), () => new Response(null, { status: 204 })];
  for (const api of answers) {
    const { client } = app(t, { api });
    assert.equal((await failure(client.connections({ tenantId: TENANT }))).code, "malformed_answer");
    assert.equal((await failure(client.usageRecords("s"))).code, "malformed_answer");
  }
});

test("an end of a connection whose answer has a body is not known", async (t) => {
  const { client } = app(t, { api: () => json({ Title: "x", Status: 403 }) });
  const { code, outcome, retryable } = await failure(client.disconnect(CONNECTION.id));
  assert.deepEqual([code, outcome, retryable], ["malformed_answer", "unknown", false]);
});

test("a call may name the organisation that it is about", async (t) => {
  const { client, apiCalls } = app(t, { api: () => json([CONNECTION]) });
  await client.fetch("/connections", { headers: { "Xero-Tenant-Id": TENANT } });
  await client.json("GET", "/connections", undefined, { headers: new Headers({ "xero-tenant-id": TENANT }) });
  assert.deepEqual(apiCalls.map(({ headers }) => headers.get("xero-tenant-id")), [TENANT, TENANT]);
});

test("the options of a call about an organisation may stand on a prototype", async (t) => {
  const { client, apiCalls } = app(t, { api: () => json({}) });
  class Options {
    get method() {
      return "POST";
    }
    get body() {
      return "{}";
    }
    get headers() {
      return { "xero-tenant-id": TENANT };
    }
  }
  await client.fetch("/connections", new Options());
  assert.deepEqual(apiCalls.map(({ method, body, headers }) => [method, body, headers.get("xero-tenant-id")]), [["POST", "{}", TENANT]]);
});

test("usage that is none is refused before it is sent", async (t) => {
  const { client, tokenCalls } = app(t);
  const timestamp = "2026-01-31T10:00:00Z";
  for (const usage of [null, undefined, { quantity: Number.NaN, timestamp }, { quantity: "5", timestamp }, { quantity: 1, timestamp: "x" }, { quantity: 1, timestamp, unit: "h" }]) {
    assert.equal((await failure(client.recordUsage("s", "i", usage))).code, "invalid_option", JSON.stringify(usage));
  }
  assert.equal(tokenCalls.length, 0);
});

test("a fetch that is no function is refused at once", () => {
  for (const fetch of [null, "x", {}, 0]) {
    assert.throws(() => new AppConnection({ clientId: CLIENT_ID, clientSecret: SECRET, fetch }), { code: "invalid_option" });
  }
});

test("a connection is ended by its id", async (t) => {
  const { client, apiCalls } = app(t, { api: () => new Response(null, { status: 204 }) });
  assert.equal(await client.disconnect(CONNECTION.id), undefined);
  assert.deepEqual([apiCalls[0].method, apiCalls[0].url], ["DELETE", `https://api.xero.com/connections/${CONNECTION.id}`]);
  await client.disconnect("../Invoices").catch(() => {});
  assert.ok(apiCalls.slice(1).every(({ url }) => url === "https://api.xero.com/connections/..%2FInvoices"));
  assert.equal((await failure(client.disconnect(""))).code, "invalid_option");
});

test("subscriptions and usage records have a token of their own", async (t) => {
  const records = [{ usageRecordId: "r" }];
  const answer = ({ url, method }) => (url.endsWith("/connections") ? [CONNECTION] : url.endsWith("usage-records") && method === "GET" ? { usageRecords: records } : { id: "s" });
  const { client, tokenCalls, apiCalls } = app(t, { api: (call) => json(answer(call)) });
  await client.connections({ tenantId: TENANT });
  assert.deepEqual(await client.subscription("s"), { id: "s" });
  assert.deepEqual(await client.usageRecords("s"), records);
  await client.recordUsage("s", "i", { quantity: 2, timestamp: "2026-01-31T10:00:00Z" });
  await client.recordUsage("s", "i", { quantity: 3, timestamp: "2026-01-31T10:00:00Z" }, { usageRecordId: "r" });
  assert.deepEqual(scopes(tokenCalls), ["app.connections", "marketplace.billing"]);
  const base = "https://api.xero.com/appstore/2.0/subscriptions/s";
  assert.deepEqual(apiCalls.slice(1).map(({ method, url }) => [method, url]), [
    ["GET", base],
    ["GET", `${base}/usage-records`],
    ["POST", `${base}/items/i/usage-records`],
    ["PUT", `${base}/items/i/usage-records/r`],
  ]);
});

test("no organisation's data is asked for", async (t) => {
  const { client, tokenCalls } = app(t);
  for (const path of ["/Invoices", "/api.xro/2.0/Organisation", "/payroll.xro/2.0/Employees", "https://api.xero.com/connections"]) {
    const error = await failure(client.fetch(path));
    assert.deepEqual([error instanceof XeroError, error.code, error.rule], [true, "scope_missing", "R35"], path);
  }
  assert.equal(tokenCalls.length, 0);
});

test("a PKCE app has no token of its own", () => {
  assert.throws(() => new AppConnection({ clientId: CLIENT_ID }), (error) => error.code === "invalid_option" && error.rule === "R36");
});

test("errors speak of the app", async (t) => {
  const custom = app(t, { token: () => refused("unauthorized_client") });
  const error = await failure(custom.client.connections({ tenantId: TENANT }));
  assert.deepEqual([error.code, error.rule], ["unauthorized_client", "R36"]);
  const { client } = app(t, { api: () => json({ Detail: "AuthenticationUnsuccessful" }, { status: 403 }) });
  assert.match((await failure(client.connections({ tenantId: TENANT }))).message, /app's own token/);
});

test("a client that was closed does nothing more", async (t) => {
  const { client } = app(t, { api: () => json([]) });
  await client.connections({ tenantId: TENANT });
  client.close();
  for (const call of [() => client.connections({ tenantId: TENANT }), () => client.subscription("s")]) assert.equal((await failure(call())).code, "closed");
});
