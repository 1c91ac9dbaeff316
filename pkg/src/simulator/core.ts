/** The wasm module of the local Xero, and what serves HTTP. */

import { __wbg_reset_state, initSync, version as moduleVersion } from "../glue/simulator.js";
import { Module } from "../shared/module.js";

/** The version of the simulator, which is that of the package. */
export let version = "";

export const core = new Module("xero-m2m/simulator", initSync, __wbg_reset_state);

/** Loads the server of the platform, if it has one. */
export type LoadHttp = () => Promise<typeof import("node:http")>;

export let loadHttp: LoadHttp | undefined;

/** Starts the module. `server` loads what serves HTTP, on platforms that have it. */
export function start(module: WebAssembly.Module | BufferSource, server?: LoadHttp): void {
  if (!core.start(module)) return;
  version = moduleVersion();
  loadHttp = server;
}
