/** `xero.json` and `xero.pages`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { XeroError } from "xero-m2m";
import { START, TOKEN, client, clock, failure, json, local, stub } from "./support.mjs";

const answering = (t, ...answers) => {
  const stubbed = stub({ api: (_, n) => answers[n - 1]() });
  return { ...stubbed, xero: client(t, { fetch: stubbed.fetch }) };
};

/** The answer to a write. */
const WRITTEN = { Invoices: [{ InvoiceID: "1" }] };

const CORRELATION = "7C74E780-3d24-4dd8-80d1-c0aa7568b051";

test("json: reads and writes, over HTTP", async (t) => {
  const { url, xero } = await local(t);
  const { Organisations } = await xero.json("GET", "/Organisation");
  assert.equal(Organisations.length, 1);
  const invoice = { Type: "ACCREC", Contact: { Name: "Søren" } };
  const { Invoices } = await xero.json("PUT", "/Invoices", { Invoices: [invoice] });
  assert.equal(Invoices[0].Contact.Name, "Søren");
  const again = await xero.json("GET", new URL(`${url}/api.xro/2.0/Invoices/${Invoices[0].InvoiceID}`));
  assert.equal(again.Invoices[0].Contact.Name, "Søren");
});

test("json: a body is sent as JSON, and none on a GET", async (t) => {
  const { xero, apiCalls } = answering(t, () => json({}), () => json(WRITTEN), () => json(WRITTEN));
  await xero.json("GET", "/Invoices");
  await xero.json("POST", "/Invoices", [1], { headers: { "Idempotency-Key": "k" } });
  await xero.json("POST", "/Invoices", null, { headers: { "Content-Type": "application/problem+json" } });
  assert.deepEqual(
    apiCalls.map(({ body, headers }) => [body, headers.get("content-type"), headers.get("idempotency-key")]),
    [[undefined, null, null], ["[1]", "application/json", "k"], ["null", "application/problem+json", null]],
  );
  assert.equal((await failure(xero.json("GET", "/Invoices", {}))).code, "body_not_allowed");
});

test("json: an answer without a body is undefined", async (t) => {
  const { xero } = answering(t, () => new Response(null, { status: 204 }), () => new Response(""), () => new Response(null, { status: 204 }));
  assert.equal(await xero.json("DELETE", "/files.xro/1.0/Files/1"), undefined);
  assert.equal(await xero.json("DELETE", "/projects.xro/2.0/Projects/1/Tasks/1"), undefined);
  assert.equal(await xero.json("POST", "/Invoices/1/Email", {}), undefined);
});

test("json: a success without what was written proves no write", async (t) => {
  const refusal = '{"ErrorNumber":10,"Type":"ValidationException","Elements":[{"ValidationErrors":[{"Message":"no"}]}]}';
  const empty = [[200, ""], [201, ""], [202, ""], [205, null], [304, null]];
  const none = ["[]", "null", "{}", "[null]", "[{}]", '["x"]', '[[{"InvoiceID":"1"}]]'].map((list) => `{"Id":"x","Status":"OK","Invoices":${list}}`);
  const about = ['{"Invoices":[],"pagination":{"page":1,"itemCount":0}}', '{"Invoices":[],"Warnings":[{"Message":"x"}]}', '{"Status":"ERROR","Invoices":[{"InvoiceID":"1"}]}'];
  const bodies = ["null", "{}", "[]", "[null]", "[{}]", "[1]", '"ok"', '{"status":"up"}', refusal, ...none, ...about].map((body) => [200, body]);
  for (const [status, body] of [...empty, ...bodies]) {
    const { xero } = answering(t, () => new Response(body, { status }));
    const error = await failure(xero.json("POST", "/Invoices", {}));
    assert.deepEqual([error.code, error.outcome, error.retryable, error.status], ["malformed_answer", "unknown", false, status], body);
  }
});

test("json: a deletion is proven by no body or by a record, and by no refusal", async (t) => {
  const refusal = { ErrorNumber: 14, Type: "PostDataInvalidException", Message: "no" };
  const path = "/LinkedTransactions/4f6f2f3c-0000-4000-8000-000000000001";
  const { xero } = answering(t, () => new Response(""), () => json(WRITTEN), () => json(refusal), () => json({ Message: "The API is unavailable" }));
  assert.equal(await xero.json("DELETE", path), undefined);
  assert.deepEqual(await xero.json("DELETE", path), WRITTEN);
  for (let n = 0; n < 2; n++) {
    const error = await failure(xero.json("DELETE", path));
    assert.deepEqual([error.code, error.outcome], ["malformed_answer", "unknown"]);
  }
});

test("json: a body whose data JSON does not see, or that is bytes, is refused before anything is sent", async (t) => {
  class Money {
    #amount = 1;
    static of = (money) => money.#amount;
  }
  class Hidden {
    constructor() {
      Object.defineProperty(this, "amount", { value: 1, enumerable: false });
    }
  }
  const { xero, apiCalls } = answering(t);
  const values = [new Money(), new Hidden(), Object.create({ Type: "ACCREC" }), { [Symbol("Type")]: 1 }, Buffer.from("a"), new Uint8Array(2), new ArrayBuffer(2), new URLSearchParams("a=1"), new Blob(["a"])];
  for (const value of values) {
    for (const body of [value, { Line: value }, [value]]) assert.equal((await failure(xero.json("POST", "/Invoices", body))).code, "invalid_option", String(value));
  }
  assert.equal(apiCalls.length, 0);
});

test("json: options that there are not, and arguments that are missing, are refused", async (t) => {
  const { xero, apiCalls } = answering(t);
  for (const init of [{ query: { page: 2 } }, { params: {} }, { method: "POST" }, { body: "{}" }, { priority: "High" }, { priority: 1 }]) {
    assert.equal((await failure(xero.json("GET", "/Invoices", undefined, init))).code, "invalid_option", JSON.stringify(init));
  }
  for (const path of [undefined, null, {}, [{}]]) {
    assert.equal((await failure(xero.json("GET", path))).code, "invalid_option", String(path));
    assert.equal((await failure(xero.fetch(path))).code, "invalid_option", String(path));
    assert.throws(() => xero.pages(path), { code: "invalid_option" });
  }
  assert.equal((await failure(xero.json(undefined, "/Invoices"))).code, "invalid_option");
  assert.equal((await failure(xero.fetch("/Invoices", { priority: "urgent" }))).code, "invalid_option");
  assert.equal((await failure(all(xero.pages("/Invoices", { priority: "High" })))).code, "invalid_option");
  assert.equal(apiCalls.length, 0);
});

test("json: a read that succeeds without a body is malformed, not undefined", async (t) => {
  const { xero } = answering(t, () => new Response(""), () => new Response("", { status: 202 }), () => new Response(null, { status: 204 }));
  for (let n = 0; n < 2; n++) assert.equal((await failure(xero.json("GET", "/Invoices"))).code, "malformed_answer");
  assert.equal(await xero.json("GET", "/Invoices"), undefined);
});

test("json: what JSON would write as null or {} is refused before anything is sent", async (t) => {
  const { xero, apiCalls } = answering(t);
  const lost = [Number.NaN, Number.POSITIVE_INFINITY, -Infinity, new Date("no day"), Object(Number.NaN), new Map([["a", 1]]), new Set([1]), new FormData(), Promise.resolve(1)];
  for (const amount of lost) {
    const error = await failure(xero.json("POST", "/Invoices", { LineItems: [{ UnitAmount: amount }] }));
    assert.deepEqual([error.code, /NaN/.test(error.message)], ["invalid_option", true]);
  }
  assert.equal(apiCalls.length, 0);
});

test("json: a body is written as JSON writes it", async (t) => {
  class Line {
    Quantity = 2;
  }
  const body = { Date: new Date(0), Lines: [new Line(), {}, [], null, undefined], Note: undefined, Sent: false, Bare: Object.create(null) };
  const { xero, apiCalls } = answering(t, () => json(WRITTEN));
  await xero.json("POST", "/Invoices", body);
  assert.equal(apiCalls[0].body, JSON.stringify(body));
});

test("json: an answer without a body that announces the length of another is undefined", async (t) => {
  const modified = { "content-length": "1234", "content-type": "application/json" };
  const { xero, apiCalls } = answering(
    t,
    () => new Response(null, { status: 304, headers: modified }),
    () => new Response(null, { status: 200, headers: modified }),
    () => new Response("", { status: 200, headers: modified }),
  );
  const since = { headers: { "If-Modified-Since": "2026-11-23T10:00:00" } };
  assert.equal(await xero.json("GET", "/Invoices", undefined, since), undefined);
  assert.equal(await xero.json("head", "/Invoices"), undefined);
  assert.equal(apiCalls[0].headers.get("if-modified-since"), "2026-11-23T10:00:00");
  // In answer to a GET it was cut off.
  assert.equal((await failure(xero.json("GET", "/Invoices"))).code, "malformed_answer");
});

test("json: for any Retry-After of an answer, retryAt is an instant that a Date can hold", async (t) => {
  for (const [status, headers] of [
    [429, { "x-rate-limit-problem": "minute" }],
    [429, { "x-rate-limit-problem": "day" }],
    [503, {}],
  ]) {
    for (const asked of ["99999999999999", "9".repeat(400), "Fri, 31 Dec 9999 23:59:59 GMT"]) {
      for (const limits of [true, false]) {
        const api = () => new Response("", { status, headers: { ...headers, "retry-after": asked } });
        const at = Date.now();
        const error = await failure(client(t, { fetch: stub({ api }).fetch, limits, deadlineMs: 1_000 }).json("GET", "/Invoices"));
        const ms = new Date(error.retryAt).getTime() - at;
        assert.ok(ms > 1_000 && ms <= 86_500_000, `${status} ${asked}: ${ms}`);
      }
    }
  }
  const token = () => new Response("", { status: 503, headers: { "retry-after": "99999999999999" } });
  const error = await failure(client(t, { fetch: stub({ token }).fetch, deadlineMs: 200 }).token());
  assert.ok(new Date(error.retryAt).getTime() > Date.now());
});

test("json: an answer that is not JSON is an error with its status and number, and without any of its text", async (t) => {
  const html = { "content-type": "text/html; charset=utf-8", "xero-correlation-id": CORRELATION };
  const { xero } = answering(
    t,
    () => new Response(`<h1>${TOKEN}</h1>`, { headers: html }),
    () => new Response(`{"a": "${TOKEN}"`, { headers: { "content-type": "application/json" } }),
  );
  const [page, broken] = [await failure(xero.json("GET", "/Invoices")), await failure(xero.json("GET", "/Invoices"))];
  assert.deepEqual([page.code, page.status, page.correlationId], ["malformed_answer", 200, CORRELATION]);
  assert.match(page.message, /text\/html/);
  assert.deepEqual([broken.code, broken.status, "correlationId" in broken], ["malformed_answer", 200, false]);
  for (const error of [page, broken]) assert.ok(error instanceof XeroError && !error.stack.includes(TOKEN));
});

test("json: a success that breaks off is offline; of any other answer the status counts", async (t) => {
  const broken = (status) => () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new TypeError("terminated")) });
    return new Response(body, { status });
  };
  const expected = [
    [200, "offline", "network", true],
    [500, "server_error", "xero", true],
    [404, "not_found", "caller", false],
  ];
  const { xero } = answering(t, ...expected.map(([status]) => broken(status)));
  for (const [status, ...members] of expected) {
    const error = await failure(xero.json("GET", "/Invoices"));
    assert.ok(error instanceof XeroError, String(error));
    assert.deepEqual([error.code, error.blame, error.retryable], members);
    assert.equal(error.status, status === 200 ? undefined : status);
  }
});

test("json: an abort while the body is read throws its reason", async (t) => {
  const api = ({ signal }) =>
    new Response(
      new ReadableStream({ start: (controller) => signal.addEventListener("abort", () => controller.error(signal.reason)) }),
    );
  const controller = new AbortController();
  const xero = client(t, { fetch: stub({ api }).fetch });
  const told = failure(xero.json("GET", "/Invoices", undefined, { signal: controller.signal }));
  await new Promise(setImmediate);
  controller.abort("enough");
  assert.equal(await told, "enough");
});

const ERRORS = [
  [400, { ErrorNumber: 10, Type: "ValidationException", Message: TOKEN }, "refused", false],
  [401, { Detail: "AuthorizationUnsuccessful" }, "scope_missing", false],
  [401, { Detail: TOKEN }, "not_authorised", false],
  [403, { Detail: "AuthenticationUnsuccessful" }, "not_authorised", false],
  [404, TOKEN, "not_found", false],
  [415, {}, "refused", false],
  [429, TOKEN, "rate_limited", true],
  [500, { Message: TOKEN }, "server_error", true],
  [503, TOKEN, "server_error", true],
];
for (const [status, body, code, retryable] of ERRORS) {
  test(`json: ${status} ${typeof body === "string" ? "with a text" : JSON.stringify(body)} is ${code}`, async (t) => {
    const { fetch } = stub({ api: () => json(body, { status, headers: { "xero-correlation-id": CORRELATION } }) });
    const error = await failure(client(t, { fetch, limits: false }).json("GET", "/Invoices"));
    assert.ok(error instanceof XeroError);
    const { operation, correlationId } = error;
    assert.deepEqual(
      [error.code, error.status, error.retryable, operation, correlationId],
      [code, status, retryable, "accounting.getInvoices", CORRELATION],
    );
    assert.ok(!error.stack.includes(TOKEN) && !JSON.stringify(error).includes(TOKEN));
  });
}

test("json: when a limit ends, in milliseconds", async (t) => {
  clock(t, ["Date"]);
  const headers = { "retry-after": "42", "x-correlation-id": CORRELATION };
  const api = (_, n) => new Response("", { status: 429, headers: n === 1 ? headers : {} });
  const xero = client(t, { fetch: stub({ api }).fetch, limits: false });
  const error = await failure(xero.json("GET", "/Invoices"));
  assert.deepEqual([error.retryAt, error.correlationId], [START + 42_000, CORRELATION]);
  assert.ok(!("retryAt" in (await failure(xero.json("GET", "/Invoices")))));
});

async function all(pages) {
  const found = [];
  for await (const record of pages) found.push(record);
  return found;
}

test("pages: every invoice once, over HTTP", async (t) => {
  const { simulator, xero } = await local(t, {}, { invoices: 2_345 });
  const ids = (await all(xero.pages("/Invoices"))).map(({ InvoiceID }) => InvoiceID);
  assert.deepEqual([ids.length, new Set(ids).size], [2_345, 2_345]);
  assert.equal(simulator.counts().apiRequests, 3);
  const small = await all(xero.pages("/Invoices?pageSize=500&Statuses=AUTHORISED"));
  assert.ok(small.length > 0 && small.every(({ Status }) => Status === "AUTHORISED"));
});

test("pages: a list that is not split is one page", async (t) => {
  const { simulator, xero } = await local(t);
  assert.equal((await all(xero.pages("/Organisation"))).length, 1);
  assert.equal(simulator.counts().apiRequests, 1);
});

test("pages: a page is asked for when the one before is used up", async (t) => {
  const { simulator, xero } = await local(t, {}, { invoices: 2_000 });
  for await (const _ of xero.pages("/Invoices")) break;
  assert.equal(simulator.counts().apiRequests, 1);
});

test("pages: by the number of the last record, where the API counts so", async (t) => {
  const journals = (...numbers) => () => json({ Journals: numbers.map((JournalNumber) => ({ JournalNumber })) });
  const { xero, apiCalls } = answering(t, journals(1, 2, 5), journals(7, 9), journals());
  assert.equal((await all(xero.pages("/Journals?paymentsOnly=true"))).length, 5);
  assert.deepEqual(apiCalls.map(({ url }) => new URL(url).search), [0, 5, 9].map((n) => `?paymentsOnly=true&offset=${n}`));
});

test("pages: the end by an empty page, where the API does not return their number", async (t) => {
  const page = (...ids) => () => json({ Contacts: ids.map((ContactID) => ({ ContactID })) });
  const { xero, apiCalls } = answering(t, page("a", "b"), page("c"), page());
  assert.equal((await all(xero.pages("/Contacts"))).length, 3);
  assert.deepEqual(apiCalls.map(({ url }) => new URL(url).searchParams.get("page")), ["1", "2", "3"]);
});

test("pages: a server that repeats a page is found out", async (t) => {
  const page = () => json({ Contacts: [{ ContactID: "a" }] });
  const { xero, apiCalls } = answering(t, page, page, page);
  assert.equal((await failure(all(xero.pages("/Contacts")))).code, "malformed_answer");
  assert.equal(apiCalls.length, 2);
});

test("pages: an answer without a list is an error, and so is a page of one's own", async (t) => {
  const { xero, apiCalls } = answering(t, () => json({ Message: "no" }), () => json("text"), () => json(null));
  for (let n = 0; n < 3; n++) assert.equal((await failure(all(xero.pages("/Contacts")))).code, "malformed_answer");
  assert.equal((await failure(all(xero.pages("/Contacts?Page=2")))).code, "invalid_option");
  assert.equal(apiCalls.length, 3);
});

test("pages: a 304 ends the walk where the caller asked for changes, and is no list where it did not", async (t) => {
  const answers = [new Response(null, { status: 304 }), json({ Contacts: [{ ContactID: "1" }] }), new Response(null, { status: 304 })];
  const xero = client(t, { fetch: stub({ api: () => answers.shift() ?? new Response(null, { status: 304 }) }).fetch });
  const headers = { "If-Modified-Since": "2026-04-29T00:00:00" };
  assert.deepEqual(await all(xero.pages("/Contacts", { headers })), []);
  assert.deepEqual(await all(xero.pages("/Contacts", { headers })), [{ ContactID: "1" }]);
  assert.deepEqual(await all(xero.pages("/Contacts", { headers: { "If-None-Match": "x" } })), []);
  assert.equal((await failure(all(xero.pages("/Contacts")))).code, "malformed_answer");
});

test("pages: a page without records before the last one is an error, not the end", async (t) => {
  const pagination = { page: 1, pageSize: 1_000, pageCount: 3, itemCount: 2_500 };
  const { xero } = answering(t, () => json({ pagination, Contacts: [{ ContactID: "1" }] }), () => json({ pagination, Contacts: [] }));
  const walk = xero.pages("/Contacts");
  assert.deepEqual((await walk.next()).value, { ContactID: "1" });
  const error = await failure(walk.next());
  assert.deepEqual([error.code, /page=2/.test(error.message)], ["malformed_answer", true]);
});

/** A server of `there` invoices, whose pages `edit` changes. */
const listed = (t, there, edit = (page) => page) => {
  const { fetch, apiCalls } = stub({
    api: ({ url }) => {
      const query = new URL(url).searchParams;
      const [page, size] = [Number(query.get("page")), Number(query.get("pageSize"))];
      const Invoices = Array.from({ length: Math.max(0, Math.min(size, there - (page - 1) * size)) }, (_, n) => ({ InvoiceID: String((page - 1) * size + n) }));
      return json(edit({ pagination: { page, pageSize: size, pageCount: Math.ceil(there / size), itemCount: there }, Invoices }, page));
    },
  });
  return { xero: client(t, { fetch, limits: false }), apiCalls };
};

const counted = (pageCount) => ({ pagination, Invoices }) => ({ pagination: { ...pagination, pageCount }, Invoices });

test("pages: a wrong number of pages ends no walk before all that is counted has come", async (t) => {
  for (const pageCount of [1, 0, -1, 99, undefined, "x", null]) {
    const { xero } = listed(t, 2_500, counted(pageCount));
    if (pageCount === 99) assert.match((await failure(all(xero.pages("/Invoices")))).message, /page=4/);
    else assert.equal((await all(xero.pages("/Invoices"))).length, 2_500, String(pageCount));
  }
});

test("pages: a walk that ends with fewer records than are counted is an error", async (t) => {
  const without = (last, left) => (answer, page) => (page === last ? { ...answer, Invoices: answer.Invoices.slice(0, left) } : answer);
  for (const edit of [without(3, 0), without(3, 1), without(2, 999)]) {
    const { xero } = listed(t, 2_500, edit);
    const error = await failure(all(xero.pages("/Invoices")));
    assert.deepEqual([error.code, /2500/.test(error.message)], ["malformed_answer", true]);
  }
  const { xero, apiCalls } = listed(t, 2_000);
  assert.deepEqual([(await all(xero.pages("/Invoices"))).length, apiCalls.length], [2_000, 2]);
});

test("pages: a server that sends the same records in another order is no endless list", async (t) => {
  const { fetch, apiCalls } = stub({ api: (_, n) => json({ Invoices: Array.from({ length: 50 }, (_, i) => ({ InvoiceID: String((i + 7 * n) % 50) })) }) });
  const error = await failure(all(client(t, { fetch, limits: false }).pages("/Invoices")));
  assert.deepEqual([error.code, apiCalls.length], ["malformed_answer", 2]);
});

test("pages: headers and signal go with every request", async (t) => {
  const page = (id) => () => json({ Contacts: [{ ContactID: id }] });
  const { xero, apiCalls } = answering(t, page("a"), page("b"), () => json({ Contacts: [] }));
  const controller = new AbortController();
  const headers = { "If-Modified-Since": "Mon, 23 Nov 2026 10:00:00 GMT" };
  await all(xero.pages("/Contacts", { headers, signal: controller.signal }));
  assert.ok(apiCalls.length === 3 && apiCalls.every((call) => call.headers.has("if-modified-since")));
  controller.abort("enough");
  assert.equal(await failure(all(xero.pages("/Contacts", { signal: controller.signal }))), "enough");
});

test("pages: an error on the way ends the walk after the records before it", async (t) => {
  const { xero } = answering(t, () => json({ Contacts: [{ ContactID: "a" }] }), () => new Response("", { status: 500 }));
  const seen = [];
  const error = await failure((async () => { for await (const record of xero.pages("/Contacts")) seen.push(record); })());
  assert.deepEqual([error.code, seen.length], ["server_error", 1]);
});

test("pages: unknown options, pages of no size, and the list of an error are refused", async (t) => {
  const { xero, apiCalls } = answering(t, () => json({ ErrorNumber: 10, Type: "ValidationException", Elements: [{ ValidationErrors: [] }] }));
  assert.equal((await failure(all(xero.pages("/Accounts")))).code, "malformed_answer");
  for (const size of ["0", "-1", "x", ""]) {
    const error = await failure(all(xero.pages(`/Invoices?pageSize=${size}`)));
    assert.deepEqual([error.code, /pageSize/.test(error.message)], ["invalid_option", true], size);
  }
  assert.throws(() => xero.pages("/Invoices", { method: "POST" }), { code: "invalid_option" });
  assert.equal(apiCalls.length, 1);
});
