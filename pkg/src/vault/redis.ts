/**
 * What several processes share, in Redis or Valkey: for a fleet, not for the tokens of a login.
 *
 * @module
 */

import { failure } from "../shared/errors.js";
import { withFleet } from "./fleet-loader.js";
import type { Found, SharedStore, Turn } from "./store.js";

export type { Found, SharedStore, Turn } from "./store.js";

/**
 * The swap. A number becomes a text by `%.0f`, because Lua's own way is `%.14g`. A letter stands before the document, because some
 * clients parse an answer that looks like JSON.
 */
const SWAP = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local there = redis.call('HMGET', KEYS[1], 'v', 'd')
local version = tonumber(there[1] or '0')
if version == tonumber(ARGV[1]) and math.abs(now - tonumber(ARGV[2])) <= tonumber(ARGV[3]) then
  local put = string.format('%.0f', math.max(version + 1, now))
  redis.call('HSET', KEYS[1], 'v', put, 'd', ARGV[4])
  if ARGV[5] == '0' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
  return {1, put, string.format('%.0f', now), 'd'}
end
return {0, string.format('%.0f', version), string.format('%.0f', now), 'd' .. (there[2] or '')}`;

/** Runs a Lua script with one key and its arguments, by `EVAL`. Resolves to the four values that the script returns. */
export type RunScript = (script: string, keys: string[], args: string[]) => Promise<unknown>;

/** A client of `@valkey/valkey-glide`, for one server or a cluster. */
interface Glide {
  customCommand(command: string[]): Promise<unknown>;
}

/** A client of `ioredis`, for one server, a sentinel or a cluster. */
interface IoRedis {
  call(command: string, args: string[]): Promise<unknown>;
}

/** A client of `redis`, for one server, a pool, a sentinel or a cluster. */
interface NodeRedis {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** This client has it, and that of `@upstash/redis` does not. */
  sendCommand: unknown;
}

/** A client of `@upstash/redis`. */
interface Upstash {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>;
}

/** A connected client of `redis`, `ioredis`, `@valkey/valkey-glide` or `@upstash/redis`; or a function, for any other client. */
export type RedisClient = Glide | IoRedis | NodeRedis | Upstash | RunScript;

/** Options of {@link redis}. */
export interface RedisOptions {
  /** A word before each key, to tell programs that share a Redis apart: letters, digits, `.`, `_`, `-` and `:`. Default: none. */
  readonly prefix?: string | undefined;
}

/**
 * Makes a {@link SharedStore} of a Redis (5 or later) or a Valkey, with your own client. It runs one script for each swap, by `EVAL`.
 *
 * It is not durable: after a failover, or without `appendonly`, Redis can lose what it acknowledged. For a fleet that costs a refusal
 * of Xero at most; a vault refuses this store.
 *
 * A client that keeps commands while it reconnects sends them long after their callers have given up. Redis compares the time of
 * each swap with its own clock, and a swap that comes late changes nothing; no option of the client is needed for that.
 *
 * A document has one key, whose name has the part that decides about its place in a cluster in braces.
 *
 * @param client The client, connected. Its connection stays yours: nothing here closes it.
 * @throws `XeroError` `invalid_option` if the client is of no known kind, or the prefix has other characters; from `swap`
 *   `vault_unavailable` if Redis refuses, with the reason, or the error of the client.
 * @example
 * ```ts
 * import { createClient } from "redis";
 * import { checkSharedStore } from "xero-m2m/shared";
 * import { redis } from "xero-m2m/redis";
 *
 * const client = await createClient({ url: process.env.REDIS_URL }).connect();
 * console.log(await checkSharedStore(redis(client, { prefix: "billing" }))); // [], or what is wrong
 * ```
 */
export function redis(client: RedisClient, { prefix }: RedisOptions = {}): SharedStore {
  const run = runner(client);
  if (prefix !== undefined && !/^[\w.:-]{1,100}$/.test(prefix)) {
    throw failure("invalid_option", "prefix has to be a word of at most 100 letters, digits and .:_-, such as \"billing\"");
  }
  return withFleet({
    durable: false,
    async swap({ key, version, at, slackMs, document, ttlMs }: Turn): Promise<Found> {
      const whole = (number: number): string => String(Math.floor(number));
      const args = [document === undefined ? "-1" : whole(version), whole(at), whole(slackMs), document ?? "", whole(ttlMs)];
      try {
        return found(await run(SWAP, [prefix === undefined ? key : `${prefix}:${key}`], args));
      } catch (thrown) {
        throw explained(thrown);
      }
    },
  });
}

/** The way in which a client runs a script. */
function runner(client: RedisClient): RunScript {
  if (typeof client === "function") return client;
  const has = (method: string): boolean => typeof (client as unknown as Record<string, unknown> | undefined)?.[method] === "function";
  const command = (script: string, keys: string[], args: string[]): string[] => [script, String(keys.length), ...keys, ...args];
  if (has("customCommand")) return (...script) => (client as Glide).customCommand(["EVAL", ...command(...script)]);
  if (has("call")) return (...script) => (client as IoRedis).call("EVAL", command(...script));
  if (has("sendCommand") && has("eval")) return (script, keys, args) => (client as NodeRedis).eval(script, { keys, arguments: args });
  if (has("eval")) return (...script) => (client as Upstash).eval(...script);
  throw failure(
    "invalid_option",
    "redis() takes a client of redis, ioredis, @valkey/valkey-glide or @upstash/redis, or a function (script, keys, args) that runs a script",
  );
}

const NOT_ALLOWED = "its user may not run scripts: allow EVAL, TIME, HMGET, HSET, PEXPIRE and PERSIST in its ACL";

/** What to do about refusals of Redis, by the word with which each begins; the second one is that of `@valkey/valkey-glide`. */
const REFUSALS: Record<string, string> = {
  NOPERM: NOT_ALLOWED,
  PermissionDenied: NOT_ALLOWED,
  NOAUTH: "the client did not log in: give it the user and the password",
  WRONGPASS: "the client's user or password is wrong",
  READONLY: "it is a replica: give redis() a client of the primary",
  OOM: "its memory is full: raise maxmemory, or have it evict what is old",
};

/** The error for a refusal of Redis, with what to do; any other error as it is. */
function explained(thrown: unknown): unknown {
  const words = String((thrown as { message?: unknown } | undefined)?.message).split(/\W+/);
  const word = Object.keys(REFUSALS).find((known) => words.includes(known));
  return word === undefined ? thrown : failure("vault_unavailable", `Redis refused the swap (${word}): ${REFUSALS[word]}`);
}

/** Reads the answer of the script. Clients give its texts as texts, as bytes or, if they look like numbers, as numbers. */
function found(answer: unknown): Found {
  const [swapped, version, at, document] = Array.isArray(answer) ? answer.map(text) : [];
  const numbers = { version: Number(version), at: Number(at) };
  const isKnown = (swapped === "0" || swapped === "1") && Number.isSafeInteger(numbers.version) && Number.isSafeInteger(numbers.at);
  if (!isKnown || !document?.startsWith("d")) {
    throw failure("invalid_option", "the client given to redis() did not return the list that a script returned; give redis() a function that does");
  }
  if (swapped === "1") return { swapped: true, ...numbers };
  return { swapped: false, ...numbers, ...(document !== "d" && { document: document.slice(1) }) };
}

function text(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
}
