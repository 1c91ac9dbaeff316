// GET /owed: what customers owe, by currency. PORT, XERO_CLIENT_ID and XERO_CLIENT_SECRET are in the environment.
import { createServer } from "node:http";
import { CustomConnection, XeroError } from "xero-m2m";

const xero = new CustomConnection({
  clientId: process.env.XERO_CLIENT_ID,
  clientSecret: process.env.XERO_CLIENT_SECRET,
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
});

/** @typedef {{ Type: string, CurrencyCode: string, AmountDue: number }} Invoice */

async function owed() {
  /** @type {Record<string, number>} */
  const sums = {};
  /** @type {AsyncIterable<Invoice>} */
  const invoices = xero.pages("/Invoices?Statuses=AUTHORISED");
  for await (const { Type, CurrencyCode, AmountDue } of invoices) {
    if (Type === "ACCREC") sums[CurrencyCode] = (sums[CurrencyCode] ?? 0) + AmountDue;
  }
  return sums;
}

const server = createServer(async (request, response) => {
  /** @type {(status: number, body: object) => unknown} */
  const answer = (status, body) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.url !== "/owed") return answer(404, {});
  try {
    answer(200, await owed());
  } catch (error) {
    if (!(error instanceof XeroError)) throw error;
    // The error contains nothing secret. `retryAt` is the time from which another try makes sense.
    console.error(JSON.stringify(error));
    // A read can be made again. A service that writes passes no 503 on for a write whose `outcome` is unknown.
    answer(error.retryable ? 503 : 500, { code: error.code });
  }
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}/owed`);
});

process.once("SIGTERM", () => {
  server.close();
  xero.close();
});
