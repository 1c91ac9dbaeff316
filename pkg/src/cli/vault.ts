/** `xero-m2m vault`: what a vault holds, without a secret. */

import type { Command } from "commander";
import type { VaultState } from "xero-m2m/user";
import { credentialsOf } from "./credentials.js";
import { APP, withExamples } from "./options.js";
import { print } from "./output.js";
import { count } from "./phrases.js";
import { oneLine } from "./redact.js";
import { vaultOf } from "./vaults.js";

/** Adds the command. */
export function addVault(root: Command): void {
  const command = root
    .command("vault")
    .summary("the state of a vault, without a secret")
    .description("Prints the age of a vault, its organisations and its end, and puts the same text there again, as the proof that this user can save it. The exit code is 1 if that fails, or if it ends within 14 days unused.")
    .argument("<file>", "the file of the vault")
    .action(vault);
  withExamples(
    command,
    ["xero-m2m vault xero.vault"],
    `${APP}\nExit codes: 0 the vault can be used; 1 it cannot, or it ends within 14 days unless it is used; 2 invalid usage.`,
  );
}

/** Prints the state of a vault. The exit code is 1 if it holds no login that can be used and goes on, or one that ends soon unused. */
async function vault(path: string): Promise<void> {
  const opened = await vaultOf(credentialsOf(), path);
  try {
    const state = await opened.look();
    await print(lines(state).map((line) => `${oneLine(line)}\n`).join(""));
    if (state.is !== "open" || state.endsSoon !== false || state.lost || !state.written) process.exitCode = 1;
  } finally {
    await opened.close();
  }
}

const WHAT: Record<VaultState["is"], string> = {
  empty: "no login: xero-m2m login puts one in",
  foreign: "something else, a vault that was cut or changed, or one of another release",
  closed: "a login that no key of this app opens: XERO_CLIENT_ID, XERO_CLIENT_SECRET or XERO_VAULT_KEY is another, or the text was changed",
  damaged: "a login that its own key does not open: the text was changed or cut, or XERO_CLIENT_ID or XERO_IDENTITY_URL is another",
  open: "a login",
};
const LOST = { refused: "Xero refuses it", unused: "it was not used for 60 days", copied: "a copy of this vault used it, or the user revoked it" };

const day = (at: number) => new Date(at).toISOString().slice(0, 10);

function lines(state: VaultState): string[] {
  const { is, generation, savedAt, savedDaysAgo = 0, endsUnusedAt, daysLeft = 0, lost, claimedBy, scopes, organisations = [], organisationsLeftOut: left } = state;
  return [
    `Holds: ${WHAT[is]}`,
    generation === undefined ? "" : `Generation: ${generation}`,
    savedAt === undefined ? "" : `Saved: ${day(savedAt)}, ${count(savedDaysAgo, "day")} ago`,
    endsUnusedAt === undefined ? "" : `Ends unused: ${day(endsUnusedAt)}, in ${count(daysLeft, "day")}`,
    lost && `Lost since ${day(lost.since)}: ${LOST[lost.why]}; log in again with xero-m2m login`,
    is === "open" && !lost && !state.written ? `Cannot be saved: ${state.failure ?? "not known, because another process renews the tokens now; ask again in half a minute"}` : "",
    claimedBy && `Being renewed: by process ${claimedBy.process}, until ${new Date(claimedBy.until).toISOString()}`,
    scopes === undefined ? "" : `Scopes: ${scopes}`,
    ...organisations.map(({ name, id }) => `Organisation: ${name} (${id})`),
    left ? `And ${count(left, "organisation")} that did not fit in` : "",
  ].filter((line) => line !== undefined && line !== "") as string[];
}
