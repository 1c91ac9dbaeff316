/** The state of a fleet in rows of two columns. */

import type { FleetState } from "xero-m2m/user";
import { count } from "./phrases.js";

const WHAT = { empty: "none yet", foreign: "something else, or a document of another release", held: "" } as const;

const WINDOWS = { minute: "Minute", day: "Day", app_minute: "App minute" } as const;

/** All rows. Times count from the moment of the look, by the clock of the store. */
export function lines({ roundTripMs, clockOffsetMs, durable, token, limits, at }: FleetState): [string, string][] {
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
  if (claimedBy !== undefined) rows.push(["Request", `process ${claimedBy} asks Xero; others wait for at most ${span(claimedUntil - at)}`]);
  if (refused !== undefined) rows.push(["Refused", `${refused}; processes with the same secret wait for ${span(refusedUntil - at)}`]);
  return [...rows, ...limitLines(limits, at)];
}

/** The rows of the board of the limits. */
function limitLines({ is, characters, pausedUntil, dayOverUntil, windows, members }: FleetState["limits"], at: number): [string, string][] {
  const places = members.reduce((sum, member) => sum + member.places, 0);
  const held = [count(members.length, "process", "processes"), `${count(places, "place")} taken`, count(characters, "character")];
  const rows: [string, string][] = [["Limits", is === "held" ? held.join(", ") : WHAT[is]]];
  if (pausedUntil !== undefined) rows.push(["Pause", `Xero asked for one; it ends in ${span(pausedUntil - at)}`]);
  for (const { name, left, size, endsFrom = 0, endsTo } of windows) {
    const ends = endsTo === undefined ? "not known" : `in ${span(endsFrom - at)} to ${span(endsTo - at)}`;
    rows.push([WINDOWS[name], `calls left: ${left ?? "not known"}${size ? ` of ${size}` : ""}; end: ${ends}`]);
  }
  if (dayOverUntil !== undefined) rows.push(["Day over", `no call is sent for ${span(dayOverUntil - at)}`]);
  for (const { process, places, calls, until, waiting, urgent } of members) {
    const lease = until === undefined ? "no place" : `${count(places, "place")} with ${count(calls, "call")} for ${span(until - at)}`;
    rows.push([`Process ${process}`, `${lease}${waiting ? `; ${count(waiting, "call waits", "calls wait")}${urgent ? ", one of them first" : ""}` : ""}`]);
  }
  return rows;
}

/** A span of time in its two largest units. */
function span(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1_000);
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600)];
  if (hours) return `${hours} h ${minutes % 60} min`;
  return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
