/**
 * For a platform that the other entries do not fit: the same exports, after a call of {@link init} with the core.
 *
 * @module
 */

import { start } from "../client/core.js";
import type { CoreModule } from "../client/platform.js";

export * from "../client/exports.js";

/** Options of the platform. */
export interface InitOptions {
  /**
   * Whether requests live apart, as in isolates of an edge network: what one request has begun may end with it. Then no
   * request waits for the promises or timers of another. Default: false.
   */
  apart?: boolean | undefined;
}

/**
 * Makes the core from the module `xero-m2m/xero-m2m.wasm`, compiled or as bytes. It is there at once; a second call
 * changes nothing.
 *
 * @throws `TypeError` or `WebAssembly.CompileError` if it is neither, or if the platform forbids compiling.
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { CustomConnection, init } from "xero-m2m/slim";
 *
 * init(readFileSync(new URL(import.meta.resolve("xero-m2m/xero-m2m.wasm"))));
 * ```
 */
export function init(module: CoreModule, options: InitOptions = {}): void {
  start(module as WebAssembly.Module | BufferSource, { isolated: options.apart });
}
