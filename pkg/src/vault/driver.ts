/** The driver of the vault's machine: see {@link MachineDriver}. */

import * as crossing from "../shared/crossing.js";
import { XeroError, type XeroErrorDetails, failure } from "../shared/errors.js";
import { type VaultAction, type VaultCoreEvent, type VaultCoreOptions, putEvent, putOptions, takeActions } from "./actions.js";
import { ask, nothing } from "./core.js";
import { exchange } from "./exchange.js";
import { MachineDriver } from "./machine-driver.js";
import type { Sealer } from "./seal.js";
import type { SharedStore } from "./store.js";

/** The question of a caller. */
export type VaultAsk = Extract<VaultCoreEvent, { on: "want" | "look" }>;

/** The answer to a caller. */
export type CallerAnswer = Extract<VaultAction, { do: "use" | "show" }>;

/** What a driver needs. */
export interface DriverOptions {
  readonly core: Omit<VaultCoreOptions, "owner" | "random" | "seed">;
  readonly store: SharedStore;
  readonly documentKey: () => Promise<string>;
  readonly sealer: Sealer;
  readonly seed: string | undefined;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly waitUntil: ((promise: Promise<unknown>) => void) | undefined;
  readonly tell: (notice: Extract<VaultAction, { do: "tell" }>) => void;
}

/** A login that waits to be saved. */
interface Login {
  resolve: (generation: number) => void;
  reject: (error: unknown) => void;
}

/** The actions that are no answer. */
type Work = Exclude<VaultAction, { do: "wait" | "fail" | "wake" }>;

/** The vault of this process in the core, and everything that is under way with it. */
export class Driver extends MachineDriver<VaultCoreEvent, Work, CallerAnswer> {
  readonly #options: DriverOptions;
  #key: Promise<string> | undefined;
  #login: Login | undefined;
  protected readonly tick = { on: "tick" } as const;

  constructor(options: DriverOptions) {
    const { core, seed, waitUntil } = options;
    const machine = {
      open: (owner: number, random: number) =>
        ask(
          (wasm, length) => wasm.openVault(length),
          crossing.takeNumber,
          () => putOptions({ ...core, owner, random, seed: seed !== undefined }),
        ),
      handle: (vault: number, event: VaultCoreEvent, clock: number, measured: number) =>
        ask(
          (wasm, length) => wasm.handleVault(vault, length, clock, measured),
          takeActions,
          () => putEvent(event),
        ),
      close: (vault: number) => ask((wasm) => wasm.closeVault(vault), nothing),
    };
    super(machine, ["use", "show"], waitUntil);
    this.#options = options;
  }

  /** The final answer to a caller: see {@link MachineDriver.answer}. */
  ask(question: VaultAsk, signal?: AbortSignal, waits?: (why: XeroErrorDetails) => void): Promise<CallerAnswer> {
    return this.answer((again) => (question.on === "want" ? { ...question, again } : question), signal, waits);
  }

  /** Saves a login. Resolves to its generation. */
  async login(grant: string, replace: boolean): Promise<number> {
    if (this.#login) throw failure("invalid_option", "another login is being saved; wait for it first");
    return new Promise((resolve, reject) => {
      this.#login = { resolve, reject };
      try {
        this.report({ on: "login", grant, replace });
      } catch (thrown) {
        this.#login = undefined;
        reject(thrown);
      }
    });
  }

  /** Waits until nothing is under way and every grant is saved, and ends the vault. */
  close(): Promise<void> {
    return this.finish();
  }

  protected note(action: Work): void {
    if (action.do === "tell") this.#options.tell(action);
    if (action.do !== "loggedIn") return;
    const login = this.#login;
    this.#login = undefined;
    if (action.generation !== undefined) login?.resolve(action.generation);
    else if (action.error) login?.reject(new XeroError(action.error));
  }

  protected failed(ticket: number, message: string, lasting: boolean): VaultCoreEvent {
    return { on: "away", ticket, message, lasting };
  }

  protected async perform(action: Extract<Work, { ticket: number }>): Promise<VaultCoreEvent> {
    const { ticket } = action;
    const { sealer, seed, store } = this.#options;
    switch (action.do) {
      case "swap": {
        const key = await (this.#key ??= this.#options.documentKey());
        return { on: "found", ticket, ...(await this.swap(store, key, 0, action)) };
      }
      case "open":
        return { on: "opened", ticket, ...(await sealer.opened(action.text, action.bound)) };
      case "openSeed":
        return { on: "seedOpened", ticket, text: await sealer.open(seed ?? "", action.bound) };
      case "seal":
        return { on: "sealed", ticket, text: await sealer.seal(action.text, action.bound) };
      case "exchange":
        return this.#exchange(action);
      case "unable":
        return { on: "away", ticket, message: action.message, lasting: true };
    }
  }

  async #exchange(action: Extract<Work, { do: "exchange" }>): Promise<VaultCoreEvent> {
    const { ticket, deadline } = action;
    const { answer, late } = exchange(this.#options.fetch, action, deadline - this.now(), this.end);
    void late.then((found) => {
      // It may have a token: the core puts that beside what is there.
      if (found && !this.isReplaced) this.reportLate({ on: "answered", ticket, ...found });
    });
    const found = await answer;
    return "status" in found ? { on: "answered", ticket, ...found } : { on: "lost", ticket, ...found };
  }
}
