// The types of an API in a script for `require`.
import xero = require("xero-m2m");
import dates = require("xero-m2m/dates");
import type { AccountingApi, paths } from "xero-m2m/types/accounting";

declare const client: xero.CustomConnection<AccountingApi>;
const invoices = client.json("GET", "/Invoices").then(({ Invoices }) => Invoices?.map(({ Date }) => Date && dates.readDate(Date)));
type Get = paths["/Invoices"]["get"];

export = { invoices, get: undefined as Get | undefined };
