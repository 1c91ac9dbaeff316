/** Child processes and threads with an environment of their own: they get the variables of `record --` all the same. */

import * as childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";

type Environment = Record<string, string | undefined>;

/** The argument of `ChildProcess.prototype.spawn`, through which all ways to start a process go that do not wait for its end. */
interface Spawned {
  /** Each is `NAME=value`. */
  envPairs?: unknown;
}

/** Adds the variables of this process to those of each child, if it was started by `record --`, which loads the file `preload`. */
export function watchChildren(preload: string): void {
  const { XERO_USAGE, XERO_USAGE_QUIET, NODE_OPTIONS = "" } = process.env;
  const load = `--require "${preload.replaceAll(/[\\"]/g, "\\$&")}"`;
  if (!NODE_OPTIONS.includes(load)) return;
  const whole = (env: Environment): Environment => {
    const { NODE_OPTIONS: options = "" } = env;
    return { ...env, XERO_USAGE, XERO_USAGE_QUIET, NODE_OPTIONS: options.includes(load) ? options : `${load} ${options}`.trim() };
  };
  const prototype = childProcess.ChildProcess.prototype as unknown as { spawn: (given: Spawned) => unknown };
  prototype.spawn = new Proxy(prototype.spawn, {
    apply(spawn, child, [given]: [Spawned]) {
      const pairs = given.envPairs;
      if (!Array.isArray(pairs)) return Reflect.apply(spawn, child, [given]);
      const env = whole(Object.fromEntries(pairs.map((pair) => /^(.[^=]*)=([^]*)$/.exec(`${pair}`)?.slice(1) ?? [])));
      const envPairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      return Reflect.apply(spawn, child, [{ ...given, envPairs }]);
    },
  });
  // Options are an object among the arguments; a list has the arguments of the program.
  const withWhole = (given: unknown): unknown => {
    const { env } = (given ?? {}) as { env?: unknown };
    return typeof env === "object" && env !== null ? { ...(given as object), env: whole(env as Environment) } : given;
  };
  const synchronous = require("node:child_process") as Record<string, (...given: unknown[]) => unknown>;
  for (const name of ["spawnSync", "execSync", "execFileSync"]) {
    synchronous[name] = new Proxy(synchronous[name]!, {
      apply: (start, self, given: unknown[]): unknown => Reflect.apply(start, self, given.map(withWhole)),
    });
  }
  const threads = require("node:worker_threads") as { Worker: new (...given: unknown[]) => object };
  threads.Worker = new Proxy(threads.Worker, {
    construct: (Worker, given: unknown[], target) => Reflect.construct(Worker, given.map(withWhole), target) as object,
  });
  // For those that import them by their names.
  syncBuiltinESMExports();
}
