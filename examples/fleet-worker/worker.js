// Ten invoices. Isolates of one Worker run in many places; a Durable Object holds the token that all of them use.
import { env, waitUntil } from "cloudflare:workers";
import { CustomConnection } from "xero-m2m";
import { durableObject } from "xero-m2m/durable-object";
export { XeroFleet } from "xero-m2m/durable-object";

const xero = new CustomConnection({
  clientId: env.XERO_CLIENT_ID,
  clientSecret: env.XERO_CLIENT_SECRET,
  identityUrl: env.XERO_IDENTITY_URL,
  apiUrl: env.XERO_API_URL,
  fleet: durableObject(env.XERO_FLEET),
  waitUntil,
});

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { status, body } = await xero.fetch("/Invoices?page=1&pageSize=10", { signal: request.signal });
    return new Response(body, { status, headers: { "content-type": "application/json" } });
  },
};
