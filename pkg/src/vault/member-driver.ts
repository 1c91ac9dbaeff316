/** The driver of the machine of the limits of a fleet: see {@link MachineDriver}. */

import type { FleetTraffic } from "../client/source.js";
import * as crossing from "../shared/crossing.js";
import { ask, nothing } from "./core.js";
import { type MemberAction, type MemberCoreEvent, type MemberCoreOptions, putEvent, putOptions, takeActions } from "./member-actions.js";
import { MachineDriver } from "./machine-driver.js";
import type { SharedStore } from "./store.js";

/** An event for listeners. */
export type MemberNotice = Extract<MemberAction, { do: "tell" | "leased" }>;

/** An allowance for the client. */
export type FleetAllowance = Extract<MemberAction, { do: "allow" }>;

type Work = Exclude<MemberAction, { do: "wake" }>;

/** What a driver needs. */
export interface MemberDriverOptions {
  readonly core: Omit<MemberCoreOptions, "owner" | "random">;
  readonly store: SharedStore;
  readonly key: string;
  readonly waitUntil: ((promise: Promise<unknown>) => void) | undefined;
  readonly tell: (notice: MemberNotice) => void;
  readonly allow: (allowance: FleetAllowance) => void;
}

/** The part of this process in the limits of a fleet, and everything that is under way with it. */
export class MemberDriver extends MachineDriver<MemberCoreEvent, Work, never> {
  readonly #options: MemberDriverOptions;
  protected readonly tick = { on: "tick" } as const;
  #load: Extract<MemberCoreEvent, { on: "load" }> | undefined;
  /** Events that came while another was reported. */
  readonly #events: MemberCoreEvent[] = [];
  #isReporting = false;

  constructor(options: MemberDriverOptions) {
    const { core, waitUntil } = options;
    const machine = {
      open: (owner: number, random: number) =>
        ask(
          (wasm, length) => wasm.openMember(length),
          crossing.takeNumber,
          () => putOptions({ ...core, owner, random }),
        ),
      handle: (member: number, event: MemberCoreEvent, clock: number, measured: number) =>
        ask(
          (wasm, length) => wasm.handleMember(member, length, clock, measured),
          takeActions,
          () => putEvent(event),
        ),
      close: (member: number) => ask((wasm) => wasm.closeMember(member), nothing),
    };
    super(machine, [], waitUntil);
    this.#options = options;
  }

  /** Looks at the board for the first time. */
  begin(): void {
    this.reportLate(this.tick);
  }

  /** Takes note of the calls of the client. */
  calls(event: FleetTraffic): void {
    if (event.on === "load") this.#load = event;
    // Another core knows nothing of the calls.
    else if (this.isReplaced && this.#load) this.reportLate(this.#load);
    this.reportLate(event);
  }

  /** Gives back what this process holds, waits until nothing is under way, and ends its part. */
  close(): Promise<void> {
    this.reportLate({ on: "close" });
    return this.finish();
  }

  /** Reports events one after the other: an allowance makes the client report its calls at once. */
  protected override reportLate(event: MemberCoreEvent): void {
    this.#events.push(event);
    if (this.#isReporting) return;
    this.#isReporting = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) super.reportLate(next);
    } finally {
      this.#isReporting = false;
    }
  }

  protected note(action: Work): void {
    if (action.do === "allow") this.#options.allow(action);
    else if (action.do !== "swap") this.#options.tell(action);
  }

  protected failed(ticket: number, message: string): MemberCoreEvent {
    return { on: "away", ticket, message };
  }

  protected async perform(action: Extract<Work, { ticket: number }>): Promise<MemberCoreEvent> {
    const { store, key } = this.#options;
    return { on: "found", ticket: action.ticket, ...(await this.swap(store, key, action.ttlMs, action)) };
  }
}
