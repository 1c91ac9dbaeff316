// xero-node, which keeps its last token, but requests one only when its caller asks. It sends with axios.
import { createRequire } from "node:module";
import { XeroClient } from "xero-node";
import { adapter, clientId, clientSecret } from "../stub.mjs";

const require = createRequire(import.meta.url);
createRequire(require.resolve("xero-node"))("axios").defaults.adapter = adapter;

export default function make() {
  const client = new XeroClient({ clientId, clientSecret, grantType: "client_credentials" });
  const page = 1;
  return {
    token: () => client.getClientCredentialsToken(),
    invoices: () => client.accountingApi.getInvoices("", ...Array(7).fill(undefined), page),
  };
}
