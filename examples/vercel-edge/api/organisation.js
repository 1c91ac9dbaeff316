// The name of the organisation. On Vercel, pass `waitUntil` of @vercel/functions as well: a renewal then outlives its response.
import { CustomConnection } from "xero-m2m";

export const config = { runtime: "edge" };

const xero = new CustomConnection({
  clientId: process.env.XERO_CLIENT_ID,
  clientSecret: process.env.XERO_CLIENT_SECRET,
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
});

export default async function handler() {
  /** @type {{ Organisations: { Name: string }[] }} */
  const { Organisations } = await xero.json("GET", "/Organisation");
  return Response.json({ name: Organisations[0].Name });
}
