/** Processes that share one engine and one connection: each runs `member.mjs`. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The number of processes, if a test does not say. */
export const COUNT = 8;

/**
 * Starts processes, each of which makes `calls` once they are all there and `before` was done: one after the other, or all at once.
 * Each has its lines so far, and a promise of its end. They take the clients of `engines` in turn.
 */
export async function members(t, simulator, { engines = ["redis"], port, count = COUNT, calls = 1, pauseMs = 0, atOnce = false, before = () => {} }) {
  const own = { ENGINE_PORT: String(port), CALLS: String(calls), PAUSE_MS: String(pauseMs), ...(atOnce && { TOGETHER: "1" }) };
  const all = Array.from({ length: count }, (_, n) => {
    const env = { ...process.env, ...simulator.env, ...own, ENGINE: engines[n % engines.length] };
    const child = spawn(process.execPath, [join(import.meta.dirname, "member.mjs")], { env, stdio: ["pipe", "pipe", "inherit"] });
    t.after(() => child.kill("SIGKILL"));
    const lines = [];
    const reader = createInterface(child.stdout).on("line", (line) => lines.push(JSON.parse(line)));
    return { child, lines, reader, ended: once(child, "close") };
  });
  await Promise.all(all.map(({ reader }) => once(reader, "line")));
  before();
  for (const { child } of all) child.stdin.write("go\n");
  return all;
}

/** The answers of all processes, once they have ended. */
export async function answers(all) {
  await Promise.all(all.map(({ ended }) => ended));
  return all.map(({ lines }) => lines.slice(1));
}
