/** Files on a disk: their names, and their bytes. */

import { closeSync, constants, openSync, readSync } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { join, relative, resolve } from "node:path";
import { pathPattern, splitPattern } from "./glob.js";
import { progress } from "./progress.js";
import { type LeftOut, type Rules, isBuilt, isFilled, isIgnored, rulesAbove, rulesOf, trackedAbove } from "./own.js";

/** An error about a file, in words. */
export class Unreadable extends Error {}

/** The project's own files in a folder, at any depth, in alphabetical order; files that are left out are added to `left`. */
export async function filesIn(folder: string, left: LeftOut): Promise<string[]> {
  const root = resolve(folder);
  return walk(root, { fits: () => true, named: new Set(), hidden: false, rules: await rulesAbove(root), tracked: await trackedAbove(root) }, left);
}

/**
 * Every file that matches a pattern, in alphabetical order; the pattern starts from `folder` and has `/` between names. Of
 * folders that are not the project's own, only those that the pattern names are searched; `.gitignore` is not read.
 */
export function filesLike(pattern: string, folder: string, left: LeftOut): Promise<string[]> {
  const { base, glob } = splitPattern(pattern);
  const names = glob.split("/");
  const hidden = /(?:^|[/{,])\./.test(glob);
  // Between braces there may be any number of slashes.
  const depth = glob.includes("**") || glob.includes("{") ? Number.POSITIVE_INFINITY : names.length;
  return walk(resolve(folder, base), { fits: pathPattern(glob), named: new Set(names), hidden, depth }, left);
}

/** The files that a walk through folders looks for. */
interface Wanted {
  fits(path: string): boolean;
  /** Names of folders that are searched, even if they are not the project's own. */
  named: ReadonlySet<string>;
  hidden: boolean;
  /** The largest number of names in a path. Default: any number. */
  depth?: number;
  /** Folders that git tracks: they are searched even if tools use such names. */
  tracked?: ReadonlySet<string>;
  /** The rules of `.gitignore` above, if such rules hold. */
  rules?: readonly Rules[];
}

async function walk(root: string, wanted: Wanted, left: LeftOut): Promise<string[]> {
  const { fits, named, hidden, depth = Number.POSITIVE_INFINITY, rules: above } = wanted;
  const found: string[] = [];
  const links: string[] = [];
  const searched = new Set<string>();
  const folders = [{ folder: "", rules: above ?? [] }];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const { folder } = next;
    progress(() => `searching folders, ${found.length} files so far`);
    const own = above && (await rulesOf(join(root, folder)));
    const rules = own ? [...next.rules, own] : next.rules;
    const here = join(root, folder);
    searched.add(here);
    const entries = await readdir(here, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      left.unread.push([here, reason(error)]);
      return [];
    });
    for (const entry of entries) {
      const { name } = entry;
      const path = folder ? `${folder}/${name}` : name;
      const isHidden = name.startsWith(".") && !hidden;
      if (entry.isDirectory()) {
        if (path.split("/").length >= depth) continue;
        const isOwn = named.has(name) || (isBuilt(name) && wanted.tracked?.has(join(root, path)));
        const isStrange = isFilled(name, hidden) && !isOwn;
        if (isStrange || isIgnored(rules, join(root, path), true)) left.folders.push(name);
        else folders.push({ folder: path, rules });
      } else if (entry.isSymbolicLink() && (await isFolder(join(root, path)))) {
        links.push(join(root, path));
      } else if (!fits(path)) continue;
      else if (isIgnored(rules, join(root, path), false)) left.files++;
      else if (isHidden) left.hidden++;
      else found.push(join(root, path));
    }
  }
  const real = await realpath(root).catch(() => root);
  for (const link of links) {
    const target = join(root, relative(real, await realpath(link).catch(() => "")));
    // What a link leads to was searched where it is, if it is in this folder. A pattern may have asked for other names there.
    if (above && searched.has(target)) continue;
    left.unread.push([link, "it is a link to a folder, and such links are not followed"]);
  }
  return found.sort();
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "it may not be read",
};

/** The limits for reading a file. */
export interface Bounds {
  /** The largest size, in bytes. */
  most: number;
  /** True if it may be a pipe, as a shell makes one for `<(command)`. */
  pipe?: boolean;
}

/** The bytes of a file. Devices, and pipes unless they are named on purpose, are refused: they might never end. */
export async function readBytes(path: string, { most, pipe = false }: Bounds): Promise<Buffer> {
  try {
    if (pipe && (await stat(path)).isFIFO()) {
      return await bounded(readPipe(path), most);
    }
    const file = await open(path, WITHOUT_WAITING);
    try {
      const stat = await file.stat();
      if (stat.isDirectory()) throw new Unreadable(REASONS["EISDIR"]);
      if (!stat.isFile()) throw new Unreadable("it is a device or a pipe, not a file");
      return await bounded(file.createReadStream({ autoClose: false }), most);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(reason(error as NodeJS.ErrnoException));
  }
}

/** Flags that open a pipe without waiting for a writer, because there may never be one. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The content of a pipe, as long as it is open for writing. */
async function* readPipe(path: string): AsyncGenerator<Buffer> {
  const fd = openSync(path, WITHOUT_WAITING);
  const first = Buffer.alloc(2 ** 16);
  let size: number | undefined;
  try {
    size = readSync(fd, first);
  } catch (error) {
    // It has a writer who has written nothing yet.
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
  if (size === 0) {
    closeSync(fd);
    throw new Unreadable("it is a pipe, and nothing was written into it");
  }
  if (size !== undefined) yield first.subarray(0, size);
  yield* new Socket({ fd, readable: true, writable: false });
}

async function bounded(stream: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) throw new Unreadable(`it is larger than ${words(most)}`);
  }
  return Buffer.concat(chunks);
}

function reason({ code = "" }: NodeJS.ErrnoException): string {
  return REASONS[code] ?? (code || "it cannot be read");
}

function words(bytes: number): string {
  return bytes < 2 ** 30 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 30} GiB`;
}
