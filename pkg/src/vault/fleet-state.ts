/** The state of a fleet, for people: nothing in it is secret. */

import type { FleetOptions } from "../client/options.js";
import { IDENTITY_URL } from "../shared/addresses.js";
import { putText } from "../shared/crossing.js";
import { failure } from "../shared/errors.js";
import { ask } from "./core.js";
import { type RecordState, takeRecordState } from "./fleet-actions.js";
import { kindOf, tokenKey } from "./fleet.js";
import { read } from "./machine-driver.js";
import type { Found, SharedStore } from "./store.js";

/** The connection whose fleet is looked at. */
export interface FleetQuestion {
  readonly fleet: SharedStore | FleetOptions;
  readonly clientId: string;
  readonly scopes?: "configured" | readonly string[] | undefined;
  readonly organisation?: string | undefined;
  readonly identityUrl?: string | undefined;
}

/** The state of a fleet. Times are in milliseconds since 1970, by the clock of the store. */
export interface FleetState {
  /** The store's own claim. */
  readonly durable: boolean;
  /** The shorter of two round trips, in milliseconds. */
  readonly roundTripMs: number;
  /** The time by which the clock of the store is ahead of that of this machine, in milliseconds. */
  readonly clockOffsetMs: number;
  /** The time by the clock of the store. */
  readonly at: number;
  /** The record of the token, under its key in the store. */
  readonly token: RecordState & { readonly key: string; readonly characters: number };
}

/** The milliseconds that the store has for an answer. */
const TIMEOUT_MS = 2_000;

/**
 * @internal Looks at a fleet, and changes nothing.
 *
 * @throws `XeroError` `vault_unavailable` if the store fails, does not answer in time, or with something that makes no sense.
 */
export async function fleetState({ fleet, clientId, scopes, organisation, identityUrl = IDENTITY_URL }: FleetQuestion): Promise<FleetState> {
  const store = "swap" in fleet ? fleet : fleet.store;
  const key = await tokenKey(identityUrl, clientId, kindOf(typeof scopes === "object" ? scopes : undefined, organisation));
  const looks = [await look(store, key), await look(store, key)];
  const { found, trip, middle } = looks.sort((one, other) => one.trip - other.trip)[0]!;
  const { document, at } = found;
  const record = ask(
    (wasm, length) => wasm.fleetRecord(length, at),
    takeRecordState,
    () => putText(document),
  );
  return {
    durable: store.durable === true,
    roundTripMs: Math.round(trip),
    clockOffsetMs: Math.round(at - middle),
    at,
    token: { key, characters: document?.length ?? 0, ...record },
  };
}

async function look(store: SharedStore, key: string): Promise<{ found: Found; trip: number; middle: number }> {
  const [began, clock] = [performance.now(), Date.now()];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), TIMEOUT_MS)));
  const turn = { key, version: -1, at: clock, slackMs: TIMEOUT_MS, ttlMs: 0 };
  const found = await Promise.race([Promise.resolve().then(() => store.swap(turn)), late])
    .then(read, () => undefined)
    .finally(() => clearTimeout(timer));
  if (!found) throw failure("vault_unavailable", "the store of the fleet failed, or did not answer within two seconds");
  const trip = performance.now() - began;
  return { found, trip, middle: clock + trip / 2 };
}
