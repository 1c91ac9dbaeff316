/** The values of the options that commands share, together with those of a policy file. */

import { type AppKind, assess, mergeUsage, parseScopes, requiredScopes, usageSummary } from "xero-m2m/policy";
import { BadUse } from "./bad-use.js";
import { daysBetween, today } from "./days.js";
import type { FailKind, FailOn, Within } from "./fail-on.js";
import { type Place, SMALL, type Source, placeOfWord, readInput, readSource, readSources } from "./input.js";
import { note } from "./output.js";
import { some } from "./phrases.js";
import { type PolicyFile, readPolicies } from "./policy-file.js";
import { isRecording } from "./recording-file.js";
import { looksSecret, quoted } from "./redact.js";

/** The options of all commands that answer questions. */
export interface CommonOptions {
  app?: AppKind;
  createdOn?: string;
  region?: string;
  on?: string;
  /** `false`: no policy file, not even the one of the working directory. */
  policy?: string | false;
  /** The environment of the policy file. */
  env?: string;
  failOn?: FailKind[];
  within?: Within;
  format: Format;
  all?: boolean;
  color: boolean;
}

/** The format of an answer. */
export type Format = "text" | "json" | "markdown" | "sarif" | "github";

type FactOptions = { [Name in "app" | "createdOn" | "region" | "on"]?: CommonOptions[Name] | undefined };

interface PolicyOptions {
  policy?: string | false | undefined;
  env?: string | undefined;
}

/** The policies that hold: one for each environment of the file, or for the chosen one; `undefined` stands for none. */
export async function policiesOf({ policy, env }: PolicyOptions): Promise<(PolicyFile | undefined)[]> {
  const all = policy === false ? [] : await readPolicies(policy);
  if (env === undefined) return all.length ? all : [undefined];
  const chosen = all.filter(({ environment }) => environment === env);
  if (chosen.length) return chosen;
  const names = all.flatMap(({ environment }) => environment ?? []);
  const has = names.length ? `there are ${names.join(", ")}` : `a policy file has them as "environments": { "${NAME}": {...} }`;
  throw new BadUse(`--env ${quoted(env)} is no environment of ${all[0] ? quoted(all[0].source.name) : "a policy file"}; ${has}`);
}

const NAME = "production";

/** The one policy that holds, if one does: of several environments, one has to be chosen. */
export async function policyOf(options: PolicyOptions): Promise<PolicyFile | undefined> {
  const [first, ...others] = await policiesOf(options);
  if (!others.length) return first;
  const names = [first, ...others].map((file) => file!.environment);
  throw new BadUse(`${quoted(first!.source.name)} has several environments: choose one with --env, ${names.join(" or ")}`);
}

/** The facts about the connection: options go before the policy file. */
export function factsOf({ app, createdOn, region, on }: FactOptions, file: PolicyFile | undefined) {
  const facts = { app: app ?? file?.policy.app, createdOn: createdOn ?? file?.policy.createdOn, region: region ?? file?.policy.region, on };
  try {
    assess({ scopes: "", ...facts });
  } catch (error) {
    // Begins with the name that the library has for it.
    const [name = "", ...words] = (error as Error).message.split(" ");
    const flags: Record<string, string | undefined> = { createdOn: createdOn && "--created-on", region: region && "--region" };
    throw new BadUse([flags[name] ?? `${name} of ${quoted(file!.source.name)}`, ...words].join(" "));
  }
  return facts;
}

/**
 * The condition under which the command fails: options go before the policy file. A time without kinds asks for the usual kind
 * and for what ends within that time.
 */
export async function failOnOf({ failOn, within, on }: CommonOptions, file: PolicyFile | undefined, usual: FailKind): Promise<FailOn> {
  const time = within ?? file?.policy.within;
  const both: FailKind[] = time === undefined ? [usual] : [usual, "expiring"];
  const kinds = failOn ?? file?.policy.failOn ?? both.filter((kind) => kind !== "none" || both.length === 1);
  // That of a file gives way to --fail-on.
  if (time !== undefined && !kinds.includes("expiring") && (within !== undefined || !failOn)) {
    const at = file && quoted(file.source.name);
    const what = within === undefined ? `within of ${at}` : "--within";
    await note(`${what} has no effect: ${failOn ? "--fail-on" : `failOn of ${at}`} does not have the kind expiring`);
  }
  return { kinds, within: typeof time === "string" ? daysBetween(on ?? today(), time) : time };
}

/** Every text to read calls from, in the order in which answers count them; those of the policy file if none is given. */
export async function callsOf(
  files: readonly string[],
  calls: readonly string[] = [],
  file: PolicyFile | undefined,
): Promise<Source[]> {
  const sources: Source[] = [];
  for (const path of files) sources.push(...(await readSources(path)));
  if (files.length && !sources.length) throw new BadUse(`no text was found in ${some(files.map(quoted), 3)}, so no call is known`);
  for (const text of calls) sources.push(understood({ name: "--call", argument: true, text }));
  if (sources.length) return sources;
  for (const text of file?.policy.calls ?? []) sources.push(...(await policyCalls(text, file!)));
  if (sources.length) return sources;
  if (process.stdin.isTTY) {
    throw new BadUse('there are no calls; name files, pipe them in, or use --call "GET /Invoices"');
  }
  return [await readInput()];
}

/** A source that is a call by itself. It was given on purpose, so it is not ignored. */
function understood(source: Source): Source {
  const { calls, unresolved } = requiredScopes(source.text);
  if (calls.length || unresolved.length) return source;
  throw new BadUse(
    `${source.name} ${quoted(source.text)} is not a call to Xero; calls look like GET /Invoices, ` +
      "https://api.xero.com/..., accountingApi.getInvoices(...)",
  );
}

/** A call begins with a method or is a URL; everything else in the list is a path. */
function policyCalls(text: string, { source, folder, pathTo }: PolicyFile): Source[] | Promise<Source[]> {
  if (!/^(?:[A-Z]+\s|https?:\/\/)/.test(text)) return readSources(text, folder);
  return [understood({ name: source.name, text, from: placeOfWord(source, text, pathTo("calls")) })];
}

/** The error if none of the texts has a call. */
export function nothingFound(sources: readonly Source[]): BadUse {
  const names = [...new Set(sources.map(({ name }) => name))];
  const empty = sources.every(({ text }) => !text.trim());
  const where = names.length > 3 ? `the ${names.length} files` : names.map(quoted).join(", ");
  if (sources.every(({ text }) => isRecording(text))) {
    const [watched] = usageSummary(mergeUsage(sources.map(({ text }) => text))).split("\n");
    return new BadUse(`nothing can be said from ${where}: ${watched}`);
  }
  const what = empty ? "there is nothing in" : "no call to Xero was found in";
  return new BadUse(
    `${what} ${where}; calls look like GET /Invoices, https://api.xero.com/..., accountingApi.getInvoices(...)`,
  );
}

/** Scopes as they were written, and where. */
export interface GivenScopes {
  text: string;
  names: string[];
  /** The file that they are in; absent if they are in none. */
  file?: string;
  /** The place of one of them; absent if they are in no file. */
  placeOf?: (name: string) => Place;
}

/** Other places of scopes, and whether an empty list is allowed. */
interface ScopesFrom {
  file?: PolicyFile | undefined;
  mayBeEmpty?: boolean;
}

/** The scopes of an option or of the file that another option names; else those of the policy file. */
export async function scopesOf(
  option: string,
  text: string | undefined,
  path: string | undefined,
  { file, mayBeEmpty = false }: ScopesFrom = {},
): Promise<GivenScopes | undefined> {
  if (text !== undefined && path !== undefined) throw new BadUse(`use ${option} or ${option}-file, not both`);
  if (mayBeEmpty && text?.trim() === "") return { text: "", names: [] };
  if (text !== undefined) return given({ name: option, argument: true, text });
  if (path !== undefined) return given(path === "-" ? await readInput() : await readSource(path, { ...SMALL, pipe: true }));
  return (
    file?.policy.scopes &&
    given({ ...file.source, text: file.policy.scopes.join("\n") }, (name) => placeOfWord(file.source, name, file.pathTo("scopes")))
  );
}

function given(source: Source, place = (name: string) => placeOfWord(source, name)): GivenScopes {
  const { scopes: names, unknown, denied } = parseScopes(source.text);
  if (unknown.some(({ text }) => looksSecret(text))) {
    throw new BadUse(
      `${source.name} contains a text that looks like a token or a secret; it was not used. Give only names of scopes`,
    );
  }
  if (denied?.length) {
    const which = some([...new Set(denied.map(({ name }) => name))], 5);
    throw new BadUse(`${quoted(source.name)} calls ${which} removed, refused or missing; give only the scopes that the connection has`);
  }
  if (!names.length) throw new BadUse(`no name of a scope was found in ${quoted(source.name)}`);
  return { text: source.text, names, ...(source.file !== undefined && { placeOf: place, file: source.name }) };
}
