// A program that calls Xero by every client that works in this runtime, each operation by one of them.
import http from "node:http";
import https from "node:https";
import axios from "axios";
import { CustomConnection } from "xero-m2m";
import { XeroClient } from "xero-node";

const [url, clientId, clientSecret] = process.argv.slice(2);
const api = `${url}/api.xro/2.0`;
await (await fetch(`${api}/Contacts?where=Needle`)).text();
await (await fetch(new Request(`${api}/Items`, { method: "PUT", body: "{}" }))).text();
await (await fetch(new URL(`${api}/Payments`), { method: "POST", body: "{}" })).text();
await new Promise((done) => http.get(`${api}/TaxRates`, (response) => response.resume().on("end", done)));
// There is nothing that answers by TLS here.
await new Promise((done) => https.get("https://127.0.0.1:1/api.xro/2.0/Currencies", (response) => response).on("error", done));
await axios.get(`${api}/Accounts`, { validateStatus: () => true });
const xero = new XeroClient();
xero.setTokenSet({ access_token: "Needle" });
xero.accountingApi.basePath = api;
await xero.accountingApi.getInvoices("").catch(() => {});
const own = new CustomConnection({ clientId, clientSecret, identityUrl: url, apiUrl: url });
await own.json("GET", "/Organisation");
await own.close();
console.log("done");
