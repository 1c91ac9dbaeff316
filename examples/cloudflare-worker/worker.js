// Ten invoices. One client for all requests of the isolate: at module scope nothing happens but making it.
import { env, waitUntil } from "cloudflare:workers";
import { CustomConnection } from "xero-m2m";

const xero = new CustomConnection({
  clientId: env.XERO_CLIENT_ID,
  clientSecret: env.XERO_CLIENT_SECRET,
  identityUrl: env.XERO_IDENTITY_URL,
  apiUrl: env.XERO_API_URL,
  waitUntil,
});

export default {
  /** @param {Request} request */
  async fetch(request) {
    // What Xero answers goes on as it comes; a caller that leaves ends the call.
    const { status, body } = await xero.fetch("/Invoices?page=1&pageSize=10", { signal: request.signal });
    return new Response(body, { status, headers: { "content-type": "application/json" } });
  },
};
