// Ten invoices. A PKCE app; its login is in a Durable Object, and comes there from the secret XERO_SEED.
// Once: npx xero-m2m login --seed | npx wrangler secret put XERO_SEED
import { env, waitUntil } from "cloudflare:workers";
import { durableObject } from "xero-m2m/durable-object";
import { UserConnection } from "xero-m2m/user";
export { XeroFleet } from "xero-m2m/durable-object";

const xero = new UserConnection({
  clientId: env.XERO_CLIENT_ID,
  key: env.XERO_VAULT_KEY,
  vault: durableObject(env.XERO_FLEET),
  seed: env.XERO_SEED,
  identityUrl: env.XERO_IDENTITY_URL,
  apiUrl: env.XERO_API_URL,
  waitUntil,
});

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { status, body } = await xero.fetch("/Invoices?page=1&pageSize=10", { signal: request.signal });
    return new Response(body, { status, headers: { "content-type": "application/json" } });
  },
  // A login that is not used for 60 days ends. Once a day is enough: crons in wrangler.toml.
  async scheduled() {
    await xero.keepAlive();
  },
};
