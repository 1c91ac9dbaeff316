/** The driver of the machine of a fleet: see {@link MachineDriver}. */

import * as crossing from "../shared/crossing.js";
import { ask, nothing } from "./core.js";
import { type FleetAction, type FleetCoreEvent, type FleetCoreOptions, putEvent, putOptions, takeActions } from "./fleet-actions.js";
import { MachineDriver } from "./machine-driver.js";
import type { Sealer } from "./seal.js";
import type { SharedStore } from "./store.js";

/** The answer to a caller: a token, the word to ask Xero itself, or the word to use the token at hand. */
export type FleetAnswer = Extract<FleetAction, { do: "use" | "ask" | "spare" }>;

/** An event for listeners. */
export type FleetNotice = Extract<FleetAction, { do: "tell" }>;

/** The actions that are no answer, and those of callers that are. */
type Work = Exclude<FleetAction, { do: "wait" | "fail" | "wake" }>;

/** What a driver needs. */
export interface FleetDriverOptions {
  readonly core: Omit<FleetCoreOptions, "owner" | "random">;
  readonly store: SharedStore;
  readonly key: string;
  readonly sealer: Sealer;
  readonly waitUntil: ((promise: Promise<unknown>) => void) | undefined;
  readonly tell: (notice: FleetNotice) => void;
}

/** The time that a caller waits at most, in milliseconds: a claim of a process that is gone, and a request. */
const TIMEOUT_MS = 30_000;

/** The part of this process in a fleet, and everything that is under way with it. */
export class FleetDriver extends MachineDriver<FleetCoreEvent, Work, FleetAnswer> {
  readonly #options: FleetDriverOptions;
  protected readonly tick = { on: "tick" } as const;

  constructor(options: FleetDriverOptions) {
    const { core, waitUntil } = options;
    const machine = {
      open: (owner: number, random: number) =>
        ask(
          (wasm, length) => wasm.openFleet(length),
          crossing.takeNumber,
          () => putOptions({ ...core, owner, random }),
        ),
      handle: (fleet: number, event: FleetCoreEvent, clock: number, measured: number) =>
        ask(
          (wasm, length) => wasm.handleFleet(fleet, length, clock, measured),
          takeActions,
          () => putEvent(event),
        ),
      close: (fleet: number) => ask((wasm) => wasm.closeFleet(fleet), nothing),
    };
    super(machine, ["use", "ask", "spare"], waitUntil);
    this.#options = options;
  }

  /** The answer to a caller that has the token `held`, or none that it can use: `urgent`. */
  want(held: string | undefined, urgent: boolean): Promise<FleetAnswer> {
    const since = this.now();
    return this.answer(() => ({ on: "want", deadline: since + TIMEOUT_MS, since, urgent, held }));
  }

  /** Reports the result of a request of this process. */
  asked(event: Extract<FleetCoreEvent, { on: "granted" | "denied" }>): void {
    this.reportLate(event);
  }

  /** Waits until nothing is under way, and ends the part of this process. */
  close(): Promise<void> {
    return this.finish();
  }

  protected note(action: Work): void {
    if (action.do === "tell") this.#options.tell(action);
  }

  protected failed(ticket: number, message: string): FleetCoreEvent {
    return { on: "away", ticket, message };
  }

  protected async perform(action: Extract<Work, { ticket: number }>): Promise<FleetCoreEvent> {
    const { ticket } = action;
    const { store, key, sealer } = this.#options;
    switch (action.do) {
      case "swap":
        return { on: "found", ticket, ...(await this.swap(store, key, action.ttlMs, action)) };
      case "open":
        return { on: "opened", ticket, text: await sealer.open(action.text, action.bound) };
      case "seal":
        return { on: "sealed", ticket, text: await sealer.seal(action.text, action.bound) };
    }
  }
}
