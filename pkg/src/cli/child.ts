/** A command that runs with the variables of a local Xero. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** The end of a command: its exit code, or the signal that ended it. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs a command with these variables until it ends. Signals to this process reach the command, which decides what they do. */
export async function runToEnd([file = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  // On Windows, npm and npx are scripts, which only a shell starts.
  const child = spawn(file, args, { stdio: "inherit", env, shell: process.platform === "win32" });
  const listeners = SIGNALS.map((signal) => [signal, () => pass(signal, child)] as const);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return { code, signal };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = { ENOENT: "there is no such program", EACCES: "it is not a program that may be started" }[code ?? ""];
    if (!why) throw error;
    console.error(`xero-m2m: the command after -- was not started: ${why}`);
    return { code: code === "ENOENT" ? 127 : 126, signal: null };
  } finally {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  }
}

function pass(signal: NodeJS.Signals, child: ChildProcess): void {
  // Ctrl-C in a terminal has reached the command already.
  if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
}
