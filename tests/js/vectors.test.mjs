/**
 * The vectors of tests/vectors through the core as it is built into the package.
 */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkScopes, parseScopes, requiredScopes } from "xero-m2m/policy";
import { client, core, failure, granted, stub, vectors } from "./support.mjs";

const glue = await core();

/** 2026-04-29T00:00:00Z. */
const NOW = 1_777_420_800_000;

function open(options) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return glue.open({
    clientId: "an id",
    preflight: true,
    identityUrl: "https://identity.xero.com",
    apiUrl: "https://api.xero.com",
    timeoutMs: 30_000,
    inFlight: 5,
    minuteReserve: 0,
    dayReserve: 0,
    queue: 1_000,
    // Timelines do not say when a secret is at hand: it is at once.
    leaseMs: Math.min(10_000, options.timeoutMs ?? 10_000),
    retry: 3,
    seed: Math.floor(Math.random() * 2 ** 32),
    ...Object.fromEntries(given),
  });
}

/** Returns the result of `act`, or `undefined` if it was refused as the case expects. */
function outcome(name, { error: code, rule }, act) {
  let found;
  try {
    found = act();
  } catch (error) {
    assert.deepEqual([error.code, error.rule], [code, rule], name);
    assert.ok(error.message.length > 0 && typeof error.blame === "string" && typeof error.retryable === "boolean", name);
    assert.ok(!(error instanceof Error), `${name}: what is thrown is data, not a trap`);
    return undefined;
  }
  assert.equal(undefined, code, `${name}: should have been refused`);
  return found ?? true;
}

/** Another event for the core, at this instant by both clocks. */
const handle = (number, event, at = NOW) => told(glue.handle(number, event, at, at));

/** Those that the machine of calls has told. */
const told = (list) => list.filter((action) => action.do !== "atHand");

const begin = (method, target, more) => ({ on: "begin", call: 1, method, target, resendable: true, deadline: NOW + 300_000, ...more });

const TOKEN_BODY = '{"access_token":"a-token","token_type":"Bearer","expires_in":1800}';

/** Returns the URL that a call is sent to, with a token whose scopes are not known. Throws refusals. */
function urlOf(options, method, target) {
  const number = open(options);
  const given = { on: "token", attempt: 1, status: 200, contentType: "application/json", retryAfter: "", body: TOKEN_BODY };
  const actions = [...handle(number, begin(method, target)), ...handle(number, given)];
  const refused = actions.find((action) => action.do === "fail");
  if (refused) throw refused.error;
  return actions.find((action) => action.do === "send").url;
}

test("base URLs, of both services", () => {
  for (const { name, option, text, url, ...expected } of vectors("base-urls")) {
    const identity = () => glue.tokenRequest(open({ identityUrl: text }), 1, "secret", NOW);
    const request = option === "apiUrl" ? undefined : outcome(name, expected, identity);
    if (request) assert.equal(request.url, `${url}/connect/token`, name);
    if (option === "identityUrl") continue;
    const call = outcome(name, expected, () => urlOf({ apiUrl: text, preflight: false }, "GET", "/Invoices"));
    if (call) assert.equal(call, `${url}/api.xro/2.0/Invoices`, name);
  }
});

test("token requests", () => {
  for (const { name, clientId, clientSecret, scopes, identityUrl, ...expected } of vectors("token-requests")) {
    const act = () => glue.tokenRequest(open({ clientId, scopes, identityUrl }), 1, clientSecret, NOW);
    const request = outcome(name, expected, act);
    if (!request) continue;
    const { url, authorization, body } = expected;
    const accept = "application/json";
    const { deadline, maxBytes, ...bytes } = request;
    assert.equal(deadline, NOW + 10_000, "ten seconds from when it is sent");
    assert.deepEqual(bytes, { url, authorization, accept, contentType: "application/x-www-form-urlencoded", body }, name);
  }
});

test("token answers", () => {
  for (const { name, status, contentType, retryAfter = "", body, cut = false, ...expected } of vectors("token-answers")) {
    const number = open({});
    handle(number, { on: "want", call: 1, deadline: NOW + 30_000 });
    const actions = handle(number, { on: "token", attempt: 1, status, contentType, retryAfter, body, cut });
    if (expected.granted) {
      const { lifetimeMs, scopes } = expected.granted;
      const [{ accessToken, scopes: found, unknownScopes = 0, ...keep }, ...more] = actions;
      assert.ok(unknownScopes <= (scopes?.length ?? 0), name);
      assert.deepEqual(keep, { do: "keep", generation: 1, obtainedAt: NOW, expiresAt: NOW + lifetimeMs }, name);
      assert.deepEqual(more.map((action) => action.do), ["use", "wake"], name);
      assert.ok(body.includes(accessToken), name);
      assert.deepEqual(found?.split(" ").filter(Boolean).sort(), scopes?.slice().sort(), name);
    } else {
      assert.ok(actions.every((action) => action.do !== "keep"), name);
      const { code, lasting, retryAfterMs = 0 } = expected.refused;
      // A caller that cannot wait at all gets the reason.
      const [{ do: found, error }] = handle(number, { on: "want", call: 2, deadline: NOW + 1 });
      assert.deepEqual([found, error.code], ["fail", code], name);
      assert.ok(!JSON.stringify(error).includes("secret-looking-text"), name);
      const [least, most] = lasting ? [300_000, 300_000] : [Math.max(250, retryAfterMs), Math.max(500, retryAfterMs)];
      const pause = error.retryAt - NOW;
      assert.ok(pause >= Math.min(least, 3_600_000) && pause <= Math.min(most, 3_600_000), `${name}: ${pause}`);
    }
    glue.close(number, NOW, NOW);
  }
});

// JSONTestSuite: by its name, a parser must take a file that begins with `y_` and refuse one that begins with `n_`.
test("no file of JSONTestSuite is a token, or a trap", async (t) => {
  const folder = fileURLToPath(new URL("../vectors/json-test-suite/", import.meta.url));
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  assert.equal(files.length, 318);
  const type = "application/json";
  const member = (bytes) => Buffer.concat([Buffer.from('{"access_token":"t","token_type":"Bearer","expires_in":1800,"more":'), bytes, Buffer.from("}")]);
  for (const name of files) {
    const bytes = readFileSync(join(folder, name));
    for (const [body, granted] of [
      [bytes, false],
      [member(bytes), { y: true, n: false }[name[0]]],
    ]) {
      // The module alone,
      const number = open({});
      handle(number, { on: "want", call: 1, deadline: NOW + 30_000 });
      const answer = { on: "token", attempt: 1, status: 200, contentType: type, retryAfter: "", body: new TextDecoder().decode(body) };
      const accessToken = handle(number, answer).find((action) => action.do === "keep")?.accessToken;
      if (granted !== undefined) assert.equal(accessToken, granted ? "t" : undefined, name);
      glue.close(number, NOW, NOW);
      // and the package around it.
      const { fetch } = stub({ token: () => new Response(body, { headers: { "content-type": type } }) });
      const xero = client(t, { fetch, deadlineMs: 200 });
      const found = await xero.token().catch((error) => error);
      assert.equal(found.accessToken ?? found.code, accessToken ?? "malformed_token", name);
      xero.close();
    }
  }
});

test("routing, and the URL as the platform's own parser reads it", () => {
  for (const { name, method, input, apiUrl, url, whatwg, ...expected } of vectors("routing")) {
    const found = outcome(name, expected, () => urlOf({ apiUrl }, method, input));
    if (!found) continue;
    assert.equal(found, url, name);
    const { origin, pathname } = new URL(found);
    assert.deepEqual({ origin, pathname }, whatwg, name);
  }
});

test("which operation a call is, where no scope opens it", () => {
  for (const { name, method, input, apiUrl, operation } of vectors("routing")) {
    if (!operation) continue;
    try {
      urlOf({ apiUrl, scopes: ["no.such.scope"] }, method, input);
    } catch (error) {
      assert.deepEqual([error.code, error.operation], ["scope_missing", operation], name);
    }
  }
});

test("headers", () => {
  for (const { name, header, value, sent: expected = true, ...refusal } of vectors("headers")) {
    const sent = outcome(name, refusal, () => ({ value: glue.checkHeader(header, value) }));
    if (sent) assert.equal(sent.value, expected, name);
  }
});

test("preflight, for the operations that the vectors have an address for", () => {
  const address = new Map();
  for (const { operation, method, input, apiUrl, error } of vectors("routing")) {
    if (operation && !apiUrl && !error) address.set(operation, [method, input]);
  }
  let run = 0;
  for (const { name, operation, granted, createdOn, scopes, ...expected } of vectors("preflight")) {
    const call = address.get(operation);
    // An empty list is no option: it is left to the suites in Rust.
    if (!call || granted.length === 0) continue;
    run += 1;
    outcome(name, expected, () => urlOf({ scopes: granted, createdOn }, ...call));
    assert.ok(outcome(name, {}, () => urlOf({ scopes: granted, createdOn, preflight: false }, ...call)), name);
  }
  assert.ok(run >= 15, `${run} cases`);
});

test("timelines of calls", async (t) => {
  const { events, timelines } = vectors("call-timelines");
  for (const { name, options, steps } of timelines) {
    await t.test(name, () => {
      const number = open({ ...options, leaseMs: Infinity, seed: 3 });
      let asked = false;
      for (const [n, { at, ahead = 0, event, actions }] of steps.entries()) {
        const { is, ...own } = event;
        const given = instants({ ...events[is], ...own });
        const now = [NOW + at + ahead, NOW + at];
        const found = given.on === "close" ? glue.close(number, ...now) : told(glue.handle(number, given, ...now));
        // An attempt waits for its secret first, which timelines have at hand at once: its wake time is another until then.
        const asks = found.filter((action) => action.do.startsWith("ask"));
        const comparable = (action) => action.do !== "wake" || !(asked || asks.length > 0 || given.on === "close");
        compare(found.filter(comparable), actions.filter(comparable), `step ${n}, at ${at}`);
        for (const { attempt } of asks) glue.tokenRequest(number, attempt, "secret", now[0]);
        asked = asks.length > 0;
      }
      glue.close(number, NOW, NOW);
    });
  }
});

// The lifecycle alone: callers that want a token, each of which is gone if it has to wait, as the timelines have it. A token is
// called expired by the answer to a call that was sent with it.
test("timelines of the lifecycle", async (t) => {
  const { answers, timelines } = vectors("lifecycle");
  for (const { name, options = {}, steps } of timelines) {
    const rejects = steps.some(({ event }) => event.rejected !== undefined);
    await t.test(name, () => {
      const number = open({ ...options, timeoutMs: options.timeoutMs ?? 99_999_999, unlimited: true });
      let [caller, wake] = [0, undefined];
      const sent = new Map();
      for (const [n, { at, event, actions, again, granted: scopes }] of steps.entries()) {
        const place = `step ${n}, at ${at}`;
        const report = (given) => {
          const found = handle(number, given, NOW + at);
          const last = found.at(-1);
          if (last?.do === "wake") wake = found.pop().at;
          return found;
        };
        const call = event.rejected === undefined ? ++caller : sent.get(event.rejected).pop();
        // The timelines do not have whether a caller waits for the answer.
        const found = report(lifecycle(event, call, answers)).map(({ urgent, ...action }) => action);
        const waits = actions.find((action) => action.do === "wait");
        if (waits) {
          const until = Math.min(NOW + event.want, NOW + at + 99_999_999, ...[waits.until].flat().map((ms) => NOW + ms).slice(-1));
          const from = Array.isArray(waits.until) ? Math.min(until, NOW + waits.until[0]) : until;
          assert.ok(wake >= from && wake <= until, `${place}: it waits until ${wake - NOW}`);
        }
        const asksAgain = found.find((action) => action.do === "askAgain");
        assert.equal(asksAgain && (asksAgain.nextSecret ? "secret" : "scope"), again, place);
        const kept = found.find((action) => action.do === "keep");
        if (scopes !== undefined && kept) assert.equal(kept.scopes ?? null, scopes, place);
        if (rejects && kept) sent.set(kept.generation, [1, 2, 3, 4].map(() => {
          const [send] = report(begin("GET", "/Organisation", { call: ++caller, resendable: false, deadline: NOW + 99_999_999 }));
          assert.deepEqual([send.do, send.generation], ["send", kept.generation], place);
          return caller;
        }));
        // The caller of a call gets the answer, however its token came to an end.
        const given = found.findIndex((action) => action.do === "give");
        if (given >= 0) assert.equal(found.splice(given, 1)[0].error.code, "token_expired", place);
        const expected = actions.filter((action) => action.do !== "wait" && !(given >= 0 && action.do === "fail")).map(asReported);
        compare(order(found.filter((action) => action.do !== "askAgain").map(({ call, accessToken, scopes, ...action }) => action)), order(expected), place);
        if (event.rejected === undefined) report({ on: "aborted", call });
      }
      glue.close(number, NOW, NOW);
    });
  }
});

/** A step of the lifecycle as an event of the machine of calls. */
function lifecycle({ want, answered, unanswered, adopted, rejected, loaded }, call, answers) {
  if (rejected !== undefined) return { on: "answered", call, status: 401, body: '{"Detail":"TokenExpired"}' };
  if (want !== undefined) return { on: "want", call, deadline: NOW + want };
  if (answered) {
    const { status, contentType, retryAfter = "", body } = answers[answered.answer];
    return { on: "token", attempt: answered.attempt, status, contentType, retryAfter, body, moreSecrets: answered.moreSecrets ?? false };
  }
  if (unanswered) return { on: "noToken", message: "no answer", ...unanswered };
  if (adopted) return { on: "loaded", accessToken: "t", ...instants(adopted) };
  return { on: "loaded", ...(loaded && { accessToken: "t", ...instants(loaded) }) };
}

/** The request that an attempt sends is asked of the core when its secret is at hand. */
const asReported = ({ deadline, ...action }) => (action.do === "send" ? { ...action, do: "ask" } : { ...action, ...(deadline && { deadline }) });

/** A caller gets its token after what else there is to do. */
const order = (actions) => [...actions].sort((one, other) => (one.do === "use") - (other.do === "use"));

const INSTANTS = ["at", "deadline", "expiresAt", "firstSent", "firstSentClock", "obtainedAt", "retryAt", "retryUntil", "until"];

/** The same object with its instants counted from NOW. */
const instants = (given) =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, INSTANTS.includes(name) ? NOW + value : value]));

/** Of errors the vectors have the code, and more where it matters. Instants count from NOW; one that depends on jitter is a range. */
function compare(found, expected, place) {
  const plain = (value, wanted) => {
    if (Array.isArray(wanted) && typeof wanted[0] === "number") {
      const since = value - NOW;
      assert.ok(since >= wanted[0] && since <= wanted[1], `${place}: ${since} is not in ${wanted}`);
      return wanted;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value) || typeof wanted !== "object") return value;
    // Timelines leave out what is absent, and a flag that is not set unless it is the point.
    const isThere = ([name, own]) => own !== undefined && (name !== "makeKey" || own || name in wanted);
    const members = Object.entries(value).filter(isThere).filter(([name]) => !["blame", "message", "retryable", "operation", "rule", "limit", "scopes"].includes(name) || name in wanted);
    return Object.fromEntries(
      members.map(([name, own]) => [name, INSTANTS.includes(name) && !Array.isArray(wanted[name]) ? own - NOW : plain(own, wanted[name])]),
    );
  };
  // In timelines of the lifecycle the details of an error stand beside it.
  const flat = ({ error, ...action }, wanted) => (error && wanted && !("error" in wanted) ? { ...action, ...error } : { ...action, ...(error && { error }) });
  assert.deepEqual(found.map((action, n) => plain(flat(action, expected[n]), expected[n] ?? {})), expected, place);
}

test("answers of the API, and Xero's validation messages", async (t) => {
  for (const { name, call = ["GET", "/Invoices"], granted: scopes, status, body, ...expected } of vectors("api-answers")) {
    if (status < 200 || status > 599) continue;
    const { wwwAuthenticate, problem, retryAfter, appMinute, error: code } = expected;
    const headers = Object.entries({
      "www-authenticate": wwwAuthenticate,
      "x-rate-limit-problem": problem,
      "retry-after": retryAfter,
      "x-appminlimit-remaining": appMinute,
    }).filter(([, value]) => value !== undefined);
    const bodiless = status === 204 || status === 304;
    const { fetch } = stub({
      token: () => granted(scopes && { scope: scopes.join(" ") }),
      api: () => new Response(bodiless ? null : body, { status, headers }),
    });
    const xero = client(t, { fetch, limits: false, preflight: false });
    const at = Date.now();
    const error = await failure(xero.json(call[0], call[1])).catch(() => undefined);
    if (code === undefined) {
      assert.equal(error, undefined, name);
      continue;
    }
    assert.deepEqual([error.code, error.blame, error.retryable], [code, expected.blame, expected.retryable ?? false], name);
    assert.equal(error.status, status, name);
    assert.deepEqual([error.rule, error.limit], [expected.rule, expected.limit], name);
    if (expected.scopes) assert.deepEqual(error.scopes ?? [], expected.scopes, name);
    if (expected.validation) assert.deepEqual(error.validation, expected.validation, name);
    if (expected.retryAt) assert.ok(Math.abs(error.retryAt - at - expected.retryAt) < 60_000, name);
    for (const part of expected.says ?? []) assert.ok(error.message.includes(part), `${name}: no ${part} in ${error.message}`);
    for (const part of expected.hides ?? []) assert.ok(!error.message.includes(part), `${name}: ${part} in ${error.message}`);
    assert.ok(body === "" || !JSON.stringify(error).includes(JSON.stringify(body).slice(1, -1)), name);
  }
});

test("scope texts", () => {
  const cases = vectors("scope-texts");
  assert.ok(cases.length > 100);
  for (const { name, text, expected } of cases) {
    const parsed = parseScopes(text);
    assert.deepEqual(parsed, expected, name);
    // Positions are indices into the text, as JavaScript counts.
    for (const { text: found, at } of parsed.unknown) {
      if (text.includes(found)) assert.equal(text.slice(at, at + found.length), found, name);
    }
  }
});

test("texts of every form", () => {
  for (const { group, name, text, file, texts, calls, unresolved } of vectors("forms")) {
    const given = texts ?? [file === undefined ? text : { name: file, text }];
    const found = requiredScopes(given);
    const keys = [...new Set(found.calls.flatMap(({ operations }) => operations))].sort();
    assert.deepEqual(keys, calls, `${group}: ${name}`);
    if (unresolved !== undefined) assert.equal(found.unresolved.length > 0, unresolved, `${group}: ${name}`);
  }
});

test("unread places and assumed methods", () => {
  for (const { name, texts, scopes, createdOn, verdict, reading, unused, broad, required, doubts } of vectors("policy-reading")) {
    const facts = { on: "2026-11-24", ...(createdOn && { createdOn }) };
    const checked = checkScopes({ scopes, calls: texts, ...facts });
    assert.deepEqual([checked.verdict, checked.allowed, checked.reading], [verdict, verdict === "allowed", reading], name);
    assert.deepEqual([checked.unused, checked.broad.map(({ scope }) => scope)], [unused, broad], name);
    const needed = requiredScopes(texts, { scopes, ...facts });
    assert.deepEqual([needed.scopes, needed.uncertain.length, needed.reading], [required, doubts, reading], name);
  }
});
