/** The recording of this process: a file of its own, which is written while the process runs and when it ends. */

import { mkdirSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import * as timers from "node:timers";
import { isMainThread } from "node:worker_threads";
import { RequestCounts, randomRun } from "../shared/counted.js";
import type { Saw } from "./channels.js";
import * as core from "./core.js";
import { beforeSignals } from "./signals.js";

/** The time from a call to its place in the file, in milliseconds. */
const SOON = 500;

/** The time after which the file is written without a call too, so that it has the time that was watched. */
const SELDOM = 60_000;

// A program may replace these for its tests.
const { setInterval, setTimeout } = timers;

/** Begins the recording, and returns what takes its requests. Nothing in it throws, and no timer keeps the process alive. */
export function beginRecording(): Saw {
  const begun = Date.now();
  const now = Date.now;
  const counts = new RequestCounts();
  const folder = resolve(process.env["XERO_USAGE"] || "xero-usage");
  const from = new Date(begun).toISOString().slice(0, 19).replaceAll(":", "");
  // Made only when it is needed: its random part would take time from the start of the program.
  let drawn: string | undefined;
  const run = () => (drawn ??= randomRun());
  const file = () => join(folder, `${from}-${run()}.json`);
  let failed: string | undefined;
  let isWaiting = false;
  const quiet = process.env["XERO_USAGE_QUIET"];
  // `record --`, which made the folder, reads which processes did not come to their end, and which have not yet.
  const isOfCommand = quiet === "command";
  const mark = isOfCommand && isMainThread ? join(folder, `.${process.pid}`) : undefined;
  if (mark) writeFileSync(mark, "");

  const note = (): void => {
    counts.list().forEach(core.note);
    counts.clear();
  };
  const write = (): string | undefined => {
    isWaiting = false;
    try {
      note();
      const text = core.recording(run(), begun, now());
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${file()}.tmp`, text);
      renameSync(`${file()}.tmp`, file());
      failed = undefined;
      return text;
    } catch (error) {
      failed = (error as NodeJS.ErrnoException).code ?? "it cannot be made";
      return undefined;
    }
  };
  const later = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(write, SOON).unref();
  };
  setInterval(write, SELDOM).unref();
  const last = quietly(() => {
    const text = write();
    if (isMainThread && !isOfCommand && quiet !== "1") tell(text, file(), failed);
    if (mark) rmSync(mark, { force: true });
  });
  process.on("exit", last);
  let isFirst = isMainThread;
  return (method, url) => {
    if (!counts.request(method, url, note)) return;
    later();
    // A program that makes no call keeps all of its signals to itself.
    if (isFirst) beforeSignals(last);
    isFirst = false;
  };
}

/** Reports the end of the recording on standard error. */
function tell(text: string | undefined, file: string, failed: string | undefined): void {
  const lines =
    text === undefined
      ? [`the recording could not be written to ${file}: ${failed}; set XERO_USAGE to a folder that can be written`]
      : [...summary(text).split("\n"), `written to ${file}`];
  writeSync(2, lines.map((line) => `xero-m2m record: ${line}\n`).join(""));
}

/** The summary of the policy, which is loaded for it alone. */
function summary(text: string): string {
  const policy = require(join(__dirname, "policy.cjs")) as { usageSummary: (text: string) => string };
  return policy.usageSummary(text);
}

function quietly(act: () => void): () => void {
  return () => {
    try {
      act();
    } catch {
      // The program goes on, and ends, as without a recording.
    }
  };
}
