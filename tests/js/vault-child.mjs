// A process that shares a vault: it wants a new token again and again, and writes a line for each.
import { writeSync } from "node:fs";
import { file } from "xero-m2m/file";
import { Vault } from "xero-m2m/user";

const { path, url, clientId, clientSecret, rounds } = JSON.parse(process.argv[2]);
const vault = new Vault({ store: file(path), clientId, clientSecret, identityUrl: url, apiUrl: url, timeoutMs: 40_000 });
for (let round = 0, generation; round < rounds; round++) {
  try {
    ({ generation } = await vault.take(generation === undefined ? {} : { notGeneration: generation }));
    writeSync(1, `${generation}\n`);
  } catch (error) {
    writeSync(1, `${error.code}\n`);
    if (error.code === "login_required" || error.code === "vault_copied") break;
  }
}
await vault.close();
