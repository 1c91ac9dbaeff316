// The own work of a client for one API call: everything but the network, which is a stub.
import { note, race, ratio, table, time } from "./measure.mjs";

const BUDGET = 1.5;
const CLIENTS = {
  ours: "xero-m2m: xero.fetch()",
  "by-hand": "by hand, carefully",
  "by-hand-plain": "by hand, carefully, headers as a plain object",
  "by-hand-bare": "by hand, as little as possible",
  badgateway: "@badgateway/oauth2-client: OAuth2Fetch",
  "xero-node": "xero-node: getInvoices(), which parses as well",
};

const found = race(Object.keys(CLIENTS), "invoices");
table(
  "own work for a call: GET Invoices?page=1",
  ["median", "by hand"],
  Object.entries(CLIENTS).map(([client, name]) => {
    const { later } = found[client];
    return [name, time(later), ratio(later, found["by-hand"].later)];
  }),
);
note(`the budget is ${BUDGET} times the careful one: a token at hand, URL, Headers, a time limit, no redirects`);
