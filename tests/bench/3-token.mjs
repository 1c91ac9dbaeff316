// The cost of `token()` while the token is valid.
import ours from "./clients/ours.mjs";
import { count, heap, note, race, ratio, table, time } from "./measure.mjs";

const CALLS = 1_000_000;
const CLIENTS = {
  ours: "xero-m2m: token()",
  "by-hand": "by hand: a token and when it ends",
  badgateway: "@badgateway/oauth2-client: getAccessToken()",
};

const found = race(Object.keys(CLIENTS), "token");
table(
  "a token that is at hand",
  ["median", "by hand"],
  Object.entries(CLIENTS).map(([client, name]) => {
    const { later } = found[client];
    return [name, time(later), ratio(later, found["by-hand"].later)];
  }),
);
note("oauth4webapi, openid-client and xero-node keep none for their callers: each request for one is sent");

const { token } = ours();
for (let calls = 0; calls < 10_000; calls++) await token();
const before = heap();
for (let calls = 0; calls < CALLS; calls++) await token();
const grown = Math.max(0, heap() - before) / CALLS;
note(`over ${count(CALLS)} calls of xero-m2m the heap grows by ${grown.toFixed(1)} bytes a call`);
