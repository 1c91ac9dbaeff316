/** The log of a local Xero, as lines. */

import type { SimulatorLogEntry } from "xero-m2m/simulator";
import { print } from "./output.js";
import { oneLine } from "./redact.js";

/** The forms of the log. */
export const LOGS = ["text", "json", "none"] as const;
export type LogForm = (typeof LOGS)[number];

/** Returns a function that writes an entry to standard error; `undefined` for no log. */
export function logOf(form: LogForm): ((entry: SimulatorLogEntry) => void) | undefined {
  if (form === "none") return undefined;
  const line = form === "json" ? (entry: SimulatorLogEntry) => JSON.stringify(entry) : lineOf;
  return (entry) => void print(`${oneLine(line(entry))}\n`, process.stderr).catch(() => {});
}

/** `21:00:00.000 GET /api.xro/2.0/Invoices?page 200 3 ms, accounting.getInvoices, opened by accounting.invoices.read`. */
function lineOf({ at, method, host, path = "", query, status, ms, operation, scopes, refused }: SimulatorLogEntry): string {
  const names = query.length ? `?${query.join("&")}` : "";
  const place = path === "" ? host : `${host === undefined ? "" : `https://${host}`}${path}${names}`;
  const facts = [
    `${at.slice(11, 23)} ${method} ${place} ${status ?? "no answer"} ${ms} ms`,
    operation,
    scopes && `opened by ${scopes.join(", ")}`,
    refused && `refused: ${refused}`,
  ];
  return facts.filter(Boolean).join(", ");
}
