// A program that calls a local Xero by every client that people have, each operation by one of them.
import http from "node:http";
import https from "node:https";
import axios from "axios";
import got from "got";
import { request } from "undici";
import { CustomConnection } from "xero-m2m";
import { XeroClient } from "xero-node";

const [url, clientId, clientSecret, id] = process.argv.slice(2);
const api = `${url}/api.xro/2.0`;
const body = new URLSearchParams({ grant_type: "client_credentials" });
const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
const answer = await fetch(`${url}/connect/token`, { method: "POST", body, headers: { authorization } });
const { access_token: token } = await answer.json();
const headers = { authorization: `Bearer ${token}`, accept: "application/json" };

await (await fetch(`${api}/Invoices/${id}?unitdp=4`, { headers })).text();
await (await request(`${api}/Contacts?where=Name%3D%22Needle%22`, { headers })).body.text();
await axios.get(`${api}/Items/${id}`, { headers, validateStatus: () => true });
await got(`${api}/Accounts`, { headers, searchParams: { where: 'Code=="Needle"' } }).text();
await new Promise((done) => http.get(`${api}/TaxRates`, { headers }, (response) => response.resume().on("end", done)));
// There is nothing that answers by TLS here.
await new Promise((done) => https.get(`https://127.0.0.1:1/api.xro/2.0/Currencies?page=Needle`, { headers }).on("error", done));
const xero = new XeroClient();
xero.setTokenSet({ access_token: token });
xero.accountingApi.basePath = api;
await xero.accountingApi.getInvoices("").catch(() => {});
const own = new CustomConnection({ clientId, clientSecret, identityUrl: url, apiUrl: url });
await own.json("GET", "/Organisation");
await own.close();
// No operation, and no call of Xero's.
await (await fetch(`${api}/Wishes/${id}`, { headers })).text();
await (await fetch(`${url}/elsewhere/${id}`)).text();

console.log("done");
console.error("well");
process.exitCode = 7;
