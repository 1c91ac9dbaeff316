// GET /: how many contacts there are.
import { CustomConnection } from "xero-m2m";

const xero = new CustomConnection({
  clientId: process.env.XERO_CLIENT_ID,
  clientSecret: process.env.XERO_CLIENT_SECRET,
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
});

const server = Bun.serve({
  port: Number(process.env.PORT ?? 3000),
  hostname: "127.0.0.1",
  async fetch() {
    let contacts = 0;
    for await (const _ of xero.pages("/Contacts")) contacts += 1;
    return Response.json({ contacts });
  },
});
console.log(`http://127.0.0.1:${server.port}/`);
