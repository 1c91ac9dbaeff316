/** `xero.fetch`: the bytes that it sends, the answers that it returns, and the calls that it never sends. */

import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { XeroError } from "xero-m2m";
import {
  MINUTE, SECRET, TOKEN, client, clock, deferred, expired, failure, granted, json, local, refused, serve, stub, turn,
} from "./support.mjs";

const INVOICES = "https://api.xero.com/api.xro/2.0/Invoices";

const invoice = (Name) => ({
  method: "PUT",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ Invoices: [{ Type: "ACCREC", Contact: { Name } }] }),
});

test("a call to the local Xero, over HTTP", async (t) => {
  const { simulator, xero } = await local(t);
  const response = await xero.fetch("/Invoices?page=1");
  assert.equal(response.status, 200);
  assert.equal((await response.json()).Invoices.length, 25);
  const made = await xero.fetch("/Invoices", invoice("Zoë"));
  assert.equal((await made.json()).Invoices[0].Contact.Name, "Zoë");
  assert.deepEqual(simulator.counts(), { tokenRequests: 1, apiRequests: 2, refusals: 0, faults: 0 });
});

test("every form of a path is the same call", async (t) => {
  const { fetch, apiCalls } = stub();
  const xero = client(t, { fetch });
  const forms = ["Invoices", "/Invoices", "/api.xro/2.0/Invoices", INVOICES, new URL(INVOICES), new Request(INVOICES)];
  for (const form of forms) await xero.fetch(form);
  assert.deepEqual(apiCalls.map(({ url }) => url), forms.map(() => INVOICES));
});

test("other APIs by their path, and below another base", async (t) => {
  const { fetch, apiCalls } = stub();
  await client(t, { fetch }).fetch("/payroll.xro/2.0/Employees");
  await client(t, { fetch, apiUrl: "https://gateway.example/xero/" }).fetch("Invoices?page=2&where=Type%3D%3D%22ACCREC%22");
  assert.deepEqual(apiCalls.map(({ url }) => url), [
    "https://api.xero.com/payroll.xro/2.0/Employees",
    "https://gateway.example/xero/api.xro/2.0/Invoices?page=2&where=Type%3D%3D%22ACCREC%22",
  ]);
});

test("a request has token and accept, no tenant, and no body on GET", async (t) => {
  const { url, requests } = await serve(t, (_, response) => response.end("{}"));
  const { fetch: identity } = stub();
  const fetch = (to, init) => (to.endsWith("/connect/token") ? identity(to, init) : globalThis.fetch(to, init));
  const xero = client(t, { fetch, apiUrl: url });
  await xero.fetch("/Invoices");
  await xero.fetch("/Invoices", { headers: { Accept: "application/pdf", "X-Custom": "7" } });
  await xero.fetch("/Invoices", { method: "post", body: "{}", headers: { "Idempotency-Key": "k" } });
  for (const { headers, rawHeaders } of requests) {
    assert.equal(headers.authorization, `Bearer ${TOKEN}`);
    assert.ok(!rawHeaders.some((name) => /tenant/i.test(name)));
  }
  const [plain, pdf, post] = requests;
  assert.deepEqual([plain.method, plain.body, plain.headers.accept], ["GET", "", "application/json"]);
  assert.ok(!("content-length" in plain.headers) && !("transfer-encoding" in plain.headers));
  assert.deepEqual([pdf.headers.accept, pdf.headers["x-custom"]], ["application/pdf", "7"]);
  assert.deepEqual([post.method, post.body, post.headers["idempotency-key"]], ["POST", "{}", "k"]);
});

test("headers of every kind: an object, a list, Headers", async (t) => {
  const { fetch, apiCalls } = stub();
  const xero = client(t, { fetch });
  const own = { "If-Modified-Since": "Mon, 23 Nov 2026 10:00:00 GMT" };
  for (const headers of [own, Object.entries(own), new Headers(own)]) await xero.fetch("/Invoices", { headers });
  for (const { headers } of apiCalls) {
    assert.equal(headers.get("if-modified-since"), own["If-Modified-Since"]);
    assert.equal(headers.get("accept"), "application/json");
  }
});

test("headers that are the library's own or cannot be sent are refused, and never quoted", async (t) => {
  const { fetch, tokenCalls } = stub();
  const xero = client(t, { fetch });
  const bad = [
    { Authorization: `Bearer ${SECRET}` },
    { authorization: "" },
    { "Xero-Tenant-Id": SECRET },
    { "Idempotency-Key": "" },
    { "X-Custom": `${SECRET}\r\nX-Other: 1` },
    { "X-Custom": `${SECRET}\u{20ac}` },
    { "not a name": SECRET },
    [["only-a-name"]],
  ];
  for (const headers of bad) {
    const error = await failure(xero.fetch("/Invoices", { headers }));
    assert.ok(error instanceof XeroError, `${JSON.stringify(headers)}: ${error}`);
    assert.equal(error.code, "invalid_header");
    assert.ok(!error.stack.includes(SECRET), error.stack);
  }
  assert.equal(tokenCalls.length, 0);
});

test("a call that may not be sent costs no token request", async (t) => {
  const { fetch, tokenCalls, apiCalls } = stub();
  const xero = client(t, { fetch });
  const cases = [
    ["https://evil.example/Invoices", {}, "foreign_host"],
    ["https://api.xero.com.evil.example/Invoices", {}, "foreign_host"],
    ["https://user:pass@api.xero.com/Invoices", {}, undefined],
    ["//evil.example/Invoices", {}, undefined],
    ["http://api.xero.com/api.xro/2.0/Invoices", {}, "insecure_url"],
    ["/../connections", {}, undefined],
    ["/Invoices\r\nHost: evil", {}, "invalid_url"],
    ["", {}, undefined],
    ["/Invoices", { method: "GET", body: "{}" }, "body_not_allowed"],
    ["/Invoices", { method: "HEAD", body: "{}" }, "body_not_allowed"],
    ["/Invoices", { method: "GET /x HTTP/1.1\r\n" }, undefined],
  ];
  for (const [url, init, code] of cases) {
    const error = await failure(xero.fetch(url, init));
    assert.ok(error instanceof XeroError, `${url}: ${error}`);
    if (code) assert.equal(error.code, code, url);
  }
  assert.deepEqual([tokenCalls.length, apiCalls.length], [0, 0]);
});

test("a redirect of the API is the caller's answer; the token goes nowhere else", async (t) => {
  for (const status of [301, 302, 303, 307, 308]) {
    const elsewhere = await serve(t, (_, response) => response.end());
    const { url, requests } = await serve(t, (_, response) =>
      response.writeHead(status, { location: `${elsewhere.url}/api.xro/2.0/Invoices` }).end(),
    );
    const { fetch: identity } = stub();
    const fetch = (to, init) => (to.endsWith("/connect/token") ? identity(to, init) : globalThis.fetch(to, init));
    const xero = client(t, { fetch, apiUrl: url });
    assert.equal((await xero.fetch("/Invoices")).status, status);
    assert.equal((await xero.fetch("/Invoices", { redirect: "follow" })).status, status);
    assert.equal((await xero.fetch(new Request(`${url}/api.xro/2.0/Invoices`))).status, status);
    assert.equal((await failure(xero.fetch("/Invoices", { redirect: "error" }))).code, "offline");
    assert.equal((await failure(xero.json("GET", "/Invoices"))).code, "redirected");
    assert.deepEqual([requests.length, elsewhere.requests.length], [5, 0], status);
  }
});

test("as the fetch of another client: alone, with a Request, with a Request and more", async (t) => {
  const { fetch: transport, apiCalls } = stub();
  const { fetch } = client(t, { fetch: transport });
  const post = () => new Request(INVOICES, { method: "POST", body: "{}", headers: { "X-Custom": "1" } });
  await fetch(post());
  await fetch(post(), {});
  await fetch(post(), { method: undefined, headers: undefined, body: undefined, signal: undefined });
  await fetch(post(), { headers: { "X-Custom": "2" }, body: "[]" });
  const sent = await Promise.all(
    apiCalls.map(async ({ method, headers, body }) => [method, headers.get("x-custom"), await new Response(body).text()]),
  );
  assert.deepEqual(sent, [["POST", "1", "{}"], ["POST", "1", "{}"], ["POST", "1", "{}"], ["POST", "2", "[]"]]);
});

test("the answers of the API are handed on as they are, if nothing is to be sent again", async (t) => {
  for (const status of [200, 204, 304, 400, 403, 404, 429, 500, 503]) {
    const answer = new Response(status === 204 || status === 304 ? null : "plain", { status });
    const { fetch } = stub({ api: () => answer });
    assert.equal(await client(t, { fetch, limits: false }).fetch("/Invoices"), answer, status);
  }
});

test("a token that Xero calls expired is renewed once and the call sent once more, with its body", async (t) => {
  const { fetch, tokenCalls, apiCalls } = stub({
    token: (_, n) => granted({ access_token: `token-${n}` }),
    api: (_, n) => (n === 1 ? expired() : json({ n })),
  });
  const xero = client(t, { fetch });
  const response = await xero.fetch("/Invoices", { method: "POST", body: '{"a":1}', headers: { "X-Custom": "1" } });
  assert.deepEqual(await response.json(), { n: 2 });
  assert.equal(tokenCalls.length, 2);
  assert.deepEqual(
    apiCalls.map(({ url, method, body, headers }) => [url, method, body, headers.get("x-custom"), headers.get("authorization")]),
    ["token-1", "token-2"].map((token) => [INVOICES, "POST", '{"a":1}', "1", `Bearer ${token}`]),
  );
});

test("it does so for the body of a Request as well, over HTTP", async (t) => {
  const { simulator, url, xero } = await local(t);
  await xero.token();
  simulator.advance(30 * MINUTE);
  const request = new Request(`${url}/api.xro/2.0/Invoices`, invoice("Once more"));
  const response = await xero.fetch(request);
  assert.equal((await response.json()).Invoices[0].Contact.Name, "Once more");
  assert.deepEqual(simulator.counts(), { tokenRequests: 2, apiRequests: 2, refusals: 1, faults: 0 });
});

test("a stream cannot be sent twice: the 401 is the answer, and the next call has another token", async (t) => {
  const { fetch, tokenCalls, apiCalls } = stub({
    token: (_, n) => granted({ access_token: `token-${n}` }),
    api: () => expired(),
  });
  const xero = client(t, { fetch });
  async function* chunks() {
    yield "{}";
  }
  for (const body of [new Response("{}").body, chunks()]) {
    const response = await xero.fetch("/Invoices", { method: "POST", body, duplex: "half" });
    assert.equal(response.status, 401);
    assert.match((await response.json()).Detail, /TokenExpired/);
  }
  assert.deepEqual(
    apiCalls.map(({ headers }) => headers.get("authorization")),
    ["Bearer token-1", "Bearer token-2"],
  );
  assert.equal(tokenCalls.length, 2);
});

test("a token that stays expired is returned as 401, without a loop", async (t) => {
  const { fetch, tokenCalls, apiCalls } = stub({ api: () => expired() });
  const xero = client(t, { fetch });
  const response = await xero.fetch("/Invoices");
  assert.equal(response.status, 401);
  assert.match((await response.json()).Detail, /TokenExpired/);
  assert.deepEqual([tokenCalls.length, apiCalls.length], [2, 2]);
  // The replacement is young: nothing is renewed again.
  assert.equal((await xero.fetch("/Invoices")).status, 401);
  assert.deepEqual([tokenCalls.length, apiCalls.length], [2, 3]);
  assert.equal((await failure(xero.json("GET", "/Invoices"))).code, "token_expired");
});

test("100 calls whose token has expired renew it once", async (t) => {
  const { simulator, xero } = await local(t);
  await xero.token();
  simulator.advance(30 * MINUTE);
  const responses = await Promise.all(Array.from({ length: 100 }, () => xero.fetch("/Organisation")));
  assert.ok(responses.every(({ status }) => status === 200));
  assert.equal(simulator.counts().tokenRequests, 2);
});

test("a 401 about scopes, and any other, is not renewed", async (t) => {
  const answers = [
    () => json({ Detail: "AuthorizationUnsuccessful" }, { status: 401, headers: { "www-authenticate": "insufficient_scope" } }),
    () => json({ Detail: "AuthenticationUnsuccessful" }, { status: 401 }),
    () => new Response("TokenExpired", { status: 403 }),
    () => new Response(null, { status: 401 }),
  ];
  for (const api of answers) {
    const { fetch, tokenCalls, apiCalls } = stub({ api });
    const response = await client(t, { fetch }).fetch("/Invoices");
    assert.equal(response.status, api().status);
    assert.equal(await response.text(), await api().text());
    assert.deepEqual([tokenCalls.length, apiCalls.length], [1, 1]);
  }
});

test("a 401 whose body breaks off is the caller's answer", async (t) => {
  const api = () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new TypeError("terminated")) });
    return new Response(body, { status: 401 });
  };
  assert.equal((await client(t, { fetch: stub({ api }).fetch }).fetch("/Invoices")).status, 401);
});

test("a 401 whose body stalls is the caller's answer when the time is up", async (t) => {
  const time = clock(t);
  const api = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }), { status: 401 });
  const told = client(t, { fetch: stub({ api }).fetch, timeoutMs: 5_000 }).fetch("/Invoices");
  await time.advance(4_999);
  assert.equal(await Promise.race([told, turn()]), undefined);
  await time.advance(1);
  assert.equal((await told).status, 401);
});

test("a renewal that fails is the error of the call", async (t) => {
  const { fetch } = stub({ token: (_, n) => (n === 1 ? granted() : refused("invalid_client")), api: () => expired() });
  assert.equal((await failure(client(t, { fetch }).fetch("/Invoices"))).code, "invalid_client");
});

test("preflight: a call that no granted scope opens is not sent, unless it is turned off", async (t) => {
  const { simulator, url, xero } = await local(t, {}, { scopes: "accounting.settings" });
  const error = await failure(xero.fetch("/Invoices"));
  assert.deepEqual([error.code, error.operation, error.scopes[0]], [
    "scope_missing",
    "accounting.getInvoices",
    "accounting.invoices.read",
  ]);
  assert.deepEqual(simulator.counts(), { tokenRequests: 1, apiRequests: 0, refusals: 0, faults: 0 });
  const { clientId, clientSecret } = simulator;
  const off = client(t, { clientId, clientSecret, identityUrl: url, apiUrl: url, preflight: false });
  assert.equal((await off.fetch("/Invoices")).status, 401);
  assert.equal((await xero.fetch("/no/such/operation")).status, 404);
});

test("preflight: scopes that were asked for exactly refuse a call before there is a token", async (t) => {
  const { fetch, tokenCalls } = stub();
  const xero = client(t, { fetch, scopes: ["files.read"] });
  assert.equal((await failure(xero.fetch("/Invoices"))).code, "scope_missing");
  assert.equal(tokenCalls.length, 0);
});

test("preflight: the dated rules, where the day is known", async (t) => {
  const { fetch, apiCalls } = stub({ token: () => granted({ scope: "accounting.journals.read" }) });
  const error = await failure(client(t, { fetch, createdOn: "2026-04-29" }).fetch("/Journals"));
  assert.deepEqual([error.code, error.rule], ["scope_missing", "R7"]);
  await client(t, { fetch, createdOn: "2026-04-28" }).fetch("/Journals");
  await client(t, { fetch }).fetch("/Journals");
  assert.equal(apiCalls.length, 2);
});

test("an abort before anything was sent throws its reason", async (t) => {
  const { fetch, tokenCalls } = stub();
  const xero = client(t, { fetch });
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  for (const call of [xero.fetch("/Invoices", { signal }), xero.token({ signal }), xero.json("GET", "/Invoices", undefined, { signal })]) {
    assert.equal(await failure(call), reason);
  }
  assert.equal(await failure(xero.fetch(new Request(INVOICES, { signal }))), reason);
  assert.equal(tokenCalls.length, 0);
});

test("an abort while waiting for the token ends that caller alone", async (t) => {
  const answer = deferred();
  const { fetch, tokenCalls, apiCalls } = stub({ token: () => answer.promise });
  const xero = client(t, { fetch });
  const controller = new AbortController();
  const [stopped, other] = [failure(xero.fetch("/Invoices", { signal: controller.signal })), xero.fetch("/Contacts")];
  await turn();
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await stopped, reason);
  answer.resolve(granted());
  assert.equal((await other).status, 200);
  assert.deepEqual([tokenCalls.length, apiCalls.length], [1, 1]);
});

test("an abort in flight ends the request and throws its reason", async (t) => {
  const { fetch, apiCalls } = stub({ api: () => new Promise(() => {}) });
  const xero = client(t, { fetch });
  const controller = new AbortController();
  const stopped = failure(xero.fetch("/Invoices", { signal: controller.signal }));
  await turn();
  assert.equal(apiCalls[0].signal.aborted, false);
  controller.abort("enough");
  assert.equal(await stopped, "enough");
  assert.equal(apiCalls[0].signal.aborted, true);
});

test("callers leave no listeners behind on a signal", async (t) => {
  const answer = deferred();
  const { fetch } = stub({ token: () => answer.promise });
  const xero = client(t, { fetch });
  const { signal } = new AbortController();
  const calls = [xero.token({ signal }), xero.token({ signal }), xero.fetch("/Invoices", { signal })];
  await turn();
  // One for all of them: Node.js warns of more than ten.
  assert.equal(getEventListeners(signal, "abort").length, 1);
  answer.resolve(granted());
  await Promise.all(calls);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("timeoutMs limits a call until its answer begins", async (t) => {
  const time = clock(t);
  const { fetch, apiCalls } = stub({ api: () => new Promise(() => {}) });
  const told = failure(client(t, { fetch, timeoutMs: 5_000 }).fetch("/Invoices"));
  await time.advance(4_999, 5_000);
  assert.equal(apiCalls[0].signal.aborted, false);
  await time.advance(1);
  const error = await told;
  assert.deepEqual([error.code, error.blame, error.retryable], ["timeout", "network", true]);
});

test("a fetch that rejects with AbortError when its signal aborts is a timeout as well", async (t) => {
  const time = clock(t);
  const { fetch: identity } = stub();
  const abort = () => new DOMException("This operation was aborted", "AbortError");
  const fetch = (url, init) =>
    url.endsWith("/connect/token")
      ? identity(url, init)
      : new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(abort())));
  const told = failure(client(t, { fetch, timeoutMs: 500 }).fetch("/Invoices"));
  await time.advance(600);
  assert.equal((await told).code, "timeout");
});

test("after its answer has begun, a call is not timed out", async (t) => {
  const time = clock(t);
  const { fetch, apiCalls } = stub();
  await client(t, { fetch, timeoutMs: 5_000 }).fetch("/Invoices");
  await time.advance(60_000);
  assert.equal(apiCalls[0].signal.aborted, false);
});

test("no server there: offline, with the code of the system", async (t) => {
  const { url, close } = await gone(t);
  await close();
  const xero = client(t, { fetch: onlyApi(), apiUrl: url });
  const error = await failure(xero.fetch("/Invoices"));
  assert.deepEqual([error.code, error.blame, error.retryable], ["offline", "network", true]);
  assert.match(error.message, /127\.0\.0\.1:\d+ \(ECONNREFUSED\)/);
});

test("a proxy that asks for credentials, and headers that are too long, are named with what to do", { skip: process.versions.bun !== undefined }, async (t) => {
  const answers = createServer((request, response) => {
    if (request.url.endsWith("/Invoices")) response.writeHead(200, { "x-long": "a".repeat(20_000) }).end("{}");
    else response.writeHead(407).end();
  });
  answers.listen(0, "127.0.0.1");
  await once(answers, "listening");
  t.after(() => answers.close());
  const xero = client(t, { fetch: onlyApi(), apiUrl: `http://127.0.0.1:${answers.address().port}`, retry: 0 });
  const long = await failure(xero.fetch("/Invoices"));
  assert.match(long.message, /^the answer of 127\.0\.0\.1:\d+ has more headers than Node\.js reads \(UND_ERR_HEADERS_OVERFLOW\): .*--max-http-header-size=65536$/);
  // fetch hides the status.
  assert.match((await failure(xero.fetch("/Items"))).message, /fetch hides the reason, as for a proxy that asks for credentials \(status 407\); nothing came back$/);
  for (const [status, code, words] of [
    [407, "intercepted", /^the proxy on the way to api\.xero\.com asks for credentials \(status 407\), and nothing was sent: .*HTTPS_PROXY=/],
    [403, "offline", /^the proxy on the way to api\.xero\.com does not connect to it \(status 403\); nothing was sent$/],
  ]) {
    const cause = Object.assign(new Error(`Proxy response (${status}) !== 200 when HTTP Tunneling`), { code: "UND_ERR_ABORTED" });
    const { fetch: identity } = stub();
    const thrown = (url, init) => (url.endsWith("/connect/token") ? identity(url, init) : Promise.reject(new TypeError("fetch failed", { cause: new Error("Request was cancelled.", { cause }) })));
    const error = await failure(client(t, { fetch: thrown, retry: 0 }).fetch("/Invoices", invoice("Zoë")));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    assert.equal(error.outcome, undefined, "nothing was sent");
  }
});

function onlyApi() {
  const { fetch: identity } = stub();
  return (url, init) => (url.endsWith("/connect/token") ? identity(url, init) : globalThis.fetch(url, init));
}

/** The address of a server that no longer listens. */
async function gone() {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, close: () => new Promise((resolve) => server.close(resolve)) };
}
