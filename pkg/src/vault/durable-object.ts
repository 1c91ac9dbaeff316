/**
 * A vault in a Durable Object of Cloudflare, for any number of Workers.
 *
 * @module
 */

import { failure } from "../shared/errors.js";
import { withFleet } from "./fleet-loader.js";
import type { Found, SharedStore, Turn } from "./store.js";

export type { Found, SharedStore, Turn } from "./store.js";

/** The part of the storage of a Durable Object that is used. */
interface Storage {
  transaction<T>(act: (transaction: Transaction) => Promise<T>): Promise<T>;
}

interface Transaction {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
}

/** A namespace of Durable Objects: the binding of a Worker. */
export interface Namespace {
  idFromName(name: string): unknown;
  get(id: never): { fetch(url: string, init: { method: string; body: string }): Promise<{ ok: boolean; json(): Promise<unknown> }> };
}

interface Kept {
  version: number;
  document: string;
  /** The time at which it may be forgotten; absent for never. */
  endsAt?: number;
}

/**
 * The Durable Object. Export it from the Worker, and name it in wrangler's file: a binding of the class `XeroFleet`, and a migration
 * with `new_sqlite_classes = ["XeroFleet"]`.
 *
 * It answers only the Workers that have the binding: no request from outside reaches it unless a Worker passes one on.
 */
export class XeroFleet {
  readonly #storage: Storage;

  constructor(state: { storage: unknown }) {
    this.#storage = state.storage as Storage;
  }

  /** Performs a swap: the body is a `Turn`, the answer a `Found`. It is sent after the storage has written the document. */
  async fetch(request: { json(): Promise<unknown> }): Promise<Response> {
    const { key, version, at, slackMs, document, ttlMs } = (await request.json()) as Turn;
    const found = await this.#storage.transaction(async (transaction): Promise<Found> => {
      const kept = (await transaction.get(key)) as Kept | undefined;
      const now = Date.now();
      const there = kept && !(kept.endsAt !== undefined && kept.endsAt <= now) ? kept : undefined;
      const fits = version === (there?.version ?? 0) && Math.abs(now - at) <= slackMs;
      if (document === undefined || !fits) {
        return { swapped: false, version: there?.version ?? 0, at: now, ...(there && { document: there.document }) };
      }
      const next = Math.max((kept?.version ?? 0) + 1, now);
      await transaction.put(key, { version: next, document, ...(ttlMs > 0 && { endsAt: now + ttlMs }) } satisfies Kept);
      return { swapped: true, version: next, at: now };
    });
    return Response.json(found);
  }
}

/**
 * Makes a {@link SharedStore} of Durable Objects: each vault has one, by the name of its key.
 *
 * @param namespace The binding, as `env.XERO_FLEET`.
 * @example
 * ```ts
 * import { env, waitUntil } from "cloudflare:workers";
 * import { durableObject } from "xero-m2m/durable-object";
 * import { UserConnection } from "xero-m2m/user";
 *
 * export { XeroFleet } from "xero-m2m/durable-object";
 *
 * const vault = durableObject(env.XERO_FLEET);
 * const xero = new UserConnection({ clientId: env.XERO_CLIENT_ID, key: env.XERO_VAULT_KEY, vault, seed: env.XERO_SEED, waitUntil });
 * export default { fetch: () => xero.fetch("/Invoices?page=1"), scheduled: () => xero.keepAlive() };
 * ```
 */
export function durableObject(namespace: Namespace): SharedStore {
  if (typeof namespace?.idFromName !== "function") {
    throw failure("invalid_option", "durableObject() takes the binding of a Durable Object, such as env.XERO_FLEET; is it in wrangler's file?");
  }
  return withFleet({
    durable: true,
    async swap(turn: Turn): Promise<Found> {
      const object = namespace.get(namespace.idFromName(turn.key) as never);
      const answer = await object.fetch("https://vault.invalid/", { method: "POST", body: JSON.stringify(turn) });
      if (!answer.ok) throw failure("vault_unavailable", "the Durable Object of the vault failed; is XeroFleet exported by the Worker?");
      return (await answer.json()) as Found;
    },
  });
}
