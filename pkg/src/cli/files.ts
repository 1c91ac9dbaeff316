/** Files on a disk: which there are, and their bytes. */

import { constants } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import picomatch from "picomatch";

/** What is wrong with a file, in words. */
export class Unreadable extends Error {}

/** Files, and what was not looked into. */
export interface Files {
  /** Paths of files, in alphabetical order. */
  paths: string[];
  /** Folders that may have more, each with the reason why that is not known. */
  left: [path: string, why: string][];
}

/** Every file in a folder, at any depth. Hidden ones and `node_modules` are left out. */
export function filesIn(folder: string): Promise<Files> {
  return walk(resolve(folder), () => true);
}

/** Every file that a pattern fits; the pattern starts from `folder` and has `/` between names. */
export function filesLike(pattern: string, folder: string): Promise<Files> {
  const { base, glob } = picomatch.scan(pattern);
  // `s`: a line break in a name is a character like any other.
  const fits = picomatch(glob, { flags: "s", ignore: "**/node_modules/**" });
  return walk(resolve(folder, base), fits, glob.includes("/.") || glob.startsWith("."));
}

/** Whether a path is a pattern. */
export function isPattern(path: string): boolean {
  return picomatch.scan(path).isGlob;
}

async function walk(root: string, fits: (path: string) => boolean, hidden = false): Promise<Files> {
  const found: Files = { paths: [], left: [] };
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const here = join(root, folder);
    const entries = await readdir(here, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      found.left.push([here, reason(error)]);
      return [];
    });
    for (const entry of entries) {
      if (entry.name === "node_modules" || (entry.name.startsWith(".") && !hidden)) continue;
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      const full = join(root, path);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isSymbolicLink() && (await isFolder(full))) {
        found.left.push([full, "it is a link to a folder, and such links are not followed"]);
      } else if (fits(path)) found.paths.push(full);
    }
  }
  found.paths.sort();
  return found;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "it may not be read",
};

/** How much of a file is read, and of which kinds. */
export interface Bounds {
  /** Larger ones are refused. */
  most: number;
  /** Whether it may be a pipe, as a shell makes one for `<(command)`. */
  pipe?: boolean;
}

/** The bytes of a file. Devices, and pipes unless they are expected, are refused: they might never end. */
export async function readBytes(path: string, { most, pipe = false }: Bounds): Promise<Buffer> {
  try {
    // Opening a pipe waits for its writer, unless it is told not to wait; then reading one that is empty fails.
    const file = await open(path, pipe ? constants.O_RDONLY : constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await file.stat();
      if (stat.isDirectory()) throw new Unreadable(REASONS["EISDIR"]);
      if (!stat.isFile() && !(pipe && stat.isFIFO())) throw new Unreadable("it is a device or a pipe, and no file");
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of file.createReadStream({ autoClose: false })) {
        chunks.push(chunk as Buffer);
        size += (chunk as Buffer).length;
        if (size > most) throw new Unreadable(`it is larger than ${words(most)}`);
      }
      return Buffer.concat(chunks);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(reason(error as NodeJS.ErrnoException));
  }
}

function reason({ code = "" }: NodeJS.ErrnoException): string {
  return REASONS[code] ?? (code || "it cannot be read");
}

function words(bytes: number): string {
  return bytes < 2 ** 30 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 30} GiB`;
}
