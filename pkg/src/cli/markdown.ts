/** Markdown for comments on pull requests. */

/** A text in which nothing is markup, on one line. */
export function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|~#&@]/g, (mark) => (mark === "@" ? "&#64;" : `\\${mark}`)).replaceAll(/\s+/g, " ");
}

/** A text as code, whatever is in it. */
export function code(text: string): string {
  const fence = "`".repeat(Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)) + 1);
  const pad = /^`|`$/.test(text) ? " " : "";
  // In a table a bar ends the cell, even within code.
  return `${fence}${pad}${text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|")}${pad}${fence}`;
}

/** A table; nothing if it has no rows. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (!rows.length) return "";
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return `${row(heads)}${row(heads.map(() => "---"))}${rows.map(row).join("")}`;
}

/** A list; nothing if it is empty. */
export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}\n`).join("");
}

/** Something that is opened to be read. */
export function details(summary: string, body: string): string {
  return body && `<details><summary>${summary}</summary>\n\n${body}\n</details>\n`;
}

/** The parts that are not empty, with a line between them. */
export function document(...parts: readonly string[]): string {
  return `${parts.filter(Boolean).map((part) => part.trimEnd()).join("\n\n")}\n`;
}
