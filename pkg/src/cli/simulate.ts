/** `xero-m2m simulate`: a local imitation of Xero, until Ctrl-C. */

import type { SimulatorOptions } from "xero-m2m/simulator";
import { BadUse } from "./bad-use.js";
import { print } from "./output.js";

/** Its options; numbers have been read already. */
export interface SimulateOptions {
  port: number;
  scopes?: string;
  createdOn?: string;
  invoices?: number;
  seed?: number;
  country?: string;
  limits?: boolean;
  unauthorised?: boolean;
  fault?: string[];
}

/** Serves, and ends cleanly on SIGINT and SIGTERM. */
export async function simulate(given: SimulateOptions): Promise<void> {
  const { port, scopes, createdOn, invoices, seed, country, limits, unauthorised, fault } = given;
  // Only here: the other commands start faster without it.
  const { createSimulator } = await import("xero-m2m/simulator");
  const options: SimulatorOptions = {};
  if (scopes !== undefined) options.scopes = scopes;
  if (createdOn !== undefined) options.createdOn = createdOn;
  if (invoices !== undefined) options.invoices = invoices;
  if (seed !== undefined) options.seed = seed;
  if (country !== undefined) options.country = country as "AU";
  if (limits) options.limits = true;
  if (unauthorised) options.authorised = false;
  if (fault) options.faults = fault;
  let simulator;
  try {
    simulator = createSimulator(options);
  } catch (error) {
    throw new BadUse(`${(error as Error).message.split("\n", 1)[0]}; see xero-m2m simulate --help`);
  }
  const server = await simulator.listen({ port }).catch((error: NodeJS.ErrnoException) => {
    const why = { EADDRINUSE: "is in use", EACCES: "is not allowed" }[error.code ?? ""];
    throw why ? new Error(`port ${port} ${why}; choose another with --port, or 0 for any free one`) : error;
  });

  process.once("SIGINT", stop).once("SIGTERM", stop);
  function stop(): void {
    simulator!.close().catch((error: Error) => {
      console.error(`xero-m2m: ${error.message}`);
      process.exitCode = 1;
    });
  }
  const variables = Object.entries(simulator.env).map(([name, value]) => `export ${name}=${value}\n`);
  await print(
    `# A local imitation of Xero, for tests. It is not Xero, and nothing leaves this machine.\n` +
      `# ${simulator.organisation}, connection of ${simulator.createdOn} with ${simulator.scopes.length} scopes, ` +
      `at ${server.url} until Ctrl-C.\n` +
      variables.join(""),
  );
}
