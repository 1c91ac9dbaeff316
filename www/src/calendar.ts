/** A reminder of a deadline, for any calendar: RFC 5545. */

import type { CatalogueRule, Deadline } from "xero-m2m/policy";
import { day } from "./format.js";

/** The reminders of a calendar, in days before the deadline. */
const REMIND = [90, 30, 7];

/** A whole-day event on the first day of the deadline. `now` is the time of writing, in milliseconds since the epoch. */
export function calendar(deadline: Deadline, rule: CatalogueRule, now: number): string {
  const { firstDay, reported, source } = deadline;
  const after = new Date(Date.parse(`${firstDay}T00:00:00Z`) + 86_400_000).toISOString();
  const summary = "Broad scopes of Xero end";
  const notes = [
    `${rule.text} (${rule.id})`,
    reported && `Third parties report ${day(reported.day)}.`,
    rule.more,
    `${source.title}${source.url ? `: ${source.url}` : ""}`,
  ];
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//xero-m2m//scopes//EN",
    "CALSCALE:GREGORIAN",
    "BEGIN:VEVENT",
    // The same deadline has the same id, so that a second import changes the event and does not double it.
    `UID:${rule.id}-${firstDay}@xero-m2m`,
    `DTSTAMP:${digits(new Date(now).toISOString().slice(0, 19))}Z`,
    `DTSTART;VALUE=DATE:${digits(firstDay)}`,
    `DTEND;VALUE=DATE:${digits(after.slice(0, 10))}`,
    `SUMMARY:${escaped(summary)}`,
    `DESCRIPTION:${escaped(notes.filter(Boolean).join("\n"))}`,
    ...(source.url ? [`URL:${source.url}`] : []),
    "TRANSP:TRANSPARENT",
    ...REMIND.flatMap((days) => [
      "BEGIN:VALARM",
      "ACTION:DISPLAY",
      `DESCRIPTION:${escaped(`${summary} in ${days} days`)}`,
      `TRIGGER:-P${days}D`,
      "END:VALARM",
    ]),
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

function digits(text: string): string {
  return text.replace(/[-:]/g, "");
}

/** Section 3.3.11. */
function escaped(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");
}

/** Section 3.1: no line is longer than 75 octets, and no character is torn. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let out = "";
  let octets = 0;
  for (const sign of line) {
    const size = encoder.encode(sign).length;
    if (octets + size > 75) {
      out += "\r\n ";
      octets = 1;
    }
    out += sign;
    octets += size;
  }
  return out;
}
