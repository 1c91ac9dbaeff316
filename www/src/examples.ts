/** Examples to begin with. */

/** Texts as a person would paste them, and facts about the connection. */
export interface Example {
  /** The situation, as its reader would say it. */
  label: string;
  scopes: string;
  calls: string;
  createdOn: string;
  region: "AU" | "NZ" | "UK" | "US";
}

export const EXAMPLES: readonly Example[] = [
  {
    label: "I have broad scopes from 2025. What do I change before they end?",
    scopes: "accounting.transactions accounting.contacts accounting.settings accounting.reports.read",
    calls: `GET /Invoices?where=Status=="AUTHORISED"
POST /Invoices
PUT /Payments
GET /Contacts
GET /Items
GET /Organisation
GET /Reports/ProfitAndLoss`,
    createdOn: "2025-03-17",
    region: "NZ",
  },
  {
    label: "I am making a new connection. Which scopes does my code need?",
    scopes: "",
    calls: `const { body } = await xero.accountingApi.getInvoices("", since);
await xero.accountingApi.createBankTransactions("", { bankTransactions });
await xero.accountingApi.getAccounts("");
await xero.accountingApi.createContacts("", { contacts });`,
    createdOn: "2026-11-02",
    region: "UK",
  },
  {
    label: "My connection reads journals. May I change it?",
    scopes: "accounting.journals.read accounting.transactions.read accounting.settings.read",
    calls: `GET /Journals?offset=100
GET /ManualJournals
GET /Accounts`,
    createdOn: "2024-08-05",
    region: "AU",
  },
  {
    label: "Here is a log with refused calls. What is missing?",
    scopes: "accounting.invoices accounting.paymnts accounting.contacts.read offline_access",
    calls: `2026-11-20T22:14:03Z GET https://api.xero.com/api.xro/2.0/Invoices?page=1 200 412ms
2026-11-20T22:14:04Z GET https://api.xero.com/api.xro/2.0/Invoices?page=2 200 388ms
2026-11-20T22:14:09Z PUT https://api.xero.com/api.xro/2.0/Payments 200 530ms
2026-11-20T22:15:31Z POST https://api.xero.com/api.xro/2.0/Contacts 401 61ms
2026-11-20T22:16:00Z GET https://api.xero.com/api.xro/2.0/Invoicez 404 40ms
2026-11-20T22:16:12Z GET https://api.xero.com/api.xro/2.0/Reports/TrialBalance?date=2026-10-31 401 58ms`,
    createdOn: "2026-06-30",
    region: "US",
  },
];
