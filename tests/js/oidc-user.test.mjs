/** Connections of users against an independent authorisation server, `oidc-provider`: it checks PKCE and rotates refresh tokens without any grace. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { Provider } from "oidc-provider";
import { memory } from "xero-m2m/shared";
import { UserConnection, Vault, login } from "xero-m2m/user";
import { failure } from "./support.mjs";
import { KEA } from "./user-support.mjs";

const SCOPES = ["accounting.settings.read", "accounting.invoices.read"];
const PORT = 8765;
const REDIRECT = `http://localhost:${PORT}/callback`;
const VERIFIER = "a-verifier-of-43-characters-or-more-as-it-has-to-be";

const APPS = {
  web: { client: { client_id: "web", client_secret: "the secret: of 100% of the web app" }, own: { clientSecret: "the secret: of 100% of the web app" } },
  pkce: { client: { client_id: "pkce", token_endpoint_auth_method: "none" }, own: { key: "A".repeat(43) } },
};

/** A provider with one client, whose only user logs in and consents at once, and an API that accepts its tokens. */
async function provider(t, app) {
  // What it advises for production.
  for (const level of ["info", "warn"]) t.mock.method(console, level, () => {});
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  const { client } = APPS[app];
  const resource = { scope: SCOPES.join(" "), audience: "https://api.example", accessTokenFormat: "opaque", accessTokenTTL: 1800 };
  const own = new Provider(url, {
    clients: [{ grant_types: ["authorization_code", "refresh_token"], response_types: ["code"], redirect_uris: [REDIRECT], application_type: "native", ...client }],
    scopes: ["offline_access", ...SCOPES],
    cookies: { keys: ["of the tests"] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    async loadExistingGrant({ oidc }) {
      const grant = new own.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope(["offline_access", ...SCOPES].join(" "));
      grant.addResourceScope("https://api.example", SCOPES.join(" "));
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, defaultResource: () => "https://api.example", getResourceServerInfo: () => resource },
    },
    routes: { authorization: "/authorize", token: "/connect/token" },
  });
  const errors = [];
  own.on("server_error", (_, error) => errors.push(error));
  t.after(() => assert.deepEqual(errors, []));

  /** The access tokens that the API calls expired. */
  const expired = new Set();
  /** The refresh tokens that were sent. */
  const used = [];
  own.use(async (context, next) => {
    await next();
    const token = context.oidc?.params?.refresh_token;
    if (token) used.push(token);
  });
  const handle = own.callback();
  async function answer(request, response) {
    if (request.url.startsWith("/interaction/")) return own.interactionFinished(request, response, { login: { accountId: "user-1" }, consent: {} });
    if (request.url === "/connections" || request.url.startsWith("/api.xro/")) {
      const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
      const isAccepted = (await own.AccessToken.find(token)) && !expired.has(token);
      const json = request.url === "/connections" ? [{ id: KEA.connectionId, tenantId: KEA.id, tenantName: KEA.name }] : { Organisations: [{ Name: KEA.name }] };
      response.writeHead(isAccepted ? 200 : 401, { "content-type": "application/json" });
      return response.end(JSON.stringify(isAccepted ? json : { Title: "Unauthorized", Status: 401, Detail: "TokenExpired: token expired" }));
    }
    return handle(request, response);
  }
  const store = memory({ durable: true });
  const options = { clientId: client.client_id, identityUrl: url, apiUrl: url, ...APPS[app].own };
  return {
    used,
    expired,
    options: { ...options, vault: store },
    vault() {
      const vault = new Vault({ ...options, store });
      t.after(() => vault.close());
      return vault;
    },
    /** The code of a login, as a browser gets it, which follows redirects and keeps cookies. */
    async code() {
      const challenge = createHash("sha256").update(VERIFIER).digest("base64url");
      const asked = { port: PORT, state: "a-state-of-this-login", clientId: client.client_id, scopes: SCOPES.join(" "), authorizeUrl: `${url}/authorize`, challenge };
      const cookies = new Map();
      let { address } = login.address(asked);
      for (let step = 0; step < 6 && !address.startsWith(REDIRECT); step++) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
        const response = await fetch(address, { redirect: "manual", headers: { cookie } });
        for (const line of response.headers.getSetCookie()) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
          cookies.set(name, value);
        }
        address = new URL(response.headers.get("location") ?? assert.fail(await response.text()), url).href;
      }
      const { pathname, search, host } = new URL(address);
      const judged = login.callback(asked, "GET", pathname + search, host);
      assert.ok("code" in judged, JSON.stringify(judged));
      return judged.code;
    },
  };
}

for (const app of Object.keys(APPS)) {
  test(`a login to a ${app} app: PKCE is checked, and each refresh token is used once`, async (t) => {
    const server = await provider(t, app);
    const vault = server.vault();
    // The provider refuses a verifier that does not fit, and the code with it.
    const refused = await failure(vault.exchangeCode(await server.code(), REDIRECT, VERIFIER.toUpperCase()));
    assert.equal(refused.code, "token_refused");
    const grant = await vault.exchangeCode(await server.code(), REDIRECT, VERIFIER);
    assert.deepEqual(grant.organisations, [KEA]);
    await vault.login(grant);

    // Two services share the login. Both find the token expired, and both go on with the next.
    const services = [new UserConnection(server.options), new UserConnection(server.options)];
    for (const service of services) t.after(() => service.close());
    const names = async () => {
      const answers = await Promise.all(services.map((service) => service.json("GET", "/Organisation")));
      return answers.map(({ Organisations: [{ Name }] }) => Name);
    };
    assert.deepEqual(await names(), [KEA.name, KEA.name]);
    server.expired.add((await services[0].token()).accessToken);
    assert.deepEqual(await names(), [KEA.name, KEA.name]);
    // Others renew it in turn, each with the token that the one before saved.
    for (let generation = 3; generation < 7; generation++) await server.vault().take({ notGeneration: generation - 1 });
    assert.equal(server.used.length, 5);
    assert.equal(new Set(server.used).size, server.used.length, "no refresh token was used twice");
    assert.equal((await server.vault().look()).generation, server.used.length + 1);
  });
}

test("a refresh token that was used elsewhere ends the login, and the error says so", async (t) => {
  const server = await provider(t, "web");
  const vault = server.vault();
  await vault.login(await vault.exchangeCode(await server.code(), REDIRECT, VERIFIER));
  await vault.take({ notGeneration: 1 });
  // Without a grace this server ends the whole login for a token that comes twice.
  const { clientId, clientSecret, identityUrl } = server.options;
  const answer = await fetch(`${identityUrl}/connect/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${encodeURIComponent(clientSecret)}`)}` },
    body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: server.used[0] }),
  });
  assert.equal(answer.status, 400);
  const error = await failure(vault.take({ notGeneration: 2 }));
  assert.deepEqual([error.code, error.rule], ["vault_copied", "R33"]);
});
