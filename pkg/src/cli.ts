#!/usr/bin/env node
/** `npx xero-m2m`: exit code 0 when all went well, 1 if something failed, 2 for bad use. */
import { parseArgs } from "node:util";
import { type SimulatorOptions, createSimulator, version } from "xero-m2m/simulator";

const HELP = `xero-m2m ${version}

Usage: xero-m2m <command> [options]

Commands:
  simulate    Serve a local imitation of Xero, to test against

Options:
  --help      Show this help, or that of a command
  --version   Show the version
`;

const SIMULATE_HELP = `Usage: xero-m2m simulate [options]

Serves a local imitation of Xero on this machine: one custom connection to one
demo company. Prints the variables that a service needs, and runs until Ctrl-C.

Options:
  --port N                Port on 127.0.0.1; 0 is any free one (default 4010)
  --scopes "A B"          Scopes configured on the connection
                          (default: all that a custom connection can choose)
  --created-on YYYY-MM-DD Day the connection was created; before 2026-04-29 it
                          can hold broad scopes and journals (default 2026-04-29)
  --invoices N            Invoices and bills at the start (default 3000)
  --seed N                Decides every name, id and amount (default 1)
  --country AU|NZ|UK|US   Country of the organisation (default AU)
  --help                  Show this help
`;

/** What the person at the terminal has to correct. */
class BadUse extends Error {}

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  switch (command) {
    case "simulate":
      return simulate(rest);
    case undefined:
      throw new BadUse("a command is missing; see xero-m2m --help");
    case "--help":
    case "-h":
    case "help":
      return print(HELP);
    case "--version":
    case "-v":
      return print(`${version}\n`);
    default:
      throw new BadUse(`there is no command ${JSON.stringify(command)}; see xero-m2m --help`);
  }
}

async function simulate(args: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = read(() =>
    parseArgs({
      args,
      options: {
        port: text,
        scopes: text,
        "created-on": text,
        invoices: text,
        seed: text,
        country: text,
        help: { type: "boolean", short: "h" },
      },
    }),
  );
  if (values.help) return print(SIMULATE_HELP);

  const port = whole("port", values.port ?? "4010", 65_535);
  const options: SimulatorOptions = {};
  if (values.scopes !== undefined) options.scopes = values.scopes;
  if (values["created-on"] !== undefined) options.createdOn = values["created-on"];
  if (values.invoices !== undefined) options.invoices = whole("invoices", values.invoices, 1_000_000);
  if (values.seed !== undefined) options.seed = whole("seed", values.seed, Number.MAX_SAFE_INTEGER);
  if (values.country !== undefined) options.country = values.country as "AU";
  const simulator = read(() => createSimulator(options));
  const server = await simulator.listen({ port }).catch((error: NodeJS.ErrnoException) => {
    const why = { EADDRINUSE: "is in use", EACCES: "is not allowed" }[error.code ?? ""];
    throw why ? new Error(`port ${port} ${why}; choose another with --port, or 0 for any free one`) : error;
  });

  const stop = () => {
    simulator.close().catch(fail);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const variables = Object.entries(simulator.env).map(([name, value]) => `export ${name}=${value}\n`);
  await print(
    `# A local imitation of Xero, for tests. It is not Xero, and nothing leaves this machine.\n` +
      `# ${simulator.organisation}, connection of ${simulator.createdOn} with ${simulator.scopes.length} scopes, ` +
      `at ${server.url} until Ctrl-C.\n` +
      variables.join(""),
  );
}

/** What `act` gives; its error is bad use. */
function read<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { message } = error as Error;
    throw new BadUse(`${message.split("\n", 1)[0]}; see xero-m2m simulate --help`);
  }
}

function whole(name: string, value: string, most: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= most) return number;
  throw new BadUse(`--${name} is not a whole number from 0 to ${most}: ${JSON.stringify(value)}`);
}

/** Resolves when the text has been handed over, so that a reader at the other end of a pipe sees all of it. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));
}

function fail(error: unknown): void {
  console.error(`xero-m2m: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof BadUse ? 2 : 1;
}

main(process.argv.slice(2)).catch(fail);
