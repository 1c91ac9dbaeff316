// Calls that are typed from Xero's specification: `npm run types` makes the types, from the whole specification or a part.
import createClient from "openapi-fetch";
import { CustomConnection } from "xero-m2m";
import type { paths } from "./xero-accounting.js";

const apiUrl = process.env["XERO_API_URL"] ?? "https://api.xero.com";
const xero = new CustomConnection({
  clientId: process.env["XERO_CLIENT_ID"],
  clientSecret: process.env["XERO_CLIENT_SECRET"],
  identityUrl: process.env["XERO_IDENTITY_URL"],
  apiUrl,
});

const accounting = createClient<paths>({ baseUrl: `${apiUrl}/api.xro/2.0`, fetch: xero.fetch });

const { data, error } = await accounting.GET("/Invoices", { params: { query: { page: 1, pageSize: 5 } } });
if (!data) throw new Error(`Xero answered ${error}`);
for (const { InvoiceNumber, AmountDue } of data.Invoices ?? []) console.log(InvoiceNumber, AmountDue);
