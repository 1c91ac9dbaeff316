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
const calling = (at) => `
const BASE = "https://api.xero.com/api.xro/2.0";
export async function create${at}(token, payment) {
  // The answer has the payment.
  const response = await fetch(\`\${BASE}/Payments\`, {
    method: "PUT",
    headers: { Authorization: \`Bearer \${token}\`, "Content-Type": "application/json" },
    body: JSON.stringify({ Payments: [payment] }),
  });
  if (!response.ok) throw new Error("failed: " + response.status);
  return (await response.json()).Payments.map((p) => p.PaymentID);
}
`;
const other = (at) => `
export async function load${at}(id: string): Promise<User> {
  const user = await db.users.findOne({ where: { id }, include: ["roles"] });
  if (!user) { throw new NotFound(\`no user \${id}\`); }
  const total = user.items.reduce((sum, item) => sum + item.price * item.count, 0);
  return { id: user.id, name: user.name.trim(), total, roles: user.roles.map((role) => role.name) };
}
`;
const text = (part, length) => {
  const parts = [];
  for (let at = 0, size = 0; size < length; at++) size += parts[parts.push(part(at)) - 1].length;
  return parts.join("");
};
const calls = text(calling, 20_000_000);
const project = Array.from({ length: 200 }, (_, at) => ({
  name: `src/${at}.ts`,
  text: text(at % 30 ? other : calling, 100_000),
}));
const long = `{ const a = "${"x".repeat(500_000)}"; fetch("https://api.xero.com/api.xro/2.0/Items"); ${"f(1); ".repeat(80_000)} }`;

/** Nanoseconds for reading the bytes of texts, and nothing else. */
function reading(texts) {
  const bytes = [texts].flat().map((one) => new TextEncoder().encode(one.text ?? one));
  const sum = () => {
    let all = 0;
    for (const own of bytes) for (let at = 0; at < own.length; at++) all += own[at];
    return all;
  };
  return cost(sum, 1);
}

/** A row: the time, and how many times as long as reading the bytes alone that is. */
function measured(name, texts) {
  const best = cost(() => requiredScopes(texts), 1);
  return [name, time(best), (best / reading(texts)).toFixed(1)];
}

table("long texts", ["best", "times reading the bytes"], [
  measured(`${count(100_000)} lines of an access log`, log),
  measured(`${count(100_000)} lines of objects`, objects),
  measured(`${count(100_000)} rows of a table`, rows),
  measured(`a HAR file of ${Math.round(har.length / 1e6)} MB`, har),
  measured(`a collection of Postman's of ${Math.round(collection.length / 1e6)} MB`, collection),
  measured("code of 20 MB in 200 files, of which seven call Xero", project),
  measured(`code of 20 MB, of which each function calls Xero`, calls),
  measured("a line of code of 1 MB", long),
]);
note("the time of a check itself, inside wasm, is printed below");
