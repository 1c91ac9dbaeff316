/** The wasm module of what connections of users and apps need beside the client. */

import { CODES } from "../shared/codes.js";
import { XeroError, type XeroErrorCode, type XeroErrorDetails } from "../shared/errors.js";
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

/** A refusal of the core: its code, its message, and its rule. */
type Refused = [XeroErrorCode, string, string | undefined];

/** Calls a function that returns a text, or a refusal. */
function told<Given extends unknown[]>(act: (...given: Given) => unknown, ...given: Given): string {
  const value = run(act, ...given);
  if (Array.isArray(value)) throw refusal(value as Refused);
  return value as string;
}

function refusal([code, message, rule]: Refused, more: Partial<XeroErrorDetails> = {}, validation?: XeroError["validation"]): XeroError {
  const [blame, retryable] = CODES[code];
  return new XeroError({ code, blame, retryable, message, ...(rule && { rule }), ...more }, validation);
}

/** @internal What decides about connections of users and apps, in Rust (`src/kind/`). */
export const kinds = {
  /** The id of the organisation that `wanted` means. Throws `tenant_ambiguous` or `tenant_unknown`. */
  choose: (wanted: string, tenants: readonly { id: string; name: string }[], leftOut = 0): string =>
    told(chooseTenant, wanted, tenants.map(({ id }) => id), tenants.map(({ name }) => name), leftOut),
  /** Throws `invalid_header` for a header `xero-tenant-id` that names another organisation. */
  check: (header: string, tenant: string): void => void told(checkTenant, header, tenant),
  /** The scope that opens a path to an app itself. Throws `scope_missing`. */
  scope: (path: string): string => told(appScope, path),
  /** The same error in the words of its kind. */
  explained: (kind: "user" | "app", error: XeroError): XeroError => {
    const { code, operation, scopes, rule, status, correlationId, validation } = error;
    const found = run(explained, kind === "app", code, operation ?? "", [...(scopes ?? [])], rule ?? "", status ?? 0) as Refused | undefined;
    if (!found) return error;
    const more = { operation, scopes, status, correlationId };
    return refusal(found, Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)), validation);
  },
};
