/** The wasm module of the client: its core. */

import {
  type CallAction,
  type CallEvent,
  type CoreOptions,
  type Paging,
  type TokenRequest,
  putEvent,
  putOptions,
  takeActions,
  takePaging,
  takeTokenRequest,
} from "./actions.js";
import * as crossing from "../shared/crossing.js";
import type { Doctor } from "../shared/health.js";
import { plain } from "../shared/plain.js";

/** The version of this package. */
export let version = "";

/** The version of the catalogue of scopes, operations and rules inside: the day it was last compared with Xero's. */
export let catalogueVersion = "";

/**
 * @internal Requests are isolated from each other, as on an edge network: a promise or timer of one may end with it, so that no
 * other may wait for its promises or rely on its timers.
 */
export let isolated = false;

/** @internal The milliseconds after which an isolated request looks again whether another has left something for it. */
export const POLL_MS = 25;

/** @internal What a platform is like. */
export interface Platform {
  /** See {@link isolated}. */
  isolated?: boolean | undefined;
  /** Returns the error for a request that got no answer, where the reason is one of this platform's own. */
  reasonOf?: typeof import("./reasons.js").reasonOf | undefined;
  /** Loads the diagnosis, where a bundle does not have to carry it for that. */
  doctor?: (() => Promise<Doctor>) | undefined;
}

/** @internal See {@link Platform}. */
export let reasonOf: Platform["reasonOf"];

/** @internal See {@link Platform}. */
export let doctor: Platform["doctor"];

/** The exports of the core, `src/wasm`. Those that answer return the address of their output. `length` is that of the input. */
interface Exports extends crossing.Shared {
  open(length: number): number;
  handle(connection: number, length: number, clock: number, measured: number): number;
  close(connection: number, clock: number, measured: number): number;
  tokenRequest(connection: number, length: number, attempt: number, clock: number): number;
  checkHeader(length: number): number;
  isUnsent(length: number): number;
  paging(connection: number, length: number): number;
  versions(): number;
}

const { module: core, ask } = plain<Exports>("xero-m2m");

/** @internal Makes the core from its module or the bytes of that, at once. A second call changes nothing. */
export function start(module: WebAssembly.Module | BufferSource, platform: Platform = {}): void {
  if (!core.start(module)) return;
  isolated = platform.isolated ?? false;
  ({ doctor, reasonOf } = platform);
  [version, catalogueVersion] = ask(
    (wasm) => wasm.versions(),
    () => [crossing.takeText(), crossing.takeText()] as const,
  );
}

export function currentInstance(): number {
  return core.instance;
}

/** Makes a connection. Returns its number. */
export function open(options: CoreOptions): number {
  return ask((wasm, length) => wasm.open(length), crossing.takeNumber, () => putOptions(options));
}

/** Reports an event of a connection. Returns the actions. */
export function handle(connection: number, event: CallEvent, clock: number, measured: number): CallAction[] {
  return ask(
    (wasm, length) => wasm.handle(connection, length, clock, measured),
    takeActions,
    () => putEvent(event),
  );
}

/** Forgets a connection. Returns a `fail` for each of its calls. */
export function close(connection: number, clock: number, measured: number): CallAction[] {
  return ask((wasm) => wasm.close(connection, clock, measured), takeActions);
}

/** The token request of an attempt, which is sent now with this secret. */
export function tokenRequest(connection: number, attempt: number, secret: string, clock: number): TokenRequest {
  return ask(
    (wasm, length) => wasm.tokenRequest(connection, length, attempt, clock),
    takeTokenRequest,
    () => crossing.putText(secret),
  );
}

/** Refuses a header that may not be set. Returns whether it is sent. */
export function checkHeader(name: string, value: string): boolean {
  return ask(
    (wasm, length) => wasm.checkHeader(length),
    crossing.takeFlag,
    () => [name, value].forEach(crossing.putText),
  );
}

/** Checks that the code of a failed request, such as `ECONNREFUSED`, means that nothing was sent. */
export function isUnsent(code: string): boolean {
  return ask((wasm, length) => wasm.isUnsent(length), crossing.takeFlag, () => crossing.putText(code));
}

/** The way in which the answers to a GET of this path or URL are split into pages; without `by` if they are not. */
export function paging(connection: number, input: string): Paging {
  return ask((wasm, length) => wasm.paging(connection, length), takePaging, () => crossing.putText(input));
}
