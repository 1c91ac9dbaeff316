/** The answer of a user who logs in: by a browser that comes back to this machine, or by a pasted address. */

import type { Judged, login } from "xero-m2m/user";
import { hasBrowser, open } from "./browser.js";
import { type Listener, listen } from "./listener.js";
import { note } from "./output.js";
import type { Prompt, Talk } from "./prompt.js";
import { oneLine } from "./redact.js";

/** The time that a user has to log in. */
const PATIENCE_MS = 15 * 60_000;

/** A login that can begin. */
interface Begun {
  /** The address that the user opens. */
  address: string;
  redirectUri: string;
  waiting: { port: number; state: string };
  /** False if the address is only printed. */
  opens: boolean;
}

/** Waits until the user has logged in, and returns the code. Rejects if the user refuses; nothing has changed then. */
export async function answered({ address, redirectUri, waiting, opens }: Begun, rules: typeof login, { prompt, say }: Talk): Promise<string> {
  const listener = await listen(waiting.port, (method, target, host) => rules.callback(waiting, method, target, host));
  let opened: ReturnType<typeof open> | undefined;
  try {
    await say(`Redirect address of the app in Xero's developer portal: ${redirectUri}`);
    if (opens && hasBrowser()) opened = open(address);
    await say((await opened?.started) ? "A browser opens. If it does not, open this address:" : "Open this address in a browser:");
    await say(address);
    if (process.env["SSH_CONNECTION"]) await say(tunnel(waiting.port));
    await say("If the browser ends at a page of localhost that it cannot open, paste the address of that page here.");
    const judged = await first(listener, (text) => rules.pasted(waiting, text), prompt);
    if ("code" in judged) return judged.code;
    throw new Error(Object.values(judged)[0]);
  } finally {
    listener.close();
    opened?.remove();
  }
}

/** The command that leads a browser on another machine to this one. */
function tunnel(port: number): string {
  const host = process.env["SSH_CONNECTION"]?.split(" ")[2] ?? "HOST";
  const user = process.env["USER"];
  return oneLine(`To come back from a browser on your own machine, run there first: ssh -L ${port}:localhost:${port} ${user ? `${user}@` : ""}${host}`);
}

/** The first answer that counts: the callback, or a pasted address. */
async function first({ answer }: Listener, judge: (text: string) => Judged, prompt: Prompt): Promise<Judged> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Judged>((_, reject) => {
    timer = setTimeout(() => reject(new Error("nobody logged in within 15 minutes; nothing has changed")), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, pasted(judge, prompt), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function pasted(judge: (text: string) => Judged, prompt: Prompt): Promise<Judged> {
  for (;;) {
    const line = await prompt.line();
    // Standard input may be closed: then only the callback can come.
    if (line === undefined) return new Promise(() => {});
    if (!line.trim()) continue;
    const judged = judge(line);
    if (!("stray" in judged)) return judged;
    await note(judged.stray);
  }
}
