// Prints the name of the organisation. Start it as often as you like, on as many machines: all of them use one token.
// REDIS_URL, XERO_CLIENT_ID and XERO_CLIENT_SECRET are in the environment.
import { createClient } from "redis";
import { CustomConnection } from "xero-m2m";
import { redis } from "xero-m2m/redis";

const client = createClient({ url: process.env.REDIS_URL });
// Without a listener Node.js ends the process when Redis goes away. The connection to Xero goes on without it.
client.on("error", () => {});
await client.connect();

const xero = new CustomConnection({
  clientId: process.env.XERO_CLIENT_ID,
  clientSecret: process.env.XERO_CLIENT_SECRET,
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
  fleet: redis(client),
});

/** @typedef {{ Organisations: { Name: string }[] }} Answer */
/** @type {Answer} */
const { Organisations } = await xero.json("GET", "/Organisation");
console.log(Organisations[0]?.Name);
await xero.close();
client.destroy();
