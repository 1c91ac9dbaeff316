/** A wasm module: calls of its functions, and its replacement after a trap. */

import { XeroError, type XeroErrorDetails, failure } from "./errors.js";

/** @internal The value of an export that was refused. */
export interface Refused {
  fault: XeroErrorDetails;
}

/** @internal One wasm module of the package. */
export class Module {
  readonly #name: string;
  readonly #initSync: (given: { module: WebAssembly.Module | BufferSource }) => unknown;
  readonly #reset: () => void;
  #instance = 0;

  /** `name` is that of its entry; the other two are functions of its glue. */
  constructor(name: string, initSync: (given: { module: WebAssembly.Module | BufferSource }) => unknown, reset: () => void) {
    this.#name = name;
    this.#initSync = initSync;
    this.#reset = reset;
  }

  /** The number of the instance in use, which grows when one is replaced; 0 before the first. */
  get instance(): number {
    return this.#instance;
  }

  /** Makes the first instance, at once. Returns false, and changes nothing, if there is one. */
  start(module: WebAssembly.Module | BufferSource): boolean {
    if (this.#instance) return false;
    this.#initSync({ module });
    this.#instance = 1;
    return true;
  }

  /**
   * Calls a function of the module. Throws its refusals as {@link XeroError}.
   *
   * The arguments are texts, numbers, lists and plain objects that have been read from foreign values already. The module
   * returns its refusals as `{ fault }` and throws nothing, so an exception here is a trap. The Rust code is written not to
   * panic. If it traps all the same, the memory of the instance may be half-changed: the instance is replaced at once, the
   * caller gets an error that asks for a report, and the next call finds a working module.
   */
  run<Given extends unknown[], T>(act: (...given: Given) => T | Refused, ...given: Given): T {
    return this.attempt(() => act(...given));
  }

  /** The same for a function that has its arguments. */
  attempt<T>(act: () => T | Refused): T {
    if (!this.#instance) throw failure("not_initialised", "call init(module) of xero-m2m/slim before anything else");
    let value: T | Refused;
    try {
      value = act();
    } catch {
      this.#reset();
      this.#instance += 1;
      throw failure(
        "trapped",
        `the core of ${this.#name} stopped working and was replaced; please report this and the call that led to it, at the address in its package.json`,
      );
    }
    if (isRefused(value)) throw new XeroError(value.fault);
    return value;
  }
}

function isRefused<T>(value: T | Refused): value is Refused {
  return typeof value === "object" && value !== null && "fault" in value;
}
