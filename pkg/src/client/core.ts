/** The wasm core: how it is called, and what happens if it ever traps. */

import { XeroError, type XeroErrorDetails, failure } from "../shared/errors.js";
import { __wbg_reset_state, catalogueVersion as coreCatalogueVersion, initSync, version as coreVersion } from "../glue/core.js";

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

/** Which instance of the core is in use: a number that grows when one is replaced; 0 before there is one. */
let instance = 0;

/** @internal What a platform is like. */
export interface Platform {
  /** See {@link isolated}. */
  isolated?: boolean | undefined;
  /** Loads the diagnosis, where a bundle does not have to carry it for that. */
  doctor?: (() => Promise<typeof import("xero-m2m/doctor")>) | undefined;
}

/** @internal See {@link Platform}. */
export let doctor: Platform["doctor"];

/** @internal Makes the core from its module or the bytes of that. It is there at once; a second time changes nothing. */
export function start(module: WebAssembly.Module | BufferSource, platform: Platform = {}): void {
  if (instance) return;
  initSync({ module });
  instance = 1;
  isolated = platform.isolated ?? false;
  doctor = platform.doctor;
  version = coreVersion();
  catalogueVersion = coreCatalogueVersion();
}

export function currentInstance(): number {
  return instance;
}

/**
 * Calls a function of the core. What it refuses is thrown as {@link XeroError}.
 *
 * The arguments are values that have been read already: text, numbers, lists of text. And the core throws nothing: what it
 * refuses it answers as `{ fault }`. So whatever is caught here is a trap. The core never panics by design. Should it trap all
 * the same, the instance is lost: its memory may be half-changed. It is replaced at once, the caller gets an error that asks
 * for a report, and the next call finds a working core.
 */
export function run<Given extends unknown[], T>(act: (...given: Given) => T, ...given: Given): T {
  if (!instance) throw failure("not_initialised", "call init(module) of xero-m2m/slim before anything else");
  let told: T;
  try {
    told = act(...given);
  } catch {
    __wbg_reset_state();
    instance += 1;
    throw failure(
      "trapped",
      "the core of xero-m2m stopped working and was replaced; please report this, with what you called, at the address in its package.json",
    );
  }
  if (typeof told === "object" && told !== null && "fault" in told) throw new XeroError(told.fault as XeroErrorDetails);
  return told;
}
