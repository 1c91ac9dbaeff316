// A stub in the place of Xero, so that only the client's own work is measured. Nothing leaves this process.
import { setImmediate } from "node:timers/promises";
import { createSimulator } from "xero-m2m/simulator";

export const ISSUER = "https://identity.xero.com";
export const TOKEN_URL = `${ISSUER}/connect/token`;
export const API_URL = "https://api.xero.com/api.xro/2.0/";

globalThis.fetch = () => {
  throw new Error("a client of this bench left its stub");
};

const simulator = createSimulator({ invoices: 0 });
export const { clientId, clientSecret } = simulator;

/** The body of a token answer, recorded once from the simulator. */
const tokenAnswer = await (
  await simulator.fetch(TOKEN_URL, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  })
).text();
await simulator.close();

let tokenRequests = 0;

/** Returns the number of token requests that `work` makes. */
export async function tokenRequestsOf(work) {
  const before = tokenRequests;
  await work();
  return tokenRequests - before;
}

/** An API answer. Its body is never read, so the same object can be returned many times. */
const apiAnswer = new Response("{}", { headers: { "content-type": "application/json" } });

/** The `fetch` of every client here, after which a token answer comes no sooner than everybody else has had a turn. */
export async function fetch(input) {
  if (input !== TOKEN_URL) return apiAnswer;
  tokenRequests += 1;
  await setImmediate();
  return new Response(tokenAnswer, { headers: { "content-type": "application/json" } });
}

/** The same for axios. */
export async function adapter(config) {
  const isToken = config.url === TOKEN_URL;
  if (isToken) {
    tokenRequests += 1;
    await setImmediate();
  }
  return { data: isToken ? tokenAnswer : "{}", status: 200, statusText: "OK", headers: {}, config, request: {} };
}
