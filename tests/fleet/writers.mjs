/** Several writers of one document. */

import assert from "node:assert/strict";
import { counted } from "./counted.mjs";

const WRITERS = 20;
const ROUNDS = 30;

/** Fails unless each of 600 increments by 20 writers at once is kept, by a swap each. `stores` are taken in turn. */
export async function assertNoneLost(...stores) {
  await assertAllCounted((n, key) => counted(stores[n % stores.length], key, ROUNDS));
}

/** The same for writers that `count` runs: it is given their number, the key and the increments of each. */
export async function assertAllCounted(count) {
  const key = `xero-m2m:{${crypto.randomUUID()}}:writers`;
  const counts = await Promise.all(Array.from({ length: WRITERS }, (_, n) => count(n, key, ROUNDS)));
  assert.deepEqual(counts.flat().sort((a, b) => a - b), Array.from({ length: WRITERS * ROUNDS }, (_, n) => n + 1));
}
