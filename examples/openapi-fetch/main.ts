// openapi-fetch with the types of Xero's accounting API, which are in the package.
import createClient from "openapi-fetch";
import { CustomConnection } from "xero-m2m";
import { readDate } from "xero-m2m/dates";
import type { paths } from "xero-m2m/types/accounting";

const apiUrl = process.env["XERO_API_URL"] ?? "https://api.xero.com";
const xero = new CustomConnection({
  clientId: process.env["XERO_CLIENT_ID"],
  clientSecret: process.env["XERO_CLIENT_SECRET"],
  identityUrl: process.env["XERO_IDENTITY_URL"],
  apiUrl,
});

const accounting = createClient<paths>({
  baseUrl: `${apiUrl}/api.xro/2.0`,
  fetch: xero.fetch,
  // Xero takes the values of a list with commas between them.
  querySerializer: { array: { style: "form", explode: false } },
});

const { data, error } = await accounting.GET("/Invoices", { params: { query: { page: 1, pageSize: 5, Statuses: ["AUTHORISED", "PAID"] } } });
if (!data) throw new Error(`Xero answered ${error}`);
for (const { InvoiceNumber, AmountDue, Date: date } of data.Invoices ?? []) {
  console.log(InvoiceNumber, AmountDue, date && readDate(date).toISOString().slice(0, 10));
}
