/** A PostgreSQL of a test's own, on this machine. */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { TABLE } from "xero-m2m/postgres";
import { freePort } from "./free-port.mjs";

/** The programs of PostgreSQL, where Debian has them; `cargo xtask test js` installs them. */
const VERSIONS = "/usr/lib/postgresql";
const [version] = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => b - a) : [];
const program = (name) => join(VERSIONS, version ?? "", "bin", name);

/** The reason why tests that need it are left out, if there is one. */
export const skip = version === undefined && "PostgreSQL is not installed; on Debian: apt-get install postgresql";

/** It runs as another user if this process is root, which PostgreSQL refuses to be. */
const asUser = () => (process.getuid() === 0 ? { uid: id("-u"), gid: id("-g") } : {});
const id = (flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));

/** Starts a server with the table of the package. `connection` is for `pg`. */
export async function postgresServer() {
  const folder = mkdtempSync(join(tmpdir(), "xero-postgres-"));
  const { uid, gid } = asUser();
  if (uid !== undefined) chownSync(folder, uid, gid);
  const data = join(folder, "data");
  const connection = { host: "127.0.0.1", port: await freePort(), user: "tests", database: "postgres" };
  execFileSync(program("initdb"), ["-D", data, "-U", "tests", "--auth=trust", "--no-sync"], { stdio: "ignore", ...asUser(), cwd: folder });
  let server;
  const start = async () => {
    server = spawn(program("postgres"), ["-D", data, "-p", String(connection.port), "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${folder}`], { stdio: "ignore", ...asUser() });
    for (let n = 0; n < 2_000; n++) {
      const client = new pg.Client(connection);
      client.on("error", () => {});
      const isUp = await client.connect().then(() => true, () => false);
      await client.end().catch(() => {});
      if (isUp) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error("PostgreSQL did not start");
  };
  const kill = async () => {
    server.kill("SIGKILL");
    await once(server, "close");
  };
  await start();
  const pool = new pg.Pool({ ...connection, max: 20 });
  pool.on("error", () => {});
  await pool.query(TABLE);
  return {
    connection,
    pool,
    /** Kills the server, and starts it again. */
    async restart() {
      await kill();
      await start();
    },
    async stop() {
      await pool.end().catch(() => {});
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
