/** Counts a document up by swaps, so many times. Returns the numbers that it put: no two writers may put the same. */
export async function counted(store, key, rounds) {
  const put = [];
  let known = { version: 0, document: undefined, at: Date.now() };
  while (put.length < rounds) {
    const next = Number(known.document?.slice(1) ?? 0) + 1;
    const { version, at } = known;
    const found = await store.swap({ key, version, at, slackMs: 60_000, ttlMs: 60_000, document: `v${next}` });
    if (found.swapped) put.push(next);
    known = { document: `v${next}`, ...found };
  }
  return put;
}
