/**
 * Dates as Xero's APIs write them.
 *
 * @module
 */

/** Milliseconds since the epoch, in UTC; the offset after them changes nothing. */
const OF_DOT_NET = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;

const ISO = /^(\d{4}-\d\d-\d\d)(?:T((?:[01]\d|2[0-3]):\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * Reads a date in any form in which an API of Xero answers: `/Date(1552326816230+0000)/` of accounting and Australian payroll, and
 * `2019-03-11T00:00:00`, with or without time, fraction and zone, of `DateString` and of the other APIs.
 *
 * A text without a zone is read as UTC, as Xero writes it. So `Date` and `DateString` of a record give the same, and the day of an
 * invoice is `toISOString().slice(0, 10)` of it, wherever the program runs.
 *
 * Source: https://developer.xero.com/documentation/api/requests-and-responses
 *
 * @throws `RangeError` for a text that is no such date, and `TypeError` for what is no text. Neither holds the text.
 * @example
 * ```ts
 * import { readDate } from "xero-m2m/dates";
 *
 * console.log(readDate("/Date(1552262400000+0000)/").toISOString()); // 2019-03-11T00:00:00.000Z
 * console.log(readDate("2019-03-11T00:00:00").getTime()); // 1552262400000
 * ```
 */
export function readDate(text: string): Date {
  if (typeof text !== "string") throw new TypeError("readDate() takes the text of a date, such as the member Date of an invoice; it was given none");
  const date = new Date(ofDotNet(text) ?? ofIso(text));
  if (Number.isNaN(date.getTime())) throw new RangeError("readDate() was given a text that is no date of Xero's: neither /Date(…)/ nor YYYY-MM-DD with or without a time");
  return date;
}

function ofDotNet(text: string): number | undefined {
  const ms = OF_DOT_NET.exec(text)?.[1];
  return ms === undefined ? undefined : Number(ms);
}

function ofIso(text: string): number {
  const [, day, minute = "00:00", second = "00", fraction = "", zone = "Z"] = ISO.exec(text) ?? [];
  if (day === undefined) return NaN;
  const midnight = new Date(`${day}T00:00:00Z`);
  // Engines read the 30th of February as a day in March.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return NaN;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  return Date.parse(`${day}T${minute}:${second}.${fraction.slice(0, 3).padEnd(3, "0")}${offset}`);
}
