/** Which files of a folder are the project's own: neither installed nor built, nor left out by `.gitignore`. */

import { readFile, readdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import { count } from "./words.js";

/** Folders that tools fill: with packages of others, with what they build, with what they remember. */
const FILLED = new Set([
  ...["node_modules", "bower_components", "vendor", "venv", ".venv", "site-packages", "Pods"],
  ...["dist", "build", "target", "bin", "obj", "out", "coverage", "__pycache__"],
]);

/** Hidden folders whose files are written by people all the same. */
const WRITTEN = new Set([".github", ".gitlab", ".circleci", ".azure", ".buildkite"]);

/** What a folder has that is not the project's own. */
export interface LeftOut {
  /** The names of folders. */
  folders: string[];
  /** How many files `.gitignore` names. */
  files: number;
  /** How many files are hidden: their names begin with a dot. */
  hidden: number;
}

/** Whether a folder of this name is not the project's own. */
export function isFilled(name: string): boolean {
  return FILLED.has(name) || (name.startsWith(".") && name.length > 1 && !WRITTEN.has(name));
}

/** The rules of one `.gitignore`. */
interface Rules {
  folder: string;
  rules: Ignore;
}

/** The project's own files in a folder, sorted; what is left out is added to `left`. The folder itself was named on purpose. */
export async function ownFiles(folder: string, left: LeftOut): Promise<string[]> {
  const root = resolve(folder);
  const outer = (await rulesAbove(root)).filter((rules) => !isIgnored([rules], root, true));
  const files: string[] = [];
  await collect(root, outer, files, left);
  return files.sort();
}

async function collect(folder: string, outer: readonly Rules[], files: string[], left: LeftOut): Promise<void> {
  const own = await rulesOf(folder);
  const rules = own ? [...outer, own] : outer;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (isFilled(entry.name) || isIgnored(rules, path, true)) left.folders.push(entry.name);
      else await collect(path, rules, files, left);
    } else if (entry.isFile()) {
      if (isIgnored(rules, path, false)) left.files++;
      else if (entry.name.startsWith(".")) left.hidden++;
      else files.push(path);
    }
  }
}

/** The rules that hold in a folder because of those above it, outermost first: up to the root of its repository. */
async function rulesAbove(folder: string): Promise<Rules[]> {
  const found: Rules[] = [];
  for (let at = folder; !(await isThere(join(at, ".git"))); ) {
    const above = dirname(at);
    // Outside a repository the files above are nobody's rules.
    if (above === at) return [];
    at = above;
    const rules = await rulesOf(at);
    if (rules) found.unshift(rules);
  }
  return found;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function rulesOf(folder: string): Promise<Rules | undefined> {
  const text = await readFile(join(folder, ".gitignore"), "utf8").catch(() => "");
  return text ? { folder, rules: ignore().add(text) } : undefined;
}

/** The innermost rules that say something decide. */
function isIgnored(all: readonly Rules[], path: string, isFolder: boolean): boolean {
  for (const { folder, rules } of [...all].reverse()) {
    const name = relative(folder, path).split(sep).join("/");
    const { ignored, unignored } = rules.test(isFolder ? `${name}/` : name);
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** What was left out, in words; empty if nothing. */
export function leftOutWords({ folders, files, hidden }: LeftOut): string {
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
