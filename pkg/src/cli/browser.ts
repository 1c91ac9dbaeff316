/** Opens an address in the user's browser. */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The program that opens an address, and its arguments before it. */
const OPENERS: Partial<Record<NodeJS.Platform, [program: string, ...before: string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** A page that was given to a browser. */
export interface Opened {
  /** False if no program could be started that opens it. */
  readonly started: Promise<boolean>;
  /** Removes its file. */
  remove(): void;
}

/**
 * Opens the address by way of a file that only this user can read: the address has the `state` of the login in it, and all
 * users of a machine see the arguments of its programs.
 */
export function open(address: string): Opened {
  const folder = mkdtempSync(join(tmpdir(), "xero-m2m-"));
  const file = join(folder, "login.html");
  const target = address.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${target}">` +
      `<title>xero-m2m</title><p><a href="${target}">Log in to Xero</a></p></html>\n`,
    { mode: 0o600 },
  );
  return { started: openPage(pathToFileURL(file).href), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Opens an address that has no secret in it. The result is false if no program could be started that opens it. */
export function openPage(address: string): Promise<boolean> {
  const [program, ...before] = OPENERS[process.platform] ?? ["xdg-open"];
  return new Promise<boolean>((resolve) => {
    const child = spawn(program, [...before, address], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false)).once("spawn", () => resolve(true));
    child.unref();
  });
}

/** Returns true if a browser is likely to be at hand: this is no session by ssh, and there is a display. */
export function hasBrowser({ SSH_CONNECTION, DISPLAY, WAYLAND_DISPLAY }: NodeJS.ProcessEnv = process.env): boolean {
  if (process.platform === "darwin" || process.platform === "win32") return !SSH_CONNECTION;
  return Boolean(DISPLAY || WAYLAND_DISPLAY);
}
