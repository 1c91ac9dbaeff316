import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { XeroFleet, durableObject } from "xero-m2m/durable-object";
import { file } from "xero-m2m/file";
import { redis } from "xero-m2m/redis";
import { checkSharedStore, memory } from "xero-m2m/shared";

function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "xero-store-"));
  t.after(() => {
    chmodSync(path, 0o700);
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

const turn = (more) => ({ key: "k", version: -1, at: Date.now(), slackMs: 5_000, ttlMs: 0, ...more });

test("memory keeps the contract", async () => {
  assert.deepEqual(await checkSharedStore(memory()), []);
});

test("a file keeps the contract, but for keys", async (t) => {
  assert.deepEqual(await checkSharedStore(file(join(folder(t), "vault"))), []);
});

/** Durable Objects as the platform has them: an object for each name, whose transactions come one after the other. */
function namespace() {
  const objects = new Map();
  const storage = () => {
    const values = new Map();
    let last = Promise.resolve();
    const transaction = { get: async (key) => structuredClone(values.get(key)), put: async (key, value) => void values.set(key, structuredClone(value)) };
    return { transaction: (act) => (last = last.then(() => act(transaction))) };
  };
  return {
    idFromName: (name) => name,
    get(name) {
      if (!objects.has(name)) objects.set(name, new XeroFleet({ storage: storage() }));
      return { fetch: (url, init) => objects.get(name).fetch(new Request(url, init)) };
    },
  };
}

test("a Durable Object keeps the contract", async () => {
  assert.deepEqual(await checkSharedStore(durableObject(namespace())), []);
  assert.throws(() => durableObject(undefined), ({ code }) => code === "invalid_option");
});

const DONE = [1, "1700000000001", "1700000000000", "d"];

test("redis() runs its script by each kind of client, with one key", async () => {
  const asked = [];
  const note = (kind) => (...args) => (asked.push([kind, args]), DONE);
  const clients = [
    note("function"),
    { customCommand: note("glide") },
    { call: note("ioredis"), eval: note("wrong"), sendCommand: note("wrong") },
    { eval: note("redis"), sendCommand: note("wrong") },
    { eval: note("upstash") },
  ];
  const asTurn = turn({ version: 7, at: 1_700_000_000_000.6, slackMs: 250.5, document: "v one", ttlMs: 60_000 });
  for (const client of clients) {
    assert.deepEqual(await redis(client, { prefix: "a" }).swap(asTurn), { swapped: true, version: 1_700_000_000_001, at: 1_700_000_000_000 });
  }
  const args = ["7", "1700000000000", "250", "v one", "60000"];
  const script = asked[0][1][0];
  assert.match(script, /TIME/);
  assert.deepEqual(asked, [
    ["function", [script, ["a:k"], args]],
    ["glide", [["EVAL", script, "1", "a:k", ...args]]],
    ["ioredis", ["EVAL", [script, "1", "a:k", ...args]]],
    ["redis", [script, { keys: ["a:k"], arguments: args }]],
    ["upstash", [script, ["a:k"], args]],
  ]);
});

test("redis() reads texts, bytes and numbers alike, and takes nothing else for an answer", async () => {
  const answered = (answer) => redis(async () => answer).swap(turn());
  const there = { swapped: false, version: 5, at: 9, document: "v one" };
  for (const answer of [["0", "5", "9", "dv one"], [0, 5, 9, "dv one"], [0, "5", 9n, Buffer.from("dv one")]]) assert.deepEqual(await answered(answer), there);
  assert.deepEqual(await answered([0, "0", "9", "d"]), { swapped: false, version: 0, at: 9 });
  for (const answer of [undefined, null, "OK", [], [[0, "5", "9", "d"]], [2, "5", "9", "d"], [0, "x", "9", "d"], [0, "5", "", "no"], [0, "5", null]]) {
    await assert.rejects(answered(answer), ({ code, message }) => code === "invalid_option" && /redis\(\)/.test(message), JSON.stringify(answer));
  }
});

test("redis() is not durable, and refuses what is no client or no prefix", () => {
  assert.equal(redis(async () => DONE).durable, false);
  for (const client of [undefined, null, "redis://127.0.0.1", {}, { sendCommand() {} }]) {
    assert.throws(() => redis(client), ({ code, message }) => code === "invalid_option" && /ioredis/.test(message));
  }
  for (const prefix of ["", "a{b}", "a b", "ä", "x".repeat(101)]) {
    assert.throws(() => redis(async () => DONE, { prefix }), ({ code, message }) => code === "invalid_option" && /prefix/.test(message));
  }
});

/** Stores that break a line of the contract. */
const BROKEN = {
  "S1: it puts whatever comes": ["S3", (store) => async (asked) => {
    const { version } = await store.swap({ ...asked, version: -1, document: undefined });
    return asked.version < 0 ? store.swap(asked) : store.swap({ ...asked, version });
  }],
  "S1: it reads, waits and writes": ["S1", (store) => {
    const there = new Map();
    return async (asked) => {
      const found = there.get(asked.key) ?? { version: 0 };
      await new Promise((done) => setTimeout(done, 1));
      const now = Date.now();
      if (asked.document === undefined || asked.version !== found.version || Math.abs(now - asked.at) > asked.slackMs) return { swapped: false, ...found, at: now };
      const version = Math.max(found.version + 1, now);
      there.set(asked.key, { version, document: asked.document });
      return { swapped: true, version, at: now };
    };
  }],
  "S2: its versions count from 1": ["S2", (store) => {
    const names = new Map();
    const short = (found) => {
      if (found.version > 0 && !names.has(found.version)) names.set(found.version, names.size + 1);
      return { ...found, version: found.version && names.get(found.version) };
    };
    return async (asked) => {
      const long = [...names].find(([, number]) => number === asked.version)?.[0] ?? (asked.version > 0 ? 1 : asked.version);
      return short(await store.swap({ ...asked, version: long }));
    };
  }],
  "S3: it takes what comes late": ["S3", (store) => (asked) => store.swap({ ...asked, at: Date.now() })],
  "S3: it does not tell what is there": ["S3", (store) => async (asked) => ({ ...(await store.swap(asked)), document: undefined })],
  "S4: it repeats the time of the sender": ["S4", (store) => async (asked) => ({ ...(await store.swap(asked)), at: asked.at })],
  "S4: it tells seconds": ["S4", (store) => async (asked) => {
    const found = await store.swap(asked);
    return { ...found, at: Math.floor(found.at / 1_000) };
  }],
  "S5: it cuts blanks off": ["S5", (store) => (asked) => store.swap(asked.document === undefined ? asked : { ...asked, document: asked.document.trim() })],
  "S5: it keeps 4 kB": ["S5", (store) => (asked) => store.swap(asked.document === undefined ? asked : { ...asked, document: asked.document.slice(0, 4_096) })],
  "S5: it makes letters small": ["S5", (store) => (asked) => store.swap(asked.document === undefined ? asked : { ...asked, document: asked.document.toLowerCase() })],
  "S6: it forgets at half of the time": ["S6", (store) => (asked) => store.swap({ ...asked, ttlMs: asked.ttlMs / 2 })],
  "S6: it forgets what is kept for ever": ["S6", (store) => (asked) => store.swap({ ...asked, ttlMs: asked.ttlMs || 500 })],
  "S6: it forgets at once": ["S6", (store) => (asked) => store.swap({ ...asked, ttlMs: 100 })],
  "it fails": ["rejected", () => async () => { throw new Error("away"); }],
};

test("a slow store is not found out", async () => {
  const [store, keys] = [memory(), new Set()];
  const slow = { durable: false, swap: async (asked) => {
    const found = await store.swap(asked);
    // Slower than a document of the check of versions, the eighth, is kept by a fast one.
    if (keys.add(asked.key).size === 8) await new Promise((done) => setTimeout(done, 350));
    return found;
  } };
  assert.deepEqual(await checkSharedStore(slow), []);
});

for (const [what, [line, broken]] of Object.entries(BROKEN)) {
  test(`the check finds a store out: ${what}`, async () => {
    const store = { durable: false, swap: broken(memory()) };
    if (line === "rejected") {
      await assert.rejects(checkSharedStore(store));
      return;
    }
    const faults = await checkSharedStore(store);
    assert.ok(faults.some((fault) => fault.startsWith(line)), JSON.stringify(faults));
  });
}

test("a file that is readable by others, a link or a folder is refused, and nothing is put", async (t) => {
  const path = folder(t);
  const vault = join(path, "vault");
  const { version } = await file(vault).swap(turn({ version: 0, document: "v one" }));
  assert.equal(statSync(vault).mode & 0o777, 0o600);
  chmodSync(vault, 0o640);
  await assert.rejects(file(vault).swap(turn({ version, document: "v two" })), ({ code, message }) => code === "vault_unavailable" && /chmod 600/.test(message));
  chmodSync(vault, 0o600);
  symlinkSync(vault, join(path, "link"));
  mkdirSync(join(path, "inner"));
  for (const name of ["link", "inner"]) {
    await assert.rejects(file(join(path, name)).swap(turn({ version, document: "v two" })), ({ code }) => code === "vault_unavailable");
  }
  // A disk that is not mounted is no vault without a login.
  for (const asked of [turn(), turn({ version: 0, document: "v" })]) {
    await assert.rejects(file(join(path, "none", "vault")).swap(asked), ({ code, message }) => code === "vault_unavailable" && /folder does not exist/.test(message));
  }
  assert.equal((await file(vault).swap(turn())).document, "v one");
});

test("a folder that cannot be written in", { skip: process.getuid?.() === 0 && "root may write everywhere" }, async (t) => {
  const path = folder(t);
  chmodSync(path, 0o500);
  await assert.rejects(file(join(path, "vault")).swap(turn({ version: 0, document: "v" })), ({ code, message }) => code === "vault_unavailable" && /may not write/.test(message));
});

test("something else than a vault in the file is never replaced", async (t) => {
  const vault = join(folder(t), "notes.txt");
  writeFileSync(vault, "my notes\n", { mode: 0o600 });
  const found = await file(vault).swap(turn());
  assert.ok(found.version > 0);
  assert.equal((await file(vault).swap(turn({ version: 0, document: "v" }))).swapped, false);
  assert.equal(readFileSync(vault, "utf8"), "my notes\n");
});

test("a lock that was left behind is taken over; one in use is waited for", async (t) => {
  const path = folder(t);
  const vault = join(path, "vault");
  writeFileSync(`${vault}.lock`, "gone", { mode: 0o600 });
  const busy = await file(vault).swap(turn({ version: 0, document: "v one", slackMs: 200 }));
  assert.equal(busy.swapped, false);
  let version = 0;
  // From before the clock was set back, too.
  for (const seconds of [-60, 86_400]) {
    const time = Date.now() / 1_000 + seconds;
    writeFileSync(`${vault}.lock`, "gone", { mode: 0o600 });
    utimesSync(`${vault}.lock`, time, time);
    const found = await file(vault).swap(turn({ version, document: "v one" }));
    assert.equal(found.swapped, true, `${seconds} s`);
    version = found.version;
    assert.deepEqual(readdirSync(path), ["vault"]);
  }
});
