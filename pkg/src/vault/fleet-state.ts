/** The state of a fleet, for people: nothing in it is secret. */

import type { FleetOptions } from "../client/options.js";
import { IDENTITY_URL } from "../shared/addresses.js";
import { putText } from "../shared/crossing.js";
import { failure } from "../shared/errors.js";
import { ask } from "./core.js";
import { type BoardPart, type RecordState, takeParts, takeRecordState } from "./fleet-shown.js";
import { kindOf, limitsKey, tokenKey, trialKey } from "./fleet.js";
import { reasonOf, swapped } from "./machine-driver.js";
import type { Found, SharedStore, Turn } from "./store.js";

/** The connection whose fleet is looked at. */
export interface FleetQuestion {
  readonly fleet: SharedStore | FleetOptions;
  readonly clientId: string;
  readonly scopes?: "configured" | readonly string[] | undefined;
  readonly organisation?: string | undefined;
  readonly identityUrl?: string | undefined;
  /** Whether a change of the store is tried: a document of its own, which is forgotten after a minute. */
  readonly tries?: boolean;
}

/** A part of the board of the limits. */
type Part<Name extends BoardPart["part"]> = Readonly<Omit<Extract<BoardPart, { part: Name }>, "part">>;

/** A document of a fleet: its key in the store, and its length. */
interface Document {
  readonly key: string;
  readonly characters: number;
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
  /** The record of the token. */
  readonly token: RecordState & Document;
  /** The board of the limits: Xero's windows as far as they are known, and the processes with their places and waiting calls. */
  readonly limits: Part<"board"> & Document & { readonly windows: readonly Part<"window">[]; readonly members: readonly Part<"member">[] };
}

/** The milliseconds that the store has for an answer. */
const TIMEOUT_MS = 2_000;

/** The times that a change is tried: another diagnosis may try one at once. */
const TRIES = 3;
const TRIED_MS = 60_000;

/**
 * @internal Looks at a fleet, and changes no document of it.
 *
 * @throws `XeroError` `vault_unavailable` if the store fails, does not answer in time, or with something that makes no sense, and
 *   if it refuses the change that is tried.
 */
export async function fleetState({ fleet, clientId, scopes, organisation, identityUrl = IDENTITY_URL, tries }: FleetQuestion): Promise<FleetState> {
  const store = "swap" in fleet ? fleet : fleet.store;
  const kind = kindOf(typeof scopes === "object" ? scopes : undefined, organisation);
  const [record, board] = [await look(store, await tokenKey(identityUrl, clientId, kind)), await look(store, await limitsKey(identityUrl, clientId))];
  if (tries) await tryChange(store, await trialKey(identityUrl, clientId));
  const { trip, middle, at: then } = record.trip < board.trip ? record : board;
  const [token, parts] = ask(
    (wasm, length) => wasm.fleetShown(length, board.at),
    () => [takeRecordState(), takeParts()] as const,
    () => [record.document, board.document].forEach(putText),
  );
  const of = <Name extends BoardPart["part"]>(name: Name) =>
    parts.flatMap(({ part, ...members }) => (part === name ? [members as unknown as Part<Name>] : []));
  return {
    durable: store.durable === true,
    roundTripMs: Math.round(trip),
    clockOffsetMs: Math.round(then - middle),
    at: board.at,
    token: { ...record.of, ...token },
    limits: { ...board.of, ...of("board")[0]!, windows: of("window"), members: of("member") },
  };
}

interface Look {
  readonly document: string | undefined;
  readonly at: number;
  readonly of: Document;
  readonly trip: number;
  readonly middle: number;
}

async function look(store: SharedStore, key: string): Promise<Look> {
  const [began, clock] = [performance.now(), Date.now()];
  const { document, at } = await answer(store, { key, version: -1, at: clock, slackMs: TIMEOUT_MS, ttlMs: 0 });
  const trip = performance.now() - began;
  return { document, at, of: { key, characters: document?.length ?? 0 }, trip, middle: clock + trip / 2 };
}

/** Has the store put a document, which no look proves that it does. */
async function tryChange(store: SharedStore, key: string): Promise<void> {
  const of = { key, slackMs: TIMEOUT_MS, ttlMs: TRIED_MS };
  let { version, at } = await answer(store, { ...of, version: -1, at: Date.now() });
  for (let tried = 0; tried < TRIES; tried++) {
    const found = await answer(store, { ...of, version, at, document: "trial" });
    if (found.swapped) return;
    ({ version, at } = found);
  }
  throw failure("vault_unavailable", "the store answers, and refuses every change");
}

const answer = (store: SharedStore, turn: Turn): Promise<Found> =>
  swapped(store, turn, TIMEOUT_MS).catch((thrown: unknown) => {
    throw failure("vault_unavailable", reasonOf(thrown));
  });
