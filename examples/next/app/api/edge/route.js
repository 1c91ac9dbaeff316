// The name of the organisation. The client is made with the module, also while Next.js builds, where nothing is called.
import { CustomConnection } from "xero-m2m";

export const runtime = "edge";
export const dynamic = "force-dynamic";

const xero = new CustomConnection({
  clientId: process.env.XERO_CLIENT_ID ?? "not set while building",
  clientSecret: process.env.XERO_CLIENT_SECRET ?? "not set while building",
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
});

export async function GET() {
  /** @type {{ Organisations: { Name: string }[] }} */
  const { Organisations } = await xero.json("GET", "/Organisation");
  return Response.json({ name: Organisations[0].Name });
}
