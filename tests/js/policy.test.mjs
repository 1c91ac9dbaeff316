/** Scope policy as its users have it: the vectors through the built package, the published schema, and bad input. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { XeroError, assess, catalogue, checkScopes, operationOf, parseScopes, planChange, requiredScopes, review } from "xero-m2m/policy";
import { vectors } from "./support.mjs";

const require = createRequire(import.meta.url);
const schema = JSON.parse(readFileSync(require.resolve("xero-m2m/policy.schema.json"), "utf8"));
// What the schema does not name must not be there either, so that nothing is published by accident.
for (const definition of Object.values(schema.$defs)) if (definition.properties) definition.additionalProperties = false;
const ajv = addFormats(new Ajv({ strict: true, allErrors: true }));
ajv.addSchema(schema, "policy");

/** The answer, after a check against the schema. */
function valid(definition, answer) {
  const validate = ajv.getSchema(`policy#/$defs/${definition}`);
  assert.ok(validate(answer), `${definition}: ${ajv.errorsText(validate.errors)}`);
  assert.deepEqual(JSON.parse(JSON.stringify(answer)), answer, "an answer is plain JSON");
  return answer;
}

const words = (list) => list.join(" ");
const facts = ({ app, createdOn, region, demo, organisations, on }) => ({ app, createdOn, region, demo, organisations, on });

test("required scopes", () => {
  for (const { name, operations, scopes, alternatives, unopenable } of vectors("policy-least")) {
    const found = valid("RequiredScopes", requiredScopes(operations));
    assert.deepEqual([found.scopes, found.alternatives, found.unresolved], [scopes, alternatives, []], name);
    const reasons = found.unopenable.map(({ operation, held, scopes: own, reason }) => [operation, held, own, reason.rule]);
    assert.deepEqual(reasons, unopenable, name);
    assert.deepEqual(requiredScopes(operations.join("\n")).scopes, scopes, `${name}: as one text`);
  }
});

test("calls as people write them", () => {
  const fit = (expected, found, defaults) =>
    expected.length === found.length &&
    expected.every((members, place) =>
      Object.entries({ ...defaults, ...members }).every(([key, value]) =>
        JSON.stringify(found[place][key] ?? null) === JSON.stringify(value),
      ),
    );
  for (const { name, text, calls, unresolved, ignored } of vectors("calls")) {
    const found = valid("RequiredScopes", requiredScopes(text));
    assert.ok(fit(calls, found.calls, { assumed: null, times: 1, input: 0 }), `${name}: ${JSON.stringify(found.calls)}`);
    assert.ok(fit(unresolved, found.unresolved, { times: 1, why: "noOperation" }), `${name}: ${JSON.stringify(found.unresolved)}`);
    const nothing = Object.fromEntries(Object.keys(found.ignored).map((key) => [key, 0]));
    assert.deepEqual(found.ignored, { ...nothing, ...ignored }, name);
    for (const { at, line, text: written } of [...found.calls, ...found.unresolved]) {
      assert.equal(text.slice(0, at).split("\n").length, line, `${name}: ${written}`);
    }
  }
});

test("code in every language", () => {
  // The catalogue has timesheets of Australian payroll at this path as well.
  const more = { "payroll base": ["payroll-au-v2.createTimesheet"] };
  for (const { name, text, file, calls, unresolved, orSaid = false } of [...vectors("reader"), ...vectors("code")]) {
    const found = valid("RequiredScopes", requiredScopes(file === undefined ? text : [{ name: file, text }]));
    const read = [...new Set(found.calls.flatMap(({ operations }) => operations))].sort();
    const right = [...calls, ...(more[name] ?? [])].sort();
    const isSaid = found.unresolved.length > 0;
    const isRight = JSON.stringify(read) === JSON.stringify(right) && (unresolved ?? isSaid) === isSaid;
    assert.ok(isRight || (orSaid && isSaid && read.every((key) => right.includes(key))), `${name}: ${JSON.stringify(found)}`);
  }
});

test("checks", () => {
  for (const { name, calls, scopes, ...expected } of vectors("policy-check")) {
    const found = valid("CheckedScopes", checkScopes({ scopes, calls: Object.keys(calls), ...facts(expected) }));
    assert.deepEqual(Object.fromEntries(found.calls.map((call) => [call.operation, call.allowed])), calls, name);
    const hasError = found.findings.some(({ severity }) => severity === "error");
    assert.equal(found.allowed, found.calls.length > 0 && Object.values(calls).every(Boolean) && !hasError, name);
    const uncertain = found.calls.filter((call) => call.uncertain).map((call) => call.operation);
    assert.deepEqual(uncertain, expected.uncertain ?? [], name);
    assert.deepEqual([found.missing, found.unused], [expected.missing, expected.unused], name);
    assert.deepEqual(Object.fromEntries(found.broad.map((one) => [one.scope, one.instead])), expected.broad, name);
    const unknown = Object.fromEntries(found.unknown.map((one) => [one.name, one.suggestion]));
    assert.deepEqual(unknown, expected.unknown ?? {}, name);
    assert.deepEqual(new Set(found.findings.map((finding) => finding.rule)), new Set(expected.rules), name);
  }
});

test("assessments", () => {
  for (const { name, scopes, has, lacks, says = [], silent = [], ...expected } of vectors("policy-assess")) {
    const { findings } = valid("Assessment", assess({ scopes, ...facts(expected) }));
    const rows = findings.map(({ rule, kind, severity, daysLeft }) => JSON.stringify([rule, kind, severity, daysLeft ?? null]));
    for (const wanted of has) assert.ok(rows.includes(JSON.stringify(wanted)), `${name}: no ${wanted} in ${rows}`);
    for (const kind of lacks) assert.ok(!findings.some((finding) => finding.kind === kind), `${name}: ${kind}`);
    for (const rule of silent) assert.ok(!findings.some((finding) => finding.rule === rule), `${name}: ${rule}`);
    for (const [rule, part] of says) {
      assert.ok(findings.some((finding) => finding.rule === rule && finding.message.includes(part)), `${name}: ${rule} ${part}`);
    }
  }
});

test("plans", () => {
  for (const { name, from, to, ...expected } of vectors("policy-plan")) {
    const { organisation } = expected;
    const found = valid("ChangePlan", planChange({ from, to, organisation, ...facts(expected) }));
    assert.deepEqual(found.steps.map(({ kind, adds, removes }) => [kind, words(adds), words(removes)]), expected.steps, name);
    assert.deepEqual(words(found.oneWayDoors.map((door) => door.scope)), words(expected.doors), name);
    assert.deepEqual(found.refused.map(({ scope, why }) => [scope, why.rule]), expected.refused, name);
    assert.deepEqual(found.kept.map(({ scope }) => scope), expected.kept ?? [], name);
    assert.equal(found.rollback.possible, expected.rollback, name);
    assert.equal(found.deadline?.daysLeft ?? null, expected.daysLeft, name);
    assert.equal(found.cautious?.recommended, expected.cautious?.recommended, name);
    assert.equal(found.recommended, expected.cautious?.recommended ? "cautious" : "full", name);
    for (const text of expected.says ?? []) assert.ok(found.markdown.includes(text), `${name}: ${text}`);
    const careful = found.cautious;
    assert.equal(careful?.email === undefined, !careful?.steps.length, name);
  }
});

test("the scopes that calls require of one connection", () => {
  const on = "2026-11-24";
  const required = (calls, facts) => valid("RequiredScopes", requiredScopes(calls, { on, ...facts }));
  const journals = ["accounting.journals.read"];
  assert.deepEqual(required("GET /Journals", {}).scopes, []);
  assert.deepEqual(required("GET /Journals", { createdOn: "2025-06-01" }).scopes, journals);
  assert.deepEqual(required("GET /Journals", { createdOn: "2025-06-01" }).unopenable, []);
  assert.deepEqual(required("GET /Journals", { createdOn: "2026-06-01" }).scopes, []);
  assert.deepEqual(required("GET /Journals", { scopes: journals }).kept.map(({ scope }) => scope), journals);
  const receipts = required("GET /Receipts\nGET /Invoices", { scopes: ["accounting.transactions.read"], createdOn: "2025-06-01" });
  assert.deepEqual(receipts.scopes, ["accounting.invoices.read", "accounting.transactions.read"]);
  assert.deepEqual(receipts.kept[0].why.operations, ["accounting.getReceipts"]);
});

test("the scopes that calls require of other kinds of app", () => {
  const required = (calls, app) => valid("RequiredScopes", requiredScopes(calls, { app, on: "2026-11-24" }));
  const [journals] = required("GET /Journals", "web").unopenable;
  assert.deepEqual([journals.held, journals.reason.rule], ["premium_only", "R42"]);
  const { scopes, unopenable } = required("GET /Invoices\nGET https://api.xero.com/connections", "pkce");
  assert.deepEqual([scopes, unopenable], [["accounting.invoices.read"], []], "every token of a user lists its connections");
  const own = required("GET /Invoices\nGET https://api.xero.com/connections", "app");
  assert.deepEqual([own.scopes, own.unopenable.map(({ reason }) => reason.rule)], [["app.connections"], ["R35"]]);
  const { plan } = review({ scopes: "accounting.settings offline_access", calls: "GET /Accounts", app: "web", createdOn: "2026-06-01" });
  assert.deepEqual(plan.scopes, ["accounting.settings.read", "offline_access"]);
});

test("a review is what the other functions answer to the same question", () => {
  const facts = { createdOn: "2025-03-17", region: "NZ", on: "2026-11-24" };
  const scopes = "accounting.transactions accounting.contacts";
  const calls = "GET /Invoices\nPOST /Payments\nGET /Nonsense";
  const details = { sender: "Rob Hall", approveBy: "2026-12-05", program: "Ledger Bot", organisationName: "Acme" };
  const found = valid("Review", review({ scopes, calls, ...details, ...facts }));
  assert.deepEqual(found.required, requiredScopes(calls, { scopes, ...facts }));
  assert.deepEqual(found.checked, checkScopes({ scopes, calls, ...facts }));
  assert.deepEqual(found.assessment, assess({ scopes, ...facts }));
  const plan = planChange({ from: scopes, to: found.required.scopes, unread: 1, ...details, ...facts });
  assert.deepEqual(found.plan, plan);
  assert.ok(plan.email.subject.includes("Ledger Bot") && plan.email.body.includes("Acme") && plan.markdown.includes("- Program: Ledger Bot"));
  const parts = [found.required, found.checked, found.assessment, plan].flatMap(({ findings }) => findings);
  const sentences = (findings) => new Set(findings.map(({ rule, message }) => `${rule} ${message}`));
  assert.deepEqual(sentences(found.findings), sentences(parts));
  assert.equal(found.findings.length, sentences(parts).size);

  const wanted = review({ scopes, wanted: "accounting.invoices new.scope", ...facts });
  assert.deepEqual(wanted.lacking, ["accounting.invoices", "new.scope"]);
  assert.deepEqual([wanted.required, wanted.checked], [undefined, undefined]);
  assert.deepEqual(wanted.plan, planChange({ from: scopes, to: "accounting.invoices new.scope", ...facts }));
  const { alternatives } = requiredScopes("GET /Items");
  assert.deepEqual(review({ scopes: "", calls: "GET /Items", choice: 1 }).plan.scopes, alternatives[0]);
  assert.deepEqual(review({ scopes, organisation: "switch", ...facts }).plan.steps.map(({ kind }) => kind).slice(0, 1), ["deactivate"]);
  assert.equal(review({ scopes: "", exists: true, calls: "GET /Items" }).checked.allowed, false);
  assert.equal(valid("Review", review({ scopes: "" })).plan, undefined);
});

test("a call that may be several operations is one call as it is written", () => {
  const { calls, written } = valid("CheckedScopes", checkScopes({ scopes: "accounting.contacts", calls: "GET /Contacts\nxero.getTimesheets(id)" }));
  assert.deepEqual(written.map(({ allowed }) => allowed), [true, false]);
  assert.deepEqual(written.flatMap((call) => call.calls), calls.map((_, place) => place));
});

test("each sentence of doubt is said once, with its operations", () => {
  const calls = "GET /Quotes/1/Attachments\nGET /Quotes/1/Attachments/2";
  const { uncertain } = valid("RequiredScopes", requiredScopes(calls));
  assert.deepEqual(uncertain.map(({ operations }) => operations.length), [2]);
  const scopes = "accounting.attachments.read";
  const { findings } = valid("CheckedScopes", checkScopes({ scopes, calls }));
  assert.deepEqual(findings.filter(({ kind }) => kind === "uncertain").map(({ calls }) => calls), [[0, 1]]);
});

test("a day or a country that cannot be read is said as it was found", () => {
  for (const [act, parts] of [
    [() => assess({ scopes: "", createdOn: "2026-02-30" }), ["createdOn", "2026-02-30", "YYYY-MM-DD"]],
    [() => requiredScopes("", { createdOn: "1 May" }), ["createdOn", "1 May"]],
    [() => assess({ scopes: "", on: "24.11.2026" }), ["on ", "24.11.2026"]],
    [() => assess({ scopes: "", region: "XX" }), ["region", "XX", "AU, NZ, UK, US"]],
    [() => planChange({ from: "", to: "", app: "spa" }), ["app", "spa", "custom, web, pkce or app"]],
    [() => planChange({ from: "", to: "", approveBy: "soon" }), ["approveBy", "soon"]],
    [() => planChange({ from: "", to: "", approveBy: "2026-11-23", on: "2026-11-24" }), ["approveBy", "2026-11-23", "before"]],
    [() => planChange({ from: "", to: "files", organisation: "switch" }), ["organisation", "switch", "no scopes"]],
    [() => planChange({ from: "", to: "", organisation: "other" }), ["organisation", "other", "switch"]],
    [() => review({ scopes: "", organisation: "switch" }), ["organisation", "switch", "scopes has no scopes"]],
    [() => review({ scopes: "", calls: { operations: ["a.b"] } }), ["no operation", "a.b"]],
  ]) {
    assert.throws(act, ({ code, message }) => code === "invalid_option" && parts.every((part) => message.includes(part)));
  }
  // At the most the beginning of it.
  assert.throws(() => assess({ scopes: "", region: "x".repeat(1_000) }), ({ message }) => message.length < 200);
});

test("a country by its code: custom connections are offered in four", () => {
  const of = (region) => assess({ scopes: "files", region }).findings.find(({ rule }) => rule === "R26").kind;
  assert.deepEqual(["AU", "GB", "sg", "DE", "other"].map(of), ["fact", "fact", "unsuitable", "unsuitable", "unsuitable"]);
  // As an answer of Xero's has it, which may be anything.
  const answered = (countryCode) => assess({ scopes: "files", countryCode }).findings.find(({ rule }) => rule === "R26").kind;
  assert.deepEqual(["AU", "GB", "SG"].map(answered), ["fact", "fact", "unsuitable"]);
  const unknown = assess({ scopes: "files" }).findings.find(({ rule }) => rule === "R26").kind;
  assert.deepEqual(["\u0007", "France"].map(answered), [unknown, unknown]);
});

test("the authorising user is in the ticket and the message", () => {
  const plan = planChange({ from: "accounting.transactions", to: "accounting.invoices", authorisingUser: "Kea Tui" });
  assert.ok(plan.markdown.includes("Kea Tui") && plan.email.body.includes("Kea Tui"));
});

test("the catalogue is whole, cited, and read once", () => {
  valid("Catalogue", { ...catalogue });
  const { scopes, operations, rules, sources } = catalogue;
  assert.deepEqual([scopes.length, operations.length, rules.length], [71, 484, 46]);
  const keys = new Set(sources.map((source) => source.key));
  for (const row of [...scopes, ...operations, ...rules]) {
    assert.ok(row.sources.length > 0 && row.sources.every((key) => keys.has(key)), JSON.stringify(row));
  }
  const names = new Set(scopes.map((scope) => scope.name));
  for (const { key, granular, broad, unlisted } of operations) {
    for (const name of [...granular, ...broad, ...unlisted]) assert.ok(names.has(name), `${key}: ${name}`);
  }
  assert.equal(catalogue.operations, operations);
  assert.throws(() => (catalogue.version = "1"), TypeError);
});

test("scopes are one text or a list, and calls one text or several", () => {
  const text = 'scope: "accounting.contacts.read accounting.invoices"';
  const on = "2026-11-24";
  const one = checkScopes({ scopes: text, calls: "GET /Contacts\nPOST /Invoices", on });
  assert.equal(one.allowed, true);
  const several = checkScopes({ scopes: ["accounting.contacts.read", "accounting.invoices"], calls: ["GET /Contacts", "\nPOST /Invoices"], on });
  assert.deepEqual(several.calls.map(({ input, line, at }) => [input, line, at]), [[0, 1, 0], [1, 2, 1]]);
  assert.deepEqual(several.findings, one.findings);
  valid("ParsedScopes", parseScopes(text));
});

test("the day of an answer is today in UTC, unless it is given", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2027, 7, 31, 23, 59, 59) });
  assert.equal(assess({ scopes: [] }).on, "2027-08-31");
  t.mock.timers.tick(1_000);
  assert.equal(assess({ scopes: [] }).on, "2027-09-01");
  assert.equal(assess({ scopes: [], on: "2026-01-01" }).on, "2026-01-01");
});

test("what cannot be read is refused, by name", () => {
  const refusals = [
    [() => parseScopes(5), "parseScopes"],
    [() => requiredScopes(), "requiredScopes"],
    [() => requiredScopes(["GET /Invoices", 5]), "requiredScopes"],
    [() => checkScopes(), "checkScopes"],
    [() => checkScopes({ scopes: "" }), "calls"],
    [() => checkScopes({ calls: "" }), "scopes"],
    [() => checkScopes({ scopes: new Set(), calls: "" }), "scopes"],
    [() => checkScopes({ scopes: "", calls: "", created: "2026-01-01" }), "created"],
    [() => assess({ scopes: "", createdOn: "2026-02-30" }), "createdOn"],
    [() => assess({ scopes: "", createdOn: new Date() }), "createdOn"],
    [() => assess({ scopes: "", on: "24.11.2026" }), "on"],
    [() => assess({ scopes: "", region: "France" }), "region"],
    [() => requiredScopes("", { created: "2026-01-01" }), "created"],
    [() => requiredScopes("", { scopes: 5 }), "scopes"],
    [() => planChange({ from: "", to: "", sender: 5 }), "sender"],
    [() => assess({ scopes: "", demo: "yes" }), "demo"],
    [() => assess({ scopes: "", organisations: 1.5 }), "organisations"],
    [() => assess({ scopes: "", organisations: -1 }), "organisations"],
    [() => assess({ scopes: "", organisations: 2 ** 32 }), "organisations"],
    [() => planChange({ from: "" }), "to"],
    [() => planChange({ from: "", to: "", program: 5 }), "program"],
    [() => planChange({ from: "", to: "", organisationName: 5 }), "organisationName"],
    [() => review({}), "scopes"],
    [() => review({ scopes: "", calls: 5 }), "calls"],
    [() => review({ scopes: "", wanted: 5 }), "wanted"],
    [() => review({ scopes: "", choice: -1 }), "choice"],
    [() => review({ scopes: "", exists: "yes" }), "exists"],
    [() => planChange({ from: "", to: "", authorisingUser: 7 }), "authorisingUser"],
  ];
  for (const [act, part] of refusals) {
    assert.throws(act, (error) => {
      assert.ok(error instanceof XeroError, String(error));
      assert.deepEqual([error.code, error.blame, error.retryable], ["invalid_option", "caller", false], error.message);
      assert.ok(error.message.includes(part), error.message);
      return true;
    });
  }
});

test("an error is of the class of every entry", async () => {
  const { XeroError: OfClient } = await import("xero-m2m");
  const { XeroError: OfRequire } = require("xero-m2m/policy");
  let thrown;
  try {
    parseScopes(1);
  } catch (error) {
    thrown = error;
  }
  for (const Class of [XeroError, OfClient, OfRequire]) assert.ok(thrown instanceof Class);
  assert.ok(!(new Error("x") instanceof XeroError) && !(null instanceof XeroError) && !("x" instanceof XeroError));
  class Own extends XeroError {}
  assert.ok(!(thrown instanceof Own));
});

test("any input is answered: lone surrogates, controls, very long lines", () => {
  for (const text of ["\ud800", "\0\u202e", "x".repeat(1_000_000), "GET /" + "a/".repeat(100_000), '{"log":{"entries":['.repeat(1_000)]) {
    valid("RequiredScopes", requiredScopes(text));
    valid("ParsedScopes", parseScopes(text));
    valid("CheckedScopes", checkScopes({ scopes: text, calls: [text, text] }));
    planChange({ from: text, to: text, authorisingUser: text.slice(0, 1_000) });
  }
});

test("operations have a door of their own: by key, and by method and URL", () => {
  assert.deepEqual(operationOf("put", "https://api.xero.com/api.xro/2.0/Invoices?x=1"), ["accounting.createInvoices"]);
  assert.deepEqual(operationOf("GET", "/payroll.xro/2.0/Employees"), ["payroll-nz.getEmployees", "payroll-uk.getEmployees"]);
  assert.deepEqual(operationOf("GET", "https://example.com/Invoices"), []);
  for (const { key, method, path } of catalogue.operations) assert.ok(operationOf(method, path).length > 0, key);

  const keys = catalogue.operations.map(({ key }) => key);
  const { calls, unresolved } = requiredScopes({ operations: keys });
  assert.deepEqual([calls.map(({ text }) => text), unresolved], [keys, []]);
  const called = { operations: ["accounting.getInvoices"], assumed: ["accounting.getInvoices"], unread: 1 };
  const checked = checkScopes({ scopes: "accounting.invoices.read accounting.contacts", calls: called });
  assert.deepEqual([checked.verdict, checked.unused], ["unknown", []]);
  assert.match(checked.reading, /^1 call found; 1 place uses Xero and could not be read; the method of 1 call is not written/);

  for (const [calls, says] of [
    [{ operations: ["accounting.getInvoices", "getInvoicez", "a.b"] }, /no operation getInvoicez, a\.b; keys look like accounting\.getInvoices/],
    [{ operations: "accounting.getInvoices" }, /requiredScopes\(\) takes/],
    [[{ name: "a.log" }], /requiredScopes\(\) takes/],
    [{ operations: [], unread: -1 }, /requiredScopes\(\) takes/],
  ]) {
    assert.throws(() => requiredScopes(calls), { code: "invalid_option", message: says });
  }
  assert.throws(() => operationOf("GET"), { code: "invalid_option" });
});
