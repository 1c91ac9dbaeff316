import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { postgres } from "xero-m2m/postgres";
import { checkSharedStore } from "xero-m2m/shared";
import { postgresServer, skip } from "./postgres-server.mjs";

let server;
let pool;

before(async () => {
  if (skip) return;
  server = await postgresServer();
  ({ pool } = server);
});

after(() => server?.stop());

test("PostgreSQL keeps the contract", { skip }, async () => {
  assert.deepEqual(await checkSharedStore(postgres((text, values) => pool.query(text, values))), []);
  // Drivers that return a list of rows, and numbers instead of texts.
  const rows = async (text, values) => (await pool.query(text, values)).rows.map((row) => ({ ...row, at: Number(row.at) }));
  assert.deepEqual(await checkSharedStore(postgres(rows)), []);
});

test("a swap that waits for a row until it is late changes nothing", { skip }, async () => {
  const store = postgres((text, values) => pool.query(text, values));
  const put = (version, document, slackMs) => store.swap({ key: "late", version, at: Date.now(), slackMs, ttlMs: 0, document });
  const { version } = await put(0, "v one", 5_000);
  const other = await pool.connect();
  try {
    await other.query("begin");
    await other.query("select * from xero_m2m_shared where key = 'late' for update");
    const late = put(version, "v two", 200);
    await new Promise((done) => setTimeout(done, 400));
    await other.query("commit");
    assert.equal((await late).swapped, false);
  } finally {
    other.release();
  }
  assert.equal((await put(-1, undefined, 5_000)).document, "v one");
});

test("what was acknowledged is there after the server was killed", { skip }, async () => {
  const store = postgres((text, values) => pool.query(text, values));
  let version = 0;
  let document;
  for (let n = 1; n <= 50; n++) {
    document = `v${n}`;
    ({ version } = await store.swap({ key: "killed", version, at: Date.now(), slackMs: 5_000, ttlMs: 0, document }));
  }
  await server.restart();
  const found = await store.swap({ key: "killed", version: -1, at: Date.now(), slackMs: 5_000, ttlMs: 0 }).catch(() => store.swap({ key: "killed", version: -1, at: Date.now(), slackMs: 5_000, ttlMs: 0 }));
  assert.deepEqual([found.document, found.version], [document, version]);
});
