/**
 * A process that reads as often as the environment says, all at once, by the client that it names, with limits shared by Redis where
 * that client can do so. Time passes `XERO_M2M_FASTER` times as fast: for this package by `faster.mjs`, which the process was started
 * with; the others are told shorter times.
 */

import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

const { CLIENT, REDIS_PORT, CALLS, IN_LINE, XERO_M2M_FASTER, XERO_CLIENT_ID, XERO_CLIENT_SECRET, XERO_IDENTITY_URL, XERO_API_URL } = process.env;
const factor = Number(XERO_M2M_FASTER);
const MINUTE_MS = 60_000 / factor;
const redisOptions = { host: "127.0.0.1", port: Number(REDIS_PORT) };

/** Reads by `fetch`, with one token of the process's own, and again after a refusal. `admitted` waits until a read may be sent. */
async function byHand(admitted) {
  const form = new URLSearchParams({ grant_type: "client_credentials", client_id: XERO_CLIENT_ID, client_secret: XERO_CLIENT_SECRET });
  const { access_token: token } = await (await fetch(`${XERO_IDENTITY_URL}/connect/token`, { method: "POST", body: form })).json();
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  return async function read() {
    for (;;) {
      const response = await admitted(() => fetch(`${XERO_API_URL}/api.xro/2.0/Organisation`, { headers }));
      await response.arrayBuffer();
      if (response.status !== 429) return response.status;
      await pause((Number(response.headers.get("retry-after") ?? 1) * 1_000) / factor);
    }
  };
}

/** Each makes the function that reads once and resolves to a status, and one that ends it. */
const CLIENTS = {
  async "xero-m2m"() {
    const [{ CustomConnection }, { redis }, { withFleet }, { CLIENTS: clients }, { asFast }] = await Promise.all([
      import("xero-m2m"),
      import("xero-m2m/redis"),
      import("xero-m2m/shared"),
      import("./clients.mjs"),
      import("../js/faster.mjs"),
    ]);
    const closing = [];
    const store = redis(await clients.redis({ after: (close) => closing.push(close) }, redisOptions.port));
    const xero = new CustomConnection({
      clientId: XERO_CLIENT_ID,
      clientSecret: XERO_CLIENT_SECRET,
      identityUrl: XERO_IDENTITY_URL,
      apiUrl: XERO_API_URL,
      // 30 s of this machine's: it does not work faster.
      timeoutMs: 30_000 * factor,
      deadlineMs: 86_400_000,
      fleet: withFleet(asFast(store)),
      onEvent: ({ type }) => (events[type] = (events[type] ?? 0) + 1),
    });
    const once = () => xero.fetch("/Organisation").then((response) => response.arrayBuffer().then(() => response.status));
    // Of a clock that is much faster than this machine the time for a token runs out; such a read is sent again.
    const read = async (left = 100) => {
      try {
        return await once();
      } catch ({ code, retryable }) {
        if (!retryable || left === 0) return code;
        events.again = (events.again ?? 0) + 1;
        await pause(100);
        return read(left - 1);
      }
    };
    const end = async () => {
      await xero.close();
      for (const close of closing) close();
    };
    return { read, end };
  },
  async bottleneck() {
    const [{ default: Bottleneck }, { Redis }] = await Promise.all([import("bottleneck"), import("ioredis")]);
    const limiter = new Bottleneck({
      id: "xero",
      datastore: "ioredis",
      Redis,
      clientOptions: redisOptions,
      maxConcurrent: 5,
      reservoir: 60,
      reservoirRefreshAmount: 60,
      reservoirRefreshInterval: MINUTE_MS,
      heartbeatInterval: 250,
    });
    await limiter.ready();
    return { read: await byHand((send) => limiter.schedule(send)), end: () => limiter.disconnect() };
  },
  async "rate-limiter-flexible"() {
    const [{ RateLimiterQueue, RateLimiterRedis }, { Redis }] = await Promise.all([import("rate-limiter-flexible"), import("ioredis")]);
    const storeClient = new Redis(redisOptions);
    const queue = new RateLimiterQueue(new RateLimiterRedis({ storeClient, points: 60, duration: MINUTE_MS / 1_000 }), { maxQueueSize: 100_000 });
    const admitted = async (send) => {
      await queue.removeTokens(1, "xero");
      return send();
    };
    return { read: await byHand(admitted), end: () => storeClient.disconnect() };
  },
};

const events = {};
const { read, end } = await CLIENTS[CLIENT]();
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const memory = () => {
  gc();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
};

async function work() {
  const statuses = {};
  let left = Number(CALLS);
  // Each caller makes its next call when the one before it has ended.
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      const status = await read();
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(left, Number(IN_LINE)) }, caller));
  say({ statuses, events });
  await end();
  process.stdin.destroy();
}

createInterface(process.stdin).on("line", (line) => (line === "go" ? work() : say({ memory: memory() })));
say({ ready: true });
