// A program that calls Xero by every client that works in this runtime, each operation by one of them.
import http from "node:http";
import http2 from "node:http2";
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
const second = http2.createServer((_, response) => response.end("{}"));
await new Promise((done) => second.listen(0, "127.0.0.1", done));
const session = http2.connect(`http://127.0.0.1:${second.address().port}`);
await new Promise((done) => session.request({ ":path": "/api.xro/2.0/Quotes" }).resume().on("end", done).end());
session.close();
second.close();
console.log("done");
