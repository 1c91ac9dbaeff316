/** `xero-m2m key`: a new key for `XERO_VAULT_KEY`. */

import { randomBytes } from "node:crypto";
import { print } from "./output.js";

/** Prints 32 random bytes in base64url, and nothing else, so that the output can be piped into a store of secrets. */
export async function key(): Promise<void> {
  await print(`${randomBytes(32).toString("base64url")}\n`);
}
