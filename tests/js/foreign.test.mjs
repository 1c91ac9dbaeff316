/** Values that come from the caller: its own `fetch`, bodies, signals, stores and listeners. None of them is trusted. */

import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import { createReadStream, openAsBlob, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { CustomConnection, XeroError } from "xero-m2m";
import { CLIENT_ID, SECRET, TOKEN, client, clock, deferred, failure, granted, json, stub, turn } from "./support.mjs";

/** Rejections without a handler, which would end the process of a service. */
const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
const warnings = [];
process.on("warning", ({ name }) => warnings.push(name));

test.afterEach(async () => {
  await turn();
  assert.deepEqual(unhandled, []);
});

const plain = (more) => ({ status: 200, headers: new Headers(), text: async () => "{}", ...more });

test("a strange answer is no trap: other clients keep their tokens", async (t) => {
  const strange = [
    undefined,
    null,
    42,
    {},
    plain({ headers: { get: () => 7 } }),
    plain({
      headers: {
        get() {
          throw new RangeError("no");
        },
      },
    }),
    plain({ status: "200" }),
    Object.defineProperty({}, "status", {
      get() {
        throw new RangeError("no");
      },
    }),
  ];
  const other = stub();
  const untouched = client(t, { fetch: other.fetch });
  await untouched.token();
  for (const answer of strange) {
    const xero = client(t, { fetch: stub({ api: () => answer }).fetch });
    const outcome = await xero.fetch("/Invoices").catch((error) => error);
    assert.ok(outcome === answer || outcome.code === "malformed_answer", outcome);
  }
  const store = Object.assign(Object.create(null), {
    load: () =>
      Object.defineProperty({ accessToken: "x", expiresAt: Date.now() + 1e6 }, "obtainedAt", {
        get() {
          throw new RangeError("no");
        },
      }),
    save() {},
    erase() {},
  });
  assert.equal((await client(t, { fetch: stub().fetch, store }).token()).accessToken, TOKEN);
  await untouched.fetch("/Invoices");
  assert.equal(other.tokenCalls.length, 1, "its core was not replaced");
});

test("bodies that are no web streams are given up without an error, and their places are free", async (t) => {
  const time = clock(t);
  const destroyed = [];
  const api = (_, n) => {
    if (n > 8) return json({});
    const body = Readable.from([Buffer.from("{}")]);
    body.on("close", () => destroyed.push(n));
    return plain({ status: 503, body });
  };
  const { fetch } = stub({ api });
  const xero = client(t, { fetch, retry: 3, limits: { inFlight: 2 } });
  const calls = Array.from({ length: 4 }, () => xero.fetch("/Organisation").then(({ status }) => status));
  await time.advance(60_000);
  assert.deepEqual(await Promise.all(calls), [200, 200, 200, 200]);
  assert.equal(destroyed.length, 8);
});

test("a fetch that is deaf to its signal ends by the time limit, by the caller's signal and by close()", async (t) => {
  const time = clock(t);
  const deaf = (url) => (url.endsWith("/connect/token") ? Promise.resolve(granted()) : new Promise(() => {}));
  const xero = client(t, { fetch: deaf, timeoutMs: 5_000, deadlineMs: 6_000 });
  await xero.token();
  const timedOut = failure(xero.json("GET", "/Invoices"));
  await time.advance(7_000);
  assert.equal((await timedOut).code, "timeout");

  const controller = new AbortController();
  const aborted = failure(xero.fetch("/Invoices", { signal: controller.signal }));
  await turn();
  controller.abort("enough");
  assert.equal(await aborted, "enough");

  const closed = failure(xero.fetch("/Invoices"));
  await turn();
  xero.close();
  assert.equal((await closed).code, "closed");
});

test("a token endpoint that never answers, and is deaf, does not hold callers", async (t) => {
  const time = clock(t);
  let asked = 0;
  const xero = client(t, { fetch: () => (++asked === 1 ? new Promise(() => {}) : Promise.resolve(granted())) });
  const token = xero.token();
  await time.advance(12_000);
  assert.equal((await token).accessToken, TOKEN);
});

test("a Request whose body never comes ends by deadlineMs, by its signal and by close()", async (t) => {
  const time = clock(t);
  const request = (signal) =>
    new Request("https://api.xero.com/api.xro/2.0/Invoices", {
      method: "POST",
      body: new ReadableStream({}),
      duplex: "half",
      ...(signal && { signal }),
    });
  const { fetch, apiCalls } = stub();
  const xero = client(t, { fetch, deadlineMs: 5_000 });
  const late = failure(xero.fetch(request()));
  await time.advance(6_000);
  assert.equal((await late).code, "timeout");
  const controller = new AbortController();
  const aborted = failure(xero.fetch(request(controller.signal)));
  await turn();
  controller.abort(new Error("enough"));
  assert.equal((await aborted).message, "enough");
  const closed = failure(xero.fetch(request()));
  await turn();
  xero.close();
  assert.equal((await closed).code, "closed");
  assert.equal(apiCalls.length, 0);
});

test("a rejection whose code or cause throws is an ordinary failure", async (t) => {
  for (const name of ["code", "cause"]) {
    const evil = () =>
      Object.defineProperty(new Error("evil"), name, {
        get() {
          throw new RangeError("not yours");
        },
      });
    const everywhere = client(t, { fetch: () => Promise.reject(evil()), timeoutMs: 300 });
    assert.equal((await failure(everywhere.fetch("/Invoices"))).code, "offline");
    const { fetch } = stub({ api: () => Promise.reject(evil()) });
    assert.equal((await failure(client(t, { fetch }).fetch("/Invoices"))).code, "offline");
  }
});

test("a rejection that looks like an error of this package is a failure of the network", async (t) => {
  const other = client(t, { fetch: stub().fetch });
  other.close();
  const { fetch } = stub({ api: () => other.token() });
  const error = await failure(client(t, { fetch }).fetch("/Invoices"));
  assert.equal(error.code, "offline");
});

test("a secret that takes longer than a token request may is waited for", async (t) => {
  const time = clock(t);
  const secret = deferred();
  let asked = 0;
  const { fetch, tokenCalls } = stub();
  const clientSecret = () => (asked++, secret.promise);
  const xero = client(t, { fetch, clientSecret });
  const call = xero.fetch("/Invoices");
  await time.advance(14_000);
  assert.equal(tokenCalls.length, 0);
  secret.resolve(SECRET);
  await time.advance(1_000);
  assert.equal((await call).status, 200);
  assert.deepEqual([asked, tokenCalls.length], [1, 1]);
});

test("a secret that never comes is an error of its own", async (t) => {
  const time = clock(t);
  const xero = client(t, { fetch: stub().fetch, clientSecret: () => new Promise(() => {}), deadlineMs: 100_000 });
  const told = failure(xero.token());
  await time.advance(110_000, 1_000);
  const error = await told;
  assert.equal(error.code, "secret_unavailable");
  assert.match(error.message, /gave nothing within the time allowed/);
});

test("mistakes of the caller are named, and neither blamed on the network nor sent again", async (t) => {
  const { url } = { url: "http://127.0.0.1:9" };
  const identity = stub();
  // The platform's own fetch for the API: it refuses before it sends.
  const fetch = (target, init) => (target.endsWith("/connect/token") ? identity.fetch(target, init) : globalThis.fetch(target, init));
  const xero = client(t, { fetch, apiUrl: url, retry: 3 });
  const stream = () => new ReadableStream({ pull: (controller) => controller.close() });
  for (const [init, word] of [
    [{ method: "POST", body: stream() }, /duplex/],
    [{ mode: "sideways" }, /`mode`/],
    [{ dispatcher: {} }, /`dispatcher`/],
    [{ cache: "never" }, /`cache`/],
    [{ referrer: "::::" }, /`referrer`/],
    [{ window: {} }, /`window`/],
    [{ method: "POST", body: stream(), duplex: "half", keepalive: true }, /`keepalive`/],
    [{ signal: { aborted: false, addEventListener() {}, removeEventListener() {} } }, /`signal`/],
    [{ integrity: "sha256-AAAA" }, /`integrity`/],
    [{ method: Symbol("POST") }, /method/],
    [{ method: Object.create(null) }, /method/],
    [{ method: {} }, /method/],
    [{ method: null }, /method/],
    ["POST", /object/],
    [7, /object/],
  ]) {
    const error = await failure(xero.fetch("/Invoices", init));
    assert.deepEqual([error.code, error.blame, error.retryable, error.outcome], ["invalid_option", "caller", false, undefined], error.message);
    assert.match(error.message, word);
  }
  for (const act of [xero.fetch, (path) => xero.json("GET", path), (path) => xero.pages(path).next(), (path) => xero.json(path, "/Invoices")]) {
    const error = await failure((async () => act(Object.create(null)))());
    assert.deepEqual([error.code, error.blame, error.retryable], ["invalid_option", "caller", false], String(error));
  }
  const locked = stream();
  locked.getReader();
  assert.equal((await failure(xero.fetch("/Invoices", { method: "POST", body: locked, duplex: "half" }))).code, "invalid_option");
  const circle = {};
  circle.self = circle;
  for (const body of [circle, 7n, () => {}]) {
    assert.equal((await failure(xero.json("POST", "/Invoices", body))).code, "invalid_option");
  }
  assert.equal((await failure(xero.json("GET", "/Invoices", undefined, { headers: { "X-Own": "a\nb" } }))).code, "invalid_header");
});

test("a body that fails is its caller's, is not blamed on the network and not sent again", async (t) => {
  const whole = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("error", () => {});
    request.on("end", () => {
      whole.push(Buffer.concat(chunks).toString());
      response.end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close().closeAllConnections?.());
  const url = `http://127.0.0.1:${server.address().port}`;
  const identity = stub();
  const fetch = (target, init) => (target.endsWith("/connect/token") ? identity.fetch(target, init) : globalThis.fetch(target, init));
  const xero = client(t, { fetch, apiUrl: url, retry: 3, idempotencyKeys: true });
  const broken = Object.assign(new Error("of the caller"), { code: "ECONNRESET" });
  const bytes = new TextEncoder().encode("{");
  const file = join(tmpdir(), `xero-m2m-${process.pid}.json`);
  writeFileSync(file, "{}");
  const blob = await openAsBlob(file);
  rmSync(file);
  const form = new FormData();
  form.append("file", blob);
  let pulls = 0;
  const bodies = {
    "a stream that fails at once": [() => new ReadableStream({ pull: (controller) => controller.error(broken) }), undefined],
    "a stream that fails later": [() => new ReadableStream({ pull: (controller) => (pulls++ ? controller.error(broken) : controller.enqueue(bytes)) }), "unknown"],
    "a generator": [async function* () { throw broken; }, undefined],
    "a generator, later": [async function* () { yield "{"; throw broken; }, "unknown"],
    "a file that is not there": [() => createReadStream(file), undefined],
    "a stream of Node.js, later": [() => Readable.from((async function* () { yield "{"; throw broken; })()), "unknown"],
    "a file that was removed": [() => blob, "unknown"],
    "a form with that file": [() => form, "unknown"],
  };
  for (const [name, [body, outcome]] of Object.entries(bodies)) {
    const error = await failure(xero.fetch("/Invoices", { method: "PUT", body: body(), duplex: "half" }));
    assert.deepEqual([error.code, error.blame, error.retryable, error.outcome], ["invalid_option", "caller", false, outcome], `${name}: ${error.message}`);
    assert.match(error.message, /stream or file/, name);
    assert.ok(!error.message.includes("of the caller") && error.cause === undefined, name);
  }
  assert.deepEqual(whole, [], "none of them arrived whole");
  // Whole ones do, as they are.
  for (const body of [new Blob(["{}"]).stream(), (async function* () { yield "{"; yield "}"; })(), Readable.from(["{}"])]) {
    assert.equal((await xero.fetch("/Invoices", { method: "PUT", body, duplex: "half" })).status, 200);
  }
  assert.deepEqual(whole, ["{}", "{}", "{}"]);
});

test("a stream of a call that is not sent stays as it was", async (t) => {
  const xero = client(t, { fetch: stub().fetch, scopes: ["files"] });
  const body = new Blob(["{}"]).stream();
  assert.equal((await failure(xero.fetch("/Invoices", { method: "PUT", body, duplex: "half" }))).code, "scope_missing");
  assert.equal(await new Response(body).text(), "{}");
});

test("a network error as a value, which Response.error() is, is one, and not a redirect", async (t) => {
  for (const act of [(xero) => xero.json("GET", "/Organisation"), (xero) => xero.fetch("/Organisation")]) {
    let calls = 0;
    const xero = client(t, { fetch: stub({ api: () => (calls++ ? json({}) : Response.error()) }).fetch });
    const error = await failure(act(xero));
    assert.deepEqual([error.code, error.blame, error.retryable], ["offline", "network", true], error.message);
    await act(xero);
  }
  const lost = await failure(client(t, { fetch: stub({ api: () => Response.error() }).fetch }).json("POST", "/Invoices", {}));
  assert.deepEqual([lost.code, lost.outcome, lost.retryable], ["offline", "unknown", false]);
  const hidden = { status: 0, type: "opaqueredirect", headers: new Headers(), text: async () => "" };
  assert.equal((await failure(client(t, { fetch: stub({ api: () => hidden }).fetch }).json("GET", "/Organisation"))).code, "redirected");
});

test("eleven callers with one signal are no leak", async (t) => {
  const { fetch } = stub({ api: () => new Promise(() => {}) });
  const xero = client(t, { fetch, limits: { inFlight: 1 } });
  const controller = new AbortController();
  const calls = Array.from({ length: 30 }, () => failure(xero.fetch("/Organisation", { signal: controller.signal })));
  await turn();
  controller.abort("enough");
  assert.deepEqual([...new Set(await Promise.all(calls))], ["enough"]);
  await turn();
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  assert.deepEqual(warnings.filter((name) => name === "MaxListenersExceededWarning"), []);
});

test("token() refuses a value that is no signal", async (t) => {
  for (const signal of [{}, 5, "x"]) {
    assert.equal((await failure(client(t, { fetch: stub().fetch }).token({ signal }))).code, "invalid_option");
  }
});

test("token() with a signal that has aborted rejects, whether or not a token is at hand", async (t) => {
  const xero = client(t, { fetch: stub().fetch });
  const signal = AbortSignal.abort("enough");
  assert.equal(await failure(xero.token({ signal })), "enough");
  await xero.token();
  assert.equal(await failure(xero.token({ signal })), "enough");
});

/** Everything that a call can go through: a token, a wait for a place, a retry, a pause, a renewal. */
function eventful(act) {
  let n = 0;
  const api = () => {
    n += 1;
    if (n === 1) return json({}, { status: 503 });
    if (n === 3) return json({}, { status: 429, headers: { "retry-after": "5", "x-rate-limit-problem": "minute" } });
    return json({}, { headers: { "x-minlimit-remaining": "50" } });
  };
  const { fetch } = stub({ api });
  const heard = new Set();
  const xero = new CustomConnection({
    clientId: CLIENT_ID,
    clientSecret: SECRET,
    fetch,
    limits: { inFlight: 1 },
    onEvent: (event) => {
      heard.add(event.type);
      return act(event, xero);
    },
  });
  return { xero, heard };
}

test("a listener may close the client at any event: every call ends, and no timer is left", async (t) => {
  const time = clock(t);
  const types = ["token.asked", "token.renewed", "call.queued", "call.admitted", "call.sent", "call.retried", "call.answered", "limit.paused", "limit.learnt"];
  for (const type of types) {
    const { xero, heard } = eventful((event, xero) => event.type === type && xero.close());
    const calls = Array.from({ length: 4 }, () => xero.fetch("/Organisation").catch((error) => error));
    await time.advance(400_000, 1_000);
    for (const outcome of await Promise.all(calls)) {
      assert.ok(outcome instanceof Response || (outcome instanceof XeroError && outcome.code === "closed"), `${type}: ${outcome}`);
    }
    assert.ok(heard.has(type), type);
  }
});

test("a listener may abort a call at any event", async (t) => {
  const time = clock(t);
  for (const type of ["call.queued", "call.admitted", "call.sent", "call.retried", "limit.paused"]) {
    const controller = new AbortController();
    const { xero } = eventful((event) => event.type === type && controller.abort("enough"));
    const calls = Array.from({ length: 4 }, () => xero.fetch("/Organisation", { signal: controller.signal }).catch((error) => error));
    const settled = Promise.all(calls);
    await time.advance(30_000, 500);
    assert.ok((await settled).includes("enough"), type);
    xero.close();
  }
});

test("a listener that rejects, and one that throws, are ignored", async (t) => {
  const time = clock(t);
  for (const act of [() => Promise.reject(new Error("log is full")), () => assert.fail("no")]) {
    const { xero } = eventful(act);
    const calls = Promise.all([xero.fetch("/Organisation"), xero.fetch("/Organisation")]);
    await time.advance(120_000, 1_000);
    assert.deepEqual((await calls).map(({ status }) => status), [200, 200]);
    xero.close();
  }
  const rejecting = client(t, { fetch: stub().fetch, waitUntil: async () => Promise.reject(new Error("no request")) });
  await rejecting.fetch("/Organisation");
});
