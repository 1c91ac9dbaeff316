/** The one error class of the package. */

import { CODES } from "./codes.js";

/** What went wrong, as a stable word: match on it. The list is in the documentation of `codes.ts`. */
export type XeroErrorCode = keyof typeof CODES;

/** Who has to act: the calling program, whoever keeps the custom connection, Xero, the network, or this library. */
export type XeroErrorBlame = (typeof CODES)[XeroErrorCode][0];

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
  status?: number;
  correlationId?: string;
}

const BRAND = Symbol.for("xero-m2m.XeroError");

/**
 * Everything this package refuses or reports.
 *
 * Neither its message nor any of its properties holds a token, a secret or a part of a body.
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
  /** Whether the same call may succeed later with nothing changed. */
  declare readonly retryable: boolean;
  /** The earliest instant at which another try makes sense, in milliseconds since the epoch, where one is known. */
  declare readonly retryAt?: number;
  /** The operation it is about, such as `accounting.getInvoices`, where the call is one that the catalogue knows. */
  declare readonly operation?: string;
  /** The scopes it is about. For `scope_missing` any one of them would do; the first is the least. */
  declare readonly scopes?: readonly string[];
  /** The rule of Xero's it rests on, such as `R7`, where it rests on one. */
  declare readonly rule?: string;
  /** The status of the answer it stands for, where there was an answer. */
  declare readonly status?: number;
  /** The number under which Xero can find the call, where it gave one. */
  declare readonly correlationId?: string;

  /** @internal */
  constructor({ message, ...details }: XeroErrorDetails) {
    super(message);
    Object.assign(this, details);
  }

  static {
    Object.defineProperty(this.prototype, "name", { value: "XeroError", configurable: true, writable: true });
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  /** An error of any entry of the package is of the class that any entry exports: each has a copy of its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== XeroError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && BRAND in value;
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
