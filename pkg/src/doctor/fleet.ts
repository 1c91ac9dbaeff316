/** The steps of a connection with a fleet: its engine, the processes that are there, and the token that they share. */

import type { HealthStepName } from "../shared/health.js";
import type { Seen } from "./evidence.js";
import { type Judged, NO_TOKEN, of, ok, oneLine, unknown } from "./judged.js";

/** A round trip from which on each call that needs the store waits noticeably, in milliseconds. */
const SLOW_MS = 250;

const NO_STORE = "not known without the store";

const FOREIGN: Judged = {
  state: "warning",
  message: "its place holds something else, or a document of another release",
  advice: "The next document is put in its place. If another program put it there, give the fleet another prefix or another store.",
};

/** @internal */
export const OF_FLEET = {
  engine({ fleet }) {
    if (!fleet) return unknown(NO_TOKEN);
    if ("error" in fleet) {
      const advice = "Until its store puts what it is given, each process goes on by itself, with a token of its own. Check the store, the way to it, and that the user of the store may write.";
      return of(fleet.error, "problem", advice);
    }
    const { durable, roundTripMs, clockOffsetMs, token, limits } = fleet.state;
    const ahead = `${Math.abs(clockOffsetMs)} ms ${clockOffsetMs < 0 ? "behind" : "ahead of"} this machine's`;
    const details = [
      `its clock is ${ahead}; that does no harm, because its clock alone counts`,
      `the token has ${token.characters} characters there, the board of the limits ${limits.characters}`,
      durable ? "what it acknowledged survives its end" : "it may lose what it acknowledged; a fleet can do with that, a vault cannot",
    ];
    const message = `the store answers in ${roundTripMs} ms, and puts what it is given`;
    if (roundTripMs < SLOW_MS) return ok(message, details);
    return { state: "warning", message: `${message}, which is slow`, advice: "Use a store that is near to the processes.", details };
  },

  members({ fleet }) {
    if (!fleet || "error" in fleet) return unknown(NO_STORE);
    const { at } = fleet.state;
    const { is, members, windows, pausedUntil, dayOverUntil } = fleet.state.limits;
    if (is === "foreign") return FOREIGN;
    if (!members.length) return unknown(is === "empty" ? "no process has shared the limits yet" : "no process has called within the last minute");
    const all = (of: (member: (typeof members)[number]) => number) => members.reduce((sum, member) => sum + of(member), 0);
    const waiting = all((member) => member.waiting);
    const details = windows.map(({ name, left = "not known" }) => `calls left of the ${name.replace("_", " ")}: ${left}`);
    if (pausedUntil !== undefined) details.push(`Xero asked for a pause of ${span(pausedUntil - at)} more`);
    if (dayOverUntil !== undefined) details.push(`the day is used up for ${span(dayOverUntil - at)} more`);
    return ok(`processes there: ${members.length}; places taken: ${all((member) => member.places)}; calls that wait: ${waiting}`, details);
  },

  sharedToken({ fleet, guard }) {
    if (!fleet || "error" in fleet) return unknown(NO_STORE);
    const { token, at } = fleet.state;
    const { is, generation, obtainedAt, expiresAt, claimedBy, refused, refusedUntil = 0, characters } = token;
    if (is === "foreign") return FOREIGN;
    const asking = claimedBy !== undefined ? [`process ${claimedBy} asks for the next one`] : [];
    if (refused !== undefined) {
      const message = `Xero refused it to a process (${oneLine(guard.shown(refused))}); those with the same secret wait ${span(refusedUntil - at)}`;
      return { state: "problem", message, advice: "Compare the secrets of the processes with each other, and see step 2.", details: asking };
    }
    if (expiresAt === undefined || obtainedAt === undefined) return unknown("no process has put a token there yet");
    const age = `generation ${generation ?? 0}, ${span(at - obtainedAt)} old`;
    if (expiresAt <= at) return unknown(`the last one, ${age}, has ended: no process has needed one since`);
    return ok(`${age}, ends in ${span(expiresAt - at)}`, [...asking, `${characters} characters, sealed`]);
  },
} satisfies Partial<Record<HealthStepName, (seen: Seen) => Judged>>;

const span = (ms: number) => (ms < 90_000 ? `${Math.max(0, Math.round(ms / 1_000))} s` : `${Math.round(ms / 60_000)} min`);
