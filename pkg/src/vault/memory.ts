/** A store in the memory of this process, for tests. */

import { withFleet } from "./fleet-loader.js";
import type { Found, SharedStore, Turn } from "./store.js";

/** Options of {@link memory}. */
export interface MemoryOptions {
  /**
   * Whether the store says that it is durable. It never is: a vault in memory is lost with its process, so only a test may say so.
   * Default: `false`.
   */
  readonly durable?: boolean | undefined;
}

/**
 * Makes a {@link SharedStore} in the memory of this process, for tests.
 *
 * @example
 * ```ts
 * import { memory } from "xero-m2m/shared";
 *
 * const store = memory({ durable: true }); // in a test
 * ```
 */
export function memory(options: MemoryOptions = {}): SharedStore {
  const documents = new Map<string, { version: number; document: string; ends: number }>();
  /** The newest version that each document has had: it grows even if the document is forgotten. */
  const versions = new Map<string, number>();
  return withFleet({
    durable: options.durable ?? false,
    async swap({ key, version, at, slackMs, document, ttlMs }: Turn): Promise<Found> {
      const now = Date.now();
      const there = documents.get(key);
      const own = there && now < there.ends ? there : undefined;
      if (document === undefined || version !== (own?.version ?? 0) || Math.abs(now - at) > slackMs) {
        return { swapped: false, version: own?.version ?? 0, document: own?.document, at: now };
      }
      const next = Math.max((versions.get(key) ?? 0) + 1, now);
      versions.set(key, next);
      documents.set(key, { version: next, document, ends: ttlMs > 0 ? now + ttlMs : Infinity });
      return { swapped: true, version: next, at: now };
    },
  });
}
