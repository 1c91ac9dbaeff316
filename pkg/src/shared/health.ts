/** The question to a diagnosis and its result: the client names both, and loads the diagnosis only when it is asked for. */

import type { XeroErrorCode } from "./errors.js";
import type { Calls, Scopes } from "./texts.js";

/** The purpose of a connection, to compare with its abilities. */
export interface DoctorQuestion {
  /** The scopes that it is to have, in any form that `parseScopes` reads. Default: the option `scopes`, if it is a list. */
  scopes?: Scopes | undefined;
  /** The calls that are made, in any form that `requiredScopes` reads. */
  calls?: Calls | undefined;
  /** Ends it early: the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Called before each request with a line for people, such as `asking https://identity.xero.com for a token`. */
  onProgress?: ((line: string) => void) | undefined;
}

/** The state of a step. It is `unknown` if an earlier step failed, or if no answer of Xero decides it. */
export type HealthState = "ok" | "warning" | "problem" | "unknown";

/**
 * The subject of a step, in the order of the steps. Only a connection of a user has a vault; only one with the option `fleet` has
 * the steps after it: its engine, the processes that are there, and the token that they share.
 */
export type HealthStepName =
  | "reach"
  | "credentials"
  | "app"
  | "activation"
  | "scopes"
  | "rules"
  | "organisation"
  | "limits"
  | "clock"
  | "vault"
  | "engine"
  | "members"
  | "sharedToken";

/** One step of a diagnosis. */
export interface HealthStep {
  /** Its number, from 1. */
  number: number;
  /** Its subject. */
  name: HealthStepName;
  /** The same in words. */
  title: string;
  /** Its state. */
  state: HealthState;
  /** The finding. */
  message: string;
  /** The remedy; absent if nothing has to be done. */
  advice?: string;
  /** Details of the finding, a line each; absent if there are none. */
  details?: string[];
  /** The code of the error that the finding comes from; absent if it comes from none. */
  code?: XeroErrorCode;
  /** The number under which Xero can find the failed call, if Xero gave one. */
  correlationId?: string;
}

/** The service that a diagnosis talked to. */
export interface HealthTarget {
  /** The first four characters of the client id. */
  clientId: string;
  /** The address of the identity service. */
  identityUrl: string;
  /** The address of the APIs. */
  apiUrl: string;
  /** Xero itself, by its addresses; a local Xero, which its answers showed; or something else, such as a gateway. */
  kind: "xero" | "local" | "other";
  /** The same in one sentence. */
  description: string;
}

/** A diagnosis: plain JSON. */
export interface Health {
  /**
   * True if the connection was seen to work: no step is a problem, and `reach`, `credentials`, `app` and `activation`,
   * and `scopes` if there was something to compare them with, are `ok`.
   */
  ok: boolean;
  /** The result in one sentence, with the numbers of the steps that are a problem or unknown. */
  summary: string;
  /** The service that it talked to. */
  target: HealthTarget;
  /** The time of the diagnosis: ISO 8601, in UTC. */
  at: string;
  /** The version of this package. */
  version: string;
  /** The version of the catalogue of scopes and rules. */
  catalogue: string;
  /** The steps: nine; for a connection of a user its vault is the tenth; a fleet has three more. */
  steps: HealthStep[];
  /** All of it as text, for a log or a ticket. */
  report: string;
}

/** @internal The part of `xero-m2m/doctor` that the client calls. `options` are those of the client. */
export interface Doctor {
  diagnose(options: object, question?: DoctorQuestion): Promise<Health>;
}

/** @internal The state of a vault, as far as a diagnosis is concerned. */
export interface VaultHealth {
  is: "empty" | "foreign" | "closed" | "damaged" | "open";
  failure?: string;
  written?: boolean;
  savedDaysAgo?: number;
  daysLeft?: number;
  endsSoon?: boolean;
  lost?: { why: "refused" | "unused" | "copied" };
  claimedBy?: { process: number; until: number };
  unsureUntil?: number;
  organisations?: readonly { id: string; name: string }[];
  organisationsLeftOut?: number;
}

/** @internal The option of a client whose tokens come from a vault, which looks at that: other parts of this package set it. */
export const VAULT = Symbol.for("xero-m2m.vault");

/** @internal The member of a store that brings the code of a fleet. */
export const FLEET = Symbol.for("xero-m2m.fleet");

/** @internal The options of such a client. */
export interface WithVault {
  [VAULT]?: (() => Promise<VaultHealth>) | undefined;
}
