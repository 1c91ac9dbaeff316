/** The one error class of the package. */

import { CODES } from "./codes.js";
import type { ValidationMessage } from "./validation.js";

/** What went wrong, as a stable word: match on it. The list is in the documentation of `codes.ts`. */
export type XeroErrorCode = keyof typeof CODES;

/** Who has to act: the calling program, whoever keeps the custom connection, Xero, the network, or this library. */
export type XeroErrorBlame = (typeof CODES)[XeroErrorCode][0];

/** A limit of Xero's: of the organisation's minute or day, of the app's minute, of calls at once, or one not known by name. */
export type XeroLimit = "minute" | "day" | "app_minute" | "concurrent" | "offline" | "other";

/** What an error carries besides its stack. */
export interface XeroErrorDetails {
  code: XeroErrorCode;
  blame: XeroErrorBlame;
  retryable: boolean;
  message: string;
  retryAt?: number;
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
 * Everything this package refuses or reports.
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
  /** What went wrong, as a stable word. */
  declare readonly code: XeroErrorCode;
  /** Who has to act. */
  declare readonly blame: XeroErrorBlame;
  /**
   * The same call may be made again and may succeed, with nothing changed. Never for a write that may have been carried out
   * (`outcome`): made again, it could be carried out twice.
   */
  declare readonly retryable: boolean;
  /** The earliest instant at which another try makes sense, in milliseconds since the epoch, where one is known. */
  declare readonly retryAt?: number;
  /** The operation it is about, such as `accounting.getInvoices`, where the call is one that the catalogue knows. */
  declare readonly operation?: string;
  /** The scopes it is about. For `scope_missing` any one of them would do; the first is the least. */
  declare readonly scopes?: readonly string[];
  /** The rule of Xero's it rests on, such as `R7`, where it rests on one. */
  declare readonly rule?: string;
  /** The limit it is about, where it is about one; `retryAt` says until when. */
  declare readonly limit?: XeroLimit;
  /** The status of the answer it stands for, where there was an answer. */
  declare readonly status?: number;
  /** The number under which Xero can find the call, where it gave one. */
  declare readonly correlationId?: string;
  /**
   * `"unknown"`: a write was sent, no answer says what became of it, and Xero may have carried it out. The message says how
   * to find out. Absent for everything else.
   */
  declare readonly outcome?: "unknown";

  /**
   * What Xero says is wrong with the data of the call, in Xero's own words, which may quote what was sent. So it is not
   * enumerable, and not in `toJSON`: it is there to be used, and does not get into logs by itself.
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

  /** An error of any entry of the package is of the class that any entry exports: each has a copy of its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== XeroError) return Function.prototype[Symbol.hasInstance].call(this, value);
    try {
      return typeof value === "object" && value !== null && BRAND in value;
    } catch {
      // A proxy that has no answer.
      return false;
    }
  }

  /** All of it but the stack, for logs. */
  toJSON(): XeroErrorDetails & { name: string } {
    return { name: this.name, message: this.message, ...(this as unknown as Omit<XeroErrorDetails, "message">) };
  }
}

/** An error of the facade's own making. */
export function failure(code: XeroErrorCode, message: string): XeroError {
  const [blame, retryable] = CODES[code];
  return new XeroError({ code, blame, retryable, message });
}
