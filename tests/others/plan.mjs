// The calls that the official SDKs make: one for each operation of Xero's specification, with values and a body.

import { readFileSync } from "node:fs";

const APIS = JSON.parse(readFileSync(new URL("schemas.json", import.meta.url), "utf8"));

/** An id that no record has. */
const NOWHERE = "00000000-0000-4000-8000-000000000000";

/** Bodies of the accounting API that say something; every other is made from its schema. `$Name` is an id of `GET /Name`. */
const BODIES = {
  Contacts: { Contacts: [{ Name: "Kea Outdoor Hire", EmailAddress: "kea@example.com" }] },
  ContactGroups: { ContactGroups: [{ Name: "Hirers" }] },
  Accounts: { Code: "9001", Name: "Of a trial", Type: "EXPENSE" },
  Items: { Items: [{ Code: "KAYAK", Name: "A kayak" }] },
  TrackingCategories: { Name: "Of a trial" },
  Invoices: { Invoices: [{ Type: "ACCREC", Contact: { ContactID: "$Contacts" }, LineItems: [{ Description: "Kayak", Quantity: 1, UnitAmount: 10, AccountCode: "200" }] }] },
  CreditNotes: { CreditNotes: [{ Type: "ACCRECCREDIT", Contact: { ContactID: "$Contacts" }, LineItems: [{ Description: "Kayak", Quantity: 1, UnitAmount: 10, AccountCode: "200" }] }] },
  Payments: { Payments: [{ Invoice: { InvoiceID: "$Invoices" }, Account: { Code: "090" }, Date: "2026-11-01", Amount: 1 }] },
  Quotes: { Quotes: [{ Contact: { ContactID: "$Contacts" }, Date: "2026-11-01", LineItems: [{ Description: "Kayak" }] }] },
  History: { HistoryRecords: [{ Details: "Seen by a trial" }] },
};

const ORDER = ["GET", "PUT", "POST", "PATCH", "DELETE"];

/** The calls, reads first and deletions last. `read` reads a path of the local Xero as JSON. */
export async function planOf(read) {
  const ids = await knownIds(read);
  const calls = Object.entries(APIS).flatMap(([api, { schemas, operations }]) =>
    operations.map((operation) => {
      const required = operation.values.filter(([, place, needed]) => place === "path" || (needed && place === "query"));
      const values = Object.fromEntries(required.map(([name, , , schema]) => [name, valueOf(name, schema, operation.path, ids, schemas)]));
      const { id, method, path, body } = operation;
      return { api, id, method, path, values, ...(body && { body: bodyOf(api, path, body, ids, schemas) }) };
    }),
  );
  return calls.sort((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method));
}

/** The first id of each list of the accounting API. */
async function knownIds(read) {
  const ids = {};
  for (const { method, path } of APIS.accounting.operations) {
    const name = path.split("/").at(-1);
    if (method !== "GET" || path.split("/").length !== 4) continue;
    const [first] = Object.values((await read(path)) ?? {}).find(Array.isArray) ?? [];
    const member = first && Object.keys(first).find((key) => /ID$/.test(key));
    if (member) ids[name] = first[member];
  }
  return ids;
}

function valueOf(name, schema = {}, path, ids, schemas) {
  const before = new RegExp(`/([^/]+)/\\{${name}\\}`).exec(path)?.[1];
  if (/id$/i.test(name)) return (before && ids[before]) ?? ids[`${name.slice(0, -2)}s`] ?? NOWHERE;
  if (/FileName|fileName/.test(name)) return "kayak.txt";
  return sample(schema, schemas, 0);
}

function bodyOf(api, path, schema, ids, schemas) {
  const own = api === "accounting" && BODIES[path.split("/").findLast((segment) => BODIES[segment])];
  return own ? JSON.parse(JSON.stringify(own).replace(/\$([A-Z]\w+)/g, (_, name) => ids[name] ?? NOWHERE)) : sample(schema, schemas, 0);
}

/** A value that is valid by a schema: required members, and texts and lists one level deep. */
function sample(schema = {}, schemas, depth) {
  if (schema.$ref) return sample(schemas[schema.$ref.slice(2)], schemas, depth);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => sample(part, schemas, depth)));
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object": {
      const { properties = {}, required = [] } = schema;
      const wanted = Object.entries(properties).filter(([name, member]) => required.includes(name) || (depth < 2 && (member.type === "array" || !required.length)));
      return depth > 4 ? {} : Object.fromEntries(wanted.map(([name, member]) => [name, sample(member, schemas, depth + 1)]));
    }
    case "array":
      return depth > 4 ? [] : [sample(schema.items, schemas, depth + 1)];
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    default:
      return { uuid: NOWHERE, date: "2026-11-01", "date-time": "2026-11-01T00:00:00Z" }[schema.format] ?? "trial";
  }
}
