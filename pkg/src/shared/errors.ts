/** The one error class of the package. */

import { CODES } from "./codes.js";
import { ERRORS_PAGE } from "./pages.js";
import type { ValidationMessage } from "./validation.js";

/** The kind of an error, as a stable word: match on it. The list is in the documentation of `codes.ts`. */
export type XeroErrorCode = keyof typeof CODES;

/** The party that has to act: the calling program, the owner of the custom connection, Xero, the network, or this library. */
export type XeroErrorBlame = (typeof CODES)[XeroErrorCode][0];

/** A limit of Xero: the organisation's minute or day, the app's minute, calls at once, or one without a known name. */
export type XeroLimit = "minute" | "day" | "app_minute" | "concurrent" | "offline" | "other";

/** The members of an error besides its stack. */
export interface XeroErrorDetails {
  code: XeroErrorCode;
  blame: XeroErrorBlame;
  retryable: boolean;
  message: string;
  retryAt?: number;
  retryUntil?: number;
  operation?: string;
  scopes?: string[];
  rule?: string;
  limit?: XeroLimit;
  status?: number;
  correlationId?: string;
  outcome?: "unknown";
}

const BRAND = Symbol.for("xero-m2m.XeroError");

/**
 * Every error that this package throws.
 *
 * Neither its message nor any of its enumerable properties holds a token, a secret or a part of a body.
 *
 * @example
 * ```ts
 * try {
 *   await xero.json("GET", "/Journals");
 * } catch (error) {
 *   if (error instanceof XeroError && error.code === "scope_missing") console.error(error.scopes, error.rule);
 *   else throw error;
 * }
 * ```
 */
export class XeroError extends Error {
  /** The kind of the error, as a stable word. */
  declare readonly code: XeroErrorCode;
  /** The party that has to act. */
  declare readonly blame: XeroErrorBlame;
  /**
   * True if the same call can be repeated unchanged and may then succeed. Never true for a write that may have been carried
   * out (`outcome`): repeated, it could be carried out twice.
   */
  declare readonly retryable: boolean;
  /** The earliest time at which another attempt makes sense, in milliseconds since the epoch, if it is known. */
  declare readonly retryAt?: number;
  /**
   * The time before which a lost write may be sent again with the same `Idempotency-Key`, in milliseconds since the epoch. After it
   * Xero may carry the write out a second time: a queue of jobs that comes back later looks first whether it was carried out.
   */
  declare readonly retryUntil?: number;
  /** The operation of the call, such as `accounting.getInvoices`, if the catalogue has it. */
  declare readonly operation?: string;
  /** The scopes that are missing or wrong. For `scope_missing` any one of them is enough; the first is the smallest. */
  declare readonly scopes?: readonly string[];
  /** The rule of Xero that is its reason, such as `R7`, if there is one. */
  declare readonly rule?: string;
  /** The limit that was reached, if that is the reason; it ends at `retryAt`. */
  declare readonly limit?: XeroLimit;
  /** The status of the response, if there was one. */
  declare readonly status?: number;
  /** The number under which Xero can find the call, if Xero gave one. */
  declare readonly correlationId?: string;
  /**
   * `"unknown"` if a write was sent and its response was lost: Xero may have carried it out. The message explains how to find
   * out. Absent otherwise.
   */
  declare readonly outcome?: "unknown";

  /**
   * Xero's validation messages, which may quote the data that was sent. The property is therefore not enumerable and not in
   * `toJSON`, so that it does not get into logs by accident.
   */
  declare readonly validation: readonly ValidationMessage[];

  /** @internal */
  constructor({ message, ...details }: XeroErrorDetails, validation: readonly ValidationMessage[] = []) {
    super(message);
    Object.assign(this, details);
    Object.defineProperty(this, "validation", { value: Object.freeze(validation) });
  }

  static {
    Object.defineProperty(this, "name", { value: "XeroError" });
    Object.defineProperty(this.prototype, "name", { value: "XeroError", configurable: true, writable: true });
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  /** Accepts the errors of every entry of the package: each entry has a copy of this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== XeroError) return Function.prototype[Symbol.hasInstance].call(this, value);
    try {
      return typeof value === "object" && value !== null && BRAND in value;
    } catch {
      // A proxy whose trap throws.
      return false;
    }
  }

  /**
   * The address of the page that explains the code, with its anchor; `npx xero-m2m explain CODE` prints the same. It is in
   * neither `Object.keys` nor `toJSON`.
   */
  get help(): string {
    return `${ERRORS_PAGE}#${this.code}`;
  }

  /** Returns all members but the stack and `validation`, for logs. */
  toJSON(): XeroErrorDetails & { name: string } {
    return { name: this.name, message: this.message, ...(this as unknown as Omit<XeroErrorDetails, "message">) };
  }
}

/** Makes an error with the blame of its code, and its retryability if no other is given. */
export function failure(code: XeroErrorCode, message: string, retryable: boolean = CODES[code][1]): XeroError {
  const [blame] = CODES[code];
  return new XeroError({ code, blame, retryable, message });
}

/** The error of a client that was closed. */
export const closed = (): XeroError => failure("closed", "the client was closed; make a new one");
