/** Clients of other people against the local Xero: `oauth4webapi`, which follows the RFCs, and Xero's own `xero-node`. */

import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import { test } from "node:test";
import * as oauth from "oauth4webapi";
import { createSimulator } from "xero-m2m/simulator";
import { XeroClient } from "xero-node";
import { failure } from "./support.mjs";

const CALLBACK = "http://localhost:8765/callback";
const ORGANISATIONS = ["Harbour & Pine", "Kea Outdoor Hire"];
const INSECURE = { [oauth.allowInsecureRequests]: true };

/** A local Xero on this machine, whose first user consents to everything. */
async function open(t, options = {}) {
  const simulator = createSimulator({ organisations: ORGANISATIONS, consent: "all", invoices: 5, ...options });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  return { simulator, url };
}

/** `oauth4webapi` as an app of a local Xero. */
async function app(url, { clientId, clientSecret }) {
  const issuer = new URL(url);
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, INSECURE));
  const client = { client_id: clientId };
  const auth = clientSecret ? oauth.ClientSecretBasic(clientSecret) : oauth.None();
  return {
    server,
    client,
    auth,
    /** Sends the user to the authorize endpoint. Returns the parameters that come back, as `oauth4webapi` accepts them. */
    async authorize(scope, verifier, nonce) {
      const state = oauth.generateRandomState();
      const address = new URL(server.authorization_endpoint);
      const challenge = await oauth.calculatePKCECodeChallenge(verifier);
      address.search = new URLSearchParams({
        ...{ client_id: clientId, redirect_uri: CALLBACK, response_type: "code", scope, state },
        ...{ code_challenge: challenge, code_challenge_method: "S256", ...(nonce && { nonce }) },
      });
      const answer = await fetch(address, { redirect: "manual" });
      assert.equal(answer.status, 302);
      return oauth.validateAuthResponse(server, client, new URL(answer.headers.get("location")), state);
    },
    async exchange(parameters, verifier, nonce) {
      const asked = await oauth.authorizationCodeGrantRequest(server, client, auth, parameters, CALLBACK, verifier, INSECURE);
      return oauth.processAuthorizationCodeResponse(server, client, asked, nonce && { expectedNonce: nonce, requireIdToken: true });
    },
    async refresh(token) {
      const asked = await oauth.refreshTokenGrantRequest(server, client, auth, token, INSECURE);
      return oauth.processRefreshTokenResponse(server, client, asked);
    },
    async call({ access_token }, path, headers = {}) {
      return oauth.protectedResourceRequest(access_token, "GET", new URL(url + path), new Headers(headers), null, INSECURE);
    },
  };
}

for (const kind of ["web", "pkce"]) {
  test(`oauth4webapi: a login of the ${kind} app, rotation, connections, calls and revocation`, async (t) => {
    const { simulator, url } = await open(t, { grace: "strict" });
    const own = await app(url, simulator[kind]);
    const [verifier, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomNonce()];
    const parameters = await own.authorize("openid email offline_access accounting.settings", verifier, nonce);
    const first = await own.exchange(parameters, verifier, nonce);
    const { sub, email } = oauth.getValidatedIdTokenClaims(first);
    assert.match(email, /@example\.com$/);
    assert.equal((await failure(own.exchange(parameters, verifier, nonce))).error, "invalid_grant");

    const second = await own.refresh(first.refresh_token);
    assert.equal(oauth.getValidatedIdTokenClaims(second).sub, sub);
    const rows = await (await own.call(second, "/connections")).json();
    assert.deepEqual(rows.map(({ tenantName }) => tenantName), ORGANISATIONS);
    for (const { tenantId, tenantName } of rows) {
      const { Organisations } = await (await own.call(second, "/api.xro/2.0/Organisation", { "xero-tenant-id": tenantId })).json();
      assert.equal(Organisations[0].Name, tenantName);
    }
    assert.equal((await own.call(second, "/api.xro/2.0/Organisation")).status, 403);

    const third = await own.refresh(second.refresh_token);
    assert.equal((await failure(own.refresh(first.refresh_token))).error, "invalid_grant");
    await oauth.processRevocationResponse(await oauth.revocationRequest(own.server, own.client, own.auth, third.refresh_token, INSECURE));
    assert.equal((await failure(own.refresh(third.refresh_token))).error, "invalid_grant");
    assert.deepEqual(await (await own.call(third, "/connections")).json(), []);
  });
}

test("oauth4webapi: a refusal, a wrong verifier, and an answer that was lost", async (t) => {
  const { simulator, url } = await open(t, { consent: "refuse" });
  const own = await app(url, simulator.pkce);
  const verifier = oauth.generateRandomCodeVerifier();
  const refused = await failure(own.authorize("files", verifier));
  assert.deepEqual([refused.name, refused.error], ["AuthorizationResponseError", "access_denied"]);
  simulator.consent("all");
  const parameters = await own.authorize("offline_access files", verifier);
  assert.equal((await failure(own.exchange(parameters, oauth.generateRandomCodeVerifier()))).error, "invalid_grant");
  const first = await own.exchange(await own.authorize("offline_access files", verifier), verifier);
  simulator.fault("rotate then 500 first=1");
  assert.equal((await failure(own.refresh(first.refresh_token))).cause.status, 500);
  simulator.advance(29 * 60_000);
  assert.ok((await own.refresh(first.refresh_token)).refresh_token, "the used token is accepted again");
  simulator.advance(60_000);
  assert.equal((await failure(own.refresh(first.refresh_token))).error, "invalid_grant");
});

test("oauth4webapi: the app itself reads its connections", async (t) => {
  const { simulator, url } = await open(t);
  const own = await app(url, simulator.web);
  const verifier = oauth.generateRandomCodeVerifier();
  await own.exchange(await own.authorize("files", verifier), verifier);
  const asked = await oauth.clientCredentialsGrantRequest(own.server, own.client, own.auth, { scope: "app.connections" }, INSECURE);
  const token = await oauth.processClientCredentialsResponse(own.server, own.client, asked);
  const [, { id }] = simulator.organisations;
  const rows = await (await own.call(token, "/connections", { "xero-tenant-id": id })).json();
  assert.deepEqual(rows.map(({ tenantName }) => tenantName), [ORGANISATIONS[1]]);
  assert.equal((await own.call(token, "/connections")).status, 400);
});

/** Leads requests for Xero's own addresses, which `xero-node` has in its code, to a local Xero. */
function lead(t, url) {
  const { hostname, port } = new URL(url);
  t.mock.method(https, "request", (first, ...rest) => {
    const local = typeof first === "string" ? first.replace(/^https:\/\/[^/]+/, url) : { ...first, protocol: "http:", hostname, host: hostname, port, agent: undefined };
    return http.request(local, ...rest);
  });
}

test("xero-node: consent, callback with an ID token, tenants, a refresh, a call, and both ways to end it", async (t) => {
  const { simulator, url } = await open(t, { baseUrl: "https://identity.xero.com" });
  lead(t, url);
  const { clientId, clientSecret } = simulator.web;
  const scopes = "openid profile email offline_access accounting.settings accounting.invoices".split(" ");
  const xero = new XeroClient({ clientId, clientSecret, redirectUris: [CALLBACK], scopes, state: "of the test", httpTimeout: 60_000 });
  const answer = await simulator.fetch(await xero.buildConsentUrl());
  const set = await xero.apiCallback(answer.headers.get("location"));
  assert.equal(set.claims().given_name, "Aroha");
  const named = async () => (await xero.updateTenants()).map(({ orgData }) => orgData.name).sort();
  assert.deepEqual(await named(), ORGANISATIONS);

  const before = xero.readTokenSet().refresh_token;
  await xero.refreshToken();
  assert.notEqual(xero.readTokenSet().refresh_token, before);
  const [{ id, tenantId }] = xero.tenants;
  const { body } = await xero.accountingApi.getInvoices(tenantId);
  assert.equal(body.invoices.length, 5);
  await xero.disconnect(id);
  assert.equal((await named()).length, 1);
  await xero.refreshWithRefreshToken(clientId, clientSecret, xero.readTokenSet().refresh_token);
  await xero.revokeToken();
  assert.deepEqual(xero.tenants, []);
});
