/** The description of a random world: plain data, made from a seed. */

import { BROKEN, HONEST } from "./foreign.mjs";
import { Random } from "./random.mjs";
import { FAULTS, TOKEN_FAULTS } from "./xero.mjs";

const MINUTE = 60_000;

/** Every event, at each of which a listener may do something foolish. */
const EVENTS = [
  ...["token.asked", "token.renewed", "token.refused", "call.queued", "call.admitted", "call.sent", "call.retried"],
  ...["call.answered", "call.failed", "limit.learnt", "limit.paused"],
];

const EVERY_KIND = ["fetch", "json", "pages", "write", "keyed", "json write", "stuck", "token"];

const FOLLIES = ["close", "abort", "throw", "reject", "call", "token"];

/**
 * Three tempers: in a `calm` world there are limits and nothing else, and every call is answered; in a `busy` one others
 * spend, answers are slow and callers leave; in a `hostile` one everything goes wrong that can.
 */
export function course(seed, apart) {
  const random = new Random(seed);
  const temper = ["calm", "busy", "hostile"][seed % 3];
  const [calm, hostile] = [temper === "calm", temper === "hostile"];
  const least = random.pick([5, 50, 150, 150, 1_200]);
  return {
    seed,
    apart,
    temper,
    uneven: random.oneIn(2),
    xero: {
      phase: random.below(MINUTE),
      day: random.pick([1_000, 5_000]),
      dayLeft: calm ? 1_000 : random.pick([0, 70, 1_000]),
      headers: !random.oneIn(4),
      rounding: calm ? "up" : random.pick(["up", "down", "none"]),
      latency: [least, least * random.pick([1, 2, 4])],
      disorder: !calm && random.oneIn(2),
      othersPerMinute: calm ? 0 : random.pick([0, 0, 10, 30, 60, 120]),
      lifetimeS: random.pick([1_800, 1_800, 120, 30]),
      kind: hostile ? random.pick(["native", "native", ...Object.keys(HONEST), ...Object.keys(BROKEN)]) : random.pick(Object.keys(HONEST)),
      faults: calm ? [] : hostile ? random.some(FAULTS, random.between(0, 5)) : random.some(["slow", "reset before", "502", "503 later", "401 expired"], 2),
      tokenFaults: hostile ? random.some(TOKEN_FAULTS, random.between(0, 3)) : [],
      oneFaultIn: random.pick([2, 5, 20]),
    },
    clients: Array.from({ length: calm ? 1 : random.pick([1, 1, 2, 3]) }, () => client(random, temper)),
    loads: loads(random, temper, apart),
    clock: hostile && random.oneIn(3) ? jumps(random) : [],
    /** The times at which the core traps, each with the number of calls of the core until then. */
    traps: hostile && random.oneIn(4) ? Array.from({ length: random.between(1, 3) }, () => [random.below(MINUTE / 4), random.between(1, 20)]) : [],
    revoked: hostile ? Array.from({ length: random.below(3) }, () => random.below(5 * MINUTE)) : [],
  };
}

function client(random, temper) {
  const [calm, hostile] = [temper === "calm", temper === "hostile"];
  return {
    inFlight: random.pick([5, 5, 3, 1]),
    minuteReserve: random.pick([0, 0, 1, 10, 30]),
    dayReserve: calm ? 0 : random.pick([0, 0, 20]),
    deadlineMs: calm ? 3_600_000 : random.pick([10_000, 140_000, 300_000]),
    timeoutMs: hostile ? random.pick([5_000, 30_000, 120_000]) : 30_000,
    retry: random.pick([0, 3, 3, 20]),
    limits: calm || !random.oneIn(10),
    idempotencyKeys: random.oneIn(4),
    secret: hostile ? random.pick(["text", "text", "function", "slow", "throws", "never"]) : "text",
    store: hostile ? random.pick(["none", "none", "memory", "slow", "throws", "never"]) : "none",
    folly: hostile && random.oneIn(2) ? { at: random.pick(EVENTS), nth: random.between(1, 4), what: random.pick(FOLLIES) } : undefined,
    listens: random.oneIn(2),
    closesAt: hostile && random.oneIn(5) ? random.below(2 * MINUTE) : undefined,
  };
}

/** Calls that come together or one after another. */
function loads(random, temper, apart) {
  // Apart, each call that waits looks forty times a second.
  const most = apart ? 75 : 150;
  const load = (at) => ({
    client: random.below(3),
    at,
    calls: random.between(1, most),
    /** So many of them at once; each that ends is followed by another. */
    callers: apart ? random.pick([1, 3, 8]) : random.pick([1, 8, 1_000]),
    urgentInHundred: random.pick([0, 0, 20, 100]),
    kinds: temper === "calm" ? ["fetch", "json"] : random.pick([["fetch"], ["json"], ["write"], EVERY_KIND]),
    abortsInHundred: temper === "calm" ? 0 : random.pick([0, 10, 50]),
    endsInHundred: apart && temper !== "calm" ? random.pick([0, 0, 10]) : 0,
  });
  return [load(0), ...(random.oneIn(2) ? [load(random.below(2 * MINUTE))] : [])];
}

function jumps(random) {
  return Array.from({ length: random.between(1, 3) }, () => ({
    at: random.below(3 * MINUTE),
    byMs: random.pick([1, 700, 30_000, 3_600_000, 90_000_000]) * random.pick([1, -1]),
  }));
}
