/** The exports of `xero-m2m/simulator`. */

import { LocalXero } from "./local-xero.js";
import { checkOptions } from "./options.js";
import { Servers } from "./server.js";
import type { Simulator, SimulatorOptions } from "./types.js";

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
  return {
    ...xero.connection,
    fetch: (input, init) => xero.fetch(input, init),
    get env() {
      return environment(xero, servers.url, options.baseUrl);
    },
    now: () => xero.now(),
    advance: (ms) => xero.advance(ms),
    counts: () => xero.counts(),
    get state() {
      return xero.state;
    },
    edit: (scopes) => void xero.change("edit", scopes),
    authorise: () => void xero.change("authorise"),
    reset: () => void xero.change("reset"),
    fault: (rule) => xero.fault(rule),
    listen: async (given = {}) => {
      const server = await servers.listen(given);
      if (options.baseUrl === undefined) xero.setBaseUrl(server.url);
      return server;
    },
    close: async () => {
      await servers.close();
      xero.close();
    },
  };
}

/** The environment variables for a service that uses this local Xero. */
function environment({ connection }: LocalXero, url: string | undefined, baseUrl = ""): Record<string, string> {
  const credentials = { XERO_CLIENT_ID: connection.clientId, XERO_CLIENT_SECRET: connection.clientSecret };
  if (!url) return credentials;
  const base = baseUrl ? url + new URL(baseUrl).pathname.replace(/\/$/, "") : url;
  return { ...credentials, XERO_IDENTITY_URL: base, XERO_API_URL: base };
}

export { XeroError, type XeroErrorBlame, type XeroErrorCode } from "../shared/errors.js";
export { version } from "./core.js";
export type {
  ListenOptions,
  Simulator,
  SimulatorCounts,
  SimulatorLimits,
  SimulatorOptions,
  SimulatorServer,
  SimulatorState,
} from "./types.js";
