/** Annotations of GitHub Actions: commands that its runner shows at the line of a file. */

import { relative, resolve, sep } from "node:path";
import { type Place, where } from "./input.js";
import { oneLine, redacted, uncommanded } from "./redact.js";
import type { Report } from "./sarif.js";

/** The levels of an annotation. */
export type Level = "error" | "warning" | "notice";

const LEVELS: Record<Report["severity"], Level | undefined> = { error: "error", warning: "warning", info: "notice", fact: undefined };

const ORDER: readonly Level[] = ["error", "warning", "notice"];

/**
 * The annotations of reports, worst first: GitHub shows ten of each level in a step. Facts and old reports get none, so
 * `head` comes first and has the numbers. `fallback` is where reports without a place go.
 */
export function annotations(head: [Level, string], title: string, reports: readonly Report[], fallback?: Place): string {
  const lines = reports.flatMap((report): [Level, string][] => {
    const level = LEVELS[report.severity];
    if (!level || report.old) return [];
    return [[level, command(level, `${title}: ${report.rule}`, report.message, report.place ?? fallback)]];
  });
  lines.sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
  return [command(head[0], title, head[1]), ...lines.map(([, line]) => line)].map((line) => `${line}\n`).join("");
}

function command(level: Level, title: string, message: string, place?: Place): string {
  const [at, text] = place ? placed(place, message) : [{}, message];
  const properties = Object.entries({ ...at, title }).map(([name, value]) => `${name}=${ofProperty(String(value))}`);
  return `::${level} ${properties.join(",")}::${ofMessage(text)}`;
}

/** The place as properties, and the message, which has the place itself if that is no file. */
function placed(place: Place, message: string): [Record<string, string | number>, string] {
  const { source, line, column, endColumn } = place;
  const file = source.from ? source.from.source.file : source.file;
  if (file === undefined) return [{}, `${where(place)}: ${message}`];
  return [{ file: inRepository(file), line, col: column, ...(endColumn && { endColumn }) }, message];
}

/** The path from the root of the checked-out repository, as GitHub looks for it; one outside of it stays as it is. */
function inRepository(file: string): string {
  const root = process.env["GITHUB_WORKSPACE"];
  if (!root) return file;
  const path = relative(root, resolve(file)).split(sep).join("/");
  return path.startsWith("../") ? file : path;
}

/** A text that ends no command and begins none, as GitHub's runner decodes it. */
function ofMessage(text: string): string {
  const escape = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  return uncommanded(oneLine(redacted(text))).replaceAll(/[%\r\n]/g, escape);
}

function ofProperty(text: string): string {
  return ofMessage(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
