/** The policy file of a team, with the scopes that a connection may have: `xero-policy.json`. */

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { type AppKind, catalogue } from "xero-m2m/policy";
import { BadUse } from "./bad-use.js";
import { isDay } from "./days.js";
import { FAIL_KINDS, type FailKind, type Within, wrongKinds } from "./fail-on.js";
import { namePattern } from "./glob.js";
import { SMALL, type Source, readSource } from "./input.js";
import { quoted } from "./redact.js";

/** The kinds of app, as the core reads them. */
export const APPS: readonly AppKind[] = ["custom", "web", "pkce", "app"];

/** Its name in the working directory. */
export const POLICY_FILE = "xero-policy.json";

/** What holds for one connection; `pkg/xero-policy.schema.json` describes it. */
export interface Policy {
  scopes?: string[];
  allow?: string[];
  deny?: string[];
  calls?: string[];
  app?: AppKind;
  createdOn?: string;
  region?: string;
  failOn?: FailKind[];
  within?: Within;
}

/** A policy and its file. */
export interface PolicyFile {
  source: Source;
  /** The folder that its paths start from. */
  folder: string;
  /** The policy of one environment, with the members of the file that hold for all; or the file as a whole. */
  policy: Policy;
  /** The name of the environment; absent if the file has none. */
  environment?: string;
  /** The words that lead to a member in the text, one behind the other. */
  pathTo(member: keyof Policy): string[];
}

/** A scope that the policy does not let a connection have. */
export interface Forbidden {
  scope: string;
  /** `deny`: it is denied; `allow`: it is not among the allowed ones. */
  by: "deny" | "allow";
}

type Test = [(value: unknown) => boolean, string];
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isList = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const LIST: Test = [isList, "a list of texts"];

/** Every member that a policy may have, with its test and its description. */
const MEMBERS: Record<keyof Policy, Test> = {
  scopes: LIST,
  allow: LIST,
  deny: LIST,
  calls: LIST,
  app: [(value) => APPS.includes(value as AppKind), APPS.join(", ")],
  createdOn: [(value) => isText(value) && isDay(value), "a day written as YYYY-MM-DD"],
  region: [
    (value) => isText(value) && /^(?:[A-Z]{2}|other)$/.test(value),
    "AU, NZ, UK, US, the two-letter code of another country or other",
  ],
  failOn: [(value) => isList(value) && !wrongKinds(value), `a list of ${FAIL_KINDS.join(", ")} (none alone)`],
  within: [(value) => (Number.isSafeInteger(value) && (value as number) >= 0) || (isText(value) && isDay(value)), "a whole number of days from 0 on, or a day written as YYYY-MM-DD"],
};

/** The members of the file alone: the others may stand in an environment too. */
const OF_FILE: Record<"$schema" | "environments", Test> = {
  $schema: [isText, "a text"],
  environments: [isNamed, "an object of policies by name; a name has letters, digits, _, - and ., and begins with a letter or digit"],
};

function isNamed(value: unknown): boolean {
  if (!isObject(value)) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => /^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) && Object.values(value).every(isObject);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads the policy file that was named, or the one of the working directory if there is one: a policy for each environment. */
export async function readPolicies(named: string | undefined): Promise<PolicyFile[]> {
  if (named === undefined && !existsSync(POLICY_FILE)) return [];
  const path = named ?? POLICY_FILE;
  // Only a file that is named may be a pipe.
  const source = await readSource(path, { ...SMALL, pipe: named !== undefined });
  const content = parsed(source);
  const { $schema: _, environments, ...common } = content as Policy & { $schema?: string; environments?: Record<string, Policy> };
  tested(source, content, { ...OF_FILE, ...MEMBERS });
  const file = { source, folder: dirname(path) };
  if (!environments) return [{ ...file, policy: common, pathTo: (member) => [`"${member}"`] }];
  return Object.entries(environments).map(([environment, own]) => {
    tested(source, own, MEMBERS, environment);
    const pathTo = (member: keyof Policy) =>
      Object.hasOwn(own, member) ? ['"environments"', `"${environment}"`, `"${member}"`] : [`"${member}"`];
    return { ...file, environment, policy: { ...common, ...own }, pathTo };
  });
}

function parsed({ name, text }: Source): Record<string, unknown> {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch (error) {
    // The message of the parser may quote the text, so only the position is taken from it.
    const at = /position (\d+)/.exec((error as Error).message)?.[1];
    const line = at === undefined ? "" : ` (line ${text.slice(0, Number(at)).split("\n").length})`;
    throw new BadUse(`${quoted(name)} is not JSON${line}; a policy file begins with { "scopes": [...]`);
  }
  if (!isObject(policy)) throw new BadUse(`${quoted(name)} is not a JSON object; a policy file begins with { "scopes": [...]`);
  return policy;
}

/** Refuses members that are unknown or cannot be read, and denials that would deny nothing. */
function tested({ name }: Source, policy: object, members: Record<string, Test>, environment?: string): void {
  const where = environment === undefined ? quoted(name) : `${quoted(name)}, environment ${environment}`;
  for (const [member, value] of Object.entries(policy)) {
    const test = Object.hasOwn(members, member) ? members[member] : undefined;
    if (!test) throw new BadUse(`${where} has an unknown member ${quoted(member)}; use ${Object.keys(members).join(", ")}`);
    if (!test[0](value)) {
      const found = typeof value === "string" ? `, not ${quoted(value)}` : "";
      throw new BadUse(`${where}: ${member} has to be ${test[1]}${found}`);
    }
  }
  const useless = ((policy as Policy).deny ?? []).find((pattern) => {
    const fits = namePattern(pattern);
    return !catalogue.scopes.some(({ name }) => fits(name));
  });
  // Allowing what does not exist is harmless; denying it would look like a protection.
  if (useless !== undefined) throw new BadUse(`${where}: deny has ${quoted(useless)}, which matches no scope of the catalogue`);
}

/** The scopes that a policy does not let a connection have, in their order. */
export function forbidden(scopes: readonly string[], { allow, deny = [] }: Policy): Forbidden[] {
  const denied = deny.map(namePattern);
  const allowed = allow?.map(namePattern);
  return scopes.flatMap((scope): Forbidden[] => {
    if (denied.some((fits) => fits(scope))) return [{ scope, by: "deny" }];
    return allowed && !allowed.some((fits) => fits(scope)) ? [{ scope, by: "allow" }] : [];
  });
}
