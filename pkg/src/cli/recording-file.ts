/** The file of a recording, to which processes, proxies and runs add theirs. */

import { mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { mergeUsage } from "xero-m2m/policy";
import { BadUse } from "./bad-use.js";
import { note, print } from "./output.js";
import { oneLine, quoted } from "./redact.js";

/** Adds a recording to a file. The lock is held for the time of one write, and is never taken from another process. */
export async function addTo(out: string, text: string): Promise<void> {
  const lock = `${out}.lock`;
  for (let attempt = 1; ; attempt++) {
    const error = await writeFile(lock, `${process.pid}\n`, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => error);
    if (!error) break;
    if (error.code !== "EEXIST") throw new Error(`${out} cannot be written: ${error.code}`);
    if (attempt === 100) throw new Error(`${out} is locked; if no other recording ends now, remove ${lock}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  try {
    const before = await recordingIn(out);
    await writeFile(`${out}.tmp`, before === undefined ? text : mergeUsage([before, text]));
    await rename(`${out}.tmp`, out);
  } finally {
    await rm(lock);
  }
}

/** The recording in a file; `undefined` if there is no file. */
export async function recordingIn(out: string): Promise<string | undefined> {
  const text = await readFile(out, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new BadUse(`cannot read ${quoted(out)}: ${error.code}`);
  });
  if (text !== undefined && !isRecording(text)) {
    throw new BadUse(`${quoted(out)} is no recording that this version can read; choose another file with --out`);
  }
  return text;
}

export function isRecording(text: string): boolean {
  try {
    mergeUsage([text]);
    return true;
  } catch {
    return false;
  }
}

/** A folder beside the file, for the recordings of the processes. If this process is killed, they stay there. */
export async function partsOf(out: string): Promise<string> {
  const prefix = `${basename(out)}.parts-`;
  const folder = dirname(resolve(out));
  const left = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(prefix));
  for (const name of left) {
    await note(
      `${name} belongs to a recording that still runs or was killed; to add what it has: xero-m2m record --merge ${name} --out ${out}`,
    );
  }
  return mkdtemp(join(folder, prefix)).catch((error: NodeJS.ErrnoException) => {
    throw new BadUse(`no recording can be kept in ${quoted(folder)}: ${error.code}; choose a file with --out`);
  });
}

/** Writes lines of the recorder on standard error, where they disturb no output. */
export function tell(text: string): Promise<void> {
  const lines = text.split("\n").map((line) => `xero-m2m record: ${oneLine(line)}\n`);
  return print(lines.join(""), process.stderr);
}
