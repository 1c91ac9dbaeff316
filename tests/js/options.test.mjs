import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { CustomConnection, XeroError } from "xero-m2m";
import { diagnose } from "xero-m2m/doctor";
import * as policy from "xero-m2m/policy";
import { CLIENT_ID, SECRET, client, failure, stub } from "./support.mjs";

const good = { clientId: CLIENT_ID, clientSecret: SECRET };

const store = { load() {}, save() {}, erase() {} };
const BAD = {
  clientId: [undefined, null, "", 7, {}, ["id"]],
  clientSecret: [null, 7, {}, [], [SECRET, null], [SECRET, 7], [[SECRET]]],
  scopes: [null, "", "files", "accounting.settings files", [], [7], ["two scopes"], ["quote\""], [""], {}, new Set(["files"])],
  createdOn: [null, "", "yesterday", "2026-4-9", "2026-02-30", "29/04/2026", "2999-01-01", new Date(), 20_260_429],
  preflight: [null, 0, "false"],
  timeoutMs: [null, 0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "1000"],
  deadlineMs: [null, 0, -1, 2 ** 31, "1000"],
  retry: [null, -1, 0.5, "3", Number.POSITIVE_INFINITY, true],
  limits: [null, 5, "on", { inFlight: 0 }, { inFlight: 6 }, { inFlight: 1.5 }, { minuteReserve: -1 }, { minuteReserve: 31 }, { dayReserve: "5" }, { queue: 0.5 }, { minute: 60 }],
  onEvent: [null, {}, "log"],
  waitUntil: [null, {}, "context"],
  store: [null, "memory", {}, new Map(), { ...store, erase: undefined }],
  fetch: [null, "fetch", {}],
  identityUrl: [null, "", 7, "identity.xero.com", "ftp://identity.xero.com", "https://u:p@identity.xero.com", "https://identity.xero.com?a=b", new URL("https://identity.xero.com")],
  apiUrl: [null, "", 7, "/api.xro/2.0", "https://api.xero.com#x"],
};

for (const [name, values] of Object.entries(BAD)) {
  test(`${name}: values that cannot work are refused at once, and by name`, () => {
    for (const value of values) {
      const shown = `${name}: ${JSON.stringify(value)}`;
      assert.throws(
        () => new CustomConnection({ ...good, [name]: value }),
        (error) => {
          assert.ok(error instanceof XeroError, shown);
          assert.deepEqual([error.code, error.blame, error.retryable], ["invalid_option", "caller", false], shown);
          // An error about a URL describes the URL, without the name of the option.
          if (!/Url$/.test(name) || typeof value !== "string") assert.match(error.message, new RegExp(`scope|option|${name}|${Object.keys(value ?? {})[0]}`), shown);
          return true;
        },
      );
    }
  });
}

test("a day of creation that lies ahead is refused by every door, in the same words", async () => {
  const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  const [scopes, calls] = ["accounting.transactions", "GET /Invoices"];
  const doors = {
    client: (createdOn) => new CustomConnection({ ...good, createdOn }).close(),
    diagnose: (createdOn) => diagnose({ ...good, identityUrl: "http://127.0.0.1:9", createdOn }),
    requiredScopes: (createdOn) => policy.requiredScopes(calls, { createdOn }),
    checkScopes: (createdOn) => policy.checkScopes({ scopes, calls, createdOn }),
    assess: (createdOn) => policy.assess({ scopes, createdOn }),
    planChange: (createdOn) => policy.planChange({ from: scopes, to: "accounting.invoices", createdOn }),
    review: (createdOn) => policy.review({ scopes, calls, createdOn }),
  };
  for (const [name, door] of Object.entries(doors)) {
    const message = `createdOn ${day(3)} is after ${day(0)}, the day of the answer; give the day on which the connection was created`;
    await assert.rejects(async () => door(day(3)), { code: "invalid_option", message }, name);
    // It may be tomorrow already where it was created.
    await door(day(1));
  }
  assert.throws(() => policy.assess({ scopes, createdOn: "2026-05-03", on: "2026-05-01" }), { message: /^createdOn 2026-05-03 is after 2026-05-01/ });
});

test("a secret that is not set yet constructs, and the first call fails", async (t) => {
  for (const clientSecret of [undefined, "", [undefined], ["", undefined]]) {
    const { fetch, tokenCalls } = stub();
    const xero = client(t, { clientSecret, fetch, deadlineMs: 200 });
    const error = await failure(xero.fetch("/Organisation"));
    assert.deepEqual([error.code, error.blame], ["secret_unavailable", "caller"], JSON.stringify(clientSecret));
    assert.match(error.message, /clientSecret is undefined or empty/);
    assert.equal(tokenCalls.length, 0);
  }
  const { fetch, tokenCalls } = stub();
  await client(t, { clientSecret: [undefined, "", SECRET], fetch }).token();
  assert.equal(tokenCalls[0].headers.get("authorization"), `Basic ${btoa(`${CLIENT_ID}:${SECRET}`)}`);
});

test("a clientSecret that was forgotten is refused at once", () => {
  assert.throws(() => new CustomConnection({ clientId: CLIENT_ID }), { code: "invalid_option", message: /clientSecret/ });
});

test("base URLs that already end with the path that is added to them are refused, with the right value", () => {
  for (const [name, given, right] of [
    ["apiUrl", "https://api.xero.com/api.xro/2.0", "https://api.xero.com"],
    ["apiUrl", "http://127.0.0.1:4010/api.xro/2.0/", "http://127.0.0.1:4010"],
    ["identityUrl", "https://identity.xero.com/connect/token", "https://identity.xero.com"],
  ]) {
    assert.throws(
      () => new CustomConnection({ ...good, [name]: given }),
      (error) => error.code === "invalid_option" && error.message.startsWith(name) && error.message.endsWith(`write ${right}`),
    );
  }
});

test("plain http is for this machine alone", () => {
  for (const name of ["identityUrl", "apiUrl"]) {
    assert.throws(() => new CustomConnection({ ...good, [name]: "http://xero.example" }), { code: "insecure_url" });
    new CustomConnection({ ...good, [name]: "http://localhost:4010" }).close();
  }
});

test("an option that does not exist is refused by name, a value never quoted", () => {
  assert.throws(
    () => new CustomConnection({ ...good, secret: SECRET }),
    (error) => error.code === "invalid_option" && error.message.includes('"secret"') && !error.message.includes(SECRET),
  );
  assert.throws(
    () => new CustomConnection({ clientSecret: SECRET, clientId: [SECRET] }),
    (error) => error.code === "invalid_option" && !error.message.includes(SECRET),
  );
  for (const nothing of [undefined, null, "id", 7]) {
    assert.throws(() => new CustomConnection(nothing), { code: "invalid_option" });
  }
});

test("undefined is the default", () => {
  const undefineds = Object.fromEntries(Object.keys(BAD).map((name) => [name, undefined]));
  new CustomConnection({ ...undefineds, ...good }).close();
});

test("lists are copied: later changes by the caller have no effect", async (t) => {
  const { fetch, tokenCalls } = stub();
  const scopes = ["files"];
  const xero = client(t, { fetch, scopes });
  scopes.push("assets");
  await xero.token();
  assert.equal(tokenCalls[0].body, "grant_type=client_credentials&scope=files");
});

test("without another fetch the global one of the moment is used", async (t) => {
  const xero = client(t);
  const { fetch, tokenCalls } = stub();
  t.mock.method(globalThis, "fetch", fetch);
  await xero.token();
  assert.equal(tokenCalls.length, 1);
});

test("required and imported it is the same class", () => {
  const required = createRequire(import.meta.url)("xero-m2m");
  assert.equal(required.CustomConnection, CustomConnection);
  assert.equal(required.XeroError, XeroError);
});

test("waitUntil is given the promises that may outlive a request, and its errors are ignored", async (t) => {
  const kept = [];
  const waitUntil = (promise) => {
    kept.push(promise);
    throw new Error("there is no request");
  };
  await client(t, { fetch: stub().fetch, waitUntil }).fetch("/Organisation");
  assert.deepEqual(await Promise.all(kept), [undefined]);
});
