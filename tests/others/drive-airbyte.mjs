// The token request of airbyte-source-xero 2.0.1, which names `scopes` eleven times, and a read with its token. The connector itself is
// not installed: it brings a hundred packages along.

import { sayAll } from "./say.mjs";

const SCOPES = ["accounting.transactions", "accounting.reports.read", "accounting.journals.read", "accounting.settings", "accounting.settings.read", "accounting.contacts", "accounting.contacts.read", "accounting.attachments", "accounting.attachments.read", "files", "files.read"];
let token;

await sayAll({
  token: async () => {
    const body = new URLSearchParams({ grant_type: "client_credentials" });
    for (const scope of SCOPES) body.append("scopes", scope);
    const { XERO_CLIENT_ID: id, XERO_CLIENT_SECRET: secret } = process.env;
    const answer = await fetch("https://identity.xero.com/connect/token", { method: "POST", headers: { Authorization: `Basic ${btoa(`${id}:${secret}`)}` }, body });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    token = (await answer.json()).access_token;
  },
  contacts: async () => {
    const headers = { Authorization: `Bearer ${token}`, "xero-tenant-id": process.env.LOCAL_TENANT, Accept: "application/json" };
    const answer = await fetch("https://api.xero.com/api.xro/2.0/Contacts?page=1", { headers });
    if (!answer.ok) throw new Error(`${answer.status}`);
  },
});
process.exit(0);
