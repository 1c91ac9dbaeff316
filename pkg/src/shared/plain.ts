/** A wasm module without glue: it imports nothing, its functions take and return numbers, and everything else crosses its memory. */

import * as crossing from "./crossing.js";
import { Module } from "./module.js";

/** @internal A core: its instance, and questions to it. */
export interface Plain<Exports> {
  /** Its instances. */
  readonly module: Module;
  /**
   * Writes the input with `put`, calls the core with its length, and reads the output with `take`. Throws a refusal as `XeroError`:
   * see {@link Module}.
   */
  ask<T>(act: (wasm: Exports, length: number) => number, take: () => T, put?: () => void): T;
}

/** @internal The core of the entry with this name. */
export function plain<Exports extends crossing.Shared>(name: string): Plain<Exports> {
  let compiled: WebAssembly.Module;
  let wasm: Exports;
  const instantiate = (): void => {
    wasm = new WebAssembly.Instance(compiled).exports as unknown as Exports;
    crossing.share(wasm);
  };
  const module = new Module(
    name,
    ({ module }) => {
      // One of another realm, as edge sandboxes have, is no instance of this realm's class.
      const isCompiled = Object.prototype.toString.call(module) === "[object WebAssembly.Module]";
      compiled = isCompiled ? (module as WebAssembly.Module) : new WebAssembly.Module(module as BufferSource);
      instantiate();
    },
    instantiate,
  );
  const cross = <T>(act: (wasm: Exports, length: number) => number, take: () => T, put?: () => void): T | { fault: unknown } => {
    crossing.begin();
    put?.();
    const address = act(wasm, crossing.written());
    crossing.open(address);
    const value = crossing.takeFlag() ? take() : { fault: crossing.takeError() };
    crossing.wipe(address);
    return value;
  };
  return { module, ask: <T>(act: (wasm: Exports, length: number) => number, take: () => T, put?: () => void) => module.attempt(() => cross(act, take, put)) as T };
}
