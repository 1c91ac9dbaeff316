// Xero's MCP server by every tool, through the SDK of the Model Context Protocol.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { end, say } from "./say.mjs";

const server = join(dirname(fileURLToPath(import.meta.url)), "node_modules/@xeroapi/xero-mcp-server/dist/index.js");
const client = new Client({ name: "trial", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command: process.execPath, args: [server], env: process.env, stderr: "ignore" }));
const { tools } = await client.listTools();

/** Ids by the names of members, and the records of the first pass. */
const { ids, made } = JSON.parse(readFileSync("made.json", "utf8"));
const lines = [{ accountCode: "429", lineAmount: 2 }, { accountCode: "850", lineAmount: -2 }];
/** Arguments of single tools. */
const OWN = {
  "create-payment": { invoiceId: made.open.InvoiceID, accountId: made.spent.BankAccount.AccountID, amount: 1 },
  "create-manual-journal": { manualJournalLines: lines },
  "update-manual-journal": { manualJournalID: made.journal.ManualJournalID, manualJournalLines: lines },
  "update-invoice": { invoiceId: made.draft.InvoiceID },
  "update-credit-note": { creditNoteId: made.draftCredit.CreditNoteID },
  "update-quote": { quoteId: made.quote.QuoteID },
  "update-item": { itemId: made.item.ItemID, code: "TERN", name: "A paddle" },
  "update-bank-transaction": { bankTransactionId: made.spent.BankTransactionID },
  "create-bank-transaction": { bankAccountId: made.spent.BankAccount.AccountID },
  "update-contact": { contactId: made.contact.ContactID, name: "Tern Outdoor Hire" },
  "update-tracking-options": { trackingCategoryId: made.category.TrackingCategoryID, options: [{ trackingOptionId: made.option.TrackingOptionID, name: "Two" }] },
};
const order = ({ name }) => ["list", "get", "create", "add", "update", "approve", "revert", "delete"].findIndex((verb) => name.startsWith(verb));
for (const { name, inputSchema } of tools.sort((a, b) => order(a) - order(b))) {
  let text = "";
  let error;
  try {
    const answer = await client.callTool({ name, arguments: { ...sample(inputSchema, ""), ...OWN[name] } }, undefined, { timeout: 60_000 });
    text = answer.content.map((part) => part.text ?? "").join("\n");
    if (answer.isError || /^Error/.test(text)) error = text.slice(0, 200);
  } catch (failed) {
    error = failed.message.slice(0, 200);
  }
  await say(name, error);
}
await client.close();
end();

/** A value that is valid by the schema of a tool. */
function sample({ type, enum: words, properties = {}, required = [], items = {}, anyOf, default: usual } = {}, name) {
  if (usual !== undefined) return usual;
  if (words) return words[0];
  if (anyOf) return sample(anyOf[0], name);
  const record = /^(\w+?)_?ids?$/i.exec(name)?.[1].toLowerCase();
  switch (type) {
    case "object":
      return Object.fromEntries(required.map((member) => [member, sample(properties[member], member)]));
    case "array":
      return [sample(items, name)];
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return false;
    default:
      if (record) return ids[`${record}id`] ?? "00000000-0000-4000-8000-000000000000";
      if (/date|month/i.test(name)) return "2026-11-15";
      if (/accountcode/i.test(name)) return "200";
      if (/taxtype/i.test(name)) return "NONE";
      return "trial";
  }
}
