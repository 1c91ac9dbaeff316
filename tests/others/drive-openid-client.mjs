// openid-client at Xero's own addresses: discovery, client credentials, a login with PKCE, a refresh, revocation.

import * as oidc from "openid-client";
import { end, sayAll } from "./say.mjs";

const CALLBACK = "http://localhost:8765/callback";
const { LOCAL_WEB_ID, LOCAL_WEB_SECRET, XERO_CLIENT_ID, XERO_CLIENT_SECRET } = process.env;
const issuer = new URL("https://identity.xero.com");
const state = {};

await sayAll({
  async discovery() {
    state.app = await oidc.discovery(issuer, XERO_CLIENT_ID, undefined, oidc.ClientSecretBasic(XERO_CLIENT_SECRET));
    state.web = await oidc.discovery(issuer, LOCAL_WEB_ID, undefined, oidc.ClientSecretPost(LOCAL_WEB_SECRET));
  },
  async clientCredentials() {
    const { access_token } = await oidc.clientCredentialsGrant(state.app);
    const answer = await oidc.fetchProtectedResource(state.app, access_token, new URL("https://api.xero.com/api.xro/2.0/Organisation"), "GET");
    if (!answer.ok) throw new Error(`status ${answer.status}`);
  },
  async login() {
    const [verifier, own, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
    const address = oidc.buildAuthorizationUrl(state.web, {
      ...{ redirect_uri: CALLBACK, scope: "openid profile offline_access accounting.settings", state: own, nonce },
      ...{ code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" },
    });
    const answer = await fetch(address, { redirect: "manual" });
    const back = new URL(answer.headers.get("location"));
    state.tokens = await oidc.authorizationCodeGrant(state.web, back, { pkceCodeVerifier: verifier, expectedState: own, expectedNonce: nonce, idTokenExpected: true });
  },
  async refresh() {
    state.tokens = await oidc.refreshTokenGrant(state.web, state.tokens.refresh_token);
  },
  revoke: async () => oidc.tokenRevocation(state.web, state.tokens.refresh_token),
});
end();
