/**
 * The outcome of each fault, over HTTP on this machine: the code and blame of the error, the number of retries, the requests
 * that the server saw, and that nothing leaks. Every row has a client and a server of its own.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { XeroError } from "xero-m2m";
import { SECRET, TOKEN, client, failure, local, serve } from "./support.mjs";

const read = (xero) => xero.json("GET", "/Organisation");
const write = (headers) => (xero) => xero.json("POST", "/Invoices", { Type: "ACCREC", Contact: { Name: "A" } }, { headers });
const plain = write({});
const keyed = write({ "Idempotency-Key": "a-key" });
const bare = async (xero) => (await xero.fetch("/Organisation")).status;

/** Rows: the rule, the call, its outcome, the number of requests that the API sees, the number of retries. */
const API = [
  // The connection.
  ["reset", read, "offline", 4, 3],
  ["reset first=2", read, "value", 3, 2],
  ["reset", plain, "offline", 1, 0],
  ["reset first=1 performed", keyed, "value", 2, 1],
  ["reset-head", read, "offline", 4, 3],
  ["reset-body", read, "offline", 4, 3],
  ["reset-body first=1", read, "value", 2, 1],
  ["silent", read, "timeout", 4, 3, { timeoutMs: 1_000 }],
  ["silent first=1", read, "value", 2, 1, { timeoutMs: 1_000 }],
  ["slow-head", read, "timeout", 4, 3, { timeoutMs: 1_000 }],
  ["slow-body performed", read, "timeout", 1, 0, { deadlineMs: 8_000 }],
  ["slow-body performed", bare, 200, 1, 0, { deadlineMs: 8_000 }],
  // Node.js reads as much of it as there is.
  ["cut-gzip", read, "malformed_answer", 1, 0],
  ["wrong-length", read, "offline", 4, 3],
  // The answer.
  ["408", read, "server_error", 4, 3],
  ["425 first=1", read, "value", 2, 1],
  ["425", plain, "server_error", 1, 0],
  ["500", read, "server_error", 4, 3],
  ["500 first=1", read, "value", 2, 1],
  ["500", keyed, "server_error", 1, 0],
  ["500", plain, "server_error", 1, 0],
  ["502", keyed, "server_error", 4, 3],
  ["502", plain, "server_error", 1, 0],
  ["503", read, "server_error", 4, 3],
  ["503", bare, 503, 4, 3],
  ["503 retry-after=1 first=1", read, "value", 2, 1],
  ["503 retry-after=600", read, "server_error", 1, 0],
  ["504 body=html", read, "server_error", 4, 3],
  ["200 body=html", read, "malformed_answer", 1, 0],
  ["200 body=empty", read, "malformed_answer", 1, 0],
  ["huge", read, "value", 1, 0],
  ["bad-utf8", read, "malformed_answer", 1, 0],
  ["302", read, "redirected", 1, 0],
  // Limits, in five forms. They are waited for, which is no retry.
  ["429 problem=minute retry-after=1 first=1", read, "value", 2, 0],
  ["429 problem=minute retry-after=1", plain, "rate_limited", 1, 0],
  ["429 problem=day retry-after=3600", read, "rate_limited", 1, 0],
  ["429 problem=concurrent first=1", read, "value", 2, 0],
  ["429 problem=something-new retry-after=1 first=1", read, "value", 2, 0],
  ["429 body=empty first=1", read, "value", 2, 0],
  ["429 problem=minute retry-after=1", read, "rate_limited", 1, 0, { limits: false }],
  ["429 problem=day retry-after=3600", bare, 429, 1, 0],
  // Refusals.
  ["400 body=accounting", read, "refused", 1, 0],
  ["401 body=empty", read, "not_authorised", 1, 0],
  ["403 body=empty", read, "not_authorised", 1, 0],
  ["404 body=text", read, "not_found", 1, 0],
  ["412 body=text", read, "precondition_failed", 1, 0],
  ["415 body=empty", plain, "refused", 1, 0],
  ["501", plain, "refused", 1, 0],
];

const BLAME = {
  offline: "network",
  timeout: "network",
  server_error: "xero",
  malformed_answer: "xero",
  redirected: "xero",
  rate_limited: "xero",
  refused: "caller",
  not_found: "caller",
  precondition_failed: "caller",
  not_authorised: "connection",
};

/** A local Xero that has made its key, which takes longer than some rows allow. */
async function warm(t, options) {
  const given = await local(t, options);
  await given.simulator.fetch(`${given.url}/.well-known/openid-configuration/jwks`);
  return given;
}

/** A bound that no row comes near, unless something waits for ever. */
const WATCHDOG = { timeout: 60_000 };

describe("faults of the API", { concurrency: 16 }, () => {
  for (const [rule, act, expected, requests, retries, options = {}] of API) {
    const name = `${rule}, ${act === read ? "read" : act === keyed ? "write with a key" : act === bare ? "fetch" : "write"}`;
    test(`${name}${options.limits === false ? ", limits off" : ""}: ${expected}`, WATCHDOG, async (t) => {
      const events = [];
      const { simulator, xero } = await warm(t, { retry: 3, onEvent: (event) => events.push(event), ...options });
      const { accessToken } = await xero.token();
      simulator.fault(`api ${rule}`);
      const before = simulator.counts().apiRequests;
      const outcome = await act(xero).catch((error) => error);
      assert.equal(simulator.counts().apiRequests - before, requests, "requests");
      assert.equal(events.filter(({ type }) => type === "call.retried").length, retries, "retries");
      if (expected === "value") assert.ok(!(outcome instanceof Error), inspect(outcome));
      else if (typeof expected === "number") assert.equal(outcome, expected);
      else {
        assert.ok(outcome instanceof XeroError, inspect(outcome));
        assert.deepEqual([outcome.code, outcome.blame], [expected, BLAME[expected]]);
      }
      if (/problem=day/.test(rule) && outcome instanceof XeroError) {
        assert.deepEqual([outcome.limit, typeof outcome.retryAt], ["day", "number"]);
      }
      const said = inspect([outcome, events], { depth: 9 }) + JSON.stringify([outcome, events]);
      assert.ok(!said.includes(accessToken) && !said.includes(simulator.clientSecret), "leaks");
    });
  }
});

describe("faults of the identity service", { concurrency: 16 }, () => {
  const ROWS = [
    ["reset", "offline"],
    ["reset-head", "offline"],
    ["reset-body", "offline"],
    ["silent", "timeout"],
    ["slow-head", "timeout"],
    ["slow-body", "timeout"],
    ["cut-gzip", "malformed_token"],
    ["wrong-length", "offline"],
    ["huge", "malformed_token"],
    ["bad-utf8", "malformed_token"],
    ["200 body=html", "malformed_token"],
    ["200 body=empty", "malformed_token"],
    ["302", "redirected"],
    ["400 body=html", "malformed_token"],
    ["429 retry-after=600", "rate_limited"],
    ["500", "identity_unavailable"],
    ["503 retry-after=600", "identity_unavailable"],
  ];
  for (const [rule, code] of ROWS) {
    test(`${rule}: ${code}`, WATCHDOG, async (t) => {
      const events = [];
      const { simulator, xero } = await warm(t, { timeoutMs: 1_000, onEvent: (event) => events.push(event) });
      const mend = simulator.fault(`identity ${rule}`);
      const error = await failure(read(xero));
      assert.ok(error instanceof XeroError, inspect(error));
      assert.equal(error.code, code);
      const told = events.some((event) => event.type === "token.refused" && event.code === code);
      assert.ok(told || code === "timeout", inspect(events));
      assert.equal(simulator.counts().apiRequests, 0, "no call without a token");
      assert.ok(!inspect([error, events], { depth: 9 }).includes(simulator.clientSecret));
      mend();
    });
  }
});

/** Bodies of token answers: what they come to. */
const TOKENS = {
  "expires_in of 1": [{ expires_in: 1 }, "value"],
  "expires_in of 0": [{ expires_in: 0 }, "malformed_token"],
  "expires_in of -5": [{ expires_in: -5 }, "malformed_token"],
  'expires_in of "1800"': [{ expires_in: "1800" }, "value"],
  "expires_in of 1e15": [{ expires_in: 1e15 }, "value"],
  "expires_in absent": [{ expires_in: undefined }, "value"],
  "CR and LF in the token": [{ access_token: `${TOKEN}\r\nX-Evil: 1` }, "malformed_token"],
  "a lone surrogate in the token": [`{"access_token":"\\ud800","token_type":"Bearer","expires_in":1800}`, "malformed_token"],
  "no token": [{ access_token: undefined }, "malformed_token"],
  "duplicate keys": [`{"access_token":"no","access_token":"${TOKEN}","token_type":"Bearer","expires_in":1800}`, "value"],
  "depth 100,000": [`{"access_token":"${TOKEN}","token_type":"Bearer","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "malformed_token"],
  "a number out of range": [`{"access_token":"${TOKEN}","token_type":"Bearer","expires_in":1e999}`, "malformed_token"],
  "300 kB": [{ padding: "x".repeat(300_000) }, "malformed_token"],
};

describe("token answers over HTTP", () => {
  for (const [name, [body, expected]] of Object.entries(TOKENS)) {
    test(`${name}: ${expected}`, async (t) => {
      const usual = { access_token: TOKEN, token_type: "Bearer", expires_in: 1800 };
      const text = typeof body === "string" ? body : JSON.stringify({ ...usual, ...body });
      const { url } = await serve(t, (_, response) => response.writeHead(200, { "content-type": "application/json" }).end(text));
      const outcome = await client(t, { identityUrl: url, timeoutMs: 1_000, deadlineMs: 1_000 }).token().catch((error) => error);
      if (expected === "value") assert.equal(outcome.accessToken, TOKEN);
      else {
        assert.equal(outcome.code, expected, inspect(outcome));
        assert.ok(!inspect(outcome, { showHidden: true }).includes(TOKEN) && !inspect(outcome).includes(SECRET));
      }
    });
  }
});

describe("answers of the API that only a parser can object to", () => {
  const BODIES = {
    "duplicate keys": ['{"a":1,"a":2}', { a: 2 }],
    "a lone surrogate": ['{"a":"\\ud800"}', { a: "\ud800" }],
    "numbers out of range": ['{"a":1e999,"b":-1e999}', { a: Infinity, b: -Infinity }],
    "a comma too many": ["{,}", "malformed_answer"],
  };
  for (const [name, [body, expected]] of Object.entries(BODIES)) {
    test(name, async (t) => {
      const { url } = await serve(t, (_, response) => response.end(body));
      const xero = client(t, { fetch: identityApart(url), apiUrl: url });
      const outcome = await xero.json("GET", "/Organisation").catch((error) => error.code);
      assert.deepEqual(outcome, expected);
    });
  }

  test("depth 100,000 is a value or an error, never a crash", async (t) => {
    const { url } = await serve(t, (_, response) => response.end("[".repeat(100_000) + "]".repeat(100_000)));
    const outcome = await client(t, { fetch: identityApart(url), apiUrl: url }).json("GET", "/Organisation").catch((error) => error);
    assert.ok(Array.isArray(outcome) || outcome.code === "malformed_answer");
  });
});

/** A `fetch` whose identity service always grants. */
function identityApart(url) {
  const answer = { access_token: TOKEN, token_type: "Bearer", expires_in: 1800 };
  return (to, init) => (to.startsWith(url) ? fetch(to, init) : Promise.resolve(Response.json(answer)));
}

test("no server on the port: offline, after three retries", WATCHDOG, async (t) => {
  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const url = `http://127.0.0.1:${gone.address().port}`;
  gone.close();
  await once(gone, "close");
  const events = [];
  const xero = client(t, { fetch: identityApart(url), apiUrl: url, retry: 3, onEvent: (event) => events.push(event) });
  const error = await failure(read(xero));
  assert.deepEqual([error.code, error.blame], ["offline", "network"]);
  assert.match(error.message, /ECONNREFUSED/);
  assert.equal(events.filter(({ type }) => type === "call.retried").length, 3);
});

test("a redirect is never followed, to the same place or another, with any status", async (t) => {
  const elsewhere = await serve(t, (_, response) => response.end("{}"));
  for (const status of [301, 302, 303, 307, 308]) {
    for (const other of [false, true]) {
      const { url, requests } = await serve(t, (request, response) => {
        const here = `http://${request.headers.host}`;
        response.writeHead(status, { location: `${other ? elsewhere.url : here}/api.xro/2.0/Contacts` }).end();
      });
      const api = client(t, { fetch: identityApart(url), apiUrl: url });
      assert.equal((await failure(read(api))).code, "redirected");
      assert.equal((await failure(client(t, { identityUrl: url }).token())).code, "redirected");
      assert.equal(requests.length, 2, `${status}: the call, the token request, and nothing more`);
    }
  }
  assert.equal(elsewhere.requests.length, 0);
});

test("more headers than a platform takes are no answer", WATCHDOG, async (t) => {
  const { url } = await serve(t, (_, response) => {
    for (let n = 0; n < 5_000; n++) response.setHeader(`x-padding-${n}`, TOKEN);
    response.end("{}");
  });
  for (const act of [read, (xero) => xero.token()]) {
    const error = await failure(act(client(t, { identityUrl: url, apiUrl: url, timeoutMs: 2_000 })));
    assert.equal(error.code, "offline");
    assert.match(error.message, /UND_ERR_HEADERS_OVERFLOW/);
    assert.ok(!inspect(error).includes(TOKEN));
  }
});
