// Programs that have Xero's addresses in their code, beside `xero-m2m simulate --`: without a line of code for the local Xero.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { PROGRAMS, trouble } from "./programs.mjs";

const cli = join(import.meta.dirname, "node_modules/xero-m2m/dist/cli.js");

/** Asks for a token at Xero's address and reads with it; then tries another host. */
const WITH_FETCH = `
  const credentials = btoa(process.env.XERO_CLIENT_ID + ":" + process.env.XERO_CLIENT_SECRET);
  const answer = await fetch("https://identity.xero.com/connect/token", { method: "POST", headers: { Authorization: "Basic " + credentials }, body: new URLSearchParams({ grant_type: "client_credentials" }) });
  const { access_token } = await answer.json();
  const read = await fetch("https://api.xero.com/api.xro/2.0/Organisation", { headers: { Authorization: "Bearer " + access_token, Accept: "application/json" } });
  const { Organisations } = await read.json();
  const other = await fetch("https://example.com/").then(() => "reached", () => "refused");
  console.log(Organisations[0].Name, other);`;

const WITH_XERO_NODE = `
  import { XeroClient } from "xero-node";
  const xero = new XeroClient({ clientId: process.env.XERO_CLIENT_ID, clientSecret: process.env.XERO_CLIENT_SECRET, grantType: "client_credentials", httpTimeout: 30_000 });
  await xero.getClientCredentialsToken();
  const { body } = await xero.accountingApi.getOrganisations("");
  console.log(body.organisations[0].name, "refused");`;

for (const [name, script] of Object.entries({ fetch: WITH_FETCH, "xero-node": WITH_XERO_NODE })) {
  test(`Node.js 24: ${name} uses the proxy`, { skip: trouble(PROGRAMS["Node.js 24"]) }, () => {
    const args = [cli, "simulate", "--quiet", "--invoices", "1", "--", PROGRAMS["Node.js 24"], "--input-type=module", "--eval", script];
    const { status, stdout, stderr } = spawnSync(PROGRAMS["Node.js 24"], args, { encoding: "utf8", cwd: import.meta.dirname, timeout: 120_000 });
    assert.equal(stdout, "Harbour & Pine (Demo) refused\n", stderr);
    assert.equal(status, 0);
  });
}
