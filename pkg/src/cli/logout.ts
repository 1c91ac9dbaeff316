/** `xero-m2m logout`: removes a vault, and revokes its login only if that is asked for. */

import { rm } from "node:fs/promises";
import type { Command } from "commander";
import type { Vault } from "xero-m2m/user";
import { BadUse } from "./bad-use.js";
import { credentialsOf } from "./credentials.js";
import { APP, withExamples } from "./options.js";
import { print } from "./output.js";
import { Prompt } from "./prompt.js";
import { quoted } from "./redact.js";
import { vaultOf } from "./vaults.js";

/** Its options. */
interface LogoutOptions {
  vault: string;
  revoke?: boolean;
  yes?: boolean;
}

/** Adds the command. */
export function addLogout(root: Command): void {
  const command = root
    .command("logout")
    .summary("remove a vault, and revoke its login if asked to")
    .description("Removes a vault. Its login stays good at Xero unless --revoke is given.")
    .requiredOption("--vault <file>", "the file of the vault")
    .option("--revoke", "end the login at Xero: every organisation of its user is cut off from the app")
    .option("--yes", "do not ask")
    .action(logout);
  withExamples(
    command,
    ["xero-m2m logout --vault xero.vault", "xero-m2m logout --vault xero.vault --revoke"],
    `${APP}\nExit codes: 0 the vault is removed; 1 it failed, and the vault is kept; 2 invalid usage.`,
  );
}

/** Names the effect, asks, and removes the vault. */
async function logout({ vault: path, revoke = false, yes = false }: LogoutOptions): Promise<void> {
  const vault = await vaultOf(credentialsOf(), path);
  try {
    await removed(vault, path, revoke, yes);
  } finally {
    await vault.close();
  }
  await print(revoke ? "The login is revoked, and its vault removed.\n" : "The vault is removed.\n");
}

async function removed(vault: Vault, path: string, revoke: boolean, yes: boolean): Promise<void> {
  const { is } = await vault.look();
  if (is === "empty") throw new BadUse(`there is no vault in ${quoted(path)}; correct --vault`);
  if (is === "foreign") {
    throw new BadUse(`${quoted(path)} is something else, or a vault of another release, so it is not removed; correct --vault`);
  }
  if (revoke && is !== "open") {
    throw new BadUse(
      `no key of this app opens the login in ${quoted(path)}, so it cannot be revoked: set XERO_CLIENT_ID and XERO_CLIENT_SECRET or XERO_VAULT_KEY ` +
        "with which it was saved, or have its user disconnect the app in Xero",
    );
  }
  const what = revoke
    ? `This revokes the login in ${quoted(path)} at Xero: every organisation of its user is cut off from the app, also where other vaults and services use it. The file is removed.`
    : `This removes the file ${quoted(path)}. Nothing is revoked at Xero: the user stays connected to the app, and the tokens end after 60 days unused.`;
  await print(`${what}\n`, process.stderr);
  if (!yes && !(await isConfirmed())) throw new BadUse("nothing was done; confirm with --yes");
  if (revoke) await vault.revoke();
  await rm(path);
}

async function isConfirmed(): Promise<boolean> {
  const prompt = new Prompt();
  try {
    return prompt.isTerminal && (await prompt.ask("Go on? Type yes: ")) === "yes";
  } finally {
    prompt.close();
  }
}
