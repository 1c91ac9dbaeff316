// Prints who connected an organisation to the app, and when. The id and secret of a Web app; no user has to log in.
import { AppConnection } from "xero-m2m/app";

const app = new AppConnection({
  clientId: process.env.XERO_CLIENT_ID,
  clientSecret: process.env.XERO_CLIENT_SECRET,
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
});

const [tenantId = ""] = process.argv.slice(2);
for (const { tenantName, createdDateUtc } of await app.connections({ tenantId })) console.log(tenantName, createdDateUtc);
app.close();
