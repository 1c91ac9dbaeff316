// The first pass of a trial: it creates the records that the programs then read. A record that is refused ends the trial.

/** The records: a name, a method, a path, and a body in which `$name.Member` is a member of an earlier record. */
const line = (amount) => ({ Description: "Kayak", Quantity: 1, UnitAmount: amount, AccountCode: "200", TaxType: "NONE" });
const cost = (amount) => ({ ...line(amount), AccountCode: "429" });
const contact = { ContactID: "$contact.ContactID" };
const DAY = "2026-11-10";
const bank = { Code: "090" };
const STEPS = [
  ["contact", "PUT", "Contacts", { Contacts: [{ Name: "Tern Outdoor Hire", ContactNumber: "TERN", EmailAddress: "tern@example.com" }] }],
  ["account", "PUT", "Accounts", { Code: "9000", Name: "Of the first pass", Type: "EXPENSE" }],
  ["item", "PUT", "Items", { Items: [{ Code: "TERN", Name: "A paddle" }] }],
  ["rate", "PUT", "TaxRates", { TaxRates: [{ Name: "First pass", TaxComponents: [{ Name: "Tax", Rate: 5 }] }] }],
  ["group", "PUT", "ContactGroups", { ContactGroups: [{ Name: "First pass" }] }],
  [undefined, "PUT", "ContactGroups/$group.ContactGroupID/Contacts", { Contacts: [contact] }],
  ["category", "PUT", "TrackingCategories", { Name: "First pass" }],
  ["option", "PUT", "TrackingCategories/$category.TrackingCategoryID/Options", { Name: "One" }],
  ["open", "PUT", "Invoices", { Type: "ACCREC", Status: "AUTHORISED", Contact: contact, Date: DAY, DueDate: "2026-12-01", LineItems: [line(500)] }],
  ["batched", "PUT", "Invoices", { Type: "ACCREC", Status: "AUTHORISED", Contact: contact, Date: DAY, DueDate: "2026-12-01", LineItems: [line(50)] }],
  ["bill", "PUT", "Invoices", { Type: "ACCPAY", Status: "AUTHORISED", Contact: contact, Date: DAY, DueDate: "2026-12-01", LineItems: [cost(80)] }],
  ["draft", "PUT", "Invoices", { Type: "ACCREC", Contact: contact, Date: DAY, DueDate: "2026-12-01", LineItems: [line(20)] }],
  ["payment", "PUT", "Payments", { Invoice: { InvoiceID: "$open.InvoiceID" }, Account: bank, Date: DAY, Amount: 10 }],
  ["credit", "PUT", "CreditNotes", { Type: "ACCRECCREDIT", Status: "AUTHORISED", Contact: contact, Date: DAY, LineItems: [line(90)] }],
  ["allocation", "PUT", "CreditNotes/$credit.CreditNoteID/Allocations", { Allocations: [{ Invoice: { InvoiceID: "$open.InvoiceID" }, Amount: 5 }] }],
  ["draftCredit", "PUT", "CreditNotes", { Type: "ACCRECCREDIT", Contact: contact, Date: DAY, LineItems: [line(9)] }],
  ["batch", "PUT", "BatchPayments", { Account: bank, Date: DAY, Payments: [{ Invoice: { InvoiceID: "$batched.InvoiceID" }, Amount: 50 }] }],
  ["prepaid", "PUT", "BankTransactions", { Type: "RECEIVE-PREPAYMENT", Contact: contact, BankAccount: bank, Date: DAY, LineItems: [line(30)] }],
  ["overpaid", "PUT", "BankTransactions", { Type: "RECEIVE-OVERPAYMENT", Contact: contact, BankAccount: bank, Date: DAY, LineItems: [{ Description: "Too much", LineAmount: 25 }] }],
  ["spent", "PUT", "BankTransactions", { Type: "SPEND", Contact: contact, BankAccount: bank, Date: DAY, LineItems: [cost(15)] }],
  ["transfer", "PUT", "BankTransfers", { FromBankAccount: bank, ToBankAccount: { Code: "091" }, Amount: 40, Date: DAY }],
  ["quote", "PUT", "Quotes", { Contact: contact, Date: DAY, LineItems: [line(60)] }],
  ["order", "PUT", "PurchaseOrders", { Contact: contact, Date: DAY, LineItems: [cost(70)] }],
  ["journal", "PUT", "ManualJournals", { Narration: "First pass", Date: DAY, JournalLines: [{ AccountCode: "429", LineAmount: 12 }, { AccountCode: "850", LineAmount: -12 }] }],
  ["repeating", "PUT", "RepeatingInvoices", { Type: "ACCREC", Contact: contact, Schedule: { Period: 1, Unit: "MONTHLY", DueDate: 10, DueDateType: "DAYSAFTERBILLDATE", StartDate: "2026-12-01" }, LineItems: [line(5)] }],
  ["linked", "PUT", "LinkedTransactions", { SourceTransactionID: "$bill.InvoiceID", SourceLineItemID: "$bill.LineItems.0.LineItemID", ContactID: "$contact.ContactID" }],
];
/** The kinds of records that have attachments and history, with a record of the first pass. */
const WITH_FILES = {
  Accounts: "account.AccountID",
  BankTransactions: "spent.BankTransactionID",
  BankTransfers: "transfer.BankTransferID",
  Contacts: "contact.ContactID",
  CreditNotes: "draftCredit.CreditNoteID",
  Invoices: "draft.InvoiceID",
  ManualJournals: "journal.ManualJournalID",
  PurchaseOrders: "order.PurchaseOrderID",
  Quotes: "quote.QuoteID",
  RepeatingInvoices: "repeating.RepeatingInvoiceID",
};

/** Creates the records, and returns their members by their names. `send` sends a method, a path, a body and its media type. */
export async function seed(send) {
  const made = {};
  const look = (path) => path.split(".").reduce((at, name) => at?.[name], made);
  const filled = (text) => text.replaceAll(/\$([A-Za-z]+(?:\.\w+)+)/g, (_, path) => look(path) ?? path);
  const sent = async (name, method, path, body) => {
    const { status, json, text } = await send(method, filled(path), filled(JSON.stringify(body)), "application/json");
    if (status >= 300) throw new Error(`the first pass was refused: ${method} ${path} ${status} ${text.slice(0, 300)}`);
    if (name) made[name] = (Object.values(json).find(Array.isArray) ?? [json])[0];
  };
  for (const [name, method, path, body] of STEPS) await sent(name, method, `/api.xro/2.0/${path}`, body);
  for (const [list, id] of Object.entries(WITH_FILES)) {
    await send("PUT", `/api.xro/2.0/${list}/${look(id)}/Attachments/kayak.txt`, "kayak", "text/plain");
  }
  for (const name of ["folder", "idleFolder"]) await sent(name, "POST", "/files.xro/1.0/Folders", { Name: name });
  const form = ['--of-the-first-pass', 'Content-Disposition: form-data; name="kayak.txt"; filename="kayak.txt"', "Content-Type: text/plain", "", "kayak", "--of-the-first-pass--", ""].join("\r\n");
  for (const name of ["file", "idleFile"]) {
    made[name] = (await send("POST", "/files.xro/1.0/Files", form, "multipart/form-data; boundary=of-the-first-pass")).json;
  }
  await sent("association", "POST", "/files.xro/1.0/Files/$file.Id/Associations", { ObjectId: "$open.InvoiceID", ObjectGroup: "Invoice", ObjectType: "AccRec" });
  await sent("project", "POST", "/projects.xro/2.0/Projects", { name: "Boathouse", contactId: "$contact.ContactID" });
  const { json: users } = await send("GET", "/projects.xro/2.0/ProjectsUsers");
  made.user = users.items[0];
  await sent("idle", "POST", "/projects.xro/2.0/Projects/$project.projectId/Tasks", { name: "Sweep", rate: 1, chargeType: "FIXED" });
  await sent("task", "POST", "/projects.xro/2.0/Projects/$project.projectId/Tasks", { name: "Build", rate: 90, chargeType: "TIME" });
  const time = { userId: "$user.userId", taskId: "$task.taskId", dateUtc: `${DAY}T09:00:00Z`, duration: 30 };
  await sent("time", "POST", "/projects.xro/2.0/Projects/$project.projectId/Time", time);
  await sent("assetType", "POST", "/assets.xro/1.0/AssetTypes", { assetTypeName: "Boats", bookDepreciationSetting: { depreciationMethod: "NoDepreciation" } });
  await sent("asset", "POST", "/assets.xro/1.0/Assets", { assetName: "Dinghy", assetTypeId: "$assetType.assetTypeId", purchasePrice: 900, purchaseDate: DAY });
  return made;
}
