/** One answer: the functions of the library, put together. */

import {
  type Assessment,
  type CatalogueScope,
  type ChangePlan,
  type CheckedScopes,
  type Finding,
  type IgnoredLines,
  type ParsedScopes,
  type RequiredScopes,
  type ResolvedCall,
  type UnresolvedCall,
  assess,
  catalogue,
  checkScopes,
  parseScopes,
  planChange,
  requiredScopes,
} from "xero-m2m/policy";
import type { Facts, Question } from "./question.js";

/** A call with the name of the file it was found in; of the box it has none. */
export type FoundCall = ResolvedCall & { file?: string };
export type OpenCall = UnresolvedCall & { file?: string };

/** What was asked, free of the way it was written. */
export interface Asked extends Facts {
  scopes: string[];
  /** Keys of operations. */
  calls: string[];
  /** Those of them that were found without a method, so that GET is assumed. */
  assumed: string[];
  /** How many places use Xero and were not read, or are not in the catalogue. */
  unread: number;
  on: string;
}

/** All that the page shows. */
export interface Answer {
  asked: Asked;
  parsed: ParsedScopes;
  /** How the operations were found. */
  found: FoundCall[];
  /** Calls that the catalogue does not have, and that the user has not settled. */
  unresolved: OpenCall[];
  /** Those that the user has settled: the text, and the key that was taken. */
  taken: [string, string][];
  ignored: IgnoredLines;
  required: RequiredScopes;
  /** Absent if there are no scopes or no calls. */
  checked?: CheckedScopes;
  assessment: Assessment;
  /** What both have to say, worst first. */
  findings: Finding[];
  /** Absent if there is nothing to change to. */
  plan?: ChangePlan;
}

/** Answers a question. Throws what the library throws. */
export function answer(question: Question): Answer {
  const texts = [{ ...read(question.calls), name: undefined }, ...question.traces];
  const file = (name?: string): { file?: string } => (name === undefined ? {} : { file: name });
  const found = texts.flatMap(({ name, calls }) => calls.map((call) => ({ ...call, ...file(name) })));
  const open = texts.flatMap(({ name, unresolved }) => unresolved.map((call) => ({ ...call, ...file(name) })));
  const taken = Object.entries(question.taken).filter(([text]) => open.some((call) => call.text === text));
  const settled = new Map(taken);

  const keys = new Set([...found.flatMap((call) => call.operations), ...settled.values()]);
  // In the order of the catalogue, so that a link gives the same answer whatever the order of the text was.
  const calls = catalogue.operations.map((operation) => operation.key).filter((key) => keys.has(key));
  const isAssumed = new Set(found.filter((call) => call.assumed === "get").flatMap((call) => call.operations));
  const assumed = calls.filter((key) => isAssumed.has(key));
  const unresolved = open.filter((call) => !settled.has(call.text));
  const unread = question.traces.reduce((sum, trace) => sum + (trace.unread ?? 0), unresolved.length);
  const parsed = parseScopes(question.scopes);
  const { createdOn, region, demo, authorisingUser, sender, on } = question;
  const facts: Facts & { on: string } = {
    on,
    ...(createdOn ? { createdOn } : {}),
    ...(region ? { region } : {}),
    ...(demo ? { demo } : {}),
    ...(authorisingUser ? { authorisingUser } : {}),
  };
  const scopes = ordered(parsed.scopes);

  const called = { operations: calls, assumed, unread };
  const required = requiredScopes(called, { scopes, ...facts });
  const checked = scopes.length > 0 && calls.length > 0 ? checkScopes({ scopes, calls: called, ...facts }) : undefined;
  const to = calls.length > 0 ? (required.alternatives[question.choice - 1] ?? required.scopes) : narrowed(scopes);
  // A connection without scopes is one that is to be made: the rules are asked about what it is to have.
  const assessment = assess({ scopes: scopes.length > 0 ? scopes : to, ...facts });
  const plan = scopes.length + to.length > 0 ? planChange({ from: scopes, to, unread: calls.length > 0 ? unread : 0, ...facts, ...(sender ? { sender } : {}) }) : undefined;
  return {
    asked: { scopes, calls, assumed, unread, ...facts },
    parsed,
    found,
    unresolved,
    taken,
    ignored: texts.map(({ ignored }) => ignored).reduce(sum),
    required,
    ...(checked ? { checked } : {}),
    assessment,
    findings: merged(checked?.findings ?? [], assessment.findings),
    ...(plan ? { plan } : {}),
  };
}

let last: { text: string; found: RequiredScopes } | undefined;

/** What a text calls. The last one is remembered: most questions change something else. */
function read(text: string): RequiredScopes {
  if (last?.text !== text) last = { text, found: requiredScopes(text) };
  return last.found;
}

/** Without calls: the scopes, with all of its replacements in the place of each broad one. */
function narrowed(scopes: string[]): string[] {
  const known = new Map<string, CatalogueScope>(catalogue.scopes.map((scope) => [scope.name, scope]));
  const to = scopes.flatMap((scope) => {
    const replacedBy = known.get(scope)?.replacedBy ?? [];
    return replacedBy.length > 0 ? replacedBy : known.has(scope) ? [scope] : [];
  });
  return [...new Set(to)];
}

/** The scopes of the catalogue in its order, then the others as they came. */
function ordered(scopes: string[]): string[] {
  const known = catalogue.scopes.map((scope) => scope.name).filter((scope) => scopes.includes(scope));
  return [...known, ...scopes.filter((scope) => !known.includes(scope))];
}

const SEVERITIES = ["error", "warning", "info"];

/** Both lists, each sentence once, worst first. */
function merged(...lists: Finding[][]): Finding[] {
  const once = new Map(lists.flat().map((finding) => [`${finding.rule} ${finding.message}`, finding]));
  return [...once.values()].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function sum(a: IgnoredLines, b: IgnoredLines): IgnoredLines {
  const names = Object.keys(a) as (keyof IgnoredLines)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as IgnoredLines;
}
