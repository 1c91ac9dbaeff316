/** The vault of a login, in a file of this machine. */

import type { Vault } from "xero-m2m/user";
import type { Credentials } from "./credentials.js";

/** The vault of the app in the file; without a file one that keeps nothing, for a seed. */
export async function vaultOf({ authorizeUrl: _, ...app }: Credentials, path: string | undefined): Promise<Vault> {
  const { Vault } = await import("xero-m2m/user");
  if (path === undefined) return new Vault({ ...app, store: NOWHERE });
  const { file } = await import("xero-m2m/file");
  return new Vault({ ...app, store: file(path) });
}

/** A seed is not stored: it is printed. */
const NOWHERE = { durable: true, swap: () => Promise.reject(new Error("a seed has no store")) };
