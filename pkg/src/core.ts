/** The wasm core: how it is called, and what happens if it ever traps. */

import { XeroError, type XeroErrorDetails, failure } from "./errors.js";
import { __wbg_reset_state } from "./glue/core.js";

/** Which instance of the core is in use: a number that grows when one is replaced. */
let instance = 0;

export function currentInstance(): number {
  return instance;
}

/**
 * Calls the core, through whatever function of it `act` calls. What it refuses is thrown as {@link XeroError}.
 *
 * It never panics by design. Should it trap all the same, the instance is lost: its memory may be half-changed. It is
 * replaced at once, whoever called gets an error that asks for a report, and the next call finds a working core.
 */
export function run<T>(act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    if (isDetails(thrown)) throw new XeroError(thrown);
    __wbg_reset_state();
    instance += 1;
    throw failure(
      "trapped",
      "the core of xero-m2m stopped working and was replaced; please report this, with what you called, at the address in its package.json",
    );
  }
}

/** The core throws plain objects; anything else is a trap, or the stack of the host running over. */
function isDetails(thrown: unknown): thrown is XeroErrorDetails {
  return typeof thrown === "object" && thrown !== null && !(thrown instanceof Error) && "code" in thrown;
}
