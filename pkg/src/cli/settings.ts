/** The options that commands share, and what comes of them and a policy file. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { parseScopes, requiredScopes } from "xero-m2m/policy";
import { BadUse } from "./bad-use.js";
import { isDay } from "./days.js";
import { FAIL_KINDS, type FailKind, type FailOn, wrongKinds } from "./fail-on.js";
import { type Place, SMALL, type Source, placeOfWord, readInput, readSource, readSources } from "./input.js";
import { POLICY_FILE, type PolicyFile, readPolicy } from "./policy-file.js";
import { looksSecret, quoted } from "./redact.js";

/** What all commands are given that answer questions. */
export interface CommonOptions {
  createdOn?: string;
  region?: string;
  on?: string;
  /** `false`: no policy file, not even the one of the working directory. */
  policy?: string | false;
  failOn?: FailKind[];
  within?: number;
  format: Format;
  all?: boolean;
  color: boolean;
}

/** How an answer is written. */
export type Format = "text" | "json" | "markdown" | "sarif";

const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** Refuses what is not as it has to be; commander names the option and the value. */
function only<T>(read: (text: string) => T | undefined, words: string): (text: string) => T {
  return (text) => {
    const value = read(text);
    if (value === undefined) throw new InvalidArgumentError(`It has to be ${words}.`);
    return value;
  };
}

/** Reads a day. */
export const day = only((text) => (isDay(text) ? text : undefined), "a day written as YYYY-MM-DD");

/** Reads a whole number. */
export const wholeUpTo = (most: number) =>
  only(
    (text) => (/^\d+$/.test(text) && Number(text) <= most ? Number(text) : undefined),
    `a whole number from 0 to ${most}`,
  );

function kinds(text: string): FailKind[] {
  const names = text.split(/[\s,]+/).filter(Boolean);
  const wrong = wrongKinds(names);
  if (wrong) throw new InvalidArgumentError(`${wrong}.`);
  return names as FailKind[];
}

/** Adds what calls can be read from. */
export function withCalls(command: Command): Command {
  return command
    .argument("[files...]", "source code, logs, HAR files, lists of calls; folders; patterns with *, **, ?, [a-z], {a,b}; pipes, as of <(command); - for standard input")
    .option("-c, --call <call>", 'a call itself, such as "GET /Invoices"; can be given again', collect);
}

/** Adds options that say what the connection is. */
export function withConnection(command: Command): Command {
  return command
    .option("--created-on <day>", "the UTC day on which the connection was created; applies the dated rules", day)
    .option("--region <country>", "the country of its organisation: AU, NZ, UK, US, another two-letter code or other")
    .option("--on <day>", "the day of the answer (default: today, in UTC)", day);
}

/** Adds options about the policy file and about what fails. */
export function withPolicy(command: Command, usual: FailKind): Command {
  return command
    .option("--policy <file>", `what a team has agreed on (default: ${POLICY_FILE}, if it is there)`)
    .option("--no-policy", "use no policy file")
    .option("--fail-on <kinds>", `exit with 1 for: ${FAIL_KINDS.join(", ")} (default: ${usual})`, kinds)
    .option("--within <days>", "of what expires, count only what ends within so many days", wholeUpTo(100_000));
}

/** Adds options about the output. */
export function withOutput(command: Command, formats: readonly Format[]): Command {
  return command
    .addOption(new Option("-f, --format <format>", "how to write the answer").choices(formats).default("text"))
    .option("--all", "leave nothing out of the text, however long it gets")
    .option("--no-color", "no colour; NO_COLOR and FORCE_COLOR are honoured as well");
}

/** The policy file that holds, if one does. */
export function policyOf({ policy }: CommonOptions): Promise<PolicyFile | undefined> {
  return policy === false ? Promise.resolve(undefined) : readPolicy(policy);
}

/** What is known of the connection: options go before the policy file. */
export function factsOf({ createdOn, region, on }: CommonOptions, file: PolicyFile | undefined) {
  return { createdOn: createdOn ?? file?.policy.createdOn, region: region ?? file?.policy.region, on };
}

/** When the command fails: options go before the policy file. */
export function failOnOf({ failOn, within }: CommonOptions, file: PolicyFile | undefined, usual: FailKind): FailOn {
  return { kinds: failOn ?? file?.policy.failOn ?? [usual], within: within ?? file?.policy.within };
}

/** Every text to read calls from, in the order in which answers count them; those of the policy file if none is given. */
export async function callsOf(
  files: readonly string[],
  calls: readonly string[] = [],
  file: PolicyFile | undefined,
): Promise<Source[]> {
  const sources: Source[] = [];
  for (const path of files) sources.push(...(await readSources(path)));
  for (const text of calls) sources.push(understood({ name: "--call", argument: true, text }));
  if (sources.length) return sources;
  for (const text of file?.policy.calls ?? []) sources.push(...(await policyCalls(text, file!)));
  if (sources.length) return sources;
  if (process.stdin.isTTY) {
    throw new BadUse('there is nothing to read calls from; name files, pipe them in, or give --call "GET /Invoices"');
  }
  return [await readInput()];
}

/** A source that is a call by itself. It was given on purpose, so it is not passed over. */
function understood(source: Source): Source {
  const { calls, unresolved } = requiredScopes(source.text);
  if (calls.length || unresolved.length) return source;
  throw new BadUse(
    `${source.name} ${quoted(source.text)} is no call to Xero; calls look like GET /Invoices, ` +
      "https://api.xero.com/..., accountingApi.getInvoices(...)",
  );
}

/** A call begins with a method or is a URL; everything else in the list is a path. */
function policyCalls(text: string, { source, folder }: PolicyFile): Source[] | Promise<Source[]> {
  if (!/^(?:[A-Z]+\s|https?:\/\/)/.test(text)) return readSources(text, folder);
  return [understood({ name: source.name, text, from: placeOfWord(source, text, '"calls"') })];
}

/** What keeps an answer from being one: nothing in the texts is a call. */
export function nothingFound(sources: readonly Source[]): BadUse {
  const names = [...new Set(sources.map(({ name }) => name))];
  const empty = sources.every(({ text }) => !text.trim());
  const what = empty ? "there is nothing in" : "no call to Xero was found in";
  const where = names.length > 3 ? `the ${names.length} files` : names.map(quoted).join(", ");
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
  /** Where one of them is written; absent if they are in no file. */
  placeOf?: (name: string) => Place;
}

/** Where scopes may come from besides, and whether none at all will do. */
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
  if (text !== undefined && path !== undefined) throw new BadUse(`${option} and ${option}-file exclude each other`);
  if (mayBeEmpty && text?.trim() === "") return { text: "", names: [] };
  if (text !== undefined) return given({ name: option, argument: true, text });
  if (path !== undefined) return given(path === "-" ? await readInput() : await readSource(path, { ...SMALL, pipe: true }));
  return (
    file?.policy.scopes &&
    given({ ...file.source, text: file.policy.scopes.join("\n") }, (name) => placeOfWord(file.source, name, '"scopes"'))
  );
}

function given(source: Source, place = (name: string) => placeOfWord(source, name)): GivenScopes {
  const { scopes: names, unknown } = parseScopes(source.text);
  if (unknown.some(({ text }) => looksSecret(text))) {
    throw new BadUse(
      `${source.name} has something in it that looks like a token or a secret; it was not used. Give names of scopes only`,
    );
  }
  if (!names.length) throw new BadUse(`no name of a scope was found in ${quoted(source.name)}`);
  return { text: source.text, names, ...(source.file !== undefined && { placeOf: place, file: source.name }) };
}
