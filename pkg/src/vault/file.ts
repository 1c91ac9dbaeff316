/**
 * A vault in a file of this machine, for one process or several.
 *
 * @module
 */

import { lstat, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type XeroError, failure } from "../shared/errors.js";
import { type Found, REFUSE, type Refusing, type SharedStore, type Turn } from "./store.js";

export type { Found, SharedStore, Turn } from "./store.js";

/** The age of a lock whose process is gone, in milliseconds. A process that held it for nearly as long gives up. */
const STALE_MS = 5_000;
const HELD_MS = 4_000;

/** The most characters that are read of a file. */
const MOST_CHARACTERS = 65_536;

/**
 * Makes a {@link SharedStore} of one file. It holds one vault under any key.
 *
 * A swap writes a new file beside the old one, has the disk write it out, and puts it in the place of the old one, so that a process
 * that is killed leaves either of the two. A lock file keeps other processes away meanwhile. The file is readable by its owner only;
 * one that others can read, and a symbolic link, are refused. The folder has to be on a disk of this machine: on a network folder
 * neither the lock nor the swap is certain.
 *
 * @param path The file. Its folder has to exist, and the process has to be allowed to write in it.
 * @throws `XeroError` `vault_unavailable`, from `swap`, if the file cannot be read or written.
 * @example
 * ```ts
 * import { file } from "xero-m2m/file";
 * import { UserConnection } from "xero-m2m/user";
 *
 * const vault = file("/var/lib/billing/xero.vault");
 * export const xero = new UserConnection({ clientId: process.env.XERO_CLIENT_ID, clientSecret: process.env.XERO_CLIENT_SECRET, vault });
 * ```
 */
export function file(path: string): SharedStore {
  if (typeof path !== "string" || path === "") throw failure("invalid_option", "file() takes the path of a file");
  const place = resolve(path);
  return {
    durable: true,
    [REFUSE]: () => {
      throw failure("invalid_option", "a file holds one document, and a fleet needs several: give the fleet redis(), postgres() or durableObject()");
    },
    swap: async (turn) => {
      try {
        return await swap(place, turn);
      } catch (thrown) {
        throw explained(thrown, place);
      }
    },
  } satisfies Refusing as SharedStore;
}

async function swap(path: string, turn: Turn): Promise<Found> {
  const { version, document } = turn;
  if (version < 0 || document === undefined) return { swapped: false, at: Date.now(), ...(await read(path)) };
  const lock = await Lock.take(`${path}.lock`, turn.slackMs);
  if (!lock) return { swapped: false, at: Date.now(), ...(await read(path)) };
  try {
    const there = await read(path);
    const isInTime = (): boolean => Math.abs(Date.now() - turn.at) <= turn.slackMs;
    if (there.version !== version || !isInTime()) return { swapped: false, at: Date.now(), ...there };
    const next = Math.max(version + 1, Date.now());
    const beside = join(dirname(path), `.${basename(path)}.${random()}`);
    try {
      await write(beside, `${next}\n${document}`);
      if (!(await lock.isHeld()) || !isInTime()) return { swapped: false, at: Date.now(), ...there };
      await rename(beside, path);
    } catch (thrown) {
      await unlink(beside).catch(() => {});
      throw thrown;
    }
    await syncFolder(dirname(path));
    return { swapped: true, version: next, at: Date.now() };
  } finally {
    await lock.release();
  }
}

/** The version and the document in a file. */
async function read(path: string): Promise<{ version: number; document?: string }> {
  const found = await lstat(path).catch(absent);
  if (!found) {
    // A folder that is not there is no vault without a login: its disk may not be mounted.
    await stat(dirname(path));
    return { version: 0 };
  }
  if (!found.isFile()) throw lasting(`${path} is no plain file; give the path of the file itself, not of a link or a folder`);
  // On Windows a mode says nothing about who can read a file.
  if (process.platform !== "win32" && (found.mode & 0o077) !== 0) {
    throw lasting(`${path} can be read or written by other users of this machine; run: chmod 600 ${JSON.stringify(path)}`);
  }
  const text = (await readFile(path, "utf8")).slice(0, MOST_CHARACTERS);
  const line = /^([1-9]\d{0,15})\n/.exec(text);
  // Something else than a vault keeps its place: a version that no swap can name.
  if (!line) return { version: Number.MAX_SAFE_INTEGER, document: `x${text}` };
  return { version: Number(line[1]), document: text.slice(line[0].length) };
}

async function write(path: string, text: string): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Has the disk write out the names of a folder. Windows cannot, and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A lock file of this process. */
class Lock {
  readonly #path: string;
  readonly #mark: string;
  readonly #taken = performance.now();

  private constructor(path: string, mark: string) {
    this.#path = path;
    this.#mark = mark;
  }

  /** Takes the lock, within this time. */
  static async take(path: string, ms: number): Promise<Lock | undefined> {
    const mark = random();
    for (const started = performance.now(); performance.now() - started <= ms; ) {
      try {
        const handle = await open(path, "wx", 0o600);
        const lock = new Lock(path, mark);
        try {
          await handle.writeFile(mark);
        } catch (thrown) {
          // On a full disk the lock is there, but not its mark.
          await unlink(path).catch(() => {});
          throw thrown;
        } finally {
          await handle.close();
        }
        return lock;
      } catch (thrown) {
        if (codeOf(thrown) !== "EEXIST") throw thrown;
      }
      await Lock.#removeStale(path, mark);
      await new Promise((done) => setTimeout(done, 2 + Math.random() * 8));
    }
    return undefined;
  }

  /** Removes a lock whose process is gone. It is renamed first: of several processes that see it, one gets it. */
  static async #removeStale(path: string, mark: string): Promise<void> {
    const found = await stat(path).catch(absent);
    // The clock may have been set back since.
    if (!found || Math.abs(Date.now() - found.mtimeMs) <= STALE_MS) return;
    const aside = `${path}.${mark}`;
    try {
      await rename(path, aside);
      await unlink(aside);
    } catch {
      // Another process was first.
    }
  }

  async isHeld(): Promise<boolean> {
    return performance.now() - this.#taken < HELD_MS && (await readFile(this.#path, "utf8").catch(() => "")) === this.#mark;
  }

  async release(): Promise<void> {
    if (await this.isHeld()) await unlink(this.#path).catch(() => {});
  }
}

function random(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function absent(thrown: unknown): undefined {
  if (codeOf(thrown) !== "ENOENT") throw thrown;
  return undefined;
}

function codeOf(thrown: unknown): string {
  return String((thrown as { code?: unknown } | undefined)?.code ?? "");
}

const NO_WRITE = "this process may not write in its folder: a swap puts a new file there";

/** The advice for codes of the system, and whether a person has to follow it before a swap can succeed. */
const ADVICE: Readonly<Record<string, readonly [advice: string, lasting: boolean]>> = {
  ENOENT: ["its folder does not exist: mount its disk, or correct the path, or make the folder, readable and writable for this process only", false],
  ENOTDIR: ["a part of its path is a file: correct the path", true],
  EACCES: [NO_WRITE, true],
  EPERM: [NO_WRITE, true],
  EROFS: ["its folder is on a disk that cannot be written", true],
  ENOSPC: ["its disk is full", false],
  EDQUOT: ["its disk is full for the user of this process", false],
};

/** The error for a file that cannot be used, with what to do. */
function explained(thrown: unknown, path: string): unknown {
  const code = codeOf(thrown);
  if (code === "vault_unavailable") return thrown;
  const [advice, isLasting] = ADVICE[code] ?? ["see the documentation of Node.js about this code", false];
  return failure("vault_unavailable", `the vault ${path} cannot be used (${code}): ${advice}`, !isLasting);
}

/** The error for what only a person can mend. */
function lasting(message: string): XeroError {
  return failure("vault_unavailable", message, false);
}
