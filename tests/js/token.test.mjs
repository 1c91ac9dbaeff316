/** The token lifecycle from outside: getting a token, keeping it, giving up. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { XeroError } from "xero-m2m";
import {
  CLIENT_ID, MINUTE, SECRET, START, TOKEN, client, clock, deferred, failure, granted, json, local, refused, serve, stub, turn,
} from "./support.mjs";

test("a token from the local Xero, over HTTP", async (t) => {
  const { simulator, xero } = await local(t, {}, { scopes: "files accounting.settings" });
  const token = await xero.token();
  assert.match(token.accessToken, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.deepEqual(token.scopes, ["accounting.settings", "files"]);
  assert.ok(Math.abs(token.expiresAt - Date.now() - 30 * MINUTE) < MINUTE);
  assert.equal(await xero.token(), token);
  assert.deepEqual(simulator.counts(), { tokenRequests: 1, apiRequests: 0, refusals: 0, faults: 0 });
});

test("with an organisation named, nothing is sent with the token of another, and a stored one is dropped", async (t) => {
  const { simulator, url, xero } = await local(t);
  const [{ OrganisationID: own }] = (await xero.json("GET", "/Organisation")).Organisations;
  const kept = new Map();
  const store = { load: (key) => kept.get(key), save: (key, token) => kept.set(key, token), erase: (key) => kept.delete(key) };
  const { clientId, clientSecret } = simulator;
  const options = { clientId, clientSecret, identityUrl: url, apiUrl: url, store };
  const right = client(t, { ...options, organisation: own.replaceAll("-", "").toUpperCase() });
  await right.json("GET", "/Organisation");
  assert.equal(kept.size, 1);

  const { apiRequests } = simulator.counts();
  const wrong = client(t, { ...options, organisation: "00000000-1111-4222-8333-444455556666" });
  const error = await failure(wrong.json("GET", "/Organisation"));
  assert.deepEqual([error.code, error.blame, error.retryable, error.rule], ["organisation_changed", "connection", false, "R8"]);
  assert.ok(error.message.includes(own), error.message);
  assert.equal(simulator.counts().apiRequests, apiRequests);
  assert.equal(kept.size, 0);
  assert.throws(() => client(t, { organisation: "Acme Ltd" }), { code: "invalid_option", message: /Acme Ltd.*OrganisationID/ });
});

test("a certificate that is not trusted: the error has advice", async (t) => {
  for (const code of ["SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"]) {
    const fetch = () => Promise.reject(new TypeError("fetch failed", { cause: { code } }));
    const error = await failure(client(t, { fetch }).token());
    assert.equal(error.code, "offline");
    assert.match(error.message, new RegExp(`${code}.*NODE_EXTRA_CA_CERTS`));
  }
});

test("nothing is asked for before the first call", async (t) => {
  const { fetch, tokenCalls } = stub();
  client(t, { fetch });
  await turn();
  assert.equal(tokenCalls.length, 0);
});

test("the token request, to the byte", async (t) => {
  const { url, requests } = await serve(t, (_, response) =>
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ access_token: TOKEN, token_type: "Bearer", expires_in: 1800 })),
  );
  const configured = client(t, { identityUrl: `${url}/prefix/` });
  const exact = client(t, { identityUrl: url, scopes: ["files", "assets", "files"] });
  await configured.token();
  await exact.token();
  for (const { method, headers, rawHeaders } of requests) {
    assert.equal(method, "POST");
    assert.equal(headers.authorization, `Basic ${btoa(`${CLIENT_ID}:${SECRET}`)}`);
    assert.equal(headers["content-type"], "application/x-www-form-urlencoded");
    assert.equal(headers.accept, "application/json");
    assert.ok(!rawHeaders.some((name) => /tenant/i.test(name)));
  }
  assert.deepEqual(requests.map(({ url }) => url), ["/prefix/connect/token", "/connect/token"]);
  assert.deepEqual(requests.map(({ body }) => body), [
    "grant_type=client_credentials",
    "grant_type=client_credentials&scope=assets+files",
  ]);
});

test("1,000 cold callers at once make one token request", async (t) => {
  const { simulator, xero } = await local(t);
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => xero.token()));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(simulator.counts().tokenRequests, 1);
});

test("1,000 cold callers whose request fails get its error, from one request", async (t) => {
  const { fetch, tokenCalls } = stub({ token: () => refused("invalid_client") });
  const xero = client(t, { fetch });
  const errors = await Promise.all(Array.from({ length: 1_000 }, () => failure(xero.token())));
  assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(["invalid_client"]));
  assert.equal(tokenCalls.length, 1);
});

test("1,000 callers during a renewal make one request, and none of them waits for it", async (t) => {
  const time = clock(t);
  const renewal = deferred();
  const { fetch, tokenCalls } = stub({ token: (_, n) => (n === 1 ? granted() : renewal.promise) });
  const xero = client(t, { fetch });
  const old = await xero.token();
  await time.advance(25 * MINUTE - 1);
  await xero.token();
  assert.equal(tokenCalls.length, 1);
  await time.advance(1);
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => xero.token()));
  assert.ok(tokens.every((token) => token === old));
  assert.equal(tokenCalls.length, 2);
  renewal.resolve(granted({ access_token: "renewed" }));
  await turn();
  assert.equal((await xero.token()).accessToken, "renewed");
  assert.equal((await xero.token()).expiresAt, START + 55 * MINUTE);
  assert.equal(tokenCalls.length, 2);
});

test("a renewal that fails gives no caller an error; the token is handed out until its leeway, half a minute", async (t) => {
  const time = clock(t, ["Date"]);
  const { fetch, tokenCalls } = stub({ token: (_, n) => (n === 1 ? granted() : refused("invalid_client")) });
  const xero = client(t, { fetch });
  await xero.token();
  await time.advance(30 * MINUTE - 30_001);
  assert.equal((await xero.token()).accessToken, TOKEN);
  await turn();
  assert.equal((await xero.token()).accessToken, TOKEN);
  assert.equal(tokenCalls.length, 2);
  await time.advance(1);
  assert.equal((await failure(xero.token())).code, "invalid_client");
  assert.equal(tokenCalls.length, 2);
});

const REFUSALS = [
  ["invalid_client", () => refused("invalid_client")],
  ["invalid_client", () => refused("invalid_client", 401)],
  ["unauthorized_client", () => refused("unauthorized_client")],
  ["invalid_scope", () => refused("invalid_scope")],
  ["token_refused", () => refused("something_else")],
];
for (const [code, answer] of REFUSALS) {
  test(`${code}: every caller gets it for five minutes, then one more request is made`, async (t) => {
    const time = clock(t);
    const { fetch, tokenCalls } = stub({ token: answer });
    const xero = client(t, { fetch, scopes: ["files"] });
    for (let n = 0; n < 10; n++) {
      const error = await failure(n % 2 ? xero.token() : xero.fetch("/files.xro/1.0/Files"));
      assert.ok(error instanceof XeroError);
      assert.deepEqual([error.code, error.retryable, error.retryAt], [code, false, START + 5 * MINUTE]);
    }
    await time.advance(5 * MINUTE - 1);
    await failure(xero.token());
    // Of scopes it is asked as well which of them are configured.
    const each = code === "invalid_scope" ? 2 : 1;
    assert.equal(tokenCalls.length, each);
    await time.advance(1);
    await Promise.all([failure(xero.token()), failure(xero.token())]);
    assert.equal(tokenCalls.length, 2 * each);
  });
}

test("a connection that is mended within the five minutes works after them", async (t) => {
  const time = clock(t);
  const { fetch } = stub({ token: (_, n) => (n === 1 ? refused("invalid_client") : granted()) });
  const xero = client(t, { fetch });
  await failure(xero.token());
  await time.advance(5 * MINUTE);
  assert.equal((await xero.token()).accessToken, TOKEN);
});

test("an outage is waited out, within the time limit", async (t) => {
  const time = clock(t);
  const { fetch, tokenCalls } = stub({ token: (_, n) => (n < 3 ? new Response("", { status: 503 }) : granted()) });
  const xero = client(t, { fetch });
  const token = xero.token();
  await time.advance(2_000);
  assert.equal((await token).accessToken, TOKEN);
  assert.equal(tokenCalls.length, 3);
});

test("after three failures in a row callers get the error at once", async (t) => {
  const time = clock(t);
  const { fetch, tokenCalls } = stub({ token: () => Promise.reject(new TypeError("fetch failed")) });
  const xero = client(t, { fetch });
  const told = failure(xero.token());
  // Two pauses, of a second and a half at most; the third is longer.
  await time.advance(1_600, 10);
  const error = await told;
  assert.deepEqual([error.code, error.blame, error.retryable], ["offline", "network", true]);
  assert.ok(error.retryAt > START + 1_700);
  assert.equal((await failure(xero.token())).code, "offline");
  assert.equal(tokenCalls.length, 3);
});

test("a pause longer than the caller's time is an error at once", async (t) => {
  clock(t);
  const { fetch } = stub({ token: () => new Response("", { status: 429, headers: { "retry-after": "45" } }) });
  const error = await failure(client(t, { fetch, deadlineMs: 30_000 }).token());
  assert.deepEqual([error.code, error.retryAt], ["rate_limited", START + 45_000]);
});

test("a token request without an answer is given up after ten seconds and made again", async (t) => {
  const time = clock(t);
  const { fetch, tokenCalls } = stub({ token: (_, n) => (n === 1 ? new Promise(() => {}) : granted()) });
  const xero = client(t, { fetch });
  const token = xero.token();
  await time.advance(9_999);
  assert.equal(tokenCalls.length, 1);
  await time.advance(1_000);
  assert.equal((await token).accessToken, TOKEN);
  assert.equal(tokenCalls.length, 2);
});

test("deadlineMs limits token()", async (t) => {
  const time = clock(t);
  const { fetch } = stub({ token: () => new Promise(() => {}) });
  const xero = client(t, { fetch, deadlineMs: 700 });
  const told = failure(xero.token());
  await time.advance(699, 700);
  let settled = false;
  void told.then(() => (settled = true));
  await turn();
  assert.equal(settled, false);
  await time.advance(1);
  assert.equal((await told).code, "timeout");
});

test("a token that takes longer than timeoutMs fails no call: the request is made again, and each caller waits until its deadline", async (t) => {
  const time = clock(t);
  const { fetch, tokenCalls } = stub({ token: (_, n) => (n < 3 ? new Promise(() => {}) : granted()) });
  const xero = client(t, { fetch, timeoutMs: 1_000, deadlineMs: 60_000 });
  const calls = [xero.fetch("/Organisation"), xero.json("GET", "/Organisation"), xero.token()];
  await time.advance(5_000);
  const [response, body, token] = await Promise.all(calls);
  assert.deepEqual([response.status, body, token.accessToken], [200, {}, TOKEN]);
  assert.equal(tokenCalls.length, 3);
});

test("a secret function that takes longer than timeoutMs fails no caller", async (t) => {
  const time = clock(t);
  const { fetch, tokenCalls } = stub();
  const clientSecret = () => new Promise((resolve) => setTimeout(resolve, 20_000, SECRET));
  const xero = client(t, { fetch, clientSecret, timeoutMs: 1_000 });
  const calls = [xero.fetch("/Organisation"), xero.token()];
  await time.advance(21_000);
  const [response, token] = await Promise.all(calls);
  assert.deepEqual([response.status, token.accessToken, tokenCalls.length], [200, TOKEN, 1]);
});

test("an answer whose body never ends is a timeout", async (t) => {
  const time = clock(t);
  const token = ({ signal }) => {
    const body = new ReadableStream({
      start: (controller) => signal.addEventListener("abort", () => controller.error(signal.reason)),
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  };
  const xero = client(t, { fetch: stub({ token }).fetch, deadlineMs: 500 });
  const told = failure(xero.token());
  await time.advance(600);
  assert.equal((await told).code, "timeout");
});

test("a fetch that rejects with AbortError when its signal aborts is a timeout as well", async (t) => {
  const time = clock(t);
  const fetch = (_, { signal }) =>
    new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(new DOMException("This operation was aborted", "AbortError"))),
    );
  const told = failure(client(t, { fetch, deadlineMs: 500 }).token());
  await time.advance(600);
  assert.equal((await told).code, "timeout");
});

test("a redirect of the identity service is not followed", async (t) => {
  for (const status of [301, 302, 303, 307, 308]) {
    const elsewhere = await serve(t, (_, response) => response.end());
    const { url, requests } = await serve(t, (_, response) =>
      response.writeHead(status, { location: `${elsewhere.url}/connect/token` }).end(),
    );
    const error = await failure(client(t, { identityUrl: url }).token());
    assert.deepEqual([error.code, error.retryable], ["redirected", false], status);
    assert.deepEqual([requests.length, elsewhere.requests.length], [1, 0], status);
  }
});

test("40 MB instead of a token: refused without reading them", async (t) => {
  const CHUNK = new Uint8Array(65_536).fill(0x20);
  let read = 0;
  let cancelled = false;
  const body = () =>
    new ReadableStream(
      {
        pull(controller) {
          read += CHUNK.length;
          controller.enqueue(CHUNK);
          if (read >= 40_000_000) controller.close();
        },
        cancel: () => void (cancelled = true),
      },
      { highWaterMark: 0 },
    );
  const token = () => new Response(body(), { headers: { "content-type": "application/json" } });
  const { fetch, tokenCalls } = stub({ token });
  const error = await failure(client(t, { fetch, deadlineMs: 200 }).token());
  assert.equal(error.code, "malformed_token");
  assert.ok(read < 1_000_000 * tokenCalls.length, `${read} bytes`);
  assert.ok(cancelled);
});

test("a body without a stream, as some stand-ins for fetch have, is read all the same", async (t) => {
  const text = JSON.stringify({ access_token: TOKEN, token_type: "bearer", expires_in: 60 });
  const headers = new Headers({ "content-type": "application/json" });
  const fetch = async () => ({ status: 200, ok: true, headers, body: null, text: async () => text });
  assert.equal((await client(t, { fetch }).token()).accessToken, TOKEN);
});

test("a secret from a function: asked for before every exchange, and only then", async (t) => {
  const time = clock(t);
  const secrets = ["first", "second"];
  const { fetch, tokenCalls } = stub();
  let asked = 0;
  const xero = client(t, { fetch, clientSecret: async () => secrets[asked++] });
  await Promise.all([xero.token(), xero.token()]);
  await xero.token();
  assert.equal(asked, 1);
  await time.advance(30 * MINUTE);
  await xero.token();
  assert.equal(asked, 2);
  const sent = tokenCalls.map(({ headers }) => atob(headers.get("authorization").slice(6)).split(":")[1]);
  assert.deepEqual(sent, secrets);
});

test("a secret from a function that fails", async (t) => {
  const time = clock(t);
  const functions = [
    () => { throw new Error(SECRET); },
    () => Promise.reject(new Error(SECRET)),
    () => "",
    () => undefined,
    async () => 7,
    () => Promise.reject(undefined),
  ];
  for (const clientSecret of functions) {
    const { fetch, tokenCalls } = stub();
    const told = failure(client(t, { fetch, clientSecret }).token());
    await time.advance(3_000);
    const error = await told;
    assert.deepEqual([error.code, error.blame, error.retryable], ["secret_unavailable", "caller", true]);
    assert.ok(!error.message.includes(SECRET) && error.cause === undefined);
    assert.equal(tokenCalls.length, 0);
  }
});

test("a secret from a function that never answers does not hold callers longer than their time", async (t) => {
  const time = clock(t);
  const xero = client(t, { fetch: stub().fetch, clientSecret: () => new Promise(() => {}), deadlineMs: 500 });
  const told = failure(xero.token());
  await time.advance(500);
  const error = await told;
  assert.deepEqual([error.code, error.blame], ["secret_unavailable", "caller"]);
  assert.match(error.message, /clientSecret gave nothing/);
});

test("scopes: a subset is granted alone, and one that is not configured is refused and not hammered", async (t) => {
  const { simulator, url, xero } = await local(t, { scopes: ["accounting.settings"] }, { scopes: "accounting.settings files" });
  assert.deepEqual((await xero.token()).scopes, ["accounting.settings"]);
  const { clientId, clientSecret } = simulator;
  const wrong = client(t, { clientId, clientSecret, identityUrl: url, apiUrl: url, scopes: ["files", "assets"] });
  for (let n = 0; n < 5; n++) {
    const { code, scopes, message } = await failure(wrong.token());
    assert.deepEqual([code, scopes], ["invalid_scope", ["assets"]]);
    assert.match(message, /assets/);
  }
  assert.equal(simulator.counts().tokenRequests, 3);
});

test("a token is frozen, and not seen where objects are printed or copied", async (t) => {
  const token = await client(t, { fetch: stub({ token: () => granted({ scope: "files" }) }).fetch }).token();
  assert.equal(token.accessToken, TOKEN);
  assert.deepEqual(Object.keys(token), ["expiresAt", "scopes"]);
  assert.ok(Object.isFrozen(token) && Object.isFrozen(token.scopes));
});

test("a token without any word about scopes has none to show", async (t) => {
  const token = await client(t, { fetch: stub().fetch }).token();
  assert.ok(!("scopes" in token));
});

test("the sign-in page of a proxy is no token", async (t) => {
  const { fetch } = stub({ token: () => new Response("<h1>Sign in</h1>", { headers: { "content-type": "text/html" } }) });
  const error = await failure(client(t, { fetch, deadlineMs: 200 }).token());
  assert.deepEqual([error.code, error.blame], ["malformed_token", "xero"]);
});

test("the tokens of two clients are two", async (t) => {
  const one = client(t, { fetch: stub({ token: () => granted({ access_token: "one" }) }).fetch });
  const other = client(t, { fetch: stub({ token: () => granted({ access_token: "other" }) }).fetch });
  assert.deepEqual([(await one.token()).accessToken, (await other.token()).accessToken], ["one", "other"]);
  one.close();
  assert.equal((await other.token()).accessToken, "other");
});

test("a scope that is not configured has one of four causes, and the error has advice for each", async (t) => {
  const configured = { scopes: "accounting.settings files", createdOn: "2026-05-01" };
  for (const [scope, advice] of [
    ["accounting.contacts", /have accounting\.contacts added .* authorises it again \(rule R9\)$/],
    ["offline_access", /leave out offline_access: it belongs to apps in which a user signs in/],
    ["accounting.transactions", /cannot be added.*\(rules R10, R11\).*accounting\.banktransactions.*accounting\.payments/],
    ["accounting.setting", /accounting\.setting is not a known scope: is accounting\.settings meant\?$/],
  ]) {
    const { xero } = await local(t, { scopes: ["files", scope] }, configured);
    const error = await failure(xero.token());
    assert.deepEqual([error.code, error.scopes], ["invalid_scope", [scope]]);
    assert.match(error.message, advice);
  }
});

test("where it cannot be learnt which scope is not configured, the advice is about all", async (t) => {
  const { fetch } = stub({ token: (_, n) => (n === 1 ? refused("invalid_scope") : granted()) });
  const error = await failure(client(t, { fetch, scopes: ["files", "openid"] }).token());
  assert.equal(error.code, "invalid_scope");
  assert.match(error.message, /does not say which.*have files added.*leave out openid/);
});
