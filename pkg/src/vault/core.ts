/** The wasm module of what connections of users and apps, and fleets, need beside the client. */

import * as crossing from "../shared/crossing.js";
import { defined } from "../shared/defined.js";
import { XeroError } from "../shared/errors.js";
import { plain } from "../shared/plain.js";

/**
 * @internal Requests are isolated from each other, as on an edge network: see `isolated` of `client/core.ts`.
 */
export let isolated = false;

/** The exports of the core, `src/wasm`. Those that answer return the address of their output. `length` is that of the input. */
interface Exports extends crossing.Shared {
  openVault(length: number): number;
  handleVault(vault: number, length: number, clock: number, measured: number): number;
  closeVault(vault: number): number;
  openFleet(length: number): number;
  handleFleet(fleet: number, length: number, clock: number, measured: number): number;
  closeFleet(fleet: number): number;
  openMember(length: number): number;
  handleMember(member: number, length: number, clock: number, measured: number): number;
  closeMember(member: number): number;
  fleetShown(length: number, at: number): number;
  seedBound(vault: number): number;
  codeRequest(vault: number, length: number): number;
  revocationRequest(vault: number): number;
  codeAnswer(length: number, sent: number, clock: number): number;
  connectionsRequest(vault: number, length: number): number;
  connectionsAnswer(length: number): number;
  describeGrant(length: number): number;
  chooseTenant(length: number): number;
  checkTenant(length: number): number;
  appScope(length: number): number;
  explained(length: number): number;
  loginAddress(length: number): number;
  loginCallback(length: number): number;
  loginPasted(length: number): number;
}

const { module: core, ask: question } = plain<Exports>("xero-m2m/user");

/** @internal Asks the core: see {@link plain}. */
export const ask = question;

/** @internal Makes the core from its module or the bytes of that, at once. */
export function start(module: WebAssembly.Module | BufferSource, platform: { isolated?: boolean } = {}): void {
  if (core.start(module)) isolated = platform.isolated ?? false;
}

/** @internal The number of the instance in use, which grows when one is replaced after a trap. */
export function currentInstance(): number {
  return core.instance;
}

/** @internal Takes nothing. */
export const nothing = (): void => {};

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
    ask(
      (wasm, length) => wasm.chooseTenant(length),
      crossing.takeText,
      () => {
        crossing.putText(wanted);
        crossing.putTexts(tenants.map(({ id }) => id));
        crossing.putTexts(tenants.map(({ name }) => name));
        crossing.putNumber(leftOut);
      },
    ),
  /** Throws `invalid_header` for a header `xero-tenant-id` that names another organisation. */
  check: (header: string, tenant: string): void =>
    ask(
      (wasm, length) => wasm.checkTenant(length),
      nothing,
      () => [header, tenant].forEach(crossing.putText),
    ),
  /** The scope that opens a path to an app itself. Throws `scope_missing`. */
  scope: (path: string): string =>
    ask(
      (wasm, length) => wasm.appScope(length),
      crossing.takeText,
      () => crossing.putText(path),
    ),
  /** The same error in the words of its kind. */
  explained: (kind: "user" | "app", error: XeroError): XeroError => {
    const { code, operation, scopes: opened = [], rule, status, correlationId, outcome, validation } = error;
    const scopes = opened.length ? [...opened] : undefined;
    const found = ask(
      (wasm, length) => wasm.explained(length),
      crossing.takeOptionalError,
      () => {
        crossing.putFlag(kind === "app");
        crossing.putWord(code, crossing.CODE_NAMES);
        crossing.putText(operation);
        crossing.putTexts(scopes);
        crossing.putText(rule);
        crossing.putNumber(status);
        crossing.putFlag(outcome === "unknown");
      },
    );
    return found ? new XeroError({ ...found, ...defined({ operation, scopes, status, correlationId }) }, validation) : error;
  },
};
