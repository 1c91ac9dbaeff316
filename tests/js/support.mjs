/** Shared by the tests of the client: clients, servers, and stubs that answer on demand. */

import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CustomConnection } from "xero-m2m";
import { createSimulator } from "xero-m2m/simulator";

/** 2026-11-23T10:00:00Z: the time of tests that set one. */
export const START = Date.UTC(2026, 10, 23, 10);
export const MINUTE = 60_000;

export const CLIENT_ID = "0123456789ABCDEF0123456789ABCDEF";
export const SECRET = "s3cret-value-of-the-tests";
export const TOKEN = "token-value-of-the-tests";

/** The cases of a vector file. */
export function vectors(name) {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
}

/**
 * The length of the random test `name`: its row in tests/lengths.json, in the column that `XERO_M2M_LENGTH` names.
 * `XERO_M2M_RUNS` sets another length, to repeat a failure.
 */
export function length(name) {
  const { XERO_M2M_LENGTH: column = "full", XERO_M2M_RUNS: runs } = process.env;
  const lengths = JSON.parse(readFileSync(new URL("../lengths.json", import.meta.url), "utf8"));
  const found = lengths[name]?.[column];
  if (found === undefined) throw new Error(`tests/lengths.json has no ${name} ${column}`);
  return Number(runs ?? found);
}

/** The core as it is built into the package, without the client. Throws its refusals as data. */
export async function core() {
  let folder = dirname(fileURLToPath(import.meta.url));
  const pkg = () => join(folder, "pkg");
  while (!existsSync(join(pkg(), "src/glue")) && dirname(folder) !== folder) folder = dirname(folder);
  const { buildSync } = createRequire(join(pkg(), "package.json"))("esbuild");
  const entryPoints = [join(pkg(), "src/client/core.ts")];
  const [{ text }] = buildSync({ entryPoints, bundle: true, format: "esm", write: false }).outputFiles;
  const module = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  module.start(readFileSync(join(pkg(), "src/glue/core_bg.wasm")));
  const refusing = (act) => (...given) => {
    try {
      return act(...given);
    } catch (error) {
      throw error.code === "trapped" ? error : error.toJSON();
    }
  };
  return Object.fromEntries(Object.entries(module).filter(([, act]) => typeof act === "function").map(([name, act]) => [name, refusing(act)]));
}

/** A client with the credentials of the tests, closed at the end of the test. It does not retry unless `options` set it. */
export function client(t, options = {}) {
  const xero = new CustomConnection({ clientId: CLIENT_ID, clientSecret: SECRET, retry: 0, ...options });
  t.after(() => xero.close());
  return xero;
}

/** A client of a local Xero that listens on this machine. */
export async function local(t, options = {}, simulated = {}) {
  const simulator = createSimulator({ invoices: 25, ...simulated });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const { clientId, clientSecret } = simulator;
  return { simulator, url, xero: client(t, { clientId, clientSecret, identityUrl: url, apiUrl: url, ...options }) };
}

/** A server on this machine: `answer(request, response, body)`. `requests` has the requests that it received. */
export async function serve(t, answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { method, url, headers, rawHeaders } = request;
    requests.push({ method, url, headers, rawHeaders, body });
    await answer(request, response, body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, requests };
}

export function json(value, init = {}) {
  const headers = { "content-type": "application/json", ...init.headers };
  return new Response(JSON.stringify(value), { ...init, headers });
}

export function granted(more = {}) {
  return json({ access_token: TOKEN, token_type: "Bearer", expires_in: 1800, ...more });
}

export function refused(error, status = 400) {
  return json({ error }, { status });
}

/** Xero's answer to a token that has ended. */
export function expired() {
  const Detail = "TokenExpired: token expired at 11/23/2026 10:30:00";
  return json({ Type: null, Title: "Unauthorized", Status: 401, Detail, Extensions: {} }, { status: 401 });
}

/**
 * A `fetch` that answers with `token(call, n)` and `api(call, n)`, n counting from 1, and keeps every call in
 * `tokenCalls` and `apiCalls`. Like the real one it rejects with the reason of its signal.
 */
export function stub({ token = () => granted(), api = () => json({}) } = {}) {
  const [tokenCalls, apiCalls] = [[], []];
  async function fetch(url, init) {
    const call = { url, ...init, headers: new Headers(init.headers) };
    const [calls, answer] = url.endsWith("/connect/token") ? [tokenCalls, token] : [apiCalls, api];
    calls.push(call);
    const { signal } = init;
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      Promise.resolve()
        .then(() => answer(call, calls.length))
        .then(resolve, reject);
    });
  }
  return { fetch, tokenCalls, apiCalls };
}

/** A promise, and the functions that settle it. */
export function deferred() {
  let [resolve, reject] = [];
  const promise = new Promise((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

/** Lets everything run that waits for no timer and no network. */
export async function turn() {
  for (let n = 0; n < 5; n++) await new Promise(setImmediate);
}

/** Sets the clock to `START`, and makes the timers run on demand. */
export function clock(t, apis = ["Date", "setTimeout"]) {
  const { clearTimeout: clear } = globalThis;
  t.mock.timers.enable({ apis, now: START });
  if (apis.includes("setTimeout")) {
    const { clearTimeout: clearMocked } = globalThis;
    // A connection of an earlier test that ends now clears a timer that it set before.
    globalThis.clearTimeout = (timer) => (clear(timer), clearMocked(timer));
  }
  // `performance.now` goes with the timers; a clock that is set alone does not move it.
  if (apis.includes("setTimeout")) t.mock.method(performance, "now", () => Date.now() - START);
  return {
    /** Moves the time, in steps that let what the timers woke set its own. */
    async advance(ms, step = Math.max(50, ms / 200)) {
      for (let left = ms; left > 0; left -= step) {
        await turn();
        t.mock.timers.tick(Math.min(step, left));
      }
      await turn();
    },
  };
}

/** The error with which `promise` rejects. */
export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
