/** The wasm module of the local Xero, and what serves HTTP. */

import { __wbg_reset_state, initSync, version as moduleVersion } from "../glue/simulator.js";
import { Module } from "../shared/module.js";

/** The version of the simulator, which is that of the package. */
export let version = "";

/** @internal */
export const core = new Module("xero-m2m/simulator", initSync, __wbg_reset_state);

/** @internal Loads the server of the platform. */
export type LoadHttp = () => Promise<typeof import("node:http")>;

/** @internal Absent where the platform has no server. */
export let loadHttp: LoadHttp | undefined;

/** @internal Starts the module. `server` loads what serves HTTP, on platforms that have it. */
export function start(module: WebAssembly.Module | BufferSource, server?: LoadHttp): void {
  if (!core.start(module)) return;
  version = moduleVersion();
  loadHttp = server;
}
