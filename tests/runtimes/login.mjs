// A login to the Web or the PKCE app of a local Xero, sealed for a runtime in which nobody can log in.
import { createHash } from "node:crypto";
import { memory } from "xero-m2m/shared";
import { Vault } from "xero-m2m/user";

const REDIRECT = "http://localhost:8765/callback";
const VERIFIER = "a-verifier-of-43-characters-or-more-as-it-has-to-be";

/** A user consents for all organisations. The login is put into `store`, and sealed as `seed`. */
export async function loggedIn(simulator, app = "web", store = memory({ durable: true })) {
  const { clientId, clientSecret, env } = simulator[app];
  const { XERO_IDENTITY_URL: identityUrl, XERO_API_URL: apiUrl, XERO_AUTHORIZE_URL: authorize, XERO_VAULT_KEY: key } = env;
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: REDIRECT,
    scope: "offline_access accounting.settings.read accounting.invoices.read",
    state: "a-state-of-this-login",
    ...(app === "pkce" && {
      code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
      code_challenge_method: "S256",
    }),
  });
  const response = await fetch(`${authorize}?${query}`, { redirect: "manual" });
  const code = new URL(response.headers.get("location")).searchParams.get("code");
  const vault = new Vault({ store, clientId, identityUrl, apiUrl, ...(clientSecret ? { clientSecret } : { key }) });
  const grant = await vault.exchangeCode(code, REDIRECT, app === "pkce" ? VERIFIER : undefined);
  const seed = await vault.seed(grant);
  await vault.login(grant);
  await vault.close();
  return { clientId, clientSecret, seed, tenant: simulator.organisations[0].id };
}
