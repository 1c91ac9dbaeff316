/** A Worker of a fleet: each request reads the organisation and gives the status, or ends while it asks for a token. */

import { env, waitUntil } from "cloudflare:workers";
import { CustomConnection } from "xero-m2m";
import { durableObject } from "xero-m2m/durable-object";

export { XeroFleet } from "xero-m2m/durable-object";

let hasAsked = false;
const xero = new CustomConnection({
  clientId: env.XERO_CLIENT_ID,
  clientSecret: env.XERO_CLIENT_SECRET,
  identityUrl: env.XERO_IDENTITY_URL,
  apiUrl: env.XERO_API_URL,
  fleet: durableObject(env.XERO_FLEET),
  onEvent: ({ type }) => (hasAsked ||= type === "token.asked"),
  ...(env.KEEPS_ALIVE && { waitUntil }),
});

export default {
  async fetch(request) {
    if (new URL(request.url).pathname === "/leave") {
      void xero.fetch("/Organisation").catch(() => {});
      while (!hasAsked) await scheduler.wait(10);
      return Response.json("left");
    }
    const { status } = await xero.fetch("/Organisation");
    return Response.json({ status });
  },
};
