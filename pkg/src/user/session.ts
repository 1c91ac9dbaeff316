/** The login that clients of several organisations share: its vault, and a client for each organisation. */

import { CustomConnection, type XeroEvent } from "xero-m2m";
import { kinds } from "../vault/core.js";
import { type HeldToken, Vault } from "../vault/vault.js";
import { SOURCE, type Sourced, type TokenSource, type Waits } from "../client/source.js";
import { defined } from "../shared/defined.js";
import { closed } from "../shared/errors.js";
import { VAULT, type WithVault } from "../shared/health.js";
import type { UserConnectionOptions, UserEvent } from "./options.js";

/** The name of the header that names an organisation. */
export const TENANT = "xero-tenant-id";

export class Session {
  readonly vault: Vault;
  readonly #options: UserConnectionOptions;
  /** The clients, by the id of their organisation: each has limits of its own. */
  readonly #clients = new Map<string, CustomConnection>();
  /** The id that a name or `only` meant first. A later login never gives it another meaning. */
  readonly #ids = new Map<string, string>();
  /** The newest token. */
  #known: HeldToken | undefined;
  #closed = false;

  constructor(options: UserConnectionOptions) {
    this.#options = options;
    // Checks the options that both have, before there is a login.
    this.#make("").close();
    const { vault: store, clientId = "", clientSecret, key, seed, identityUrl, apiUrl, fetch, timeoutMs, onEvent, waitUntil } = options;
    this.vault = new Vault({
      store,
      clientId,
      ...defined({ clientSecret, key, seed, identityUrl, apiUrl, fetch, timeoutMs, waitUntil, onEvent }),
    });
  }

  /** The id of the organisation that `tenant` means, and its client. */
  async client(tenant: string, signal?: AbortSignal | null): Promise<{ id: string; client: CustomConnection; spentMs: number }> {
    const began = performance.now();
    let id = this.#ids.get(tenant);
    if (id === undefined) {
      if (this.#closed) throw closed();
      id = chosen(tenant, this.#known ?? (await this.take({ signal })));
      this.#ids.set(tenant, id);
    }
    let client = this.#clients.get(id);
    if (!client) {
      if (this.#closed) throw closed();
      client = this.#make(id);
      this.#clients.set(id, client);
    }
    return { id, client, spentMs: Math.round(performance.now() - began) };
  }

  /** The newest token, and not the one with the number `notGeneration`. */
  async take({ notGeneration, signal, waits }: { notGeneration?: number | undefined; signal?: AbortSignal | null | undefined; waits?: Waits } = {}): Promise<HeldToken> {
    const { deadlineMs } = this.#options;
    const token = await this.vault.take(defined({ notGeneration, deadlineMs, signal: signal ?? undefined, waits }));
    if (!this.#known || this.#known.generation < token.generation) this.#known = token;
    return token;
  }

  /** A client that gets no token, for this reason. */
  without(reason: unknown): CustomConnection {
    return this.#make("", () => Promise.reject(reason as Error));
  }

  /** Ends the clients, and waits until the vault has saved what it has to. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const client of this.#clients.values()) client.close();
    await this.vault.close();
  }

  #make(id: string, source = this.#source(id)): CustomConnection {
    const place = this.#clients.size;
    const { vault: _vault, key: _key, seed: _seed, tenant: _tenant, onEvent, clientSecret, ...common } = this.#options;
    const options = {
      ...common,
      clientSecret,
      onEvent: onEvent && ((event: XeroEvent) => onEvent(apart(event, id, place))),
      fetch: this.#fetch(id),
      [SOURCE]: source,
      [VAULT]: () => this.vault.look(this.#options.deadlineMs),
    } satisfies ConstructorParameters<typeof CustomConnection>[0] & Sourced & WithVault;
    return new CustomConnection(options);
  }

  /** The tokens of a client. One that does not reach its organisation is not used. */
  #source(id: string): TokenSource {
    let given: HeldToken | undefined;
    return async (held, waits) => {
      const token = await this.take({ notGeneration: held ? given?.generation : undefined, waits });
      chosen(id, token);
      given = token;
      const { accessToken, obtainedAt, expiresAt, scopes } = token;
      return { accessToken, obtainedAt, expiresAt, scopes };
    };
  }

  /** A `fetch` that names the organisation in each call. */
  #fetch(id: string): typeof globalThis.fetch {
    return (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set(TENANT, id);
      const { fetch = globalThis.fetch } = this.#options;
      return fetch(url, Object.assign({}, init, { headers }));
    };
  }
}

/** The id of the organisation that `tenant` means, of those that a token reaches. */
const chosen = (tenant: string, { organisations, organisationsLeftOut = 0 }: HeldToken): string =>
  kinds.choose(tenant, organisations, organisationsLeftOut);

/** The calls of each client are numbered from 1: those of the client with this place follow much later. */
const CALLS_APART = 1_000_000_000;

/** An event of the client of an organisation, which has this place among the clients. */
const apart = (event: XeroEvent, tenant: string, place: number): UserEvent =>
  "call" in event ? { ...event, call: event.call + place * CALLS_APART, tenant } : { ...event, tenant };

