/** The project's own files in a folder: neither installed nor built, nor left out by `.gitignore`. */

import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { type Fits, MOST_PATTERN, pathPattern } from "./glob.js";
import { count } from "./phrases.js";

/** Folders that tools fill with packages, builds and caches. */
const FILLED = new Set([
  ...["node_modules", "bower_components", "vendor", "venv", ".venv", "site-packages", "Pods"],
  ...["dist", "build", "target", "bin", "obj", "out", "coverage", "__pycache__"],
]);

/** Of these, folders that people also write in by hand: they are the project's own where git tracks them. */
const BUILT = new Set(["build", "target", "bin", "obj", "out"]);

/** Hidden folders whose files are written by people all the same. */
const WRITTEN = new Set([".github", ".gitlab", ".circleci", ".azure", ".buildkite"]);

/** The content of a folder that is not read: it is not the project's own, or cannot be searched. */
export interface LeftOut {
  /** The names of folders. */
  folders: string[];
  /** The number of files that `.gitignore` names. */
  files: number;
  /** The number of hidden files: their names begin with a dot. */
  hidden: number;
  /** The paths that could not be searched, each with the reason. */
  unread: [path: string, why: string][];
}

/** Returns true if a folder of this name is not the project's own. Hidden folders are not, unless they are asked for. */
export function isFilled(name: string, hidden: boolean): boolean {
  return FILLED.has(name) || (name.startsWith(".") && !hidden && !WRITTEN.has(name));
}

/** Returns true if people may write in a folder of this name, and so git decides whether it is the project's own. */
export function isBuilt(name: string): boolean {
  return BUILT.has(name);
}

/** The folders that git tracks files in, of the repository that a folder is in; empty if its index is not there or of another form. */
export async function trackedAbove(folder: string): Promise<ReadonlySet<string>> {
  for (let at = folder; ; at = dirname(at)) {
    const index = await readFile(join(at, ".git", "index")).catch(() => undefined);
    if (index) return new Set(namesIn(index).flatMap((name) => foldersOf(name).map((path) => join(at, path))));
    if (dirname(at) === at || (await isThere(join(at, ".git")))) return new Set();
  }
}

function foldersOf(name: string): string[] {
  const names = name.split("/");
  return names.slice(1).map((_, last) => names.slice(0, last + 1).join("/"));
}

/** The names in an index of git of version 2 or 3: each behind 62 bytes, or 64, and filled up with zeros. */
function namesIn(index: Buffer): string[] {
  const names: string[] = [];
  if (index.length < 12 || index.toString("latin1", 0, 4) !== "DIRC" || index.readUInt32BE(4) > 3) return names;
  let at = 12;
  for (let left = index.readUInt32BE(8); left > 0 && at + 62 < index.length; left--) {
    const start = at + (index.readUInt16BE(at + 60) & 0x40_00 ? 64 : 62);
    const end = index.indexOf(0, start);
    if (end < 0) break;
    names.push(index.toString("utf8", start, end));
    at += Math.ceil((end + 1 - at) / 8) * 8;
  }
  return names;
}

/** A line of a `.gitignore`. */
interface Rule {
  fits: Fits;
  /** True if it is about folders only. */
  isOfFolders: boolean;
  /** True if matching paths are left out; false if they are read, even where earlier lines leave them out. */
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
    // Outside a repository the files above do not count.
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

/** Returns true if the rules ignore a path. The innermost rules that match it decide. */
export function isIgnored(all: readonly Rules[], path: string, isFolder: boolean): boolean {
  for (const { folder, rules } of [...all].reverse()) {
    const names = relative(folder, path).split(sep);
    let isOut: boolean | undefined;
    // Nothing in a folder that is left out can be included again.
    for (let depth = 1; depth <= names.length && isOut !== true; depth++) {
      const above = names.slice(0, depth).join("/");
      const last = [...rules].reverse().find(({ fits, isOfFolders }) => (!isOfFolders || isFolder || depth < names.length) && fits(above));
      isOut = last?.leavesOut ?? isOut;
    }
    if (isOut !== undefined) return isOut;
  }
  return false;
}

/** The folders and files that were left out, in words; empty if there are none. */
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
