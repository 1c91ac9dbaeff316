/** `xero-m2m fleet`: what a fleet shares now, without a secret; on a terminal until Ctrl-C. */

import type { FleetState } from "xero-m2m/user";
import { BadUse } from "./bad-use.js";
import { engineOf } from "./engines.js";
import { lines } from "./fleet-lines.js";
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

/** Prints the state of a fleet. The exit code is 1 if the store does not answer, or holds something else in the place of the token. */
export async function fleet(options: FleetCommandOptions): Promise<void> {
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
  if (state.token.is === "foreign") process.exitCode = 1;
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
