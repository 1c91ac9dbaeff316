/** `xero-m2m logout`: removes a vault, and revokes its login only if that is asked for. */

import { rm } from "node:fs/promises";
import { BadUse } from "./bad-use.js";
import { credentialsOf } from "./credentials.js";
import { print } from "./output.js";
import { Prompt } from "./prompt.js";
import { quoted } from "./redact.js";
import { vaultOf } from "./vaults.js";

/** Its options. */
export interface LogoutOptions {
  vault: string;
  revoke?: boolean;
  yes?: boolean;
}

/** Says what ends, asks, and does it. */
export async function logout({ vault: path, revoke = false, yes = false }: LogoutOptions): Promise<void> {
  const app = credentialsOf();
  const what = revoke
    ? `This revokes the login in ${quoted(path)} at Xero: every organisation of its user is cut off from the app, also where other vaults and services use it. The file is removed.`
    : `This removes the file ${quoted(path)}. Nothing is revoked at Xero: the user stays connected to the app, and the tokens end after 60 days unused.`;
  await print(`${what}\n`, process.stderr);
  if (!yes && !(await isConfirmed())) throw new BadUse("nothing was done; confirm with --yes");
  if (revoke) {
    const vault = await vaultOf(app, path);
    try {
      await vault.revoke();
    } finally {
      await vault.close();
    }
  }
  await rm(path);
  await print(revoke ? "The login is revoked, and its vault removed.\n" : "The vault is removed.\n");
}

async function isConfirmed(): Promise<boolean> {
  const prompt = new Prompt();
  try {
    return prompt.isTerminal && (await prompt.ask("Go on? Type yes: ")) === "yes";
  } finally {
    prompt.close();
  }
}
