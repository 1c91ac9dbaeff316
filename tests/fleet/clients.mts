/** The types of the clients that redis() takes: this file compiles. */

import { type GlideClient, type GlideClusterClient } from "@valkey/valkey-glide";
import { Redis as Upstash } from "@upstash/redis";
import { Cluster, Redis } from "ioredis";
import { createClient, createClientPool, createCluster, createSentinel } from "redis";
import { redis, type RedisClient } from "xero-m2m/redis";
import { checkSharedStore, type SharedStore } from "xero-m2m/shared";

declare const glide: GlideClient;
declare const glideCluster: GlideClusterClient;

const url = "redis://127.0.0.1:6379";
const sentinel = createSentinel({ name: "main", sentinelRootNodes: [{ host: "127.0.0.1", port: 26379 }] });

const stores: SharedStore[] = [
  redis(createClient({ url })),
  redis(await createClient({ url }).connect(), { prefix: "billing" }),
  redis(createClientPool({ url })),
  redis(createCluster({ rootNodes: [{ url }] })),
  redis(sentinel),
  redis(new Redis(url)),
  redis(new Cluster([url])),
  redis(glide),
  redis(glideCluster),
  redis(new Upstash({ url, token: "any" })),
  redis(async (script: string, keys: string[], args: string[]) => [script, keys, args]),
];
for (const store of stores) await checkSharedStore(store);

// @ts-expect-error an address is no client
redis(url);
// @ts-expect-error nor is a Map
redis(new Map());
// @ts-expect-error `ttl` is no option
redis(glide, { ttl: 5 });

export type { RedisClient };
