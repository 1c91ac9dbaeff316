// Records `browser.har`: a page in Chromium that calls the local Xero through the server that it comes from.
//
//   npm install xero-m2m playwright-core@1.65.1
//   node record-har.mjs browser.har [path of Chromium]
//
// The token stays in that server: the file has none.
import { once } from "node:events";
import { createServer } from "node:http";
import { argv } from "node:process";
import { chromium } from "playwright-core";
import { CustomConnection } from "xero-m2m";
import { createSimulator } from "xero-m2m/simulator";

const [, , path = "browser.har", executablePath = "/usr/bin/chromium"] = argv;

/** What the page calls, in order; it answers with how many invoices the list had. */
async function calls() {
  const call = (method, path, body) =>
    fetch(path, { method, body: body && JSON.stringify(body), headers: { "content-type": "application/json" } });
  const { Invoices } = await (await call("GET", "/api.xro/2.0/Invoices?statuses=DRAFT&page=1")).json();
  const id = Invoices[0].InvoiceID;
  await call("GET", "/api.xro/2.0/Organisation");
  await call("GET", `/api.xro/2.0/Invoices/${id}`);
  await call("GET", `/api.xro/2.0/Invoices/${id}`);
  await call("POST", `/api.xro/2.0/Invoices/${id}`, { Reference: "seen" });
  await call("PUT", "/api.xro/2.0/Contacts", { Name: "Recorded" });
  await call("GET", `/api.xro/2.0/Invoices/${id}/Attachments`);
  await call("GET", "/api.xro/2.0/Reports/TrialBalance?date=2026-10-31");
  await call("GET", "/api.xro/2.0/Invoicez");
  const request = new XMLHttpRequest();
  request.open("DELETE", "/api.xro/2.0/Items/no-such-item");
  await new Promise((resolve) => {
    request.onloadend = resolve;
    request.send();
  });
  return Invoices.length;
}

const simulator = createSimulator({ invoices: 200 });
const server = await simulator.listen({ port: 0 });
const { XERO_CLIENT_ID: clientId, XERO_CLIENT_SECRET: clientSecret } = simulator.env;
const xero = new CustomConnection({ clientId, clientSecret, identityUrl: server.url, apiUrl: server.url });

const page = '<!doctype html><link rel="icon" href="data:,"><title>Invoices</title>';
const proxy = createServer(async (request, response) => {
  if (request.url === "/") return response.writeHead(200, { "content-type": "text/html" }).end(page);
  const content = Buffer.concat(await request.toArray());
  const body = content.length > 0 ? content : undefined;
  const headers = { accept: "application/json", ...(body && { "content-type": "application/json" }) };
  const answer = await xero.fetch(request.url, { method: request.method, headers, body });
  const type = answer.headers.get("content-type") ?? "text/plain";
  return response.writeHead(answer.status, { "content-type": type }).end(Buffer.from(await answer.arrayBuffer()));
});
await once(proxy.listen(0, "127.0.0.1"), "listening");

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ recordHar: { path, content: "omit" } });
const tab = await context.newPage();
await tab.goto(`http://127.0.0.1:${proxy.address().port}/`);
console.log(`${await tab.evaluate(calls)} invoices listed; ${path} written`);
await context.close();
await browser.close();
proxy.close();
xero.close();
await server.close();
