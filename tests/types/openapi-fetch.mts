// The paths of an API for openapi-fetch, as it is.
import createClient from "openapi-fetch";
import { CustomConnection } from "xero-m2m";
import type { AccountingApi, paths } from "xero-m2m/types/accounting";
import type { paths as FilesPaths } from "xero-m2m/types/files";

const xero = new CustomConnection({ clientId: "id", clientSecret: "secret" });
const typed = new CustomConnection<AccountingApi>({ clientId: "id", clientSecret: "secret" });
createClient<paths>({ fetch: xero.fetch });
const accounting = createClient<paths>({
  baseUrl: "https://api.xero.com/api.xro/2.0",
  fetch: typed.fetch,
  querySerializer: { array: { style: "form", explode: false } },
});

const { data, error } = await accounting.GET("/Invoices", { params: { query: { page: 1, Statuses: ["AUTHORISED"] } } });
data?.Invoices?.[0]?.AmountDue satisfies number | undefined;
(await accounting.GET("/Invoices/{InvoiceID}", { params: { path: { InvoiceID: "id" } } })).data?.Invoices?.[0]?.Status;
await accounting.POST("/Invoices", { body: { Type: "ACCREC", Contact: { Name: "Kea Outdoor Hire" } } });
await accounting.PUT("/Contacts", { body: { Contacts: [{ Name: "Kea Outdoor Hire" }] } });
// @ts-expect-error there is no such path
await accounting.GET("/Invoicess");
// @ts-expect-error the path has no such method
await accounting.DELETE("/Invoices");
// @ts-expect-error there is no such parameter
await accounting.GET("/Invoices", { params: { query: { pagee: 1 } } });
// @ts-expect-error the id is missing
await accounting.GET("/Invoices/{InvoiceID}");
// @ts-expect-error there is no such type of invoice
await accounting.POST("/Invoices", { body: { Invoices: [{ Type: "ACC" }] } });

const files = createClient<FilesPaths>({ baseUrl: "https://api.xero.com/files.xro/1.0", fetch: xero.fetch });
(await files.GET("/Files")).data?.Items?.[0]?.Name satisfies string | undefined;
export { error };
