/** `xero-m2m simulate`: a local imitation of Xero, until Ctrl-C. */

import { readFile } from "node:fs/promises";
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
  data?: string;
  strict?: boolean;
  limits?: boolean;
  unauthorised?: boolean;
  organisation?: string[];
  redirect?: string[];
  grace?: string;
  consent?: string;
  fault?: string[];
}

/** Serves, and ends cleanly on SIGINT and SIGTERM. */
export async function simulate(given: SimulateOptions): Promise<void> {
  const { port, data, limits, unauthorised, organisation, redirect, fault, ...same } = given;
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
  };
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
  const { organisations, createdOn, scopes, web, pkce } = simulator;
  const names = organisations.map(({ name }) => name).join(", ");
  await print(
    `# A local imitation of Xero, for tests. It is not Xero, and nothing leaves this machine.\n` +
      `# ${names}, at ${server.url} until Ctrl-C. Paste the lines of one kind of app.\n` +
      `\n# Custom connection of ${createdOn} with ${scopes.length} scopes.\n${exported(simulator.env)}` +
      `\n# Web app, to which users consent; also for the app itself.\n${exported(web.env)}` +
      `\n# PKCE app, to which users consent; it has no secret.\nunset XERO_CLIENT_SECRET\n${exported(pkce.env)}`,
  );
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

function exported(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}=${value}\n`)
    .join("");
}
