/** Against an independent authorisation server: `oidc-provider`, over HTTP on this machine. */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { Provider } from "oidc-provider";
import { START, client, failure } from "./support.mjs";

const SCOPES = "accounting.settings files files.read";
/** One that the server knows and the client may not have. */
const WITHHELD = "assets";

/** Characters that have to be form-encoded before Basic authentication: RFC 6749 section 2.3.1. */
const ID = "id: with%20 marks+&=~/";
const SECRET = 's3cret: 100% "+&=?/~\\ end';

const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });

/** A provider with one client: `lifetime` in seconds, tokens as `format`. */
async function provider(t, { format = "opaque", lifetime = 1800 } = {}) {
  // What it advises for production.
  for (const level of ["info", "warn"]) t.mock.method(console, level, () => {});
  const server = createServer((request, response) => handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  const resource = { scope: `${SCOPES} ${WITHHELD}`, audience: "https://api.example", accessTokenFormat: format, accessTokenTTL: lifetime };
  const own = new Provider(url, {
    clients: [
      {
        client_id: ID,
        client_secret: SECRET,
        grant_types: ["client_credentials"],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: "client_secret_basic",
        scope: SCOPES,
      },
    ],
    scopes: [...SCOPES.split(" "), WITHHELD],
    jwks: { keys: [{ ...privateKey, use: "sig", alg: "RS256" }] },
    cookies: { keys: ["of the tests"] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => "https://api.example",
        getResourceServerInfo: () => ({ ...resource, ...(format === "jwt" && { jwt: { sign: { alg: "RS256" } } }) }),
      },
    },
    routes: { token: "/connect/token", introspection: "/introspect" },
  });
  let tokenRequests = 0;
  own.use((context, next) => {
    if (context.path === "/connect/token") tokenRequests += 1;
    return next();
  });
  const handle = own.callback();

  const options = { clientId: ID, clientSecret: SECRET, identityUrl: url };
  return {
    requests: () => tokenRequests,
    client: (more) => client(t, { ...options, ...more }),
    /** Returns the provider's introspection of a token: whether it is active, and its scopes. */
    async introspect(token) {
      const encode = (text) => encodeURIComponent(text);
      const response = await fetch(`${url}/introspect`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${encode(ID)}:${encode(SECRET)}`)}` },
        body: new URLSearchParams({ token }),
      });
      assert.equal(response.status, 200);
      return response.json();
    },
  };
}

test("an opaque token, with an id and a secret full of marks", async (t) => {
  const server = await provider(t);
  const { accessToken, expiresAt, scopes } = await server.client({ scopes: SCOPES.split(" ") }).token();
  const { active, scope, exp, client_id } = await server.introspect(accessToken);
  assert.deepEqual([active, client_id, scope.split(" ").sort()], [true, ID, SCOPES.split(" ")]);
  assert.deepEqual(scopes, SCOPES.split(" "));
  assert.ok(Math.abs(expiresAt - exp * 1_000) < 5_000);
});

test("a JWT", async (t) => {
  const server = await provider(t, { format: "jwt" });
  const { accessToken, scopes } = await server.client({ scopes: ["files"] }).token();
  const claims = JSON.parse(Buffer.from(accessToken.split(".")[1], "base64url"));
  assert.deepEqual([claims.scope, claims.client_id, scopes], ["files", ID, ["files"]]);
});

test("no scope asked for: this server grants none, and the token is one all the same", async (t) => {
  const server = await provider(t);
  const { accessToken } = await server.client().token();
  assert.equal((await server.introspect(accessToken)).active, true);
});

test("100 callers make one request", async (t) => {
  const server = await provider(t);
  const xero = server.client();
  await Promise.all(Array.from({ length: 100 }, () => xero.token()));
  assert.equal(server.requests(), 1);
});

test("a wrong secret, which this server answers with 401", async (t) => {
  const server = await provider(t);
  const xero = server.client({ clientSecret: "wrong" });
  for (let n = 0; n < 3; n++) assert.equal((await failure(xero.token())).code, "invalid_client");
  assert.equal(server.requests(), 1);
});

test("an id that it does not know", async (t) => {
  const server = await provider(t);
  assert.equal((await failure(server.client({ clientId: "unknown" }).token())).code, "invalid_client");
});

test("a scope that the client may not have", async (t) => {
  const server = await provider(t);
  const error = await failure(server.client({ scopes: ["files", WITHHELD] }).token());
  assert.deepEqual([error.code, error.blame], ["invalid_scope", "connection"]);
});

test("a scope that the server does not know: the answer lists the scopes without it", async (t) => {
  const server = await provider(t);
  assert.deepEqual((await server.client({ scopes: ["files", "no.such.scope"] }).token()).scopes, ["files"]);
});

test("a short life: never a token that the server no longer accepts", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: START });
  const server = await provider(t, { lifetime: 60 });
  const xero = server.client();
  const tokens = new Set();
  for (let second = 0; second <= 150; second += 10) {
    const { accessToken } = await xero.token();
    assert.equal((await server.introspect(accessToken)).active, true, `after ${second} s`);
    tokens.add(accessToken);
    t.mock.timers.tick(10_000);
  }
  // Half a minute each: the leeway of a token of one minute is half of it.
  assert.deepEqual([tokens.size, server.requests()], [6, 6]);
  t.mock.timers.tick(60_000);
  assert.equal((await server.introspect([...tokens].at(-1))).active, false);
});
