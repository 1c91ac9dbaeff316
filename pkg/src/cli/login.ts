/** `xero-m2m login`: a user logs in once, and the tokens go into a vault, or sealed into a seed. */

import { createHash, randomBytes } from "node:crypto";
import type { Command } from "commander";
import { type Finding, assess, parseScopes } from "xero-m2m/policy";
import type { LoginGrant, Organisation } from "xero-m2m/user";
import { answered } from "./answered.js";
import { BadUse } from "./bad-use.js";
import { type Credentials, credentials } from "./credentials.js";
import { APP, day, wholeUpTo, withExamples, withPolicyFile } from "./options.js";
import { note, print } from "./output.js";
import { count } from "./phrases.js";
import { Prompt, type Talk } from "./prompt.js";
import { oneLine, quoted } from "./redact.js";
import { factsOf, policyOf, scopesOf } from "./settings.js";
import { vaultOf } from "./vaults.js";

/** Its options; numbers have been read already. */
interface LoginOptions {
  clientId?: string;
  scopes?: string;
  scopesFile?: string;
  createdOn?: string;
  /** `false`: no policy file, not even the one of the working directory. */
  policy?: string | false;
  env?: string;
  vault?: string;
  seed?: boolean;
  tenant?: string;
  port: number;
  /** `false`: print the address instead of opening it. */
  browser: boolean;
  pkce?: boolean;
  replace?: boolean;
}

const secret = () => randomBytes(32).toString("base64url");

/** Adds the command. */
export function addLogin(root: Command): void {
  const command = root
    .command("login")
    .summary("log a user in to a Web or PKCE app, and keep the tokens in a vault")
    .description(
      "Leads a user through Xero's consent once, and seals the tokens in a vault for UserConnection. The port has to be that of " +
        "the app's redirect address in Xero's developer portal, http://localhost:8765/callback by default.",
    )
    .action(login);
  withPolicyFile(command);
  command
    .option("--client-id <id>", "the client id of the app (default: XERO_CLIENT_ID)")
    .option("-s, --scopes <scopes>", "the scopes to ask for, in any form; offline_access is added")
    .option("--scopes-file <file>", "a file that has them; - for standard input")
    .option("--created-on <day>", "the UTC day on which the app was created; applies the dated rules", day)
    .option("--vault <file>", "the file that keeps the tokens, sealed")
    .option("--seed", "write the tokens to standard output instead, sealed, for a platform such as Workers")
    .option("--tenant <name>", "the organisation that the service works with: its id or its name")
    .option("--port <n>", "the port of the redirect address", wholeUpTo(65_535), 8765)
    .option("--no-browser", "print the address and open nothing")
    .option("--pkce", "use PKCE with a Web app too; whether Xero accepts that is not known")
    .option("--replace", "replace the login of another user or app in the vault");
  withExamples(
    command,
    [
      'xero-m2m login --scopes "accounting.invoices" --vault xero.vault',
      'xero-m2m login --scopes "accounting.invoices" --seed --no-browser > seed.txt',
    ],
    `${APP}\nExit codes: 0 the login is saved; 1 it failed, and nothing has changed; 2 invalid usage.`,
  );
}

/** Logs a user in. Nothing changes before the tokens are there and the organisation is the wanted one. */
async function login(options: LoginOptions): Promise<void> {
  const { vault: path, seed = false, port } = options;
  if ((path === undefined) === !seed) throw new BadUse("a login needs one place for its tokens: --vault FILE, or --seed for Workers");
  const prompt = new Prompt();
  // With a seed, standard output has the seed alone, so that it can be piped into a store of secrets.
  const say = (text: string) => print(`${text}\n`, seed ? process.stderr : process.stdout);
  const talk = { prompt, say };
  const { login: rules, kinds } = await import("xero-m2m/user");
  try {
    const app = await credentials(options.clientId, prompt);
    const scopes = await askedScopes(options, app);
    const verifier = !app.clientSecret || options.pkce ? secret() : undefined;
    const challenge = verifier && createHash("sha256").update(verifier).digest("base64url");
    const waiting = { port, state: secret() };
    const { clientId, authorizeUrl } = app;
    const opened = rules.address({ ...waiting, clientId, scopes, authorizeUrl, challenge });
    const code = await answered({ ...opened, waiting, opens: options.browser }, rules, talk);
    const vault = await vaultOf(app, path);
    try {
      const grant = await vault.exchangeCode(code, opened.redirectUri, verifier);
      const organisation = await chosen(grant, options.tenant, kinds.choose, talk);
      if (seed) await print(`${await vault.seed(grant)}\n`);
      else await vault.login(grant, { replace: options.replace ?? false });
      await say(saved(organisation, path));
    } finally {
      await vault.close();
    }
  } finally {
    prompt.close();
  }
}

/** The scopes to ask for, if the app can have them: Xero ends a login with any other on a page of its own. */
async function askedScopes({ policy, env, scopes: text, scopesFile, createdOn }: LoginOptions, app: Credentials): Promise<string> {
  const file = await policyOf({ policy, env });
  const given = await scopesOf("--scopes", text, scopesFile, { file });
  if (!given) throw new BadUse('a login asks for scopes: --scopes "accounting.invoices.read"; xero-m2m scopes finds those that calls need');
  const { scopes, unknown } = parseScopes(given.text);
  const misspelt = unknown.find(({ suggestion }) => suggestion);
  if (misspelt) throw new BadUse(`the catalogue does not have ${quoted(misspelt.text)}; probably ${misspelt.suggestion} is meant`);
  const kind = app.clientSecret ? "web" : "pkce";
  const { findings } = assess({ scopes, ...factsOf({ app: kind, createdOn }, file) });
  const refused = findings.find(({ kind, severity }) => severity === "error" && REFUSING.has(kind));
  if (refused) throw new BadUse(`${refused.message} (${refused.rule}); Xero would refuse the login`);
  for (const { message, rule } of findings.filter(isDoubt)) await note(`${message} (${rule})`);
  return scopes.join(" ");
}

const REFUSING: ReadonlySet<Finding["kind"]> = new Set(["impossible", "missing"] as const);
const DOUBTFUL: ReadonlySet<Finding["kind"]> = new Set(["uncertain", "unknown", "expiring"] as const);
const isDoubt = ({ kind, scopes }: Finding) => scopes.length > 0 && DOUBTFUL.has(kind);

/** The organisation that the service is to work with: the wanted one, the only one, or the one that the user chooses. */
async function chosen(
  { organisations: all }: LoginGrant,
  wanted: string | undefined,
  choose: (wanted: string, all: readonly Organisation[]) => string,
  { prompt, say }: Talk,
): Promise<string | undefined> {
  if (!all.length) throw new Error("the login reached no organisation, so nothing was saved; log in again and choose one");
  await say(`The login reaches ${count(all.length, "organisation")}:`);
  for (const [at, { name, id }] of all.entries()) await say(oneLine(`  ${at + 1}. ${name} (${id})`));
  if (wanted !== undefined) {
    try {
      return choose(wanted, all);
    } catch (error) {
      throw new Error(`nothing was saved: ${(error as Error).message}`);
    }
  }
  if (all.length === 1) return all[0]!.id;
  while (prompt.isTerminal) {
    const answer = await prompt.ask(`Which one is the service to work with? 1 to ${all.length}, or empty to decide later: `);
    if (!answer) break;
    const one = all[Number(answer) - 1];
    if (one) return one.id;
  }
  return undefined;
}

function saved(tenant: string | undefined, path: string | undefined): string {
  const where = path === undefined ? "The seed is written: store it as a secret of the deployment." : `The tokens are sealed in ${oneLine(path)}.`;
  return `${where} Make the connection with ${tenant === undefined ? "tenant: the id of one of them" : `tenant: "${tenant}"`}.`;
}
