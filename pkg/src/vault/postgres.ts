/**
 * A vault in PostgreSQL, for any number of processes.
 *
 * @module
 */

import { failure } from "../shared/errors.js";
import { withFleet } from "./fleet-loader.js";
import type { Found, SharedStore, Turn } from "./store.js";

export type { Found, SharedStore, Turn } from "./store.js";

/** The statement that makes the table. Run it once, or put it into a migration. */
export const TABLE = `create table if not exists xero_m2m_shared (
  key text primary key,
  version bigint not null,
  document text not null,
  ends_at bigint
)`;

/** One statement, so that it works with any pooler. The time is checked once more after a wait for the row. */
const SWAP = `with clock as (
  select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now
), put as (
  insert into xero_m2m_shared as there (key, version, document, ends_at)
  select $1::text, greatest($2::bigint + 1, clock.now), $5::text, case when $6::bigint > 0 then clock.now + $6::bigint end
  from clock
  where $5::text is not null and abs(clock.now - $3::bigint) <= $4::bigint
    and ($2::bigint = 0 or exists (select from xero_m2m_shared where key = $1::text and version = $2::bigint))
  on conflict (key) do update
  set version = greatest(there.version + 1, excluded.version), document = excluded.document, ends_at = excluded.ends_at
  where abs(floor(extract(epoch from clock_timestamp()) * 1000)::bigint - $3::bigint) <= $4::bigint
    and case when there.ends_at <= floor(extract(epoch from clock_timestamp()) * 1000)::bigint then 0 else there.version end = $2::bigint
  returning version
)
select clock.now as at, put.version as put, there.version, there.document
from clock
left join put on true
left join xero_m2m_shared as there on there.key = $1::text and (there.ends_at is null or there.ends_at > clock.now)`;

/** A row of the answer. Drivers give a bigint as a text, a number or a bigint. */
interface Row {
  at: unknown;
  put: unknown;
  version: unknown;
  document: unknown;
}

/** Runs a statement with values for `$1`, `$2` and so on. The answer is a list of rows, or an object with `rows`. */
export type Query = (text: string, values: unknown[]) => Promise<unknown>;

/**
 * Makes a {@link SharedStore} of a table in PostgreSQL: see {@link TABLE}.
 *
 * The database has to wait for its disk before it acknowledges, which is the default: `synchronous_commit` must not be `off`, and
 * a standby that can take over has to be a synchronous one. Otherwise a failover can lose the newest token, and with it the login.
 *
 * @example
 * ```ts
 * import { Pool } from "pg";
 * import { TABLE, postgres } from "xero-m2m/postgres";
 * import { UserConnection } from "xero-m2m/user";
 *
 * const pool = new Pool();
 * await pool.query(TABLE);
 * const vault = postgres((text, values) => pool.query(text, values));
 * export const xero = new UserConnection({ clientId: process.env.XERO_CLIENT_ID, clientSecret: process.env.XERO_CLIENT_SECRET, vault });
 * ```
 */
export function postgres(query: Query): SharedStore {
  if (typeof query !== "function") throw failure("invalid_option", "postgres() takes a function that runs a statement");
  return withFleet({
    durable: true,
    async swap({ key, version, at, slackMs, document, ttlMs }: Turn): Promise<Found> {
      const values = [key, version, Math.floor(at), Math.floor(slackMs), version < 0 ? null : (document ?? null), Math.floor(ttlMs)];
      const answer = await query(SWAP, values);
      const rows = Array.isArray(answer) ? answer : (answer as { rows?: unknown } | undefined)?.rows;
      const row = (rows as Row[] | undefined)?.[0];
      if (!row) throw failure("vault_unavailable", "the function given to postgres() returned no row; it has to return the rows, or an object with `rows`");
      const now = Number(row.at);
      if (row.put !== null && row.put !== undefined) return { swapped: true, version: Number(row.put), at: now };
      if (row.version === null || row.version === undefined) return { swapped: false, version: 0, at: now };
      return { swapped: false, version: Number(row.version), document: String(row.document), at: now };
    },
  });
}
