// The sizes of the package: each part of it as installed, the tarball, the file that a service loads, and the two files that a
// Worker takes. The ceilings of the parts are in parts.mjs.
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { kB, note, table } from "./measure.mjs";
import { CEILINGS, parts, weighed } from "./parts.mjs";

const BUDGET = 77_000;
const root = dirname(createRequire(import.meta.url).resolve("xero-m2m/package.json"));

const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;

function row(name, content) {
  const bytes = Buffer.from(content);
  return [name, kB(bytes.length), kB(gzip(bytes)), kB(brotliCompressSync(bytes).length)];
}

/** The wasm module from the string that holds it, a character for each byte. */
function decoded(literal) {
  const text = literal.slice(1, -1).replace(/\\(.)/gs, (_, escaped) => ({ n: "\n", r: "\r" })[escaped] ?? escaped);
  return Buffer.from(text, "latin1");
}

const read = (name) => readFileSync(join(root, "dist", name));
const service = read("index.js").toString();
const [, before, literal] = service.match(/^(.*?)("\0asm(?:[^"\\]|\\.)*")/s);
table("what a service loads", ["raw", "gzip", "brotli"], [
  row("dist/index.js", service),
  row("  its wasm module, as bytes", decoded(literal)),
  row("  its wasm module, as the text it travels as", literal),
  row("  its JavaScript", before + service.slice(before.length + literal.length)),
]);
table("what tests and the demo load, whose module is compressed inside", ["raw", "gzip", "brotli"], [
  row("dist/simulator.js", read("simulator.js")),
  row("dist/simulator.wasm", read("simulator.wasm")),
]);

const [script, wasm] = [read("platforms.js"), read("xero-m2m.wasm")];
table("what a Worker takes, and an entry of a few lines", ["raw", "gzip", "brotli"], [
  row("dist/platforms.js", script),
  row("dist/xero-m2m.wasm", wasm),
]);
const share = Math.round(((gzip(script) + gzip(wasm)) / BUDGET) * 1_000) / 10;
note(`together ${kB(gzip(script) + gzip(wasm))} gzip, ${share} % of the ceiling of ${kB(BUDGET)}`);

const sizes = parts(root);
table("the package, installed", ["bytes"], [...sizes].map(([name, size]) => [name, kB(size)]));
for (const [name, size] of Object.entries(weighed(sizes))) {
  const percent = Math.round((size / CEILINGS[name]) * 1_000) / 10;
  note(`${name}: ${kB(size)}, ${percent} % of the ceiling of ${kB(CEILINGS[name])}`);
}
if (process.env.TARBALL) note(`tarball: ${kB(statSync(process.env.TARBALL).size)}`);
