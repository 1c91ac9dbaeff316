/** The client of a login. */

import { type AccessToken, type CallInit, type CustomConnection, type PagesOptions, type Untyped, type XeroApi, XeroError } from "xero-m2m";
import { type Organisation, kinds } from "../vault/core.js";
import { dictionary } from "../client/request.js";
import { SPENT } from "../client/source.js";
import type { DoctorQuestion, Health } from "../shared/health.js";
import type { Body, Elsewhere, Fetch, JsonAnswer, JsonInit, Methods, Path, Place, RecordOf, Untouched, Walked } from "../client/typed.js";
import { type UserConnectionOptions, check } from "./options.js";
import { Session, TENANT } from "./session.js";

export type { UserConnectionOptions, UserEvent } from "./options.js";
export type { Organisation } from "../vault/core.js";

/** The options of a client that shares the login of another. */
const sessions = new WeakMap<object, Session>();

/**
 * A connection that a user authorised: for organisations that cannot have a custom connection (rules R26, R27).
 *
 * `npx xero-m2m login` puts the login into the vault once. The tokens are then renewed without the user (rule R33), by one
 * process at a time, however many share the vault. Calls are made as those of a {@link CustomConnection}, with the same limits,
 * retries and checks, and name their organisation.
 *
 * @example
 * ```ts
 * import { UserConnection } from "xero-m2m/user";
 * import { file } from "xero-m2m/file";
 *
 * const xero = new UserConnection({
 *   clientId: process.env.XERO_CLIENT_ID!,
 *   clientSecret: process.env.XERO_CLIENT_SECRET!,
 *   vault: file("/var/lib/billing/xero.vault"),
 * });
 * const response = await xero.fetch("/Invoices?page=1");
 * ```
 *
 * @typeParam Api As of a {@link CustomConnection}.
 */
export class UserConnection<out Api extends XeroApi = Untyped> {
  static {
    Object.defineProperty(this, "name", { value: "UserConnection" });
  }

  readonly #options: UserConnectionOptions;
  readonly #session: Session;
  readonly #tenant: string;

  /**
   * Sends a call, as `fetch` of a {@link CustomConnection} does. The header `xero-tenant-id` is set; one of the call's own has to
   * name the same organisation. It gives every answer as it is, but for a 403 after the user has ended the connection to the
   * organisation: that is the error `tenant_unknown`.
   *
   * @throws {@link XeroError} As there, and `login_required`, `tenant_ambiguous`, `tenant_unknown`, `vault_unavailable`,
   *   `vault_key_mismatch`, `vault_copied`.
   */
  readonly fetch: Fetch<Api>;

  /**
   * @throws {@link XeroError} `invalid_option` or `insecure_url` if an option has a value that cannot work, such as a vault whose
   *   store is not durable; `in_browser` in a browser page.
   */
  constructor(options: UserConnectionOptions) {
    check(options);
    this.#options = { ...options };
    this.#tenant = options.tenant ?? "only";
    this.#session = sessions.get(options) ?? new Session(this.#options);
    const fetch = (input: string | URL | Request, init?: CallInit): Promise<Response> =>
      this.#call(init?.signal ?? (input as Request).signal, async (client, id, spent) => {
        const response = await client.fetch(input, spent(agreed(input, init, id)));
        if (response.status === 403) await this.#reaches(client, id, response);
        return response;
      });
    this.fetch = fetch as Fetch<Api>;
  }

  /** An access token of the login that can be used now, as `token` of a {@link CustomConnection}. It reaches every organisation of the login. */
  token(options?: { signal?: AbortSignal }): Promise<AccessToken> {
    return this.#call(options?.signal, (client, _, spent) => client.token(spent(options)));
  }

  /** Sends a call and reads its JSON, as `json` of a {@link CustomConnection} does. */
  json<T = unknown>(method: string, path: Untouched<Api>, body?: unknown, init?: JsonInit): Promise<T>;
  json<const M extends Methods<Api, P>, const P extends Path<Api>, const Init extends JsonInit>(
    method: M,
    path: P,
    body?: Body<Api, M, P>,
    init?: Init,
  ): Promise<JsonAnswer<Api, M, P, Init>>;
  json<T = unknown, const M extends string = string, const P extends string | URL = string | URL>(
    method: M,
    path: Elsewhere<Api, M, P>,
    body?: unknown,
    init?: JsonInit,
  ): Promise<T>;
  json(method: string, path: string | URL, body?: unknown, init?: JsonInit): Promise<unknown> {
    return this.#call(init?.signal, (client, id, spent) => client.json(method, path, body, spent(agreed(path, init, id))));
  }

  /** Every record of a list, as `pages` of a {@link CustomConnection} gives them. */
  pages<T = unknown>(path: Untouched<Api>, options?: PagesOptions): AsyncGenerator<T, void, undefined>;
  // Never called: an editor takes the paths that it offers from here.
  pages(path: Path<Api>, options: never): AsyncGenerator<unknown, void, undefined>;
  pages<const P extends Place<Api>, _ extends "GET">(path: Walked<Api, P>, options?: PagesOptions): AsyncGenerator<RecordOf<Api, P>, void, undefined>;
  pages<T = unknown, const P extends string | URL = string | URL>(
    path: Elsewhere<Api, "GET", P>,
    options?: PagesOptions,
  ): AsyncGenerator<T, void, undefined>;
  async *pages(path: string | URL, options?: PagesOptions): AsyncGenerator<unknown, void, undefined> {
    const walk = await this.#call(options?.signal, (client, id) => Promise.resolve(client.pages(path, agreed(path, options, id))));
    for (;;) {
      const { done, value } = await this.#call(options?.signal, () => walk.next());
      if (done) return;
      yield value;
    }
  }

  /** The organisations that the login reaches. */
  async tenants(): Promise<readonly Organisation[]> {
    return (await this.#session.take()).organisations;
  }

  /**
   * A client for another organisation of the same login: its id, or its name if only one is called so. It shares the login, and
   * has the limits of its organisation; those for the same organisation share them.
   */
  forTenant(tenant: string): UserConnection<Api> {
    const options = { ...this.#options, tenant };
    sessions.set(options, this.#session);
    return new UserConnection<Api>(options);
  }

  /**
   * Renews the login if it was last renewed more than a day ago. A login that is not used for 60 days ends (rule R33): a service
   * that may rest for so long calls this once a day.
   */
  async keepAlive(): Promise<void> {
    await this.#session.vault.keepAlive(this.#options.deadlineMs);
  }

  /** What works, what does not, and what to do about it: see `doctor` of a {@link CustomConnection}. */
  async doctor(question?: DoctorQuestion): Promise<Health> {
    const { client } = await this.#session.client(this.#tenant).catch((reason: unknown) => ({ client: this.#session.without(reason) }));
    return client.doctor(question);
  }

  /**
   * Ends this client and every other that {@link forTenant} made of it: calls under way and later calls fail with `closed`. Waits
   * until a renewed token is saved.
   */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** The same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Makes a call with the client of the organisation. */
  async #call<T>(
    signal: AbortSignal | null | undefined,
    act: (client: CustomConnection, id: string, spent: <Init>(init: Init) => Init) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted?.();
    const { client, id, spentMs } = await this.#session.client(this.#tenant, signal);
    // The time for the call began before its organisation was known.
    const spent = <Init>(init: Init): Init => (spentMs > 0 ? ({ ...init, [SPENT]: spentMs } as Init) : init);
    try {
      return await act(client, id, spent);
    } catch (error) {
      if (!(error instanceof XeroError)) throw error;
      if (error.code === "not_authorised") await this.#reaches(client, id);
      throw kinds.explained("user", error);
    }
  }

  /**
   * Asks whether the user still lets the app reach an organisation, whose answer `refused` is not read any more if not.
   *
   * @throws `XeroError` `tenant_unknown` if not.
   */
  async #reaches(client: CustomConnection, id: string, refused?: Response): Promise<void> {
    const found = await client.json<Connected[]>("GET", "/connections").catch(() => undefined);
    if (!Array.isArray(found) || !found.every((one: Partial<Connected> | null) => typeof one?.tenantId === "string")) return;
    try {
      kinds.choose(id, found.map(({ tenantId, tenantName }) => ({ id: String(tenantId), name: String(tenantName ?? "") })));
    } catch (reason) {
      await refused?.body?.cancel().catch(() => {});
      throw reason;
    }
  }
}

/** A connection as `GET /connections` has it. */
interface Connected {
  tenantId: string;
  tenantName: string | null;
}

/** The `init` of a call without its header `xero-tenant-id`, which has to name the same organisation. */
function agreed<Init extends { headers?: CallInit["headers"] }>(input: string | URL | Request, init: Init | undefined, id: string): Init {
  const found = withoutTenant(init, typeof input === "object" && "headers" in input ? input.headers : undefined);
  if (!found) return init as Init;
  kinds.check(found.tenant, id);
  return found.rest;
}

/**
 * @internal The header `xero-tenant-id` of a call, and its `init` without it; `undefined` if it has none. `others` are its headers if
 * `init` has none.
 */
export function withoutTenant<Init extends { headers?: CallInit["headers"] }>(init: Init | undefined, others?: Headers): { tenant: string; rest: Init } | undefined {
  const given = init?.headers ?? others;
  if (given === undefined) return undefined;
  let headers: Headers;
  try {
    headers = new Headers(given);
  } catch {
    // The client refuses them with a reason.
    return undefined;
  }
  const tenant = headers.get(TENANT);
  if (tenant === null) return undefined;
  headers.delete(TENANT);
  return { tenant, rest: { ...dictionary(init as CallInit), headers } as unknown as Init };
}
