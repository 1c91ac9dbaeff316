/** The part of a client in a fleet, whose code is loaded when it is first needed. */

import { type XeroErrorCode, failure } from "../shared/errors.js";
import type { FleetEvent } from "./events.js";
import { isolated } from "./core.js";
import { ignore } from "./ending.js";
import type { Lifetime } from "./lifetime.js";
import type { FleetOptions, Settled } from "./options.js";
import { Secrets } from "./secrets.js";
import { FLEET, type FleetTraffic, type SharedLimits, type SharedTokens, type SourceToken, type Waits, type WithFleet } from "./source.js";

/** @internal The shared tokens of one client. */
export class FleetTokens {
  readonly #options: Settled;
  readonly #fleet: FleetOptions;
  readonly #lifetime: Lifetime;
  readonly #tell: ((event: FleetEvent) => void) | undefined;
  /** Takes an allowance for the client. */
  allow: SharedLimits["allow"] = () => {};
  /** The calls of the client before it has joined. */
  #early: FleetTraffic | undefined;
  /** Takes what the latest attempt waits for. */
  #waits: Waits = () => {};
  #joined: SharedTokens | undefined;
  #joining: Promise<SharedTokens> | undefined;

  constructor(options: Settled, fleet: FleetOptions, lifetime: Lifetime, tell: ((event: FleetEvent) => void) | undefined) {
    if (isolated && fleet.share?.includes("limits")) {
      throw failure("invalid_option", "share has limits, which Workers and the edge cannot share: their requests cannot wait for each other; share the token alone");
    }
    this.#options = options;
    this.#fleet = fleet;
    this.#lifetime = lifetime;
    this.#tell = tell;
  }

  /** See {@link SharedTokens}. */
  async take(held: string | undefined, urgent: boolean, waits: Waits): Promise<SourceToken | "ask" | "spare"> {
    this.#waits = waits;
    return (this.#joined ?? (await this.#join())).take(held, urgent);
  }

  granted(token: SourceToken): void {
    if (this.sharesToken) this.#joined?.granted(token);
  }

  denied(code: XeroErrorCode): void {
    if (this.sharesToken) this.#joined?.denied(code);
  }

  get sharesToken(): boolean {
    return this.#fleet.share?.includes("token") ?? true;
  }

  get sharesLimits(): boolean {
    return this.#options.limits.on && (this.#fleet.share?.includes("limits") ?? !isolated);
  }

  /** See {@link SharedTokens}. */
  calls(event: FleetTraffic): void {
    if (this.#joined) return this.#joined.calls(event);
    if (event.on !== "load") return;
    this.#early = event;
    // Without its code nothing is sent; the call for which it was to be loaded waits until its deadline.
    ignore(this.#join());
  }

  look(): void {
    this.#joined?.look();
  }

  async #join(): Promise<SharedTokens> {
    // Where requests are isolated, none waits for the promise of another, which may never settle.
    const joining = isolated ? this.#load() : (this.#joining ??= this.#load().finally(() => (this.#joining = undefined)));
    const joined = await joining;
    if (!this.#joined) {
      this.#joined = joined;
      if (this.#early) joined.calls(this.#early);
    }
    return this.#joined;
  }

  async #load(): Promise<SharedTokens> {
    const { store, key, members = 4 } = this.#fleet;
    const { clientId, clientSecret, scopes, organisation, identityUrl, waitUntil, timeoutMs, limits } = this.#options;
    const { inFlight, minuteReserve, dayReserve } = limits;
    const { joinFleet } = await (store as WithFleet)[FLEET]();
    const joined = await joinFleet({
      store,
      clientId,
      identityUrl,
      scopes,
      organisation,
      secrets: () => this.#secrets(),
      areFixed: [clientSecret].flat().every((secret) => typeof secret === "string"),
      key,
      limits: this.sharesLimits
        ? { core: { inFlight, minuteReserve, dayReserve, timeoutMs, members }, allow: (allowance) => this.allow(allowance) }
        : undefined,
      waitUntil,
      tell: this.#tell,
    });
    this.#lifetime.before(() => joined.close());
    return joined;
  }

  /** The secrets that there are now. */
  async #secrets(): Promise<string[]> {
    const found: string[] = [];
    for await (const { value } of new Secrets(this.#options.clientSecret, this.#lifetime).tries(this.#waits)) found.push(value);
    return found;
  }
}
