/** A check of stores: whether they keep the contract of {@link SharedStore}. */

import type { Found, SharedStore, Turn } from "./store.js";

/** The number of swaps at once, and of the rounds of each writer. */
const WRITERS = 10;
const ROUNDS = 5;

/** The milliseconds for which a document of the check may be forgotten. */
const TTL_MS = 60_000;
const SHORT_TTL_MS = 300;
/** More than half of it passes before it is looked for. */
const HALF_TTL_MS = 2_000;

/** Texts that stores are known to change. */
const TEXTS = [
  "v1 1 2 3",
  'v{"a":1}',
  "v  two blanks, and one at the end ",
  "v line\nline\r\nline\ttab",
  "v 'quotes' \"double\" \\ backslash $1 %s :name",
  "v ä € 𝄞 \u2028",
  "v Upper lower ÄÖ äö",
  "v" + "x".repeat(16_383),
];

/** One document of the store that is checked. */
class Probe {
  constructor(
    readonly store: SharedStore,
    readonly key: string,
  ) {}

  look(): Promise<Found> {
    return this.store.swap({ key: this.key, version: -1, at: Date.now(), slackMs: 60_000, ttlMs: 0 });
  }

  put(version: number, document: string, more: Partial<Turn> = {}): Promise<Found> {
    // `at` is the clock of the store, as its answers tell it.
    return this.store.swap({ key: this.key, version, at: Date.now(), slackMs: 86_400_000, ttlMs: TTL_MS, document, ...more });
  }
}

/**
 * Checks that a store keeps the contract of {@link SharedStore}. Resolves to a list of the faults, each with the line of the
 * contract that it breaks; an empty list if there are none. S7, `durable`, cannot be seen from outside.
 *
 * It takes about three seconds, and some 150 times as long as the store takes for a swap. It leaves small documents with keys of their own. A store that has one document only, such as a file,
 * is checked while it is empty.
 *
 * @example
 * ```ts
 * import { checkSharedStore, memory } from "xero-m2m/shared";
 *
 * const faults = await checkSharedStore(memory());
 * if (faults.length > 0) throw new Error(faults.join("\n"));
 * ```
 */
export async function checkSharedStore(store: SharedStore): Promise<string[]> {
  const mark = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const probe = (name: string): Probe => new Probe(store, `xero-m2m:{check${mark}}:${name}`);
  const found = await probe("empty").look();
  if (found.version !== 0 || found.document !== undefined) {
    return ["S3: a document that was never put is there; a store that keeps one document for all keys is checked while it is empty"];
  }
  const faults: string[] = [];
  for (const check of [answers, stale, late, clock, texts, atomic, growing, lasting]) {
    const name = check.name;
    try {
      faults.push(...(await check(probe(name))));
    } catch (thrown) {
      faults.push(`the store rejected a swap during the check of ${name}: ${thrown instanceof Error ? thrown.name : typeof thrown}`);
    }
  }
  return faults;
}

/** Puts a document in the place of any other. Stores with one document for all keys have that of the check before. */
async function fresh(probe: Probe, document: string, more: Partial<Turn> = {}): Promise<Found> {
  const { version } = await probe.look();
  return probe.put(version, document, more);
}

async function answers(probe: Probe): Promise<string[]> {
  const put = await fresh(probe, "v first");
  const seen = await probe.look();
  const faults: string[] = [];
  if (put.swapped !== true) faults.push("S1: a swap with the version that is there was refused");
  if (!Number.isSafeInteger(put.version) || put.version <= 0) faults.push("S2: a version has to be a whole number above 0");
  if (seen.swapped !== false) faults.push("S3: a look (version -1) put something, or says that it did");
  if (seen.version !== put.version || seen.document !== "v first") faults.push("S3: a look does not return the document that was put, or its version");
  return faults;
}

async function stale(probe: Probe): Promise<string[]> {
  const first = await fresh(probe, "v first");
  const second = await probe.put(first.version, "v second");
  const faults: string[] = [];
  for (const [version, what] of [[first.version, "an earlier version"], [0, "version 0"], [second.version + 1, "a later version"]] as const) {
    const refused = await probe.put(version, "v third");
    if (refused.swapped !== false) faults.push(`S3: a swap with ${what} was done`);
    if (refused.document !== "v second" || refused.version !== second.version) {
      faults.push(`S3: a swap with ${what} does not return the document that is there, or its version`);
    }
  }
  return faults;
}

async function late(probe: Probe): Promise<string[]> {
  const first = await fresh(probe, "v first");
  const faults: string[] = [];
  for (const [away, what] of [[-10_000, "late"], [10_000, "early"]] as const) {
    const refused = await probe.put(first.version, "v second", { at: first.at + away, slackMs: 2_000 });
    if (refused.swapped !== false) faults.push(`S3: a swap that came ${what} by more than slackMs was done`);
    else if (refused.document !== "v first") faults.push(`S3: a swap that came ${what} does not return the document that is there`);
  }
  return faults;
}

async function clock(probe: Probe): Promise<string[]> {
  const first = await fresh(probe, "v first");
  const echo = await probe.put(first.version, "v second", { at: first.at - 50_000, slackMs: 1 });
  await pause(60);
  const later = await probe.look();
  const isTime = (at: number): boolean => Number.isFinite(at) && Math.abs(at - Date.now()) < 86_400_000;
  if (![first, echo, later].every(({ at }) => isTime(at))) return ["S4: `at` is not a time in milliseconds since 1970"];
  return later.at > first.at && echo.at >= first.at ? [] : ["S4: `at` is not the time of the store: it stands still, or repeats that of the swap"];
}

async function texts(probe: Probe): Promise<string[]> {
  let { version } = await probe.look();
  for (const text of TEXTS) {
    ({ version } = await probe.put(version, text));
    const { document } = await probe.look();
    if (document !== text) return [`S5: a document does not come back as it was put: ${JSON.stringify(text.slice(0, 40))}`];
  }
  return [];
}

async function atomic(probe: Probe): Promise<string[]> {
  const first = await fresh(probe, "v0");
  const once = await Promise.all(Array.from({ length: WRITERS }, () => probe.put(first.version, "v0")));
  const done = once.filter(({ swapped }) => swapped).length;
  if (done !== 1) return [`S1: of ${WRITERS} swaps at once with one version ${done} were done, not one`];
  const count = async (): Promise<void> => {
    for (let round = 0; round < ROUNDS; ) {
      const { version, document = "v0" } = await probe.look();
      if ((await probe.put(version, `v${Number(document.slice(1)) + 1}`)).swapped) round += 1;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, count));
  const { document } = await probe.look();
  const all = `v${WRITERS * ROUNDS}`;
  return document === all ? [] : [`S1: after ${WRITERS * ROUNDS} swaps that each counted one up, the count is another: some were lost`];
}

async function growing(probe: Probe): Promise<string[]> {
  const began = Date.now();
  await probe.look();
  // A slow store has time for the second swap before it forgets the first.
  const ttlMs = SHORT_TTL_MS + 4 * (Date.now() - began);
  const first = await fresh(probe, "v first", { ttlMs });
  const second = await probe.put(first.version, "v second", { ttlMs });
  if (second.version <= first.version) return ["S2: a version did not grow with a swap"];
  if (first.version < first.at - 86_400_000) return ["S2: a version is not at least the time in milliseconds: it starts anew after a loss"];
  await pause(ttlMs + 100);
  const third = await fresh(probe, "v third");
  return third.swapped && third.version > second.version ? [] : ["S2: a version did not grow after a document was forgotten"];
}

async function lasting(probe: Probe): Promise<string[]> {
  const faults: string[] = [];
  for (const [ttlMs, what] of [[HALF_TTL_MS, "before its ttlMs had passed"], [0, "although its ttlMs was 0"]] as const) {
    const put = await fresh(probe, "v lasts", { ttlMs });
    await pause(0.6 * HALF_TTL_MS);
    const { document, at } = await probe.look();
    const isOver = ttlMs > 0 && at - put.at >= ttlMs;
    if (document !== "v lasts" && !isOver) faults.push(`S6: a document was forgotten ${what}`);
  }
  return faults;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
