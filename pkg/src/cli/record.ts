/** `xero-m2m record`: runs a command, or serves as a proxy, and records the calls to Xero by operation. */

import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageRecorder, mergeUsage, usageSummary } from "xero-m2m/policy";
import { BadUse } from "./bad-use.js";
import { readSources } from "./input.js";
import { note, print } from "./output.js";
import { baseOf, listen } from "./record-proxy.js";
import { oneLine, quoted } from "./redact.js";

/** Its options. */
export interface RecordOptions {
  out: string;
  listen?: number;
  to?: string;
  merge?: boolean;
}

/** Records a command, a proxy, or merges recordings. */
export async function record(words: string[], options: RecordOptions): Promise<void> {
  const { out, listen: port, to, merge } = options;
  if (to !== undefined && port === undefined) throw new BadUse("--to belongs to --listen, which is missing");
  if (merge && port !== undefined) throw new BadUse("use --merge or --listen, not both");
  if (port !== undefined && words.length) throw new BadUse("--listen takes no command; start it beside the proxy");
  if (port === undefined && !words.length) {
    throw new BadUse("record needs a command, as in xero-m2m record -- node app.js, or --listen PORT");
  }
  await recordingIn(out);
  if (merge) return mergeFiles(words, out);
  const base = baseOf(to);
  const parts = await partsOf(out);
  let end: (() => void) | undefined;
  try {
    if (port === undefined) end = await run(words, parts);
    else await listen(port, base, join(parts, "proxy.json"));
  } catch (error) {
    // Nothing ran.
    await rm(parts, { recursive: true });
    throw error;
  }
  await finish(parts, out);
  end?.();
}

/** Runs the command to its end, and returns a function that ends this process as the command ended. */
async function run([command, ...args]: string[], parts: string): Promise<() => void> {
  // A signal from the keys of a terminal reaches the command too; others are handed on.
  const isTerminal = process.stdin.isTTY === true;
  const preload = fileURLToPath(new URL("record.cjs", import.meta.url));
  const require = `--require "${preload.replaceAll(/[\\"]/g, "\\$&")}"`;
  const { NODE_OPTIONS, BUN_OPTIONS } = process.env;
  const env = {
    ...process.env,
    NODE_OPTIONS: NODE_OPTIONS ? `${require} ${NODE_OPTIONS}` : require,
    BUN_OPTIONS: `--preload=${preload}${BUN_OPTIONS ? ` ${BUN_OPTIONS}` : ""}`,
    XERO_USAGE: parts,
    XERO_USAGE_QUIET: "1",
  };
  const child = spawn(command!, args, { stdio: "inherit", env });
  const hand = (signal: NodeJS.Signals) => {
    if (!isTerminal || !OF_KEYS.includes(signal)) child.kill(signal);
  };
  const signals: NodeJS.Signals[] = process.platform === "win32" ? ["SIGINT"] : [...OF_KEYS, "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM"];
  for (const signal of signals) process.on(signal, hand);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, failed) => {
    child.once("exit", (code, signal) => done([code, signal]));
    child.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "ENOENT" ? "there is no such program" : (error.code ?? "it failed");
      failed(new BadUse(`cannot run ${quoted(command!)}: ${why}`));
    });
  });
  if (isSudden(code, signal)) await tell(`the command was ended by ${signal ?? `exit code ${code}`}: calls of its last second may be missing`);
  return () => {
    for (const signal of signals) process.off(signal, hand);
    if (signal === null) process.exitCode = code ?? 1;
    else {
      process.exitCode = 128 + constants.signals[signal];
      // Node.js takes this signal for a debugger's, and lives on.
      if (signal !== "SIGUSR1") process.kill(process.pid, signal);
    }
  };
}

/** Returns true for an end before which a program cannot write: by a signal that it cannot handle, or as a shell reports one. */
function isSudden(code: number | null, signal: NodeJS.Signals | null): boolean {
  const sudden: NodeJS.Signals[] = ["SIGKILL", "SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP"];
  return sudden.some((one) => one === signal || code === 128 + constants.signals[one]);
}

/** The signals that a terminal sends to all programs in front of it. */
const OF_KEYS: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];

/** Unites the recordings of the processes with the one that is there, and reports it. */
async function finish(parts: string, out: string): Promise<void> {
  const names = (await readdir(parts)).filter((name) => name.endsWith(".json"));
  const texts = await Promise.all(names.map((name) => readFile(join(parts, name), "utf8")));
  if (!texts.length) {
    await rm(parts, { recursive: true });
    return tell(
      "the command made no recording: no Node.js program of it ran to its end. Programs in other languages, Deno and " +
        "programs that were ended by a signal at once are not seen; see record --listen PORT",
    );
  }
  // One run of all its processes, so that the file grows by one with each command.
  const own = mergeUsage(texts, new UsageRecorder().run);
  await tell(usageSummary(own));
  const kept = await write(out, own).catch((error: Error) => error);
  if (kept instanceof Error) return tell(`${kept.message}; this recording is kept in ${parts}`);
  await rm(parts, { recursive: true });
  await tell(`added to ${out}: xero-m2m scopes ${out}`);
}

async function mergeFiles(paths: readonly string[], out: string): Promise<void> {
  const sources = (await Promise.all(paths.map((path) => readSources(path)))).flat();
  for (const source of sources) {
    if (source.unread || !isRecording(source.text)) throw new BadUse(`${quoted(source.name)} is no recording that can be read`);
  }
  await write(out, mergeUsage(sources.map(({ text }) => text)));
  await tell(`added ${sources.length} to ${out}: xero-m2m scopes ${out}`);
}

/** Adds a recording to a file. The lock is held for the time of one write, and is never taken from another process. */
async function write(out: string, text: string): Promise<void> {
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
async function recordingIn(out: string): Promise<string | undefined> {
  const text = await readFile(out, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new BadUse(`cannot read ${quoted(out)}: ${error.code}`);
  });
  if (text !== undefined && !isRecording(text)) {
    throw new BadUse(`${quoted(out)} is no recording that this version can read; choose another file with --out`);
  }
  return text;
}

function isRecording(text: string): boolean {
  try {
    mergeUsage([text]);
    return true;
  } catch {
    return false;
  }
}

/** A folder beside the file, for the recordings of the processes. If this process is killed, they stay there. */
async function partsOf(out: string): Promise<string> {
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

function tell(text: string): Promise<void> {
  const lines = text.split("\n").map((line) => `xero-m2m record: ${oneLine(line)}\n`);
  return print(lines.join(""), process.stderr);
}
