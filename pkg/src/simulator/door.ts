/** The values that cross to and from the wasm module of the local Xero: the structs of `src/wasm/simulator.rs` and its neighbours. */

import type { SimulatedResponse } from "./delivery.js";
import type { Simulator, SimulatorOptions } from "./types.js";

/** The options of a local Xero, with texts in the place of lists of scopes and of books. */
export interface Opening
  extends Omit<SimulatorOptions, "now" | "log" | "latencyMs" | "company" | "scopes" | "limits" | "appScopes" | "redirectUris" | "grace"> {
  company: string | undefined;
  scopes: string | undefined;
  apps: {
    scopes: string | undefined;
    redirectUris: SimulatorOptions["redirectUris"] | undefined;
    grace: SimulatorOptions["grace"] | undefined;
  };
  limits: Exclude<SimulatorOptions["limits"], boolean>;
  /** The day on which the books end. */
  today: string;
}

/** The facts about the apps and the organisations that never change. */
export interface Apps extends Pick<Simulator, "clientId" | "clientSecret" | "scopes" | "createdOn" | "organisations"> {
  webId: string;
  webSecret: string;
  pkceId: string;
  vaultKey: string;
  webhookKey?: string;
}

/** Names and values. */
export type HeaderPairs = [string, string][];

/** The result of a request: a response, or a text to sign first. */
export type Handled = SimulatedResponse | { status?: undefined; ticket: number; input: string };

/** The way of a request at the port of a proxy; none of the members for a request of the local Xero itself. */
export interface Passage {
  tunnel?: string;
  host?: string;
  refused?: string;
}
