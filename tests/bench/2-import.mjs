// How long a process takes to import the package, instantiation included, beside packages of the same trade.
import { execFileSync } from "node:child_process";

const RUNS = 9;
const PEERS = ["oauth4webapi", "openid-client", "@badgateway/oauth2-client", "xero-node"];
const REFERENCE = "oauth4webapi";

/** Milliseconds from before the import to after it, in a process of its own. */
function once(name) {
  const script = `const start = performance.now(); await import(${JSON.stringify(name)}); console.log(performance.now() - start);`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" }));
}

const times = new Map(["xero-m2m", ...PEERS].map((name) => [name, []]));
// In turn, so that a slow moment of the machine falls on all alike.
for (let run = 0; run < RUNS; run++) for (const [name, list] of times) list.push(once(name));

const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
const medians = new Map([...times].map(([name, list]) => [name, median(list)]));
console.log(`\n  import, median of ${RUNS} processes`);
for (const [name, ms] of medians) {
  const ratio = (ms / medians.get(REFERENCE)).toFixed(2);
  console.log(`  ${name.padEnd(30)}${ms.toFixed(1).padStart(8)} ms${ratio.padStart(8)} times ${REFERENCE}`);
}
