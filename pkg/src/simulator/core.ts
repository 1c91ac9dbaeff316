/** The wasm module of the local Xero, and what serves HTTP. */

import { __wbg_reset_state, initSync, version as moduleVersion } from "../glue/simulator.js";
import { Module } from "../shared/module.js";

/** The version of the simulator, which is that of the package. */
export let version = "";

/** @internal */
export const core = new Module("xero-m2m/simulator", initSync, __wbg_reset_state);

/** @internal Loads what serves HTTP and HTTPS, each when it is needed. */
export interface Platform {
  http(): Promise<typeof import("node:http")>;
  https(): Promise<typeof import("node:https")>;
  crypto(): Promise<typeof import("node:crypto")>;
}

/** @internal Absent where no server can be had. */
export let platform: Platform | undefined;

/** @internal Starts the module. `server` is that of the platform, if it has one. */
export function start(module: WebAssembly.Module | BufferSource, server?: Platform): void {
  if (!core.start(module)) return;
  version = moduleVersion();
  platform = server;
}
