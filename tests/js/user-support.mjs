/** Logins for the tests of connections of users. */

import { createHash } from "node:crypto";
import { memory } from "xero-m2m/shared";
import { UserConnection, Vault } from "xero-m2m/user";
import { CLIENT_ID, SECRET, json, refused, stub } from "./support.mjs";

export const KEA = { id: "5a0a5a4e-0000-4000-8000-000000000001", name: "Kea Outdoor Hire", connectionId: "c0000000-0000-4000-8000-000000000001" };
export const TUI = { id: "5a0a5a4e-0000-4000-8000-000000000002", name: "Tui Tours", connectionId: "c0000000-0000-4000-8000-000000000002" };

/** The access token that Xero gave as the one of this number. The login is the first. */
export const tokenOf = (number) => `access-token-of-number-${number}`;

/** A store in memory, and a Xero whose users log in and whose refresh tokens are each used once. */
export class Login {
  /** The tokens that Xero gave, and how many of them for a refresh token. */
  given = 0;
  exchanges = 0;
  /** The error that Xero answers to refresh tokens. */
  refuses = undefined;
  /** The store fails; it takes no document, but answers looks; it never answers. */
  away = false;
  full = false;
  silent = false;
  swaps = 0;
  #refresh = new Set();

  constructor({ organisations = [KEA], scopes = "offline_access accounting.invoices accounting.settings.read", durable = true } = {}) {
    Object.assign(this, { organisations, scopes });
    const inner = memory({ durable });
    this.store = {
      durable: inner.durable,
      swap: (turn) => {
        this.swaps += 1;
        if (this.silent) return new Promise(() => {});
        if (this.away || (this.full && turn.document !== undefined)) return Promise.reject(new Error("away"));
        return inner.swap(turn);
      },
    };
  }

  /** The identity service. */
  token = ({ body }) => {
    const form = new URLSearchParams(body);
    if (form.get("grant_type") === "refresh_token") {
      if (this.refuses || !this.#refresh.delete(form.get("refresh_token"))) return refused(this.refuses ?? "invalid_grant");
      this.exchanges += 1;
    }
    this.given += 1;
    this.#refresh.add(`refresh-token-${this.given}`);
    return json({ access_token: tokenOf(this.given), token_type: "Bearer", expires_in: 1800, refresh_token: `refresh-token-${this.given}`, scope: this.scopes });
  };

  /** `GET /connections`. */
  connections() {
    return json(this.organisations.map(({ id, name, connectionId }) => ({ id: connectionId, tenantId: id, tenantName: name, tenantType: "ORGANISATION" })));
  }

  /** A user logs in, and what the login replaced is of no use any more. */
  async begin() {
    const fetch = async (url, init) => (url.endsWith("/connect/token") ? this.token(init) : this.connections());
    const vault = new Vault({ store: this.store, clientId: CLIENT_ID, clientSecret: SECRET, fetch });
    await vault.login(await vault.exchangeCode("code", "http://localhost:8765/callback"), { replace: true });
    await vault.close();
    return this;
  }
}

/** A client of a user with a login and a stub of Xero, closed at the end of the test. */
export async function user(t, options = {}, { login, ...answers } = {}) {
  login ??= await new Login().begin();
  const xero = stub({ token: login.token, ...answers });
  const client = new UserConnection({ clientId: CLIENT_ID, clientSecret: SECRET, retry: 0, vault: login.store, fetch: xero.fetch, ...options });
  t.after(() => client.close());
  return { client, login, ...xero };
}

const REDIRECT = "http://localhost:8765/callback";

/**
 * A user logs in to the Web app or the PKCE app of a local Xero that listens on this machine, and consents for all of its
 * organisations. Returns the options for a client.
 */
export async function localLogin(simulator, app = "web", store = memory({ durable: true })) {
  const { url } = await simulator.listen();
  const { clientId, clientSecret, env } = simulator[app];
  const options = { clientId, identityUrl: url, apiUrl: url, ...(clientSecret ? { clientSecret } : { key: env.XERO_VAULT_KEY }) };
  const verifier = app === "pkce" ? "a-verifier-of-43-characters-or-more-as-it-has-to-be" : undefined;
  const challenge = verifier && createHash("sha256").update(verifier).digest("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: REDIRECT,
    scope: "offline_access accounting.settings.read accounting.invoices.read",
    state: "a-state-of-this-login",
    ...(challenge && { code_challenge: challenge, code_challenge_method: "S256" }),
  });
  const response = await fetch(`${env.XERO_AUTHORIZE_URL}?${query}`, { redirect: "manual" });
  const code = new URL(response.headers.get("location")).searchParams.get("code");
  const vault = new Vault({ store, ...options });
  await vault.login(await vault.exchangeCode(code, REDIRECT, verifier));
  await vault.close();
  return { ...options, vault: store };
}
