/** `xero-m2m check`: the calls that scopes allow, and the scopes that are not needed. */

import type { Command } from "commander";
import { checkScopes } from "xero-m2m/policy";
import { type Judged, judge, write } from "./answer.js";
import { BadUse } from "./bad-use.js";
import { type Baseline, beside, readBaseline, writeBaseline } from "./baseline.js";
import { type Checked, type Counted, countedOf, fails } from "./checked.js";
import { fallback, github, markdown, reports, text } from "./checked-formats.js";
import type { FailOn } from "./fail-on.js";
import { type Source, textsOf, withFiles } from "./input.js";
import { repeated, withCalls, withConnection, withExamples, withOutput, withPolicy, withScopes } from "./options.js";
import { note } from "./output.js";
import { count } from "./phrases.js";
import { type PolicyFile, forbidden } from "./policy-file.js";
import { longWork } from "./progress.js";
import { comparedJson, comparedWith, recordings } from "./recorded.js";
import { harmless, quoted } from "./redact.js";
import { log, merged } from "./sarif.js";
import { type CommonOptions, callsOf, factsOf, failOnOf, nothingFound, policiesOf, scopesOf } from "./settings.js";

interface CheckOptions extends CommonOptions {
  call?: string[];
  scopes?: string;
  scopesFile?: string;
  recorded?: string[];
  baseline?: string;
  writeBaseline?: boolean;
}

/** A checked connection with its findings, and the condition under which they fail. */
interface Result {
  checked: Checked;
  counted: Counted[];
  failOn: FailOn;
  /** The answer of the library, and what the policy file and the baseline add. */
  json: unknown;
}

/** Adds the command. */
export function addCheck(root: Command): void {
  const command = root
    .command("check")
    .summary("the calls that scopes allow, and scopes that are not needed")
    .description("Checks which calls the scopes of a connection allow, and which scopes are not needed.")
    .action(check);
  withCalls(command);
  withScopes(command, "the scopes of the connection");
  command
    .option("--recorded <path>", "a recording, or a folder of them: its calls count, and are compared with the code; can be given again", repeated)
    .option("--baseline <file>", "findings that are in this file are counted, and do not fail the check")
    .option("--write-baseline", "write what fails now into the file of --baseline");
  withConnection(command);
  withPolicy(command, "missing");
  withOutput(command, ["text", "json", "markdown", "sarif", "github"]);
  withExamples(command, [
    'xero-m2m check --scopes "accounting.invoices accounting.payments" src',
    "xero-m2m check --scopes-file scopes.txt --created-on 2025-02-01 --fail-on missing,expiring --within 400 src",
    'xero-m2m check --scopes "accounting.transactions" --within 2027-09-01 src',
    "xero-m2m check --policy xero-policy.json",
    "xero-m2m check --format sarif > xero-scopes.sarif",
    "xero-m2m check --format github",
    "xero-m2m check --baseline xero-baseline.json --write-baseline",
    "xero-m2m check --baseline xero-baseline.json",
  ]);
}

/**
 * Checks calls, and fails by default if one is refused or not recognised. Of several environments of a policy file each is
 * checked, and the worst decides.
 */
async function check(files: string[], options: CheckOptions): Promise<void> {
  const { baseline: path, writeBaseline: writes = false } = options;
  if (writes && path === undefined) throw new BadUse("--write-baseline needs the file: --baseline FILE --write-baseline");
  const policies = await policiesOf(options);
  const baseline = path === undefined || writes ? undefined : await readBaseline(path);
  const read = reader(files, options);
  const results: Result[] = [];
  for (const file of policies) results.push(await checkOne(file, await read(file), options, baseline));
  if (path !== undefined && writes) await written(path, results);
  const all = results.map(({ checked }) => checked);
  await write(
    {
      json: jsonOf(results),
      text: (page) => {
        for (const checked of all) {
          if (checked.file?.environment !== undefined) page.line(page.paint.strong(`== ${checked.file.environment} ==`));
          text(page, checked, options.all === true);
          page.line();
        }
      },
      markdown: () => all.map(markdown).join("\n"),
      sarif: () => merged(all.map((checked) => log(["check", checked.file?.environment ?? []].flat().join("/"), reports(checked), fallback(checked)))),
      github: () => all.map(github).join(""),
    },
    options,
  );
  await judge(results.map((result) => judged(result, writes)));
}

/** The texts of calls for a policy. Those that are the same for several environments are read once. */
function reader(files: string[], { call, recorded }: CheckOptions): (file: PolicyFile | undefined) => Promise<Source[]> {
  const read = new Map<string, Promise<Source[]>>();
  const readAll = async (file: PolicyFile | undefined) => [...(await callsOf(files, call, file)), ...(await recordings(recorded))];
  return (file) => {
    const key = JSON.stringify(files.length || call?.length ? null : (file?.policy.calls ?? null));
    const sources = read.get(key) ?? readAll(file);
    read.set(key, sources);
    return sources;
  };
}

async function checkOne(
  file: PolicyFile | undefined,
  sources: Source[],
  options: CheckOptions,
  baseline: Baseline | undefined,
): Promise<Result> {
  const given = await scopesOf("--scopes", options.scopes, options.scopesFile, { file });
  if (!given) {
    const where = file?.environment === undefined ? "a policy file" : `"scopes" for ${file.environment} in ${quoted(file.source.name)}`;
    throw new BadUse(`check needs the scopes of the connection: --scopes "...", --scopes-file FILE or ${where}`);
  }
  longWork("reading calls", sources.reduce((sum, { text }) => sum + text.length, 0));
  const answer = checkScopes({ scopes: given.text, calls: textsOf(sources), ...factsOf(options, file) });
  if (!answer.calls.length && !answer.unresolved.length) throw nothingFound(sources);
  const compared = comparedWith(sources, options.recorded);
  const checked: Checked = {
    answer: harmless(answer),
    forbidden: file ? forbidden(given.names, file.policy) : [],
    given,
    sources,
    file,
    recorded: compared && harmless(compared),
  };
  const counted = countedOf(checked);
  if (baseline) {
    const found = counted.map(({ subject, known }) => [subject, known] as const);
    checked.baseline = { name: baseline.name, ...beside(baseline, file?.environment, found) };
  }
  const json = {
    ...withFiles(answer, sources),
    ...(compared && { recorded: comparedJson(compared, sources) }),
    ...(checked.forbidden.length && { forbidden: checked.forbidden }),
    ...baselineJson(checked),
  };
  return { checked, counted, failOn: await failOnOf(options, file, "missing"), json };
}

/** Writes the findings that fail today: what ends later, or fails by other options, is new when it does. */
async function written(path: string, results: readonly Result[]): Promise<void> {
  const failing = results.flatMap(({ counted, failOn }) => counted.filter((one) => fails(one, failOn)));
  const known = failing.map(({ known }) => known);
  await writeBaseline(path, known, results.map(({ checked }) => checked.file?.environment));
  const unread = known.reduce((sum, { kind, times = 0 }) => sum + (kind === "unresolved" ? times : 0), 0);
  const dark = unread ? `, among them ${count(unread, "place")} that could not be read or recognised` : "";
  await note(`the baseline ${quoted(path)} has ${count(known.length, "finding")}${dark}`);
}

/** The findings that count: those that no baseline has. */
function judged({ checked, counted, failOn }: Result, writes: boolean): Judged {
  const { answer, sources, baseline, file } = checked;
  const left = writes ? [] : counted.filter(({ subject }) => !baseline?.old.has(subject));
  const unread = sources.filter((source) => source.unread).map(() => ({ kind: "missing" }) as const);
  return {
    environment: file?.environment,
    findings: [...left.flatMap(({ countable }) => (typeof countable === "string" ? [] : countable)), ...unread],
    failOn,
    more: [
      ["forbidden by the policy file", left.filter(({ countable }) => countable === "forbidden").length],
      ["error about the connection or its scopes", left.filter(({ countable }) => countable === "error").length],
    ],
    always: answer.calls.length ? [] : [["no call could be read", answer.unresolved.length]],
  };
}

/** The answers of the library, by environment if there are several. */
function jsonOf(results: readonly Result[]): unknown {
  const [first, ...others] = results;
  if (first!.checked.file?.environment === undefined) return first!.json;
  return { environments: Object.fromEntries([first!, ...others].map(({ checked, json }) => [checked.file!.environment, json])) };
}

/** A comparison with a baseline, for programs. */
function baselineJson({ answer, baseline }: Checked): object {
  if (!baseline) return {};
  const { name: file, old, gone } = baseline;
  const notRead = answer.unresolved.reduce((sum, call) => sum + (old.has(call) ? call.times : 0), 0);
  return { baseline: { file, old: old.size, notRead, gone } };
}
