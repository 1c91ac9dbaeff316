/** The clients that redis() takes, each as its own documentation makes it. Only those that are used are loaded. */

const quiet = (client) => client.on("error", () => {});
const address = (port) => ({ host: "127.0.0.1", port });

async function nodeRedis(t, port, password) {
  const { createClient } = await import("redis");
  const client = quiet(createClient({ url: `redis://127.0.0.1:${port}`, password }));
  t.after(() => client.destroy());
  return client.connect();
}

/** Each makes a client of the server at a port of this machine, and closes it with the test. */
export const CLIENTS = {
  redis: nodeRedis,
  async "a pool of redis"(t, port) {
    const { createClientPool } = await import("redis");
    const pool = quiet(createClientPool({ url: `redis://127.0.0.1:${port}` }));
    t.after(() => pool.destroy());
    return pool.connect();
  },
  async ioredis(t, port) {
    const { Redis } = await import("ioredis");
    const client = quiet(new Redis(port, "127.0.0.1"));
    t.after(() => client.disconnect());
    return client;
  },
  async "valkey-glide"(t, port) {
    const { GlideClient } = await import("@valkey/valkey-glide");
    // Its own limit is 250 ms by default, which a busy machine exceeds.
    const client = await GlideClient.createClient({ addresses: [address(port)], requestTimeout: 5_000 });
    t.after(() => client.close());
    return client;
  },
  async "@upstash/redis"(t, port) {
    const [{ Redis }, { upstashServer }] = await Promise.all([import("@upstash/redis"), import("./upstash-server.mjs")]);
    return new Redis({ url: await upstashServer(t, port), token: "any", enableTelemetry: false });
  },
  async "a function"(t, port) {
    const client = await nodeRedis(t, port);
    return (script, keys, args) => client.sendCommand(["EVAL", script, String(keys.length), ...keys, ...args]);
  },
};

/** The same for a cluster. */
export const OF_CLUSTERS = {
  async redis(t, port) {
    const { createCluster } = await import("redis");
    const client = quiet(createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] }));
    await client.connect();
    t.after(() => client.destroy());
    return client;
  },
  async ioredis(t, port) {
    const { Cluster } = await import("ioredis");
    const client = quiet(new Cluster([address(port)]));
    t.after(() => client.disconnect());
    return client;
  },
  async "valkey-glide"(t, port) {
    const { GlideClusterClient } = await import("@valkey/valkey-glide");
    const client = await GlideClusterClient.createClient({ addresses: [address(port)] });
    t.after(() => client.close());
    return client;
  },
};
