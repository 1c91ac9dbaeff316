// The time that a process takes to import the package, instantiation included, next to comparable packages.
import { median, node, ratio, table, time } from "./measure.mjs";

const RUNS = 15;
const NAMES = ["xero-m2m", "oauth4webapi", "openid-client", "@badgateway/oauth2-client", "xero-node"];
const REFERENCE = "oauth4webapi";

/** Milliseconds from before the import to after it, in a process of its own: Node's own start is not counted. */
function once(name) {
  const script = `const start = performance.now(); await import("${name}"); console.log(performance.now() - start);`;
  return Number(node("--input-type=module", "--eval", script));
}

const found = new Map(NAMES.map((name) => [name, []]));
// In turn, so that a slow moment of the machine falls on all alike.
for (let run = 0; run < RUNS; run++) for (const [name, list] of found) list.push(once(name));

const medians = new Map([...found].map(([name, list]) => [name, median(list)]));
table(
  "import, instantiation included",
  ["median", REFERENCE],
  [...medians].map(([name, ms]) => [name, time(ms * 1e6), ratio(ms, medians.get(REFERENCE))]),
);
