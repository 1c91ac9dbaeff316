// oauth4webapi at Xero's own addresses: discovery, client credentials, a login with PKCE and an ID token, a call, revocation.

import * as oauth from "oauth4webapi";
import { end, sayAll } from "./say.mjs";

const CALLBACK = "http://localhost:8765/callback";
const { LOCAL_WEB_ID, LOCAL_WEB_SECRET, LOCAL_TENANT, XERO_CLIENT_ID, XERO_CLIENT_SECRET } = process.env;
const issuer = new URL("https://identity.xero.com");
const state = {};

await sayAll({
  async discovery() {
    state.server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
  },
  async clientCredentials() {
    const client = { client_id: XERO_CLIENT_ID };
    const asked = await oauth.clientCredentialsGrantRequest(state.server, client, oauth.ClientSecretBasic(XERO_CLIENT_SECRET), {});
    const { access_token } = await oauth.processClientCredentialsResponse(state.server, client, asked);
    await called(access_token, "https://api.xero.com/api.xro/2.0/Organisation", {});
  },
  async login() {
    state.client = { client_id: LOCAL_WEB_ID };
    state.auth = oauth.ClientSecretPost(LOCAL_WEB_SECRET);
    const [verifier, nonce, own] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomNonce(), oauth.generateRandomState()];
    const address = new URL(state.server.authorization_endpoint);
    address.search = new URLSearchParams({
      ...{ client_id: LOCAL_WEB_ID, redirect_uri: CALLBACK, response_type: "code", scope: "openid email offline_access accounting.settings" },
      ...{ state: own, nonce, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" },
    });
    const answer = await fetch(address, { redirect: "manual" });
    const parameters = oauth.validateAuthResponse(state.server, state.client, new URL(answer.headers.get("location")), own);
    const asked = await oauth.authorizationCodeGrantRequest(state.server, state.client, state.auth, parameters, CALLBACK, verifier);
    state.tokens = await oauth.processAuthorizationCodeResponse(state.server, state.client, asked, { expectedNonce: nonce, requireIdToken: true });
    await oauth.validateApplicationLevelSignature(state.server, asked);
  },
  async refresh() {
    const asked = await oauth.refreshTokenGrantRequest(state.server, state.client, state.auth, state.tokens.refresh_token);
    state.tokens = await oauth.processRefreshTokenResponse(state.server, state.client, asked);
  },
  call: async () => called(state.tokens.access_token, "https://api.xero.com/api.xro/2.0/Organisation", { "xero-tenant-id": LOCAL_TENANT }),
  connections: async () => called(state.tokens.access_token, "https://api.xero.com/connections", {}),
  async revoke() {
    await oauth.processRevocationResponse(await oauth.revocationRequest(state.server, state.client, state.auth, state.tokens.refresh_token));
  },
});
end();

async function called(token, address, headers) {
  const answer = await oauth.protectedResourceRequest(token, "GET", new URL(address), new Headers(headers), null);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
}
