// Where npm has put the runtimes.
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const modules = join(import.meta.dirname, "node_modules");

export const PROGRAMS = {
  "Node.js 20": join(modules, "node-20/bin/node"),
  "Node.js 22": join(modules, "node-22/bin/node"),
  "Node.js 24": join(modules, "node-24/bin/node"),
  Deno: join(modules, "@deno/linux-x64-glibc/deno"),
  Bun: join(modules, "@oven/bun-linux-x64/bin/bun"),
};

/** Returns the reason why a program does not run on this machine, or `false` if it does. */
export function trouble(program) {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore", timeout: 20_000 });
    return false;
  } catch (error) {
    return `it does not run on this machine: ${error.code ?? error.message}`;
  }
}
