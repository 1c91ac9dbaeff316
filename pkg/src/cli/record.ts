/** `xero-m2m record`: runs a command, or serves as a proxy, and records the calls to Xero by operation. */

import { spawn } from "node:child_process";
import { readFile, readdir, rm } from "node:fs/promises";
import { constants } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { UsageRecorder, mergeUsage, usageSummary } from "xero-m2m/policy";
import { BadUse } from "./bad-use.js";
import { readSources } from "./input.js";
import { wholeUpTo, withExamples } from "./options.js";
import { count } from "./phrases.js";
import { baseOf, listen } from "./record-proxy.js";
import { addTo, isRecording, partsOf, recordingIn, tell } from "./recording-file.js";
import { quoted } from "./redact.js";

/** Its options. */
interface RecordOptions {
  out: string;
  listen?: number;
  to?: string;
  merge?: boolean;
}

/** The end of its help. */
const END = `
A recording has operations, counts and times, and no id, query, body or token. Calls that
did not run are not in it. Node.js programs are seen in every way that they call; for Deno,
and for programs in other languages, use --listen and give them its address in place of
https://api.xero.com. A program can also be run as node --import xero-m2m/record app.js:
each process then writes a file of its own into the folder xero-usage, or XERO_USAGE.

Exit codes: those of the command; 0 for --listen and --merge; 1 something failed;
2 invalid usage.`;

/** Adds the command. */
export function addRecord(root: Command): void {
  const command = root
    .command("record")
    .summary("record the calls to Xero that a program makes")
    .description(
      "Runs a command and records the calls to Xero that it makes, by operation; or serves as a proxy on this machine and records " +
        "the calls that go through it. Prints the smallest set of scopes for what ran.",
    )
    .argument("[command...]", "the command with its arguments, after --; with --merge, recordings and folders of them")
    .option("--out <file>", "the recording that it is added to", "xero-usage.json")
    .option("--listen <port>", "serve as a proxy on 127.0.0.1; 0 is any free port", wholeUpTo(65_535))
    .option("--to <base>", "the base that the proxy hands calls on to, such as a local Xero (default: https://api.xero.com)")
    .option("--merge", "add recordings to the file, such as those of other machines; a run that it has already is counted once")
    .action(record);
  withExamples(
    command,
    [
      "xero-m2m record -- npm test",
      "xero-m2m record --out usage.json -- node app.js",
      "xero-m2m record --listen 4011",
      "xero-m2m record --merge server-1.json server-2.json --out usage.json",
      "xero-m2m check --recorded usage.json src",
    ],
    END,
  );
}

/** Records a command, a proxy, or merges recordings. */
async function record(words: string[], options: RecordOptions): Promise<void> {
  const { out, listen: port, to, merge } = options;
  if (to !== undefined && port === undefined) throw new BadUse("--to belongs to --listen, which is missing");
  if (merge && port !== undefined) throw new BadUse("use --merge or --listen, not both");
  if (port !== undefined && words.length) throw new BadUse("--listen takes no command; start it beside the proxy");
  if (merge && !words.length) throw new BadUse("--merge needs recordings, as in xero-m2m record --merge server-1.json server-2.json");
  if (port === undefined && !words.length) {
    throw new BadUse("record needs a command, as in xero-m2m record -- node app.js, or --listen PORT");
  }
  await recordingIn(out);
  if (merge) return mergeFiles(words, out);
  const base = baseOf(to);
  if (port !== undefined) return listen(port, base, out);
  const parts = await partsOf(out);
  const end = await run(words, parts).catch(async (error: unknown) => {
    // Nothing ran.
    await rm(parts, { recursive: true });
    throw error;
  });
  await finish(parts, out);
  end();
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
    XERO_USAGE_QUIET: "command",
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
  const all = await readdir(parts);
  const running = await stillRunning(all);
  const names = all.filter((name) => name.endsWith(".json"));
  const texts = await Promise.all(names.map((name) => readFile(join(parts, name), "utf8")));
  const add = `xero-m2m record --merge ${relative("", parts)} --out ${out}`;
  const left = running && `${count(running, "process", "processes")} of the command still ${running === 1 ? "runs; when it has ended, add its recording" : "run; when they have ended, add their recordings"}: ${add}`;
  if (!texts.length) {
    if (left) return tell(left);
    await rm(parts, { recursive: true });
    return tell(
      "the command made no recording: no Node.js program of it ran to its end. Programs in other languages, Deno and " +
        "programs that were ended by a signal at once are not seen; see record --listen PORT",
    );
  }
  // One run of all its processes, so that the file grows by one with each command. A process that goes on is known by its own.
  const own = mergeUsage(texts, running ? undefined : new UsageRecorder().run);
  await tell(usageSummary(own));
  const kept = await addTo(out, own).catch((error: Error) => error);
  if (kept instanceof Error) return tell(`${kept.message}; this recording is kept in ${parts}`);
  if (left) await tell(left);
  else await rm(parts, { recursive: true });
  await tell(`added to ${out}: xero-m2m scopes ${out}`);
}

/** Counts the processes that still run, by the marks that they remove at their end, and reports those that had no time to. */
async function stillRunning(names: readonly string[]): Promise<number> {
  const marked = names.filter((name) => name.startsWith(".")).map((name) => Number(name.slice(1)));
  const running = marked.filter(isRunning).length;
  const cut = marked.length - running;
  if (cut) {
    await tell(`${count(cut, "process", "processes")} of the command ended before ${cut === 1 ? "it" : "they"} could write: calls of the last second may be missing`);
  }
  return running;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Of another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function mergeFiles(paths: readonly string[], out: string): Promise<void> {
  const sources = (await Promise.all(paths.map((path) => readSources(path)))).flat();
  for (const source of sources) {
    if (source.unread || !isRecording(source.text)) throw new BadUse(`${quoted(source.name)} is no recording that can be read`);
  }
  await addTo(out, mergeUsage(sources.map(({ text }) => text)));
  await tell(`read ${count(sources.length, "recording")} into ${out}, each run once: xero-m2m scopes ${out}`);
}
