/** The engine of a fleet at an address, by a client that the project has installed: this package has none of its own. */

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { SharedStore } from "xero-m2m/shared";
import { BadUse } from "./bad-use.js";

/** A store, and the end of its connection. */
export interface Engine {
  store: SharedStore;
  close(): Promise<void>;
}

/** Opens a store at an address with a client's package. */
type Open = (client: Record<string, any>, url: string, prefix: string | undefined) => Promise<Engine>;

/** The milliseconds until a connection has to be there. */
const CONNECT_MS = 5_000;

const ignore = () => {};

const withRedis: Open = async ({ createClient }, url, prefix) => {
  const { redis } = await import("xero-m2m/redis");
  const client = createClient({ url, socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false } }).on("error", ignore);
  await client.connect();
  return { store: redis(client, { prefix }), close: async () => client.destroy() };
};

const withIoRedis: Open = async ({ Redis }, url, prefix) => {
  const { redis } = await import("xero-m2m/redis");
  const client = new Redis(url, { lazyConnect: true, connectTimeout: CONNECT_MS, retryStrategy: null, maxRetriesPerRequest: 0 }).on("error", ignore);
  await client.connect();
  return { store: redis(client, { prefix }), close: async () => client.disconnect() };
};

const withPg: Open = async (module, url) => {
  const { postgres } = await import("xero-m2m/postgres");
  const { Pool } = module["default"] ?? module;
  const pool = new Pool({ connectionString: url, max: 1, connectionTimeoutMillis: CONNECT_MS }).on("error", ignore);
  await pool.query("select 1");
  return { store: postgres((text, values) => pool.query(text, values)), close: () => pool.end() };
};

const REDIS = { redis: withRedis, ioredis: withIoRedis };
const POSTGRES = { pg: withPg };

/** The packages that open an address, by its scheme; the first that is installed does. */
const SCHEMES: Record<string, Record<string, Open>> = {
  "redis:": REDIS,
  "rediss:": REDIS,
  "postgres:": POSTGRES,
  "postgresql:": POSTGRES,
};

/**
 * The engine at `XERO_FLEET_URL`. The address is in the environment and never an argument, because it may hold a password; no error
 * names a part of it.
 */
export async function engineOf(prefix: string | undefined): Promise<Engine> {
  const { XERO_FLEET_URL: url } = process.env;
  if (!url) throw new BadUse("XERO_FLEET_URL is not set: the address of the store, such as redis://127.0.0.1:6379; see xero-m2m fleet --help");
  const packages = SCHEMES[URL.canParse(url) ? new URL(url).protocol : ""];
  if (!packages) throw new BadUse(`XERO_FLEET_URL has to begin with ${Object.keys(SCHEMES).map((scheme) => `${scheme}//`).join(", ")}`);
  const project = createRequire(join(process.cwd(), "package.json"));
  for (const [name, open] of Object.entries(packages)) {
    const path = resolved(project, name);
    if (path === undefined) continue;
    try {
      return await open(await import(pathToFileURL(path).href), url, prefix);
    } catch (thrown) {
      throw new Error(`the store at XERO_FLEET_URL cannot be reached with the package ${name}${codeOf(thrown)}`);
    }
  }
  const names = Object.keys(packages);
  throw new BadUse(`this project has no client for XERO_FLEET_URL: npm install ${names.join(", or npm install ")}`);
}

function resolved(project: NodeJS.Require, name: string): string | undefined {
  try {
    return project.resolve(name);
  } catch {
    return undefined;
  }
}

/** The code of an error, or the first word of Redis; not its message, which may hold the address. */
function codeOf(thrown: unknown): string {
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown };
  const word = [code, String(message).split(" ", 1)[0]].find((text) => typeof text === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(text));
  return word === undefined ? "" : ` (${String(word)})`;
}
