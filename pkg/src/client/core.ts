/** The wasm module of the client: its core. */

import type { Doctor } from "../shared/health.js";
import { __wbg_reset_state, catalogueVersion as coreCatalogueVersion, initSync, version as coreVersion } from "../glue/core.js";
import { Module } from "../shared/module.js";

/** The version of this package. */
export let version = "";

/** The version of the catalogue of scopes, operations and rules inside: the day it was last compared with Xero's. */
export let catalogueVersion = "";

/**
 * @internal Requests are isolated from each other, as on an edge network: a promise or timer of one may end with it, so that no
 * other may wait for its promises or rely on its timers.
 */
export let isolated = false;

/** @internal The milliseconds after which an isolated request looks again whether another has left something for it. */
export const POLL_MS = 25;

/** @internal What a platform is like. */
export interface Platform {
  /** See {@link isolated}. */
  isolated?: boolean | undefined;
  /** Loads the diagnosis, where a bundle does not have to carry it for that. */
  doctor?: (() => Promise<Doctor>) | undefined;
}

/** @internal See {@link Platform}. */
export let doctor: Platform["doctor"];

const core = new Module("xero-m2m", initSync, __wbg_reset_state);

/** @internal Makes the core from its module or the bytes of that, at once. A second call changes nothing. */
export function start(module: WebAssembly.Module | BufferSource, platform: Platform = {}): void {
  if (!core.start(module)) return;
  isolated = platform.isolated ?? false;
  doctor = platform.doctor;
  version = coreVersion();
  catalogueVersion = coreCatalogueVersion();
}

export function currentInstance(): number {
  return core.instance;
}

/** Calls a function of the core: see {@link Module}. */
export function run<Given extends unknown[], T>(act: (...given: Given) => T, ...given: Given): T {
  return core.run(act, ...given);
}
