// The calls that the official SDKs make: one for each operation of Xero's specification, with values and a body.

import { readFileSync } from "node:fs";

const APIS = JSON.parse(readFileSync(new URL("schemas.json", import.meta.url), "utf8"));

/** An id that no record has. */
const NOWHERE = "00000000-0000-4000-8000-000000000000";

/** The country of an API that only organisations of one have. */
const COUNTRIES = { payrollAu: "AU", payrollAuV2: "AU", payrollNz: "NZ", payrollUk: "UK" };

const DAY = "2026-11-15";
const line = (code = "200") => ({ Description: "Kayak", Quantity: 1, UnitAmount: 10, AccountCode: code, TaxType: "NONE" });
const contact = { ContactID: "$contact.ContactID" };
const bank = { Code: "090" };
const journal = { Narration: "Of a trial", Date: DAY, JournalLines: [{ AccountCode: "429", LineAmount: 2 }, { AccountCode: "850", LineAmount: -2 }] };
const invoice = { Type: "ACCREC", Contact: contact, Date: DAY, DueDate: "2026-12-01", LineItems: [line()] };
const allocation = { Allocations: [{ Invoice: { InvoiceID: "$open.InvoiceID" }, Amount: 1, Date: DAY }] };
const schedule = { Period: 1, Unit: "MONTHLY", DueDate: 10, DueDateType: "DAYSAFTERBILLDATE", StartDate: "2026-12-01" };

/**
 * Bodies of the accounting API that say something, by the last segment of the path that is here; every other is made from its
 * schema. `$name.Member` is a member of a record of the first pass, `#` a number that no other body has.
 */
const BODIES = {
  Contacts: { Contacts: [{ Name: "Kea Outdoor Hire #", EmailAddress: "kea@example.com" }] },
  ContactGroups: { ContactGroups: [{ Name: "Hirers #" }] },
  Accounts: { Code: "90#", Name: "Of a trial #", Type: "EXPENSE" },
  Items: { Items: [{ Code: "KAYAK#", Name: "A kayak" }] },
  TaxRates: { TaxRates: [{ Name: "Of a trial #", TaxComponents: [{ Name: "Tax", Rate: 5 }] }] },
  TrackingCategories: { Name: "Of a trial #" },
  Options: { Name: "Of a trial #" },
  Invoices: { Invoices: [invoice] },
  CreditNotes: { CreditNotes: [{ ...invoice, Type: "ACCRECCREDIT", DueDate: undefined }] },
  Payments: { Payments: [{ Invoice: { InvoiceID: "$open.InvoiceID" }, Account: bank, Date: DAY, Amount: 1 }] },
  BatchPayments: { BatchPayments: [{ Account: bank, Date: DAY, Payments: [{ Invoice: { InvoiceID: "$open.InvoiceID" }, Amount: 1 }] }] },
  BankTransactions: { BankTransactions: [{ Type: "SPEND", Contact: contact, BankAccount: bank, Date: DAY, LineItems: [line("429")] }] },
  BankTransfers: { BankTransfers: [{ FromBankAccount: bank, ToBankAccount: { Code: "091" }, Amount: 4, Date: DAY }] },
  ManualJournals: { ManualJournals: [journal] },
  PurchaseOrders: { PurchaseOrders: [{ Contact: contact, Date: DAY, LineItems: [line("429")] }] },
  Quotes: { Quotes: [{ Contact: contact, Date: DAY, LineItems: [line()] }] },
  RepeatingInvoices: { RepeatingInvoices: [{ Type: "ACCREC", Contact: contact, Schedule: schedule, LineItems: [line()] }] },
  LinkedTransactions: { SourceTransactionID: "$bill.InvoiceID", SourceLineItemID: "$bill.LineItems.0.LineItemID", ContactID: "$contact.ContactID" },
  Allocations: allocation,
  History: { HistoryRecords: [{ Details: "Seen by a trial" }] },
};

/** Bodies of single operations. */
const OWN = {
  createContactGroupContacts: { Contacts: [contact] },
  deletePayment: { Status: "DELETED" },
  deleteBatchPayment: { BatchPaymentID: "$batch.BatchPaymentID", Status: "DELETED" },
  deleteBatchPaymentByUrlParam: { Status: "DELETED" },
  deleteBankTransfers: { BankTransfers: [{ BankTransferID: "$transfer.BankTransferID", Status: "DELETED" }] },
  deleteBankTransfer: { BankTransfers: [{ Status: "DELETED" }] },
  emailInvoice: {},
  updateTaxRate: { TaxRates: [{ Name: "First pass", TaxType: "$rate.TaxType", TaxComponents: [{ Name: "Tax", Rate: 6 }] }] },
  updateLinkedTransaction: { LinkedTransactions: [{ ContactID: "$contact.ContactID" }] },
  createProject: { name: "Of a trial", contactId: "$contact.ContactID" },
  updateProject: { name: "Of a trial" },
  patchProject: { status: "INPROGRESS" },
  createTask: { name: "Paint", rate: { currency: "$project.currencyCode", value: 3 }, chargeType: "FIXED" },
  updateTask: { name: "Paint", rate: { currency: "$project.currencyCode", value: 3 }, chargeType: "FIXED" },
  createTimeEntry: { userId: "$user.userId", taskId: "$task.taskId", dateUtc: `${DAY}T09:00:00Z`, duration: 30 },
  updateTimeEntry: { userId: "$user.userId", taskId: "$task.taskId", dateUtc: `${DAY}T09:00:00Z`, duration: 40 },
  createAsset: { assetName: "Of a trial #" },
  createAssetType: { assetTypeName: "Of a trial #", bookDepreciationSetting: { depreciationMethod: "NoDepreciation", averagingMethod: "ActualDays", depreciationRate: 0, depreciationCalculationMethod: "None" } },
  createFolder: { Name: "Of a trial #" },
  updateFolder: { Name: "Of a trial #" },
  updateFile: { Name: "kayak-2.txt" },
  createFileAssociation: { ObjectId: "$draft.InvoiceID", ObjectGroup: "Invoice", ObjectType: "AccRec" },
};

/** Ids of single operations, by parameter. */
const VALUES = {
  emailInvoice: { InvoiceID: "$open.InvoiceID" },
  getOnlineInvoice: { InvoiceID: "$open.InvoiceID" },
  createCreditNoteAllocation: { CreditNoteID: "$credit.CreditNoteID" },
  deleteCreditNoteAllocations: { CreditNoteID: "$credit.CreditNoteID", AllocationID: "$allocation.AllocationID" },
  getContactByContactNumber: { ContactNumber: "TERN" },
  getQuoteByQuoteNumber: { QuoteNumber: "$quote.QuoteNumber" },
  getPurchaseOrderByNumber: { PurchaseOrderNumber: "$order.PurchaseOrderNumber" },
  getTaxRateByTaxType: { TaxType: "$rate.TaxType" },
  getReportAgedPayablesByContact: { contactId: "$contact.ContactID" },
  getReportAgedReceivablesByContact: { contactId: "$contact.ContactID" },
  deleteFile: { FileId: "$idleFile.Id" },
  deleteFolder: { FolderId: "$idleFolder.Id" },
  deleteTask: { projectId: "$project.projectId", taskId: "$idle.taskId" },
};

/** Ids of an API, by parameter. */
const IDS = { files: { FileId: "$file.Id", FolderId: "$folder.Id", ObjectId: "$open.InvoiceID", ObjectIds: ["$open.InvoiceID"] } };

const ORDER = ["GET", "PUT", "POST", "PATCH", "DELETE"];
const LATE = ["Approve", "RevertToDraft", "reject"];

/**
 * The calls of an organisation in a country, reads first and deletions last. `read` reads a path of the local Xero as JSON, `made`
 * has the records of the first pass.
 */
export async function planOf(read, country, made) {
  const ids = await knownIds(read, country);
  let number = 0;
  const filled = (value) => JSON.parse(JSON.stringify(value).replaceAll(/\$([A-Za-z]+(?:\.\w+)+)/g, (_, path) => path.split(".").reduce((at, name) => at?.[name], made) ?? NOWHERE).replaceAll("#", () => `${++number}`));
  const calls = [];
  for (const [api, { schemas, operations }] of Object.entries(APIS)) {
    if (country === "AU" ? (COUNTRIES[api] ?? "AU") !== "AU" : COUNTRIES[api] !== country) continue;
    for (const { id, method, path, body, values: all } of operations) {
      const required = all.filter(([, place, needed]) => place === "path" || (needed && place === "query"));
      const own = filled({ ...IDS[api], ...VALUES[id] });
      const values = Object.fromEntries(required.map(([name, , , schema]) => [name, own[name] ?? ids.of(api, name) ?? valueOf(name, schema, schemas)]));
      await resolve(read, path, values, own);
      const last = path.split("/").findLast((segment) => BODIES[segment]);
      const given = OWN[id] ?? (api === "accounting" ? BODIES[last] : undefined);
      const sent = body && (given ? filled(given) : sample(body, schemas, 0, (name) => ids.of(api, name)));
      calls.push({ api, id, method, path, values, ...(sent && { body: sent }) });
    }
  }
  const rank = ({ method, path }) => [ORDER.indexOf(method), LATE.findIndex((word) => path.endsWith(word)) + 1, method === "DELETE" ? -path.split("/").length : 0];
  const compare = (a, b) => rank(a).map((own, at) => own - rank(b)[at]).find((own) => own !== 0) ?? 0;
  return { calls: calls.sort(compare), ids: ids.names };
}

/** Gives parameters the ids of records that are there: the list before a parameter is read. */
async function resolve(read, path, values, own) {
  let at = "";
  for (const segment of path.split("/").slice(1)) {
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    if (name && /id$/i.test(name) && !own[name]) {
      const list = Object.values((await read(`${at}?status=DRAFT`)) ?? {}).find(Array.isArray) ?? [];
      const record = /^\/(?:api|projects|assets|files)\.xro/.test(at) ? list.at(-1) : list[0];
      const key = record && Object.keys(record).find((key) => key.toLowerCase() === name.toLowerCase());
      const found = record?.[key] ?? record?.id ?? record?.assetId;
      if (found) values[name] = found;
    }
    at += `/${name ? values[name] : segment}`;
  }
}

/** The ids in the lists of all APIs, by the names of members. The last of the accounting API counts, the first of payroll. */
async function knownIds(read, country) {
  const known = {};
  const names = {};
  const learn = (own, value, isFirst) => {
    for (const [name, member] of Object.entries(value ?? {})) {
      const lower = name.toLowerCase();
      if (typeof member === "string" && /id$/.test(lower) && /^[0-9a-f-]{36}$/.test(member) && !(isFirst && own[lower])) {
        own[lower] = member;
        names[lower] = member;
      }
      if (typeof member === "object") learn(own, member, isFirst);
    }
  };
  for (const [api, { operations }] of Object.entries(APIS)) {
    if (COUNTRIES[api] && COUNTRIES[api] !== country) continue;
    known[api] = {};
    const lists = operations.filter(({ method, path }) => method === "GET" && !path.includes("{") && path.split("/").length === 4);
    const first = lists.sort((a, b) => rankOf(b) - rankOf(a));
    for (const { path } of first) {
      const answer = await read(path);
      const items = Object.values(answer ?? {}).find((value) => typeof value === "object");
      learn(known[api], api.startsWith("payroll") ? answer : Array.isArray(items) ? items.map((item) => idsOf(item)) : items, api.startsWith("payroll"));
    }
    if (api === "payrollNz" || api === "payrollUk") {
      const run = known[api].payrunid;
      learn(known[api], await read(`/payroll.xro/2.0/PaySlips?PayRunID=${run}`), true);
    }
  }
  const of = (api, name) => {
    const lower = name.toLowerCase();
    const own = known[api] ?? {};
    const other = { employeeworkingpatternid: "payeeworkingpatternid", statutorysickleaveid: "statutoryleaveid", payruncalendarid: "payrollcalendarid", ordinaryearningsrateid: "earningsrateid" }[lower];
    return own[lower] ?? own[other] ?? (/accountid$/.test(lower) ? own.accountid : undefined);
  };
  return { of, names };
}

/** Employees first, so that the others do not decide whose records are read. */
function rankOf({ path }) {
  return path.endsWith("/Employees") ? 1 : 0;
}

/** The ids of a record itself, without those of its parts. */
function idsOf(record) {
  return Object.fromEntries(Object.entries(record ?? {}).filter(([, value]) => typeof value === "string"));
}

function valueOf(name, schema = {}, schemas) {
  if (/FileName|fileName/.test(name)) return "kayak.txt";
  if (name === "status" && !schema.type) return "DRAFT";
  if (/id$/i.test(name)) return NOWHERE;
  return sample(schema, schemas, 0, () => undefined, name);
}

/** A value that is valid by a schema: required members, and texts and lists one level deep. */
function sample(schema = {}, schemas, depth, idOf, name = "") {
  if (schema.$ref) return sample(schemas[schema.$ref.slice(2)], schemas, depth, idOf, name);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => sample(part, schemas, depth, idOf)));
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object": {
      const { properties = {}, required = [] } = schema;
      const isWanted = ([own, member]) => required.includes(own) || (!required.length && depth < 3 && own !== "ValidationErrors" && !member.$ref);
      return depth > 4 ? {} : Object.fromEntries(Object.entries(properties).filter(isWanted).map(([own, member]) => [own, sample(member, schemas, depth + 1, idOf, own)]).filter(([, value]) => value !== undefined));
    }
    case "array":
      return depth > 4 ? [] : [sample(schema.items, schemas, depth + 1, idOf, name)];
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    default:
      if (schema.format === "uuid") return idOf(name);
      if (/date/i.test(name) || /OfBirth|effectiveFrom/.test(name) || schema.format === "date") return DAY;
      return schema.format === "date-time" ? `${DAY}T00:00:00Z` : "trial";
  }
}
