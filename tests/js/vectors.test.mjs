/**
 * The vectors of tests/vectors through the core as it is built into the package.
 *
 * Left out: `"forget"` steps of the lifecycle, which have no export. They run natively and as wasm.
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

test("base URLs, of both services", () => {
  for (const { name, option, text, url, ...expected } of vectors("base-urls")) {
    const identity = () => glue.tokenRequest(open({ identityUrl: text }), 1, "secret", NOW);
    const request = option === "apiUrl" ? undefined : outcome(name, expected, identity);
    if (request) assert.equal(request.url, `${url}/connect/token`, name);
    if (option === "identityUrl") continue;
    const call = outcome(name, expected, () => glue.call(open({ apiUrl: text, preflight: false }), "GET", "/Invoices"));
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
    const { deadline, ...bytes } = request;
    assert.equal(deadline, NOW + 10_000, "ten seconds from when it is sent");
    assert.deepEqual(bytes, { url, authorization, accept, contentType: "application/x-www-form-urlencoded", body }, name);
  }
});

test("token answers", () => {
  for (const { name, status, contentType, retryAfter = "", body, cut = false, ...expected } of vectors("token-answers")) {
    const number = open({});
    glue.want(number, NOW + 30_000, NOW);
    const { actions, accessToken } = glue.answered(number, 1, status, contentType, retryAfter, body, cut, false, NOW);
    if (expected.granted) {
      const { lifetimeMs, scopes } = expected.granted;
      const keep = { do: "keep", generation: 1, obtainedAt: NOW, expiresAt: NOW + lifetimeMs };
      assert.deepEqual(actions, [keep], name);
      assert.ok(body.includes(accessToken), name);
      assert.deepEqual(glue.granted(number)?.split(" ").filter(Boolean).sort(), scopes?.slice().sort(), name);
    } else {
      assert.deepEqual([actions, accessToken], [[], undefined], name);
      const { code, lasting, retryAfterMs = 0 } = expected.refused;
      // A caller that cannot wait at all gets the reason.
      const [{ do: told, error }] = glue.want(number, NOW + 1, NOW);
      assert.deepEqual([told, error.code], ["fail", code], name);
      assert.ok(!JSON.stringify(error).includes("secret-looking-text"), name);
      const [least, most] = lasting ? [300_000, 300_000] : [Math.max(250, retryAfterMs), Math.max(500, retryAfterMs)];
      const pause = error.retryAt - NOW;
      assert.ok(pause >= Math.min(least, 3_600_000) && pause <= Math.min(most, 3_600_000), `${name}: ${pause}`);
    }
    glue.close(number);
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
      glue.want(number, NOW + 30_000, NOW);
      const { accessToken } = glue.answered(number, 1, 200, type, "", new TextDecoder().decode(body), false, false, NOW);
      if (granted !== undefined) assert.equal(accessToken, granted ? "t" : undefined, name);
      glue.close(number);
      // and the package around it.
      const { fetch } = stub({ token: () => new Response(body, { headers: { "content-type": type } }) });
      const xero = client(t, { fetch, timeoutMs: 200 });
      const found = await xero.token().catch((error) => error);
      assert.equal(found.accessToken ?? found.code, accessToken ?? "malformed_token", name);
      xero.close();
    }
  }
});

test("routing, and the URL as the platform's own parser reads it", () => {
  for (const { name, method, input, apiUrl, url, whatwg, ...expected } of vectors("routing")) {
    const found = outcome(name, expected, () => glue.call(open({ apiUrl }), method, input));
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
      glue.call(open({ apiUrl, scopes: ["no.such.scope"] }), method, input);
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
    outcome(name, expected, () => glue.call(open({ scopes: granted, createdOn }), ...call));
    assert.ok(outcome(name, {}, () => glue.call(open({ scopes: granted, createdOn, preflight: false }), ...call)), name);
  }
  assert.ok(run >= 15, `${run} cases`);
});

test("timelines of the lifecycle", async (t) => {
  const { answers, timelines } = vectors("lifecycle");
  for (const { name, options = {}, steps } of timelines) {
    if (steps.some(({ event }) => event === "forget")) continue;
    await t.test(name, () => {
      const number = open(options);
      for (const [at, step] of steps.entries()) {
        const place = `step ${at}, at ${step.at}`;
        const { actions, again } = perform(number, step, answers);
        compare(actions, step.actions, place);
        assert.equal(again, step.again, place);
        if (step.granted !== undefined) assert.equal(glue.granted(number) ?? null, step.granted, place);
      }
      glue.close(number);
    });
  }
});

function perform(number, { at, event }, answers) {
  const now = NOW + at;
  const { want, answered, unanswered, loaded, rejected } = event;
  if (want !== undefined) {
    const ready = glue.ready(number, now);
    const actions = glue.want(number, NOW + want, now);
    const warm = actions.length === 1 && actions[0].do === "use" ? actions[0].generation : 0;
    assert.equal(ready, warm, "the warm path and the list of actions agree");
    return { actions };
  }
  if (answered) {
    const { status, contentType, retryAfter = "", body } = answers[answered.answer];
    const more = answered.moreSecrets ?? false;
    const judged = glue.answered(number, answered.attempt, status, contentType, retryAfter, body, false, more, now);
    const kept = judged.actions.some((action) => action.do === "keep");
    assert.equal(judged.accessToken, kept ? "a-token" : undefined);
    return judged;
  }
  if (unanswered) {
    return { actions: glue.unanswered(number, unanswered.attempt, unanswered.code, "nobody answered", now) };
  }
  if (rejected !== undefined) return { actions: glue.rejected(number, rejected, now) };
  const instant = (ms) => (ms === undefined ? undefined : NOW + ms);
  return {
    actions: glue.loaded(number, loaded && "t", instant(loaded?.obtainedAt), instant(loaded?.expiresAt), loaded?.scopes, now),
  };
}

/** Instants in the vectors count from NOW. One that hangs on the jitter of a pause is a range. */
function compare(found, expected, place) {
  const plain = found.map(({ error, ...action }) => ({
    ...action,
    ...(error && { code: error.code, ...(error.retryAt !== undefined && { retryAt: error.retryAt }), ...(error.scopes && { scopes: error.scopes }) }),
  }));
  const instants = ["until", "retryAt", "deadline", "obtainedAt", "expiresAt"];
  const absolute = expected.map((action, n) => {
    const at = (value, name) => {
      if (!Array.isArray(value)) return NOW + value;
      const given = plain[n]?.[name];
      assert.ok(given >= NOW + value[0] && given <= NOW + value[1], `${place}: ${name} is ${given - NOW}`);
      return given;
    };
    return Object.fromEntries(
      Object.entries(action).map(([name, value]) => [name, instants.includes(name) ? at(value, name) : value]),
    );
  });
  assert.deepEqual(plain, absolute, place);
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
