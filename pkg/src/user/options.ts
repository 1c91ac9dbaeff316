/** What a {@link UserConnection} is made from. */

import type { CustomConnectionOptions, XeroEvent } from "xero-m2m";
import type { SharedStore, VaultEvent } from "../vault/vault.js";
import { type Shape, TEXTS, checkKnown, checkValues, isFunction, isText } from "../shared/check.js";
import { failure } from "../shared/errors.js";

/** The options that a connection of a user has in common with a {@link CustomConnection}. */
type Common = Pick<
  CustomConnectionOptions,
  | "clientId"
  | "preflight"
  | "timeoutMs"
  | "deadlineMs"
  | "retry"
  | "idempotencyKeys"
  | "limits"
  | "fetch"
  | "waitUntil"
  | "identityUrl"
  | "apiUrl"
>;

/** What a {@link UserConnection} is made from. */
export interface UserConnectionOptions extends Common {
  /**
   * The client secret of a Web app. Left out: a PKCE app, which has none; then `key` is required. Or several: the first is the app's
   * and seals the vault, the others only open what they sealed. After a new secret in the developer portal give both, the new one
   * first, until the vault was renewed once: within a day with `keepAlive()`.
   */
  clientSecret?: string | readonly string[] | undefined;
  /**
   * Where the login is kept: `file(path)` of `xero-m2m/file`, `postgres(query)` of `xero-m2m/postgres`, `durableObject(namespace)` of
   * `xero-m2m/durable-object`, or another {@link SharedStore} that is durable. `npx xero-m2m login` puts the login there.
   */
  vault: SharedStore;
  /**
   * Seals the login: 32 bytes in base64url (`npx xero-m2m key` makes one), or several, of which the first seals and all open.
   * Default: a key that is made from the client secret.
   */
  key?: string | readonly string[] | undefined;
  /** A sealed login for an empty vault, on platforms where no person can log in: `npx xero-m2m login --seed` prints one. Default: none. */
  seed?: string | undefined;
  /**
   * The organisation: its id, or its name if only one is called so. `"only"`, the default, takes the only one that the login
   * reaches; if there are several, calls fail with `tenant_ambiguous`.
   */
  tenant?: string | undefined;
  /** Called with everything that the clients of the login and its vault do, as that of a {@link CustomConnection} is. */
  onEvent?: Listener["listen"] | undefined;
}

/**
 * One thing that happened: to the client of the organisation with the id `tenant`, or to the vault. The calls of all organisations
 * have numbers of their own.
 */
export type UserEvent = (XeroEvent & { tenant?: string }) | VaultEvent;

/** As a method, so that a listener may know less of the events: `telemetry()` of `xero-m2m/opentelemetry` does. */
interface Listener {
  listen(event: UserEvent): unknown;
}

const any = () => true;

/** Every option. What the client or the vault checks by itself is `any` here. */
const OPTIONS: Shape<UserConnectionOptions> = {
  clientId: [any, ""],
  clientSecret: [(value) => isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText)), "a string, or a list of strings"],
  vault: [(value) => typeof value === "object" && value !== null && "swap" in value, "a store, such as file(path) of xero-m2m/file"],
  key: TEXTS,
  seed: [isText, "a string"],
  tenant: [(value) => isText(value) && value !== "", '"only", or the id or the name of an organisation'],
  preflight: [any, ""],
  timeoutMs: [any, ""],
  deadlineMs: [any, ""],
  retry: [any, ""],
  idempotencyKeys: [any, ""],
  limits: [any, ""],
  fetch: [isFunction, "a function"],
  waitUntil: [any, ""],
  onEvent: [isFunction, "a function"],
  identityUrl: [any, ""],
  apiUrl: [any, ""],
};

/** Checks the options. @throws `XeroError` `invalid_option`. */
export function check(options: UserConnectionOptions): void {
  checkKnown("new UserConnection()", options, OPTIONS);
  checkValues(options, OPTIONS);
  if (options.vault === undefined) throw failure("invalid_option", "vault is missing: say where the login is kept");
}
