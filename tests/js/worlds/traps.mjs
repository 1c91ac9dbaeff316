/**
 * Traps of the core, forced: it has none by design. To be imported before the package.
 *
 * Every export of an instance of wasm counts its calls, and one of them traps when that is wanted.
 */

/** The number of calls of the core until one traps; 0 for no trap. */
let calls = 0;

const Original = WebAssembly.Instance;
WebAssembly.Instance = function Instance(module, imports) {
  const { exports } = new Original(module, imports);
  const counted = (act) => (...given) => {
    if (calls > 0 && --calls === 0) throw new WebAssembly.RuntimeError("unreachable");
    return act(...given);
  };
  // What begins with an underscore is the glue's own.
  const wrap = ([name, value]) => [name, typeof value === "function" && !name.startsWith("_") ? counted(value) : value];
  return { exports: Object.fromEntries(Object.entries(exports).map(wrap)) };
};

/** The core traps when it is called for the `nth` time from now; 0 for never. */
export function trap(nth) {
  calls = nth;
}
