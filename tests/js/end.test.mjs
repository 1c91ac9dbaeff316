/** The end of a client: closed, disposed of, or forgotten. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { CustomConnection, XeroError } from "xero-m2m";
import { memory, withFleet } from "xero-m2m/shared";
import { CLIENT_ID, SECRET, client, deferred, failure, granted, stub, turn } from "./support.mjs";

const closed = (error) => error instanceof XeroError && error.code === "closed" && error.retryable === false;

test("a closed client sends nothing, and its methods fail with the reason", async (t) => {
  const { fetch, tokenCalls, apiCalls } = stub();
  const xero = client(t, { fetch });
  await xero.fetch("/Invoices");
  xero.close();
  xero.close();
  for (const call of [xero.token(), xero.fetch("/Invoices"), xero.json("GET", "/Invoices")]) {
    assert.ok(closed(await failure(call)));
  }
  assert.throws(() => xero.pages("/Invoices"), closed);
  assert.deepEqual([tokenCalls.length, apiCalls.length], [1, 1]);
});

test("with a fleet, close resolves when the token of this process is in the store", async (t) => {
  const store = memory();
  const puts = [];
  const slow = withFleet({
    durable: false,
    async swap(asked) {
      await new Promise((done) => setTimeout(done, 20));
      const found = await store.swap(asked);
      if (found.swapped) puts.push(asked.document);
      return found;
    },
  });
  const { fetch, tokenCalls } = stub();
  const first = client(t, { fetch, fleet: slow });
  await first.fetch("/Invoices");
  await Promise.all([first.close(), first.close()]);
  const before = puts.length;
  assert.ok(before >= 2, "the claim, and the token");
  await turn();
  assert.equal(puts.length, before, "nothing is put after that");
  await client(t, { fetch, fleet: store }).fetch("/Invoices");
  assert.equal(tokenCalls.length, 1);
});

test("a client that was never used can be closed", async (t) => {
  const xero = client(t);
  xero.close();
  assert.ok(closed(await failure(xero.token())));
});

test("close while waiting for the token: every caller gets an error, the request ends, a late answer is ignored", async (t) => {
  const answer = deferred();
  const { fetch, tokenCalls } = stub({ token: () => answer.promise });
  const saved = [];
  const store = { load() {}, save: (...token) => void saved.push(token), erase() {} };
  const xero = client(t, { fetch, store });
  const calls = [xero.token(), xero.fetch("/Invoices"), xero.json("GET", "/Invoices")].map(failure);
  await turn();
  xero.close();
  for (const error of await Promise.all(calls)) assert.ok(closed(error), String(error));
  assert.equal(tokenCalls[0].signal.aborted, true);
  answer.resolve(granted());
  await turn();
  assert.deepEqual(saved, []);
});

test("close with a fetch that does not mind its signal", async (t) => {
  const answer = deferred();
  const xero = client(t, { fetch: () => answer.promise });
  const told = failure(xero.token());
  await turn();
  xero.close();
  assert.ok(closed(await told));
  answer.resolve(granted());
  await turn();
  assert.ok(closed(await failure(xero.token())));
});

test("close while a store is asked, and while a secret is", async (t) => {
  const answer = deferred();
  const { fetch, tokenCalls } = stub();
  const store = { load: () => answer.promise, save() {}, erase() {} };
  const clients = [client(t, { fetch, store }), client(t, { fetch, clientSecret: () => answer.promise })];
  const told = clients.map((xero) => failure(xero.token()));
  await turn();
  for (const xero of clients) xero.close();
  for (const error of await Promise.all(told)) assert.ok(closed(error));
  answer.resolve(SECRET);
  await turn();
  assert.equal(tokenCalls.length, 0);
});

test("close while a call is in flight", async (t) => {
  const { fetch, apiCalls } = stub({ api: () => new Promise(() => {}) });
  const xero = client(t, { fetch });
  const told = failure(xero.fetch("/Invoices"));
  await turn();
  assert.equal(apiCalls.length, 1);
  xero.close();
  assert.ok(closed(await told));
  assert.equal(apiCalls[0].signal.aborted, true);
});

test("nothing is sent after close or abort in a listener, and a write that was not sent has no unknown outcome", async (t) => {
  const ends = { close: (xero) => xero.close(), abort: (_, controller) => controller.abort() };
  for (const [how, end] of Object.entries(ends)) {
    for (const type of ["call.queued", "call.admitted", "token.renewed"]) {
      const { fetch, apiCalls } = stub({ api: () => new Promise(() => {}) });
      const controller = new AbortController();
      let ended = false;
      const xero = client(t, {
        fetch,
        limits: { inFlight: 1 },
        onEvent(event) {
          if (event.type !== type || ended) return;
          ended = true;
          end(xero, controller);
        },
      });
      const init = { method: "POST", body: "{}", signal: controller.signal };
      const errors = await Promise.all([1, 2, 3].map(() => failure(xero.fetch("/Invoices", init))));
      assert.equal(apiCalls.length, 0, `${how} at ${type}`);
      for (const error of errors) assert.equal(error.outcome, undefined, `${how} at ${type}: ${error.message}`);
    }
  }
});

test("an answer that has begun can be read after close", async (t) => {
  const { fetch } = stub({ api: () => new Response("all of it") });
  const xero = client(t, { fetch });
  const response = await xero.fetch("/Invoices");
  xero.close();
  assert.equal(await response.text(), "all of it");
});

test("Symbol.dispose is close, for `using`", async (t) => {
  const xero = client(t, { fetch: stub().fetch });
  assert.ok(Symbol.dispose, "every supported version of Node has it");
  xero[Symbol.dispose]();
  assert.ok(closed(await failure(xero.token())));
});

test("closing one client leaves the others alone", async (t) => {
  const { fetch } = stub();
  const [one, other] = [client(t, { fetch }), client(t, { fetch })];
  await Promise.all([one.token(), other.token()]);
  one.close();
  assert.equal((await other.fetch("/Invoices")).status, 200);
});

test("clients without any reference left are collected, with a token and without, and nothing keeps the process alive", () => {
  const script = `
    import { CustomConnection } from "xero-m2m";
    const answer = { access_token: "t", token_type: "Bearer", expires_in: 1800 };
    const fetch = async () => Response.json(answer);
    const refs = [];
    for (let n = 0; n < 50; n++) {
      const xero = new CustomConnection({ clientId: "id", clientSecret: "secret", fetch });
      if (n % 2) await xero.token();
      refs.push(new WeakRef(xero));
    }
    for (let n = 0; n < 20 && refs.some((ref) => ref.deref()); n++) {
      await new Promise(setImmediate);
      globalThis.gc();
    }
    console.log(refs.filter((ref) => ref.deref()).length);
    // Open, with a renewal of nothing to wait for: the process ends all the same.
    globalThis.kept = new CustomConnection({ clientId: "id", clientSecret: "secret", fetch });
    await kept.token();`;
  const output = execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "--eval", script], {
    cwd: new URL(".", import.meta.url),
    encoding: "utf8",
  });
  // The last one may still be in a register.
  assert.ok(Number(output) <= 1, `${output.trim()} of 50 are left`);
});

test("a secret that never comes does not keep the process alive: after every caller has aborted, and after close", () => {
  for (const end of ["controller.abort()", "xero.close()"]) {
    const script = `
      import { CustomConnection } from "xero-m2m";
      const clientSecret = () => new Promise(() => {});
      const xero = new CustomConnection({ clientId: "id", clientSecret });
      const controller = new AbortController();
      const calls = [xero.token(controller), xero.fetch("/Invoices", controller)].map((call) => call.catch(() => {}));
      await new Promise(setImmediate);
      ${end};
      await Promise.all(calls);
      console.log("ended", process.getActiveResourcesInfo().filter((name) => name === "Timeout").length);`;
    const options = { cwd: new URL(".", import.meta.url), encoding: "utf8", timeout: 50_000 };
    assert.equal(execFileSync(process.execPath, ["--input-type=module", "--eval", script], options).trim(), "ended 0", end);
  }
});

test("every failure is caught: no rejection is left unhandled", async (t) => {
  const unhandled = [];
  const listen = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", listen);
  t.after(() => process.off("unhandledRejection", listen));
  const broken = new Error("broken");
  const fail = () => Promise.reject(broken);
  const options = [
    { fetch: fail },
    { fetch: () => { throw broken; } },
    { fetch: async () => undefined },
    { fetch: stub().fetch, clientSecret: fail },
    { fetch: stub().fetch, store: { load: fail, save: fail, erase: fail } },
    { fetch: stub({ api: fail }).fetch },
  ];
  for (const more of options) {
    const xero = new CustomConnection({ clientId: CLIENT_ID, clientSecret: SECRET, timeoutMs: 100, ...more });
    const outcome = await xero.fetch("/Invoices").catch((error) => error);
    assert.ok(outcome instanceof Response || outcome instanceof XeroError, String(outcome));
    // Started, left alone, and closed under way.
    void xero.token().catch(() => {});
    xero.close();
    await turn();
  }
  assert.deepEqual(unhandled, []);
});
