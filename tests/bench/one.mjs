// One client doing one thing again and again, in a process of its own: node one.mjs CLIENT token|invoices|cold
// Prints how long the first time took and how long it takes later, in nanoseconds. Started by `race` of measure.mjs.
import { median } from "./measure.mjs";

/** Processor time until the compilers have settled, by experience. */
const WARM_UP_NS = 600e6;
const ROUND_NS = 30e6;
const ROUNDS = 11;

const [client, what] = process.argv.slice(2);
const { default: make } = await import(`./clients/${client}.mjs`);

/** From nothing to the first token. */
async function cold() {
  const { token, close } = make();
  await token();
  close?.();
}

/** The call to be measured, with a token at hand unless it is about that. */
async function prepared() {
  if (what === "cold") return cold;
  const ready = make();
  await ready.token();
  return ready[what];
}

/** Nanoseconds of this process's processor time, which no other process adds to. */
function now() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

const act = await prepared();
let start = now();
await act();
const first = now() - start;

let calls = 0;
for (start = now(); now() - start < WARM_UP_NS; calls += 10) {
  for (let left = 10; left > 0; left--) await act();
}
calls = Math.ceil(calls * (ROUND_NS / WARM_UP_NS));

const later = [];
for (let round = 0; round < ROUNDS; round++) {
  start = now();
  for (let left = calls; left > 0; left--) await act();
  later.push((now() - start) / calls);
}
console.log(JSON.stringify({ first, later: median(later) }));
// Some clients leave timers.
process.exit();
