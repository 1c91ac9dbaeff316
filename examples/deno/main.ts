// GET /: how many contacts there are.
import { CustomConnection } from "xero-m2m";

const xero = new CustomConnection({
  clientId: Deno.env.get("XERO_CLIENT_ID"),
  clientSecret: Deno.env.get("XERO_CLIENT_SECRET"),
  identityUrl: Deno.env.get("XERO_IDENTITY_URL"),
  apiUrl: Deno.env.get("XERO_API_URL"),
});

const listening = {
  port: Number(Deno.env.get("PORT") ?? 3000),
  hostname: "127.0.0.1",
  onListen: ({ port }: { port: number }) => console.log(`http://127.0.0.1:${port}/`),
};

Deno.serve(listening, async () => {
  let contacts = 0;
  for await (const _ of xero.pages("/Contacts")) contacts += 1;
  return Response.json({ contacts });
});
