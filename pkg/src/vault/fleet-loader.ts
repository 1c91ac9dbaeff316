/** The way by which a client finds the code of a fleet: with its store, so that only who has such a store has that code. */

import { REFUSE, type Refusing, type SharedStore } from "./store.js";

/**
 * Makes a copy of a store that brings the code of a fleet with it. The stores of this package do, except for files; a store of your
 * own needs it to be the `fleet` of a connection. So a program without a fleet has no code of it.
 *
 * @throws `XeroError` `invalid_option` for `file()`, which holds one document.
 * @example
 * ```ts
 * import { memory, withFleet } from "xero-m2m/shared";
 *
 * const store = withFleet({ durable: false, swap: (turn) => memory().swap(turn) });
 * ```
 */
export function withFleet(store: SharedStore): SharedStore {
  (store as Refusing)[REFUSE]?.();
  return { durable: store.durable, swap: (turn) => store.swap(turn), [Symbol.for("xero-m2m.fleet")]: () => import("xero-m2m/user") } as SharedStore;
}
