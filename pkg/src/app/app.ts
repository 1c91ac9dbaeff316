/**
 * An app itself: its connections and the subscriptions of its users, without the token of a user.
 *
 * @module
 */

import { type CallInit, CustomConnection, type CustomConnectionOptions, XeroError } from "xero-m2m";
import { TENANT, kinds, withoutTenant } from "xero-m2m/user";
import { type Check, type Shape, checkKnown, checkValues, isText } from "../shared/check.js";
import { closed, failure } from "../shared/errors.js";

/** What an {@link AppConnection} is made from: as a {@link CustomConnection}, with the id and secret of a Web app. */
export type AppConnectionOptions = Omit<CustomConnectionOptions, "scopes" | "createdOn" | "organisation" | "preflight">;

/** The connections to ask for: those to an organisation, or those that a user authorised. Xero wants one of the two. */
export type ConnectionsOf = { tenantId: string; userId?: never } | { userId: string; tenantId?: never };

/** A connection between an organisation and the app, as Xero gives it. */
export interface AppConnectionRecord {
  /** Its id, which `disconnect` takes. It is not the id of the organisation. */
  id: string;
  /** The login with which it was authorised. */
  authEventId: string;
  /** The id of the organisation. */
  tenantId: string;
  tenantType: "ORGANISATION" | "PRACTICE" | "PRACTICEMANAGER" | (string & {});
  tenantName: string | null;
  createdDateUtc: string;
  updatedDateUtc: string;
}

/**
 * A subscription of the Xero App Store.
 *
 * @deprecated App Store subscriptions were closed to new apps on 4 December 2025 and ended in the middle of 2026 (rule R35): what
 *   Xero answers since then is not known.
 */
export interface AppSubscription {
  id: string;
  organisationId: string;
  status: "ACTIVE" | "CANCELED" | "PAST_DUE" | (string & {});
  startDate: string;
  endDate?: string;
  currentPeriodEnd: string;
  testMode?: boolean;
  plans: readonly { id: string; name: string; status: string; subscriptionItems: readonly Record<string, unknown>[] }[];
}

/**
 * A usage record of a subscription.
 *
 * @deprecated As {@link AppSubscription}.
 */
export interface UsageRecord {
  usageRecordId: string;
  subscriptionId: string;
  subscriptionItemId: string;
  productId: string;
  pricePerUnit: number;
  quantity: number;
  testMode: boolean;
  recordedAt: string;
}

/** The amount of a usage record, and when it was used. */
export interface Usage {
  quantity: number;
  /** An instant, such as `2026-01-31T10:00:00Z`. */
  timestamp: string;
}

const isId: Check = (value) => isText(value) && /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(value as string);
const isObject: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const OF: Shape<{ tenantId?: string; userId?: string }> = {
  tenantId: [isId, "the id of an organisation, a UUID"],
  userId: [isId, "the id of a user, a UUID: xero_userid in its token"],
};

const USAGE: Shape<Usage> = {
  quantity: [Number.isFinite as Check, "a number"],
  timestamp: [(value) => isText(value) && !Number.isNaN(Date.parse(value as string)), "an instant, such as 2026-01-31T10:00:00Z"],
};

/**
 * The app itself (rule R35): which organisations are connected to it, with id and secret alone. It reaches no organisation's data.
 *
 * It has a token for each of its two scopes, `app.connections` and `marketplace.billing`, and asks for each when it is first
 * needed. A PKCE app has no secret and so no token of its own (rule R36).
 *
 * @example
 * ```ts
 * import { AppConnection } from "xero-m2m/app";
 *
 * const app = new AppConnection({ clientId: process.env.XERO_CLIENT_ID!, clientSecret: process.env.XERO_CLIENT_SECRET! });
 * for (const connection of await app.connections({ tenantId })) console.log(connection.tenantName, connection.createdDateUtc);
 * ```
 */
export class AppConnection {
  static {
    Object.defineProperty(this, "name", { value: "AppConnection" });
  }

  readonly #options: AppConnectionOptions;
  /** The clients, by their scope. */
  readonly #clients = new Map<string, CustomConnection>();
  #closed = false;

  /**
   * @throws {@link XeroError} `invalid_option` or `insecure_url` if an option has a value that cannot work: without a
   *   `clientSecret` by rule R36.
   */
  constructor(options: AppConnectionOptions) {
    if (typeof options === "object" && options !== null && !("clientSecret" in options)) {
      const { code, blame, retryable } = failure("invalid_option", "");
      const message = "clientSecret is missing: a PKCE app, which has none, has no token of its own (rule R36); use the id and secret of a Web app";
      throw new XeroError({ code, blame, retryable, message, rule: "R36" });
    }
    this.#options = { ...options };
    new CustomConnection(this.#options).close();
  }

  /**
   * The connections to an organisation, or those that a user authorised.
   *
   * @throws {@link XeroError} `invalid_option` if neither or both are named, because Xero refuses the question then, or for what is
   *   no UUID; `malformed_answer` if the answer is no list of connections. Others as `json` of a {@link CustomConnection}.
   */
  async connections(of: ConnectionsOf, init?: { signal?: AbortSignal }): Promise<AppConnectionRecord[]> {
    checkKnown("connections()", of, OF);
    checkValues(of, OF);
    const { tenantId, userId } = of;
    if (!tenantId === !userId) {
      throw failure("invalid_option", "connections() takes one of tenantId and userId: Xero lists connections only of one organisation or user");
    }
    const headers: Record<string, string> = tenantId ? { [TENANT]: tenantId } : { "xero-user-id": userId as string };
    const found = await this.json("GET", "/connections", undefined, { ...init, headers });
    const isConnection = (record: unknown): boolean => isObject(record) && isText((record as AppConnectionRecord).id) && isText((record as AppConnectionRecord).tenantId);
    if (Array.isArray(found) && found.every(isConnection)) return found as AppConnectionRecord[];
    throw failure("malformed_answer", "the answer to GET /connections is no list of connections; whether the app is connected is not known");
  }

  /**
   * Ends a connection: the app then does not reach its organisation, with any login. A third party reports that Xero allows it.
   *
   * @param id `id` of an {@link AppConnectionRecord}, which is not the id of the organisation.
   * @throws {@link XeroError} `malformed_answer` with `outcome: "unknown"` for an answer with a body: Xero's has none. Others as
   *   `json` of a {@link CustomConnection}.
   */
  async disconnect(id: string, init?: { signal?: AbortSignal }): Promise<void> {
    const body = await this.json("DELETE", `/connections/${segment("disconnect()", id)}`, undefined, init);
    if (body === undefined) return;
    const message = "the answer to DELETE /connections has a body, and Xero's has none: the connection may have ended; connections() shows whether it is still there";
    const { code, blame } = failure("malformed_answer", message);
    throw new XeroError({ code, blame, retryable: false, message, outcome: "unknown" });
  }

  /**
   * A subscription.
   *
   * @deprecated As {@link AppSubscription}.
   */
  async subscription(id: string, init?: { signal?: AbortSignal }): Promise<AppSubscription> {
    return this.json("GET", `/appstore/2.0/subscriptions/${segment("subscription()", id)}`, undefined, init);
  }

  /**
   * The usage records of a subscription.
   *
   * @deprecated As {@link AppSubscription}.
   */
  async usageRecords(subscriptionId: string, init?: { signal?: AbortSignal }): Promise<UsageRecord[]> {
    const path = `/appstore/2.0/subscriptions/${segment("usageRecords()", subscriptionId)}/usage-records`;
    const found = await this.json<{ usageRecords?: UsageRecord[] } | undefined>("GET", path, undefined, init);
    if (Array.isArray(found?.usageRecords)) return found.usageRecords;
    throw failure("malformed_answer", "the answer has no list of usage records");
  }

  /**
   * Adds a usage record to an item of a subscription, or replaces the one with the id `usageRecordId`.
   *
   * @deprecated As {@link AppSubscription}.
   */
  async recordUsage(
    subscriptionId: string,
    itemId: string,
    usage: Usage,
    { usageRecordId, ...init }: { usageRecordId?: string; signal?: AbortSignal; idempotencyKey?: string | boolean } = {},
  ): Promise<UsageRecord> {
    const [of, item] = [segment("recordUsage()", subscriptionId), segment("recordUsage()", itemId)];
    const path = `/appstore/2.0/subscriptions/${of}/items/${item}/usage-records`;
    checkKnown("recordUsage()", usage, USAGE);
    checkValues(usage, USAGE);
    const { quantity, timestamp } = usage;
    if (usageRecordId === undefined) return this.json("POST", path, { quantity, timestamp }, init);
    return this.json("PUT", `${path}/${segment("recordUsage()", usageRecordId)}`, { quantity }, init);
  }

  /**
   * Sends a call to `/connections` or `/appstore/2.0`, as `fetch` of a {@link CustomConnection} does.
   *
   * @throws {@link XeroError} As there; `scope_missing` by rule R35 for any other path.
   */
  readonly fetch = (path: string, init?: CallInit): Promise<Response> => this.#call(path, (client) => client.fetch(path, about(init)));

  /** Sends a call and reads its JSON, for the same paths. */
  json<T = unknown>(method: string, path: string, body?: unknown, init?: Omit<CallInit, "method" | "body">): Promise<T> {
    return this.#call(path, (client) => client.json<T>(method, path, body, about(init)));
  }

  /** Ends the client: calls under way and later calls fail with `closed`. The tokens are dropped. */
  close(): void {
    this.#closed = true;
    for (const client of this.#clients.values()) client.close();
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #call<T>(path: string, act: (client: CustomConnection) => Promise<T>): Promise<T> {
    if (this.#closed) throw closed();
    const scope = kinds.scope(path);
    let client = this.#clients.get(scope);
    if (!client) this.#clients.set(scope, (client = this.#make(scope)));
    try {
      return await act(client);
    } catch (error) {
      throw error instanceof XeroError ? kinds.explained("app", error) : error;
    }
  }

  #make(scope: string | undefined): CustomConnection {
    const { fetch } = this.#options;
    return new CustomConnection({ ...this.#options, fetch: named(fetch), ...(scope && { scopes: [scope] }) });
  }
}

/** The member of the options of a call that names it on the way through the client. */
const MARK = "xero-m2m.tenant";

/** The `init` of a call about an organisation. The header is none of a call to its data, which the client would refuse. */
interface About extends CallInit {
  [MARK]?: string;
}

/** The `init` of a call whose header `xero-tenant-id` names the organisation that it is about. */
function about<Init extends Omit<CallInit, "method" | "body">>(init: Init | undefined): Init | undefined {
  const found = withoutTenant(init);
  return found ? { ...found.rest, [MARK]: found.tenant } : init;
}

/** A `fetch` that names the organisation that a call is about. */
function named(fetch: typeof globalThis.fetch | undefined): typeof globalThis.fetch {
  return (url, init) => {
    const send = fetch ?? globalThis.fetch;
    const { [MARK]: tenant, ...rest } = init as About;
    if (tenant === undefined) return send(url, init);
    const headers = new Headers(rest.headers);
    headers.set(TENANT, tenant);
    return send(url, { ...rest, headers });
  };
}

/** An id as a segment of a path. */
function segment(what: string, id: string): string {
  if (typeof id !== "string" || id === "") throw failure("invalid_option", `${what} takes an id`);
  return encodeURIComponent(id);
}
