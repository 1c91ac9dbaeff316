/** `xero-m2m simulate`: a local imitation of Xero, until Ctrl-C or the end of a command. */

import { readFile } from "node:fs/promises";
import type { Simulator, SimulatorOptions, SimulatorServer } from "xero-m2m/simulator";
import { BadUse } from "./bad-use.js";
import { runToEnd } from "./child.js";
import { guarded } from "./guarded.js";
import { type LogForm, logOf } from "./log-line.js";
import { print } from "./output.js";
import { trust } from "./trust.js";
import { type Form, type Kind, printed, proxied, trusted, variablesOf } from "./variables.js";

/** Its options; numbers have been read already. */
export interface SimulateOptions {
  port?: number;
  scopes?: string;
  createdOn?: string;
  invoices?: number;
  seed?: number;
  country?: string;
  data?: string;
  strict?: boolean;
  limits?: boolean;
  unauthorised?: boolean;
  organisation?: string[];
  redirect?: string[];
  grace?: string;
  consent?: string;
  fault?: string[];
  webhook?: string;
  /** Absent: with a command. */
  proxy?: boolean;
  https?: boolean;
  app?: Kind;
  format: Form;
  log?: LogForm;
  quiet?: boolean;
}

/** Serves, and ends cleanly on SIGINT and SIGTERM, or with the command. */
export async function simulate(command: readonly string[], given: SimulateOptions): Promise<void> {
  const { port, proxy, https, app, format, log, quiet, ...config } = given;
  if (command.length && !process.argv.includes("--")) {
    throw new BadUse("a command is written after --, as in xero-m2m simulate -- npm test; see xero-m2m simulate --help");
  }
  if (https && proxy) throw new BadUse("use --proxy or --https, not both; the proxy has HTTPS for Xero's hosts by itself");
  if (quiet && log && log !== "none") throw new BadUse("use --quiet or --log, not both");
  const isProxy = proxy ?? (command.length > 0 && !https);
  const logger = logOf(quiet ? "none" : (log ?? (format === "json" ? "json" : "text")));
  const simulator = await create(config, logger);
  // A command takes any free port, so that several can run at once.
  const server = await listen(simulator, port ?? (command.length ? 0 : 4010), { https: https ?? false, proxy: isProxy });
  const files = server.authority === undefined ? undefined : trust(server.authority);
  const extra = !files ? {} : isProxy ? proxied(server.url, files) : trusted(files);
  const close = () => simulator.close().finally(() => files?.remove());
  if (command.length) {
    const ended = await runToEnd(command, {
      ...process.env,
      ...variablesOf(simulator, app ?? "custom"),
      ...extra,
      ...guarded(process.env["NODE_OPTIONS"], isProxy),
    });
    await close();
    process.exitCode = ended.code ?? 1;
    // So that the shell sees the same end.
    if (ended.signal) process.kill(process.pid, ended.signal);
    return;
  }
  process.once("SIGINT", stop).once("SIGTERM", stop);
  function stop(): void {
    close().catch((error: Error) => {
      console.error(`xero-m2m: ${error.message}`);
      process.exitCode = 1;
    });
  }
  await print(printed(simulator, format, app, extra, files, server.url));
}

async function create(
  given: Omit<SimulateOptions, "port" | "proxy" | "https" | "app" | "format" | "log" | "quiet">,
  log: SimulatorOptions["log"],
): Promise<Simulator> {
  const { data, limits, unauthorised, organisation, redirect, fault, webhook, ...same } = given;
  // Only here: the other commands start faster without it.
  const { createSimulator } = await import("xero-m2m/simulator");
  const options: SimulatorOptions = {
    ...(same as Pick<SimulatorOptions, keyof typeof same>),
    ...(data !== undefined && { company: await readCompany(data) }),
    ...(limits && { limits }),
    ...(unauthorised && { authorised: false }),
    ...(organisation && { organisations: organisation }),
    ...(redirect && { redirectUris: redirect }),
    ...(fault && { faults: fault }),
    ...(webhook !== undefined && { webhooks: { url: webhook } }),
    ...(log && { log }),
  };
  try {
    return createSimulator(options);
  } catch (error) {
    throw new BadUse(`${(error as Error).message.split("\n", 1)[0]}; see xero-m2m simulate --help`);
  }
}

function listen(simulator: Simulator, port: number, how: { https: boolean; proxy: boolean }): Promise<SimulatorServer> {
  return simulator.listen({ port, ...how }).catch((error: NodeJS.ErrnoException) => {
    const why = { EADDRINUSE: "is in use", EACCES: "is not allowed" }[error.code ?? ""];
    throw why ? new Error(`port ${port} ${why}; choose another with --port, or 0 for any free one`) : error;
  });
}

/** The books of a company in a file. */
async function readCompany(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new BadUse(`the file of --data cannot be read${error.code ? ` (${error.code})` : ""}; see xero-m2m simulate --help`);
  });
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new BadUse("the file of --data is not JSON: it has to be an object of lists, such as { \"Contacts\": [...] }");
  }
}
