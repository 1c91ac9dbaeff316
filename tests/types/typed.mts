// Clients that know APIs as types: the calls that fit them, and those that the compiler has to refuse.
import { type Answer, type Body, CustomConnection, type RecordOf, type Reply } from "xero-m2m";
import { readDate } from "xero-m2m/dates";
import { UserConnection, type UserConnectionOptions } from "xero-m2m/user";
import type { AccountingApi, Contact, Invoice } from "xero-m2m/types/accounting";
import type { AppStoreApi } from "xero-m2m/types/app-store";
import type { AssetsApi } from "xero-m2m/types/assets";
import type { BankFeedsApi } from "xero-m2m/types/bankfeeds";
import type { FilesApi } from "xero-m2m/types/files";
import type { FinanceApi } from "xero-m2m/types/finance";
import type { IdentityApi } from "xero-m2m/types/identity";
import type { PayrollAuApi } from "xero-m2m/types/payroll-au";
import type { PayrollAuV2Api } from "xero-m2m/types/payroll-au-v2";
import type { PayrollNzApi } from "xero-m2m/types/payroll-nz";
import type { PayrollUkApi } from "xero-m2m/types/payroll-uk";
import type { ProjectsApi } from "xero-m2m/types/projects";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

const options = { clientId: "id", clientSecret: "secret" };
declare const xero: CustomConnection<AccountingApi>;
declare const id: string;

// Answers, by literal and by template, with the query.
const list = await xero.json("GET", "/Invoices");
same<typeof list.Invoices, Invoice[] | undefined>(true);
same<Awaited<ReturnType<typeof one>>, Invoice[] | undefined>(true);
async function one() {
  return (await xero.json("GET", `/Invoices/${id}`)).Invoices;
}
const due: number | undefined = list.Invoices?.[0]?.AmountDue;
const issued: Date = readDate(list.Invoices?.[0]?.DateString ?? list.Invoices?.[0]?.Date ?? "2019-03-11");
(await xero.json("GET", "Invoices")).Invoices;
(await xero.json("GET", "/api.xro/2.0/Invoices")).Invoices;
(await xero.json("GET", "/Invoices?page=2&Statuses=AUTHORISED,PAID")).Invoices;
(await xero.json("GET", `/Invoices?where=${id}&page=${2}`)).Invoices;
(await xero.json("GET", `/Invoices?${id}`)).Invoices;
(await xero.json("GET", `/Invoices/${id}/History`)).HistoryRecords;
(await xero.json("GET", "/Invoices/243216c5-369e-4056-ac67-05388f86dc81")).Invoices;
// One list and one record of the same place.
(await xero.json("GET", `/Organisation/${id}/CISSettings`)).CISSettings;
// A name that is not known may be that of any report.
const report = await xero.json("GET", `/Reports/${id}`);
same<"Reports" extends keyof typeof report ? true : false, true>(true);
// @ts-expect-error there is no such member
list.Invoicess;
// @ts-expect-error a member may be absent
list.Invoices.length;
// @ts-expect-error money is a number here
const money: string = list.Invoices?.[0]?.AmountDue;

// Methods and queries.
// @ts-expect-error the path has no such method
await xero.json("DELETE", "/Invoices");
// @ts-expect-error no list is deleted by fetch either
await xero.fetch("/Invoices", { method: "DELETE" });
// @ts-expect-error there is no such parameter
await xero.json("GET", "/Invoices?pagee=1");
// @ts-expect-error nor here
await xero.fetch("/Invoices?page=1&status=PAID");
// @ts-expect-error nor here
xero.pages("/Invoices?Status=PAID");
// @ts-expect-error a value has to take the place of the name
await xero.json("GET", "/Invoices/{InvoiceID}");
// @ts-expect-error also here
await xero.fetch("/Invoices/{InvoiceID}");
// @ts-expect-error also here
xero.pages("/Contacts/{ContactID}/History");

// Bodies: a list of records, or one.
const invoice = { Type: "ACCREC", Contact: { Name: "Kea Outdoor Hire" }, LineItems: [{ Description: "Tent", UnitAmount: 90 }] } as const satisfies Body<AccountingApi, "POST", "/Invoices">;
const written = await xero.json("POST", "/Invoices", invoice, { idempotencyKey: true });
same<typeof written.Invoices, Invoice[] | undefined>(true);
await xero.json("PUT", "/Contacts", { Contacts: [{ Name: "Kea Outdoor Hire" }] });
// @ts-expect-error there is no such type of invoice
await xero.json("POST", "/Invoices", { Type: "ACC" });
// @ts-expect-error there is no such member
await xero.json("POST", "/Invoices", { Typo: "ACCREC" });
// @ts-expect-error a list has records in it
await xero.json("POST", "/Invoices", { Invoices: { Type: "ACCREC" } });
// @ts-expect-error a read has no body
await xero.json("GET", "/Invoices", { Type: "ACCREC" });

// Answers that may be empty.
const changed = await xero.json("GET", "/Invoices", undefined, { headers: { "If-Modified-Since": "Tue, 01 Dec 2026 00:00:00 GMT" } });
// @ts-expect-error a 304 has no body
changed.Invoices;
changed?.Invoices;
const gone: undefined = await xero.json("DELETE", `/LinkedTransactions/${id}`);

// Lists.
for await (const { AmountDue, Contact } of xero.pages("/Invoices?Statuses=AUTHORISED")) void [AmountDue satisfies number | undefined, Contact satisfies Contact | undefined];
for await (const { Name } of xero.pages("/Organisation")) Name satisfies string | undefined;
for await (const { Changes } of xero.pages(`/Contacts/${id}/History`)) Changes satisfies string | undefined;
same<RecordOf<AccountingApi, "/Invoices">, Invoice>(true);
for await (const record of xero.pages("/Contacts")) {
  // @ts-expect-error there is no such member
  record.Nam;
}

// fetch gives the JSON of a success, and of nothing else.
const response = await xero.fetch("/Invoices?page=1", { priority: "high" });
if (response.ok) (await response.json()).Invoices satisfies Answer<AccountingApi, "GET", "/Invoices">["Invoices"];
// @ts-expect-error it may be an error of Xero's
(await response.json()).Invoices;
const posted: Reply<{ Invoices?: Invoice[] }> = await xero.fetch(`/Invoices/${id}`, { method: "POST", body: "{}" });

// What the API does not have is as it is without one.
const unknown: unknown = await xero.json("GET", "/Nothing");
// @ts-expect-error what Xero answers is not known
(await xero.json("GET", "/Nothing")).Invoices;
const named: { Own: string } = await xero.json("GET", "/Nothing");
const own = await xero.json<{ Own: string }>("GET", "/Invoices");
own.Own satisfies string;
for await (const { Own } of xero.pages<{ Own: string }>("/Invoices")) Own satisfies string;
for await (const record of xero.pages("/Nothing")) record satisfies unknown;
const dynamic: unknown = await xero.json("GET", id);
const method: unknown = await xero.json(id, "/Invoices");
const url: unknown = await xero.json("GET", new URL("https://api.xero.com/api.xro/2.0/Invoices"));
const plain: Response = await xero.fetch(new Request("https://api.xero.com/api.xro/2.0/Invoices"));
const resource: unknown = await xero.json("GET", `/${id}`);

// A client with an API is one without, and a fetch.
const untyped: CustomConnection = xero;
const asFetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response> = xero.fetch;
export const made: CustomConnection<AccountingApi> = new CustomConnection(options);

// Several APIs, and each of the others.
const several = new CustomConnection<AccountingApi & FilesApi & ProjectsApi>(options);
(await several.json("GET", "/files.xro/1.0/Files?pagesize=50")).Items?.[0]?.Name satisfies string | undefined;
(await several.json("GET", `/projects.xro/2.0/Projects/${id}`)).name satisfies string | undefined;
(await several.json("GET", "/Invoices")).Invoices;
// @ts-expect-error files have a path of their own
(await several.json("GET", "/Files")).Items;
const rest = new CustomConnection<AppStoreApi & AssetsApi & BankFeedsApi & FinanceApi & IdentityApi & PayrollAuApi & PayrollAuV2Api>(options);
(await rest.json("GET", "/assets.xro/1.0/AssetTypes"))[0]?.assetTypeName satisfies string | undefined;
(await rest.json("GET", "/connections"))[0]?.tenantName satisfies string | undefined;
(await rest.json("GET", "/payroll.xro/1.0/Employees")).Employees?.[0]?.FirstName satisfies string | undefined;
(await rest.json("GET", "/payroll.xro/2.0/Timesheets")).timesheets?.[0]?.timesheetID satisfies string | null | undefined;
(await rest.json("GET", `/appstore/2.0/subscriptions/${id}`)).status satisfies string | undefined;
(await rest.json("GET", "/bankfeeds.xro/1.0/Statements")).items;
(await rest.json("GET", "/finance.xro/1.0/CashValidation"))[0]?.accountId satisfies string | undefined;
const british = new CustomConnection<PayrollUkApi>(options);
for await (const { email } of british.pages("/payroll.xro/2.0/Employees")) {
  // @ts-expect-error the payroll of this country answers null for what is not there
  email satisfies string | undefined;
  email satisfies string | null | undefined;
}
const kiwi = new CustomConnection<PayrollNzApi>(options);
(await kiwi.json("GET", `/payroll.xro/2.0/Employees/${id}/Tax`)).employeeTax?.irdNumber satisfies string | null | undefined;

// A login of a user has the same types.
declare const vault: UserConnectionOptions["vault"];
const user = new UserConnection<AccountingApi>({ ...options, vault });
(await user.json("GET", `/Invoices/${id}`)).Invoices?.[0]?.AmountDue satisfies number | undefined;
for await (const { Name } of user.forTenant("t").pages("/Contacts")) Name satisfies string | undefined;
// @ts-expect-error there is no such member
(await user.forTenant("t").json("GET", "/Contacts")).Contact;
const asUser: UserConnection = user;

export { asFetch, asUser, due, dynamic, gone, issued, method, money, named, plain, posted, resource, unknown, untyped, url };
