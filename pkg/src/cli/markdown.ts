/** Markdown for comments on pull requests. */

import type { Finding } from "xero-m2m/policy";

/** The text on one line, without markup and without mentions of users. */
export function plain(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]<>|~#&]/g, "\\$&")
    .replaceAll(/(?<![\p{L}\p{N}])@/gu, "@&#8203;")
    .replaceAll(/\s+/g, " ");
}

/** Any text as code. */
export function code(text: string): string {
  const fence = "`".repeat(Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)) + 1);
  const pad = /^`|`$/.test(text) ? " " : "";
  // In a table a bar ends the cell, even within code.
  return `${fence}${pad}${text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|")}${pad}${fence}`;
}

/** A comment on a pull request has an end, so only so many calls or findings are listed. */
const MOST = 50;

/** A table; nothing if it has no rows. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (!rows.length) return "";
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const shown = rows.slice(0, MOST).map(row).join("");
  return `${row(heads)}${row(heads.map(() => "---"))}${shown}${more(rows)
    .map((text) => row([text, ...heads.slice(1).map(() => "")]))
    .join("")}`;
}

/** A list; nothing if it is empty. */
export function list(items: readonly string[]): string {
  return [...items.slice(0, MOST), ...more(items)].map((item) => `- ${item}\n`).join("");
}

function more(items: readonly unknown[]): string[] {
  return items.length > MOST ? [`and ${(items.length - MOST).toLocaleString("en")} more`] : [];
}

/** A list with a heading; nothing if it is empty. */
export function under(heading: string, items: readonly string[]): string {
  return items.length ? `**${heading}**\n\n${list(items)}` : "";
}

/** The sources of claims and findings, each once, as links. */
export function sourceLinks(claims: readonly Pick<Finding, "source">[]): string[] {
  const links = claims.map(({ source: { title, url } }) => (url ? `[${plain(title)}](${url})` : plain(title)));
  return [...new Set(links)];
}

/** Something that is opened to be read. */
export function details(summary: string, body: string): string {
  return body && `<details><summary>${summary}</summary>\n\n${body}\n</details>\n`;
}

/** The parts that are not empty, with a line between them. */
export function document(...parts: readonly string[]): string {
  return `${parts
    .filter(Boolean)
    .map((part) => part.trimEnd())
    .join("\n\n")}\n`;
}
