import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import pg from "pg";
import { TABLE, postgres } from "xero-m2m/postgres";
import { checkSharedStore } from "xero-m2m/shared";

/** The programs of PostgreSQL, where Debian has them; `cargo xtask test js` installs them. */
const VERSIONS = "/usr/lib/postgresql";
const [version] = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => b - a) : [];
const program = (name) => join(VERSIONS, version ?? "", "bin", name);

/** A server of its own: it runs as another user if this one is root, which PostgreSQL refuses to be. */
const asUser = () => (process.getuid() === 0 ? { uid: id("-u"), gid: id("-g") } : {});
const id = (flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));

let folder;
let server;
let port;
let pool;

async function start() {
  const data = join(folder, "data");
  server = spawn(program("postgres"), ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${folder}`], { stdio: "ignore", ...asUser() });
  for (let n = 0; n < 200; n++) {
    const client = new pg.Client({ host: "127.0.0.1", port, user: "tests", database: "postgres" });
    client.on("error", () => {});
    const isUp = await client.connect().then(() => true, () => false);
    await client.end().catch(() => {});
    if (isUp) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error("PostgreSQL did not start");
}

const skip = version === undefined && "PostgreSQL is not installed; on Debian: apt-get install postgresql";

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "xero-postgres-"));
  const { uid, gid } = asUser();
  if (uid !== undefined) chownSync(folder, uid, gid);
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  ({ port } = free.address());
  free.close();
  execFileSync(program("initdb"), ["-D", join(folder, "data"), "-U", "tests", "--auth=trust", "--no-sync"], { stdio: "ignore", ...asUser(), cwd: folder });
  await start();
  pool = new pg.Pool({ host: "127.0.0.1", port, user: "tests", database: "postgres", max: 20 });
  pool.on("error", () => {});
  await pool.query(TABLE);
});

after(async () => {
  if (skip) return;
  await pool?.end().catch(() => {});
  if (server) {
    server.kill("SIGKILL");
    await once(server, "close");
  }
  rmSync(folder, { recursive: true, force: true });
});

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
  server.kill("SIGKILL");
  await once(server, "close");
  await start();
  const found = await store.swap({ key: "killed", version: -1, at: Date.now(), slackMs: 5_000, ttlMs: 0 }).catch(() => store.swap({ key: "killed", version: -1, at: Date.now(), slackMs: 5_000, ttlMs: 0 }));
  assert.deepEqual([found.document, found.version], [document, version]);
});
