// What the package weighs: each file that a service loads, as it is and compressed, and the other entries.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const BUDGET = 60_000;
const root = dirname(createRequire(import.meta.url).resolve("xero-m2m/package.json"));
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);

/** The file and those it imports, statically, from the package. */
function loaded(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)) {
    loaded(join(dirname(file), path), seen);
  }
  return seen;
}

function weigh(bytes) {
  return [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
}

/** The wasm counts as wasm: base64 is how it travels, and compresses back to about that. */
function content(file) {
  const bytes = readFileSync(file);
  return file.endsWith("-wasm.js") ? Buffer.from(bytes.toString().split('"')[1], "base64") : bytes;
}

function total(weights) {
  return [0, 1, 2].map((column) => weights.reduce((sum, weight) => sum + weight[column], 0));
}

function row(name, [raw, gzip, brotli]) {
  console.log(`  ${name.padEnd(36)}${kB(raw)}${kB(gzip)}${kB(brotli)}`);
}

for (const [entry, title] of [
  ["dist/index.js", "what a service loads"],
  ["dist/simulator.js", "what tests and the demo load"],
]) {
  console.log(`\n  ${title.padEnd(36)}${"raw".padStart(10)}${"gzip".padStart(10)}${"brotli".padStart(10)}`);
  const files = [...loaded(join(root, entry))].map((file) => ({ file, weight: weigh(content(file)) }));
  for (const { file, weight } of files.sort((a, b) => b.weight[1] - a.weight[1])) {
    row(relative(root, file).replace("-wasm.js", "-wasm.js (as wasm)"), weight);
  }
  const sum = total(files.map(({ weight }) => weight));
  row("together", sum);
  row("together, the wasm as base64", total(files.map(({ file }) => weigh(readFileSync(file)))));
  if (entry === "dist/index.js") {
    console.log(`  ${Math.round((sum[1] / BUDGET) * 100)} % of the budget of ${kB(BUDGET).trim()} gzip`);
  }
}
