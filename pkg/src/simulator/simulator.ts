/** The exports of `xero-m2m/simulator`. */

import { LocalXero } from "./local-xero.js";
import { checkOptions } from "./options.js";
import { Servers } from "./server.js";
import type { Simulator, SimulatorOptions } from "./types.js";

/** The path at which users consent. */
const AUTHORIZE = "/identity/connect/authorize";

/** The issuer of Xero's own tokens, which programs behind the proxy expect. */
const ISSUER = "https://identity.xero.com";

/**
 * Creates a local Xero.
 *
 * Throws a `XeroError` with `code` `invalid_option` that names the option if there is no such option, if its value is of
 * another kind, or if no such connection can exist: for example with a scope that a connection of that day cannot hold.
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  checkOptions(options);
  const xero = new LocalXero(options);
  const servers = new Servers(xero);
  const { clientId, clientSecret, scopes, createdOn, organisations, webId, webSecret, pkceId, vaultKey, webhookKey } = xero.connection;
  const environmentOf = (credentials: Record<string, string>, authorize = false) => {
    const base = baseOf(servers.url, options.baseUrl);
    if (webhookKey !== undefined) credentials = { ...credentials, XERO_WEBHOOK_KEY: webhookKey };
    const addresses = { XERO_IDENTITY_URL: base, XERO_API_URL: base, ...(authorize && { XERO_AUTHORIZE_URL: base + AUTHORIZE }) };
    return base ? { ...credentials, ...addresses } : credentials;
  };
  return {
    clientId,
    clientSecret,
    scopes,
    createdOn,
    organisations,
    organisation: organisations[0]?.name ?? "",
    web: {
      clientId: webId,
      clientSecret: webSecret,
      get env() {
        return environmentOf({ XERO_CLIENT_ID: webId, XERO_CLIENT_SECRET: webSecret }, true);
      },
    },
    pkce: {
      clientId: pkceId,
      get env() {
        return environmentOf({ XERO_CLIENT_ID: pkceId, XERO_VAULT_KEY: vaultKey }, true);
      },
    },
    fetch: (input, init) => xero.fetch(input, init),
    get env() {
      return environmentOf({ XERO_CLIENT_ID: clientId, XERO_CLIENT_SECRET: clientSecret });
    },
    now: () => xero.now(),
    advance: (ms) => xero.advance(ms),
    counts: () => xero.counts(),
    dump: () => xero.dump(),
    ...(xero.webhooks && { webhooks: xero.webhooks }),
    get state() {
      return xero.state;
    },
    edit: (scopes) => void xero.change("edit", scopes),
    authorise: () => void xero.change("authorise"),
    reset: () => void xero.change("reset"),
    consent: (answer) => xero.consent(answer),
    fault: (rule) => xero.fault(rule),
    listen: async (given = {}) => {
      const server = await servers.listen(given);
      if (options.baseUrl === undefined) xero.setBaseUrl(given.proxy ? ISSUER : server.url);
      return server;
    },
    close: async () => {
      await servers.close();
      xero.close();
    },
  };
}

/** The base URL at which a local Xero listens; empty if it does not listen. */
function baseOf(url = "", baseUrl = ""): string {
  return url && baseUrl ? url + new URL(baseUrl).pathname.replace(/\/$/, "") : url;
}

export { XeroError, type XeroErrorBlame, type XeroErrorCode } from "../shared/errors.js";
export { version } from "./core.js";
export type { SimulatorLogEntry } from "./log.js";
export type {
  ListenOptions,
  Simulator,
  SimulatorApp,
  SimulatorCompany,
  SimulatorConsent,
  SimulatorCounts,
  SimulatorLimits,
  SimulatorOptions,
  SimulatorOrganisation,
  SimulatorServer,
  SimulatorState,
  SimulatorWebhooks,
} from "./types.js";
