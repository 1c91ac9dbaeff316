/** Which files of a folder are the project's own: neither installed nor built, nor left out by `.gitignore`. */

import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { type Fits, MOST_PATTERN, pathPattern } from "./glob.js";
import { count } from "./phrases.js";

/** Folders that tools fill: with packages of others, with what they build, with what they remember. */
const FILLED = new Set([
  ...["node_modules", "bower_components", "vendor", "venv", ".venv", "site-packages", "Pods"],
  ...["dist", "build", "target", "bin", "obj", "out", "coverage", "__pycache__"],
]);

/** Hidden folders whose files are written by people all the same. */
const WRITTEN = new Set([".github", ".gitlab", ".circleci", ".azure", ".buildkite"]);

/** What a folder has that is not read: it is not the project's own, or cannot be looked into. */
export interface LeftOut {
  /** The names of folders. */
  folders: string[];
  /** How many files `.gitignore` names. */
  files: number;
  /** How many files are hidden: their names begin with a dot. */
  hidden: number;
  /** What could not be looked into, each with the reason. */
  unread: [path: string, why: string][];
}

/** Whether a folder of this name is not the project's own. Hidden ones are not, unless they are asked for. */
export function isFilled(name: string, hidden: boolean): boolean {
  return FILLED.has(name) || (name.startsWith(".") && !hidden && !WRITTEN.has(name));
}

/** A line of a `.gitignore`. */
interface Rule {
  fits: Fits;
  /** Whether it is about folders only. */
  isOfFolders: boolean;
  /** Whether what fits is left out; else it is not, whatever lines before say. */
  leavesOut: boolean;
}

/** The rules of one `.gitignore`. */
export interface Rules {
  folder: string;
  rules: readonly Rule[];
}

/**
 * The rules that hold in a folder because of those above it, outermost first: up to the root of its repository. One that
 * ignores the folder itself does not count, because the folder was named on purpose.
 */
export async function rulesAbove(folder: string): Promise<Rules[]> {
  const found: Rules[] = [];
  for (let at = folder; !(await isThere(join(at, ".git"))); ) {
    const above = dirname(at);
    // Outside a repository the files above are nobody's rules.
    if (above === at) return [];
    at = above;
    const rules = await rulesOf(at);
    if (rules && !isIgnored([rules], folder, true)) found.unshift(rules);
  }
  return found;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The rules that a folder adds. */
export async function rulesOf(folder: string): Promise<Rules | undefined> {
  const text = await readFile(join(folder, ".gitignore"), "utf8").catch(() => "");
  return text ? { folder, rules: text.split(/\r?\n/).flatMap(ruleOf) } : undefined;
}

/** Reads a line as git does: without a slash in it, but at its end, it is about names at any depth. */
function ruleOf(line: string): Rule[] {
  const text = withoutSpaces(line.replace(/^\ufeff/, ""));
  const leavesOut = !text.startsWith("!");
  const whole = leavesOut ? text : text.slice(1);
  const isOfFolders = whole.endsWith("/");
  const path = isOfFolders ? whole.slice(0, -1) : whole;
  if (!path || text.startsWith("#") || path.length > MOST_PATTERN) return [];
  const pattern = path.startsWith("/") ? path.slice(1) : path.includes("/") ? path : `**/${path}`;
  return [{ fits: pathPattern(pattern, { braces: false }), isOfFolders, leavesOut }];
}

/** Spaces at the end do not count, unless there is a backslash before the first of them. */
function withoutSpaces(line: string): string {
  const end = line.trimEnd().length;
  return line.slice(0, line[end - 1] === "\\" ? end + 1 : end);
}

/** Whether rules ignore a path. The innermost that say something of it decide. */
export function isIgnored(all: readonly Rules[], path: string, isFolder: boolean): boolean {
  for (const { folder, rules } of [...all].reverse()) {
    const names = relative(folder, path).split(sep);
    let isOut: boolean | undefined;
    // What is in a folder that is left out cannot be had back.
    for (let depth = 1; depth <= names.length && isOut !== true; depth++) {
      const above = names.slice(0, depth).join("/");
      const last = [...rules].reverse().find(({ fits, isOfFolders }) => (!isOfFolders || isFolder || depth < names.length) && fits(above));
      isOut = last?.leavesOut ?? isOut;
    }
    if (isOut !== undefined) return isOut;
  }
  return false;
}

/** What was left out, in words; empty if nothing. */
export function leftOutWords({ folders, files, hidden }: Omit<LeftOut, "unread">): string {
  const names = [...new Set(folders)].sort();
  const shown = names.length > 5 ? [...names.slice(0, 5), "..."] : names;
  const parts = [
    folders.length ? `${count(folders.length, "folder")} (${shown.join(", ")})` : "",
    files ? `${count(files, "file")} that .gitignore names` : "",
    hidden ? count(hidden, "hidden file") : "",
  ].filter(Boolean);
  const all = [parts.slice(0, -1).join(", "), parts.at(-1)].filter(Boolean).join(" and ");
  return all && `left out: ${all}; they are not the project's own, so name one to have it read`;
}
