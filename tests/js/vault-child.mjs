// A process that shares a vault: it wants a new token again and again, and writes a line for each.
import { writeSync } from "node:fs";
import pg from "pg";
import { file } from "xero-m2m/file";
import { postgres } from "xero-m2m/postgres";
import { Vault } from "xero-m2m/user";
import { byThisClock } from "./this-clock.mjs";

const { path, connection, url, clientId, clientSecret, rounds } = JSON.parse(process.argv[2]);
const pool = connection && new pg.Pool(connection);
pool?.on("error", () => {});
const store = pool ? await byThisClock(postgres((text, values) => pool.query(text, values))) : file(path);
const vault = new Vault({ store, clientId, clientSecret, identityUrl: url, apiUrl: url, timeoutMs: 40_000 });
for (let round = 0, generation; round < rounds; round++) {
  try {
    ({ generation } = await vault.take(generation === undefined ? {} : { notGeneration: generation }));
    writeSync(1, `${generation}\n`);
  } catch (error) {
    writeSync(1, `${error.code}\n`);
    if (error.code === "login_required" || error.code === "vault_copied") break;
  }
}
await vault.close();
await pool?.end();
