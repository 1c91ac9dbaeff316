/** The number of times that a call crosses into wasm: every export of the module is counted, of the package as it is published. */

import assert from "node:assert/strict";
import { test } from "node:test";

let crossings = [];

const Original = WebAssembly.Instance;
WebAssembly.Instance = function Instance(module, imports) {
  const { exports } = new Original(module, imports);
  const counted = (name, act) => (...given) => {
    crossings.push(name);
    return act(...given);
  };
  // Names that begin with an underscore are the glue's own.
  const wrap = ([name, value]) => [name, typeof value === "function" && !name.startsWith("_") ? counted(name, value) : value];
  return { exports: Object.fromEntries(Object.entries(exports).map(wrap)) };
};

const { client, json, stub } = await import("./support.mjs");

const HEADERS = { "x-minlimit-remaining": "50", "x-daylimit-remaining": "900" };

/** The exports that `act` calls, with a client that has a token and knows the limits. */
async function crossed(t, options, act) {
  const { fetch } = stub({ api: () => json({ Organisations: [] }, { headers: HEADERS }) });
  const xero = client(t, { fetch, ...options });
  await xero.fetch("/Organisation");
  crossings = [];
  await act(xero);
  return crossings;
}

const CALLS = {
  "a read": (xero) => xero.fetch("/Invoices?page=1"),
  "a read of JSON": (xero) => xero.json("GET", "/Invoices"),
  "a write": (xero) => xero.fetch("/Invoices", { method: "POST", body: "{}" }),
};

for (const [name, act] of Object.entries(CALLS)) {
  for (const [more, options] of [["", {}], [", with a listener", { onEvent() {} }], [", without limits", { limits: false }], [", with keys", { idempotencyKeys: true }]]) {
    test(`${name} with a token at hand crosses twice: it begins and it is answered${more}`, async (t) => {
      assert.deepEqual(await crossed(t, options, act), ["handle", "handle"]);
    });
  }
}

test("a token at hand does not cross", async (t) => {
  assert.deepEqual(await crossed(t, {}, (xero) => xero.token()), []);
});

test("a call with headers of its own crosses once more for each", async (t) => {
  const headers = { "X-One": "1", "X-Two": "2" };
  const expected = ["checkHeader", "checkHeader", "handle", "handle"];
  assert.deepEqual(await crossed(t, {}, (xero) => xero.fetch("/Invoices", { headers })), expected);
});
