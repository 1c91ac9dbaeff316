// From nothing to the first token, and what a thousand callers do who all find none.
import { count, note, race, ratio, table, time } from "./measure.mjs";
import { tokenRequestsOf } from "./stub.mjs";

const CALLERS = 1_000;
const CLIENTS = {
  ours: "xero-m2m",
  "by-hand": "by hand, carefully",
  oauth4webapi: "oauth4webapi",
  "openid-client": "openid-client",
  badgateway: "@badgateway/oauth2-client",
  "xero-node": "xero-node",
};

const found = race(Object.keys(CLIENTS), "cold");
const rows = [];
for (const [client, name] of Object.entries(CLIENTS)) {
  const { default: make } = await import(`./clients/${client}.mjs`);
  const { token } = make();
  const requests = await tokenRequestsOf(() => Promise.all(Array.from({ length: CALLERS }, () => token())));
  const { first, later } = found[client];
  const byHand = found["by-hand"];
  rows.push([name, time(first), ratio(first, byHand.first), time(later), ratio(later, byHand.later), count(requests)]);
}
table("from new to the first token", ["once", "by hand", "again", "by hand", "requests"], rows);
note("once: the first of a process; again: the median of the later ones, each with a new client");
note(`requests: what ${count(CALLERS)} callers cause who come at once and find no token`);
