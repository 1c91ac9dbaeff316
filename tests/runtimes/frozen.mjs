// A process that is frozen between two calls, and thawed when its standard input gets a line.
import { once } from "node:events";
import { CustomConnection } from "xero-m2m";

const {
  XERO_CLIENT_ID: clientId,
  XERO_CLIENT_SECRET: clientSecret,
  XERO_IDENTITY_URL: identityUrl,
  XERO_API_URL: apiUrl,
} = process.env;
const xero = new CustomConnection({ clientId, clientSecret, identityUrl, apiUrl });
await xero.json("GET", "/Organisation");
console.log("called");
await once(process.stdin, "data");
await xero.json("GET", "/Organisation");
console.log("called");
process.stdin.destroy();
