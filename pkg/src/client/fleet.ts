/** The part of a client in a fleet, whose code is loaded when it is first needed. */

import type { XeroErrorCode } from "../shared/errors.js";
import type { FleetEvent } from "./events.js";
import { isolated } from "./core.js";
import type { Lifetime } from "./lifetime.js";
import type { FleetOptions, Settled } from "./options.js";
import { Secrets } from "./secrets.js";
import { FLEET, type SharedTokens, type SourceToken, type WithFleet } from "./source.js";

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
    // Where requests are isolated, none waits for the promise of another, which may never settle.
    const joining = isolated ? this.#load() : (this.#joining ??= this.#load().finally(() => (this.#joining = undefined)));
    return (this.#joined ??= await joining);
  }

  async #load(): Promise<SharedTokens> {
    const { store, key } = this.#fleet;
    const { clientId, clientSecret, scopes, organisation, identityUrl, waitUntil } = this.#options;
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
      waitUntil,
      tell: this.#tell,
    });
    this.#lifetime.before(() => joined.close());
    return joined;
  }

  /** The secrets that there are now. */
  async #secrets(): Promise<string[]> {
    const found: string[] = [];
    for await (const { value } of new Secrets(this.#options.clientSecret, this.#lifetime).tries()) found.push(value);
    return found;
  }
}
