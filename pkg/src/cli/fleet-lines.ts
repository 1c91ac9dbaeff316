/** The state of a fleet in rows of two columns. */

import type { FleetState } from "xero-m2m/user";
import { count } from "./phrases.js";

const WHAT = { empty: "none yet", foreign: "something else, or a document of another release", held: "" } as const;

/** All rows. Times count from the moment of the look, by the clock of the store. */
export function lines({ roundTripMs, clockOffsetMs, durable, token, at }: FleetState): [string, string][] {
  const store = [
    `answers in ${roundTripMs} ms`,
    `its clock is ${Math.abs(clockOffsetMs)} ms ${clockOffsetMs < 0 ? "behind" : "ahead of"} this machine's`,
    durable ? "keeps what it acknowledged" : "may lose what it acknowledged",
  ];
  const { is, generation, obtainedAt, expiresAt, claimedBy, claimedUntil = 0, refused, refusedUntil = 0, characters } = token;
  const held =
    obtainedAt === undefined || expiresAt === undefined
      ? ["none yet"]
      : [`generation ${generation}`, `${span(at - obtainedAt)} old`, expiresAt > at ? `ends in ${span(expiresAt - at)}` : "ended", count(characters, "character")];
  const rows: [string, string][] = [
    ["Store", store.join("; ")],
    ["Token", is === "held" ? held.join(", ") : WHAT[is]],
  ];
  if (claimedBy !== undefined && claimedUntil > at) rows.push(["Request", `process ${claimedBy} asks Xero; others wait for at most ${span(claimedUntil - at)}`]);
  if (refused !== undefined && refusedUntil > at) rows.push(["Refused", `${refused}; processes with the same secret wait for ${span(refusedUntil - at)}`]);
  return rows;
}

/** A span of time in its two largest units. */
function span(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1_000);
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600)];
  if (hours) return `${hours} h ${minutes % 60} min`;
  return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
