/** The steps of a connection with a fleet: its engine, and the token that its processes share. */

import type { HealthStepName } from "../shared/health.js";
import type { Seen } from "./evidence.js";
import { type Judged, NO_TOKEN, of, ok, oneLine, unknown } from "./judged.js";

/** A round trip from which on each call that needs the store waits noticeably, in milliseconds. */
const SLOW_MS = 250;

/** @internal */
export const OF_FLEET = {
  engine({ fleet }) {
    if (!fleet) return unknown(NO_TOKEN);
    if ("error" in fleet) {
      const advice = "Until its store answers, each process goes on by itself, with a token of its own. Check the store and the way to it.";
      return of(fleet.error, "problem", advice);
    }
    const { durable, roundTripMs, clockOffsetMs } = fleet.state;
    const ahead = `${Math.abs(clockOffsetMs)} ms ${clockOffsetMs < 0 ? "behind" : "ahead of"} this machine's`;
    const details = [
      `its clock is ${ahead}; that does no harm, because its clock alone counts`,
      durable ? "what it acknowledged survives its end" : "it may lose what it acknowledged; a fleet can do with that, a vault cannot",
    ];
    const message = `the store answers in ${roundTripMs} ms`;
    if (roundTripMs < SLOW_MS) return ok(message, details);
    return { state: "warning", message: `${message}, which is slow`, advice: "Use a store that is near to the processes.", details };
  },

  sharedToken({ fleet, guard }) {
    if (!fleet || "error" in fleet) return unknown("not known without the store");
    const { token, at } = fleet.state;
    const { is, generation, obtainedAt, expiresAt, claimedBy, claimedUntil = 0, refused, refusedUntil = 0, characters } = token;
    if (is === "foreign") {
      const advice = "The next token is put in its place. If another program put it there, give the fleet another prefix or another store.";
      return { state: "warning", message: "its place holds something else, or a document of another release", advice };
    }
    const asking = claimedBy !== undefined && claimedUntil > at ? [`process ${claimedBy} asks for the next one`] : [];
    if (refused !== undefined && refusedUntil > at) {
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
