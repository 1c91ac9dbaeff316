// From Xero's SDK to xero-m2m, step by step: old code keeps its calls and gets its token from here.
import { CustomConnection } from "xero-m2m";
import { XeroClient } from "xero-node";

const xero = new CustomConnection({
  clientId: process.env.XERO_CLIENT_ID,
  clientSecret: process.env.XERO_CLIENT_SECRET,
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
});

const sdk = new XeroClient();
if (process.env.XERO_API_URL) sdk.accountingApi.basePath = `${process.env.XERO_API_URL}/api.xro/2.0`;

/** The SDK, with a token that is good now: call it before each use. */
async function withToken() {
  const { accessToken } = await xero.token();
  sdk.setTokenSet({ access_token: accessToken });
  return sdk;
}

// As it was. A custom connection has one organisation: the tenant id stays empty.
const { body } = await (await withToken()).accountingApi.getOrganisations("");
console.log("by the SDK: ", body.organisations?.[0]?.name);

// As it will be.
/** @type {{ Organisations: { Name: string }[] }} */
const { Organisations } = await xero.json("GET", "/Organisation");
console.log("by xero-m2m:", Organisations[0].Name);
