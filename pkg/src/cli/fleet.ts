/** `xero-m2m fleet`: what a fleet shares now, without a secret; on a terminal until Ctrl-C. */

import type { Command } from "commander";
import type { FleetState } from "xero-m2m/user";
import { BadUse } from "./bad-use.js";
import { engineOf } from "./engines.js";
import { lines } from "./fleet-lines.js";
import { withExamples, withFormat } from "./options.js";
import { print } from "./output.js";
import { Page, wantsColour, widthOf } from "./page.js";
import { json } from "./redact.js";

interface FleetCommandOptions {
  prefix?: string;
  scopes?: string;
  organisation?: string;
  once?: boolean;
  format: "text" | "json";
  color: boolean;
}

/** The time between two looks, in milliseconds. */
const EVERY_MS = 1_000;

/** The end of its help. */
const END = `
XERO_FLEET_URL has the address of the store: redis://, rediss://, postgres:// or postgresql://. It is
opened with the package redis, ioredis or pg of the project in the working directory.
XERO_CLIENT_ID names the connection; for a local Xero also XERO_IDENTITY_URL. No secret is needed.

Exit codes: 0 the store was looked at; 1 it does not answer, or holds something else;
2 invalid usage.`;

/** Adds the command. */
export function addFleet(root: Command): void {
  const command = root
    .command("fleet")
    .summary("what the processes of a connection share now, without a secret")
    .description(
      "Shows what the processes with the option fleet share: the store, the age and end of their token, what is known of Xero's limits, " +
        "and the places that each process holds. On a terminal it looks again each second, until Ctrl-C. It changes nothing.",
    )
    .option("--prefix <word>", "the prefix that redis() has")
    .option("--scopes <scopes>", "the option scopes of the connection, if it is a list")
    .option("--organisation <id>", "the option organisation of the connection, if it has one")
    .option("--once", "one look, also on a terminal")
    .action(fleet);
  withFormat(command, ["text", "json"]);
  withExamples(
    command,
    ["xero-m2m fleet", "xero-m2m fleet --once", "xero-m2m fleet --prefix billing --format json"],
    END,
  );
}

/** Prints the state of a fleet. The exit code is 1 if the store does not answer, or holds something else in the place of a document. */
async function fleet(options: FleetCommandOptions): Promise<void> {
  const { XERO_CLIENT_ID: clientId, XERO_IDENTITY_URL: identityUrl } = process.env;
  if (!clientId) throw new BadUse("XERO_CLIENT_ID is not set; see xero-m2m fleet --help");
  const { fleetState } = await import("xero-m2m/user");
  const engine = await engineOf(options.prefix);
  const scopes = options.scopes?.split(/[\s,]+/).filter(Boolean);
  const { organisation } = options;
  const look = () =>
    fleetState({ fleet: engine.store, clientId, organisation, ...(scopes?.length && { scopes }), ...(identityUrl && { identityUrl }) });
  try {
    if (options.format === "json") await print(json(judged(await look())));
    else if (options.once || !process.stdout.isTTY) await print(page(judged(await look()), options));
    else await watch(look, options);
  } finally {
    await engine.close();
  }
}

/** Sets the exit code for a document that no member can use. */
function judged(state: FleetState): FleetState {
  if ([state.token.is, state.limits.is].includes("foreign")) process.exitCode = 1;
  return state;
}

function page(state: FleetState, { color }: FleetCommandOptions): string {
  const text = new Page(widthOf(process.stdout), color && wantsColour(process.stdout));
  text.rows(lines(state));
  return text.toString();
}

/** Draws the state anew each second. A store that does not answer is reported, and asked again. */
async function watch(look: () => Promise<FleetState>, options: FleetCommandOptions): Promise<void> {
  let isOver = false;
  let wake = () => {};
  const stop = () => {
    isOver = true;
    wake();
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  while (!isOver) {
    const shown = await look().then(
      (state) => page(state, options),
      (error: unknown) => `${error instanceof Error ? error.message : "the store does not answer"}\n`,
    );
    // From the top: the text, and nothing behind it.
    await print(`\x1b[H\x1b[2J${shown}\nOn ${new Date().toISOString()}, until Ctrl-C\n`);
    if (isOver) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, EVERY_MS);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}
