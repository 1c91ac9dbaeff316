// Whether memory grows with the calls: of wasm, of which nothing is ever given back, and of JavaScript.
import { count, heap, kB, table } from "./measure.mjs";
import { clientId, clientSecret, fetch } from "./stub.mjs";

const PAGE = 65_536;
const STOPS = [0, 1_000, 100_000, 1_000_000];

// The package shows its memory to nobody: it is caught where the instance is made.
let memory;
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(module, imports) {
    super(module, imports);
    memory = this.exports.memory;
  }
};
const { CustomConnection } = await import("xero-m2m");
WebAssembly.Instance = Instance;

const xero = new CustomConnection({ clientId, clientSecret, fetch });
const rows = [];
let calls = 0;
for (const stop of STOPS) {
  for (; calls < stop; calls++) await xero.fetch("/Invoices?page=1");
  const { byteLength } = memory.buffer;
  rows.push([count(stop), count(byteLength / PAGE), kB(byteLength), kB(heap())]);
}
table("memory after so many calls", ["wasm pages", "wasm", "heap"], rows);
