/**
 * Runs random worlds and prints the faults of the first that fails: `node run.mjs [apart] [all]`.
 *
 * `XERO_M2M_SEED` begins with a certain world, `XERO_M2M_RUNS` sets how many there are.
 */

import "./traps.mjs";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { course } from "./course.mjs";
import { live } from "./world.mjs";

const apart = process.argv.includes("apart");
const all = process.argv.includes("all");
const number = (name, otherwise) => (process.env[name] === undefined ? otherwise : Number(process.env[name]));

/** The package as a server has it, or as an edge network does. */
async function load() {
  if (!apart) return import("xero-m2m");
  const slim = await import("xero-m2m/slim");
  slim.init(readFileSync(new URL(import.meta.resolve("xero-m2m/xero-m2m.wasm"))), { apart: true });
  return slim;
}

const library = await load();
const first = number("XERO_M2M_SEED", Date.now() % 1_000_000);
const runs = number("XERO_M2M_RUNS", 300);
console.log(`${runs} worlds${apart ? ", apart" : ""}, from XERO_M2M_SEED=${first}`);
let failed = 0;
for (let seed = first; seed < first + runs; seed++) {
  const world = course(seed, apart);
  // If a world never ends, this names it.
  process.send?.(seed);
  const wrong = await live(library, world).catch((error) => [`the world itself fails: ${inspect(error)}`]);
  if (wrong.length === 0) continue;
  failed += 1;
  process.exitCode = 1;
  if (all) {
    console.log(`${seed} ${world.temper}: ${wrong[0].split("\n")[0]}`);
    continue;
  }
  console.log(`XERO_M2M_SEED=${seed} XERO_M2M_RUNS=1:\n${wrong.slice(0, 3).join("\n")}\n${inspect(world, { depth: 9 })}`);
  break;
}
if (all) console.log(`${failed} of ${runs} failed`);
process.exit();
