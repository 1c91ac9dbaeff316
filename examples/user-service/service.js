// GET /organisations: the currency of every organisation that the user connected. A Web app; its login is in the file XERO_VAULT.
// Once: npx xero-m2m login --vault "$XERO_VAULT"
import { createServer } from "node:http";
import { XeroError } from "xero-m2m";
import { file } from "xero-m2m/file";
import { UserConnection } from "xero-m2m/user";

const xero = new UserConnection({
  clientId: process.env.XERO_CLIENT_ID,
  clientSecret: process.env.XERO_CLIENT_SECRET,
  vault: file(process.env.XERO_VAULT ?? "xero.vault"),
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
});

/** @typedef {{ Organisations: { BaseCurrency: string }[] }} Answer */

async function currencies() {
  /** @type {Record<string, string | undefined>} */
  const found = {};
  for (const { id, name } of await xero.tenants()) {
    /** @type {Answer} */
    const { Organisations } = await xero.forTenant(id).json("GET", "/Organisation");
    found[name] = Organisations[0]?.BaseCurrency;
  }
  return found;
}

const server = createServer(async (request, response) => {
  /** @type {(status: number, body: object) => unknown} */
  const answer = (status, body) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.url !== "/organisations") return answer(404, {});
  try {
    answer(200, await currencies());
  } catch (error) {
    if (!(error instanceof XeroError)) throw error;
    // login_required: somebody has to run the command above. The service goes on by itself within a minute.
    console.error(JSON.stringify(error));
    answer(error.retryable ? 503 : 500, { code: error.code });
  }
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}/organisations`);
});

process.once("SIGTERM", () => {
  server.close();
  // Waits until a token that was just renewed is saved.
  void xero.close();
});
