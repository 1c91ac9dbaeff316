/** The part of a client in a fleet, whose code is loaded when it is first needed. */

import { failure } from "../shared/errors.js";
import type { XeroErrorCode } from "../shared/errors.js";
import type { FleetEvent } from "./events.js";
import { fleet as ofPlatform } from "./core.js";
import type { Lifetime } from "./lifetime.js";
import type { FleetOptions, Settled } from "./options.js";
import { Secrets } from "./secrets.js";
import { FLEET, type FleetModule, type SharedTokens, type SourceToken } from "./source.js";

/** @internal The shared tokens of one client. */
export class FleetTokens {
  readonly #options: Settled;
  readonly #fleet: FleetOptions;
  readonly #lifetime: Lifetime;
  readonly #tell: ((event: FleetEvent) => void) | undefined;
  #joined: SharedTokens | undefined;
  #joining: Promise<SharedTokens> | undefined;

  constructor(options: Settled, fleet: FleetOptions, lifetime: Lifetime, tell: ((event: FleetEvent) => void) | undefined) {
    this.#options = options;
    this.#fleet = fleet;
    this.#lifetime = lifetime;
    this.#tell = tell;
  }

  /** See {@link SharedTokens}. */
  async take(held: string | undefined, urgent: boolean): Promise<SourceToken | "ask" | "spare"> {
    return (this.#joined ?? (await this.#join())).take(held, urgent);
  }

  granted(token: SourceToken): void {
    this.#joined?.granted(token);
  }

  denied(code: XeroErrorCode): void {
    this.#joined?.denied(code);
  }

  async #join(): Promise<SharedTokens> {
    const joined = await (this.#joining ??= this.#load().finally(() => (this.#joining = undefined)));
    return (this.#joined ??= joined);
  }

  async #load(): Promise<SharedTokens> {
    const { store, key } = this.#fleet;
    const load = (store as { [FLEET]?: () => Promise<FleetModule> })[FLEET] ?? ofPlatform;
    if (!load) {
      throw failure("invalid_option", "on this platform the store of fleet has to bring the code of a fleet: give it to withFleet() of xero-m2m/shared");
    }
    const { clientId, clientSecret, scopes, organisation, identityUrl, waitUntil } = this.#options;
    const { joinFleet } = await load();
    const joined = await joinFleet({
      store,
      clientId,
      identityUrl,
      scopes,
      organisation,
      secrets: () => this.#secrets(),
      areFixed: [clientSecret].flat().every((secret) => typeof secret === "string"),
      key,
      waitUntil,
      tell: this.#tell,
    });
    this.#lifetime.before(() => void joined.close());
    return joined;
  }

  /** The secrets that there are now. */
  async #secrets(): Promise<string[]> {
    const found: string[] = [];
    for await (const { value } of new Secrets(this.#options.clientSecret, this.#lifetime).tries()) found.push(value);
    return found;
  }
}
