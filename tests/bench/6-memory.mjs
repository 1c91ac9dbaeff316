// Growth of memory over many calls: of wasm, which never returns any to the system, and of JavaScript.
import { count, heap, kB, table } from "./measure.mjs";
import { clientId, clientSecret, fetch } from "./stub.mjs";

const PAGE = 65_536;
const STOPS = [0, 1_000, 100_000, 1_000_000];

// The package does not export its memory, so it is taken from the instance when that is made.
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
