/**
 * A process of a fleet, whose engine and Xero the environment names. Makes so many calls one after the other, or together, and prints a line of
 * JSON for each, with its status and the events about tokens and the fleet before it.
 */

import { setTimeout as pause } from "node:timers/promises";
import { CustomConnection } from "xero-m2m";
import { postgres } from "xero-m2m/postgres";
import { redis } from "xero-m2m/redis";
import { CLIENTS } from "./clients.mjs";

const { ENGINE, ENGINE_PORT, CALLS = "1", PAUSE_MS = "0", TOGETHER, XERO_CLIENT_ID, XERO_CLIENT_SECRET, XERO_IDENTITY_URL, XERO_API_URL } = process.env;

const closing = [];
const t = { after: (close) => closing.push(close) };

async function store() {
  if (ENGINE === "none") return undefined;
  if (ENGINE !== "postgres") return redis(await CLIENTS[ENGINE](t, Number(ENGINE_PORT)));
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ host: "127.0.0.1", port: Number(ENGINE_PORT), user: "tests", database: "postgres" });
  pool.on("error", () => {});
  t.after(() => pool.end());
  return postgres((text, values) => pool.query(text, values));
}

let events = [];
const xero = new CustomConnection({
  clientId: XERO_CLIENT_ID,
  clientSecret: XERO_CLIENT_SECRET,
  identityUrl: XERO_IDENTITY_URL,
  apiUrl: XERO_API_URL,
  fleet: await store(),
  onEvent: ({ type, ...more }) => /^(?:fleet|token|limit)\./.test(type) && events.push({ type, ...more }),
});
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ ready: true });
process.stdin.once("data", async () => {
  const call = async () => {
    const status = await xero.fetch("/Organisation").then((response) => response.arrayBuffer().then(() => response.status), ({ code }) => code);
    say({ status, events });
    events = [];
  };
  if (TOGETHER) await Promise.all(Array.from({ length: Number(CALLS) }, call));
  else {
    for (let n = 0; n < Number(CALLS); n++) {
      await call();
      await pause(Number(PAUSE_MS));
    }
  }
  await xero.close();
  for (const close of closing) await close();
  process.stdin.destroy();
});
