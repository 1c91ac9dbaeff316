/** `xero-m2m key`: a new key for `XERO_VAULT_KEY`. */

import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { print } from "./output.js";

/** Adds the command. */
export function addKey(root: Command): void {
  root
    .command("key")
    .summary("a new key for XERO_VAULT_KEY")
    .description("Prints 32 random bytes in base64url: a key that seals vaults.")
    .action(key);
}

/** Prints 32 random bytes in base64url, and nothing else, so that the output can be piped into a store of secrets. */
async function key(): Promise<void> {
  await print(`${randomBytes(32).toString("base64url")}\n`);
}
