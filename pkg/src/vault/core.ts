/** The wasm module of what connections of users and apps need beside the client. */

import { defined } from "../shared/defined.js";
import { XeroError, type XeroErrorDetails } from "../shared/errors.js";
import { __wbg_reset_state, appScope, checkTenant, chooseTenant, explained, initSync } from "../glue/shared.js";
import { Module } from "../shared/module.js";

/**
 * @internal Requests are isolated from each other, as on an edge network: see `isolated` of `client/core.ts`.
 */
export let isolated = false;

const core = new Module("xero-m2m/user", initSync, __wbg_reset_state);

/** @internal Makes the core from its module or the bytes of that, at once. */
export function start(module: WebAssembly.Module | BufferSource, platform: { isolated?: boolean } = {}): void {
  if (core.start(module)) isolated = platform.isolated ?? false;
}

/** @internal The number of the instance in use, which grows when one is replaced after a trap. */
export function currentInstance(): number {
  return core.instance;
}

/** @internal Calls a function of the core: see {@link Module}. */
export function run<Given extends unknown[], T>(act: (...given: Given) => T, ...given: Given): T {
  return core.run(act, ...given);
}

/** An organisation that a user let the app reach. */
export interface Organisation {
  /** Its id: the value of the header `xero-tenant-id`. */
  readonly id: string;
  /** Its name; empty for one without a name. */
  readonly name: string;
  /** The id of the connection between it and the app, by which it can be disconnected. */
  readonly connectionId: string;
}

/** @internal What decides about connections of users and apps, in Rust (`src/kind/`). */
export const kinds = {
  /** The id of the organisation that `wanted` means. Throws `tenant_ambiguous` or `tenant_unknown`. */
  choose: (wanted: string, tenants: readonly { id: string; name: string }[], leftOut = 0): string =>
    run(chooseTenant, wanted, tenants.map(({ id }) => id), tenants.map(({ name }) => name), leftOut) as string,
  /** Throws `invalid_header` for a header `xero-tenant-id` that names another organisation. */
  check: (header: string, tenant: string): void => void run(checkTenant, header, tenant),
  /** The scope that opens a path to an app itself. Throws `scope_missing`. */
  scope: (path: string): string => run(appScope, path) as string,
  /** The same error in the words of its kind. */
  explained: (kind: "user" | "app", error: XeroError): XeroError => {
    const { code, operation, scopes: opened = [], rule = "", status, correlationId, outcome, validation } = error;
    const scopes = opened.length ? [...opened] : undefined;
    const found = run(explained, kind === "app", code, operation ?? "", scopes ?? [], rule, status ?? 0, outcome === "unknown");
    if (!found) return error;
    return new XeroError({ ...(found as XeroErrorDetails), ...defined({ operation, scopes, status, correlationId }) }, validation);
  },
};
