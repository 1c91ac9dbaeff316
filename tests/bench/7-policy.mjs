// What the policy costs its callers in JavaScript: reading, deciding and the way out together.
import { assess, catalogue, checkScopes, parseScopes, planChange, requiredScopes } from "xero-m2m/policy";
import { count, note, table, time } from "./measure.mjs";

const scopes = "accounting.transactions accounting.contacts accounting.settings";
const createdOn = "2025-02-01";
const all = catalogue.operations.map(({ method, path }) => `${method} ${path}`);
const usual = Array.from({ length: 50 }, (_, at) => ["GET /Invoices", "GET /Contacts", "PUT /Payments"][at % 3]);
const varied = all.filter((_, at) => at % 9 === 0).slice(0, 50);

/** Nanoseconds for one `act`, the best of some runs. */
function cost(act, times = 20) {
  for (let done = 0; done < times; done++) act();
  let best = Infinity;
  for (let run = 0; run < 10; run++) {
    const start = process.hrtime.bigint();
    for (let done = 0; done < times; done++) act();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / times);
  }
  return best;
}

table("xero-m2m/policy, from JavaScript", ["best"], [
  ["parseScopes: three", time(cost(() => parseScopes(scopes)))],
  ["checkScopes: 50 calls of three operations", time(cost(() => checkScopes({ scopes, calls: usual, createdOn })))],
  ["checkScopes: 50 calls of 50 operations", time(cost(() => checkScopes({ scopes, calls: varied, createdOn })))],
  ["requiredScopes: all 484 operations", time(cost(() => requiredScopes(all)))],
  ["assess", time(cost(() => assess({ scopes, createdOn })))],
  ["planChange", time(cost(() => planChange({ from: scopes, to: "accounting.invoices", createdOn })))],
]);

const line = (at) =>
  `10.0.0.${at % 256} - - [24/Nov/2026:10:00:00 +0000] "GET /api.xro/2.0/Invoices/${at}?page=1 HTTP/1.1" 200 1234`;
const log = Array.from({ length: 100_000 }, (_, at) => line(at)).join("\n");
const entry = (at) => ({
  request: { method: "GET", url: `https://api.xero.com/api.xro/2.0/Invoices/${at}`, headers: [] },
  response: { status: 200, content: { text: "x".repeat(2_000) } },
});
const har = JSON.stringify({ log: { entries: Array.from({ length: 9_500 }, (_, at) => entry(at)) } });
const request = (at) => ({
  name: `call ${at}`,
  request: { method: "PUT", header: [], url: { raw: `{{base}}/Invoices/${at}/Attachments/a.pdf`, host: ["{{base}}"], path: ["Invoices"] } },
  response: [{ body: "x".repeat(2_000) }],
});
const collection = JSON.stringify({
  info: { name: "Xero" },
  item: Array.from({ length: 8_700 }, (_, at) => request(at)),
  variable: [{ key: "base", value: "https://api.xero.com/api.xro/2.0" }],
});
const object = (at) => `{"level":30,"method":"PUT","url":"https://api.xero.com/api.xro/2.0/Invoices/${at}/Attachments/a.pdf","status":200}`;
const objects = Array.from({ length: 100_000 }, (_, at) => object(at)).join("\n");
const row = (at) => `| ${at} | PUT | \`/Invoices/${at}/Attachments/a.pdf\` |`;
const rows = Array.from({ length: 100_000 }, (_, at) => row(at)).join("\n");
table("long texts", ["best"], [
  [`${count(100_000)} lines of an access log`, time(cost(() => requiredScopes(log), 1))],
  [`${count(100_000)} lines of objects`, time(cost(() => requiredScopes(objects), 1))],
  [`${count(100_000)} rows of a table`, time(cost(() => requiredScopes(rows), 1))],
  [`a HAR file of ${Math.round(har.length / 1e6)} MB`, time(cost(() => requiredScopes(har), 1))],
  [`a collection of Postman's of ${Math.round(collection.length / 1e6)} MB`, time(cost(() => requiredScopes(collection), 1))],
]);
note("the time of a check itself, inside wasm, is printed below");
