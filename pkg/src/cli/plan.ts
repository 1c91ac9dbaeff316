/** `xero-m2m plan`: how to change the scopes of a connection, and what cannot be undone. */

import {
  type ChangePlan,
  type PlanStep,
  type RequiredScopes,
  parseScopes,
  planChange,
  requiredScopes,
} from "xero-m2m/policy";
import { judge, write } from "./answer.js";
import { ending } from "./assess.js";
import { BadUse } from "./bad-use.js";
import { type Source, placeOf, where } from "./input.js";
import { note, print } from "./output.js";
import type { Page } from "./page.js";
import { type CommonOptions, callsOf, factsOf, failOnOf, nothingFound, policyOf, scopesOf } from "./settings.js";
import { harmless, quoted } from "./shown.js";
import { basis, count, sentence, some, sourcesOf } from "./words.js";

interface PlanOptions extends CommonOptions {
  from?: string;
  fromFile?: string;
  to?: string;
  toFile?: string;
  call?: string[];
  user?: string;
  email?: boolean;
}

/** Answers. Without `--to` the aim is the smallest set for the calls. */
export async function plan(files: string[], options: PlanOptions): Promise<void> {
  const file = await policyOf(options);
  const from = await scopesOf("--from", options.from, options.fromFile, file);
  if (!from)
    throw new BadUse('plan needs the scopes that the connection has: --from "...", --from-file FILE or a policy file');
  const to = await scopesOf("--to", options.to, options.toFile);
  if (to && (files.length || options.call))
    throw new BadUse("--to and calls exclude each other: the calls give the scopes to change to");
  const aim = to?.text ?? (await least(await callsOf(files, options.call, file), parseScopes(from.text).scopes));
  for (const text of [from.text, to?.text ?? ""]) await noteUnknown(text);
  const answer = planChange({ from: from.text, to: aim, ...factsOf(options, file), authorisingUser: options.user });
  if (options.email) return print(answer.email ? `Subject: ${answer.email.subject}\n\n${answer.email.body}` : nothing);
  const clean = harmless(answer);
  const most = options.all ? Number.POSITIVE_INFINITY : BRIEFLY;
  await write({ json: answer, text: (page) => text(page, clean, most), markdown: () => clean.markdown }, options);
  await judge(
    answer.oneWayDoors.map(() => ({ kind: "oneWay" }) as const),
    failOnOf(options, undefined, "none"),
  );
}

const nothing = "Nothing changes, so there is nothing to write.\n";
const BRIEFLY = 6;

/**
 * The smallest set for the calls, and what of `held` opens calls that no scope opens which every connection can hold, such
 * as those to Journals. What it may lack is said, because a plan takes away everything else.
 */
async function least(sources: readonly Source[], held: readonly string[]): Promise<string> {
  const { scopes, unresolved, unopenable, calls }: RequiredScopes = requiredScopes(sources.map(({ text }) => text));
  if (!calls.length && !unresolved.length) throw nothingFound(sources);
  const opener = ({ scopes }: { scopes: string[] }) => scopes.find((scope) => held.includes(scope));
  const kept = new Set(unopenable.flatMap((call) => opener(call) ?? []));
  const shut = unopenable.filter((call) => !opener(call));
  if (!scopes.length && !kept.size) throw new BadUse("none of these calls says which scopes to change to; xero-m2m scopes says why");
  if (unresolved.length) {
    const places = some(
      unresolved.map((call) => where(placeOf(sources, call))),
      3,
    );
    await note(
      `${count(unresolved.length, "call")} not recognised, at ${places}: the plan may take away a scope that is needed`,
    );
  }
  if (shut.length) {
    await note(
      `the plan leaves out ${some(
        shut.map(({ operation }) => operation),
        3,
      )}: no scope that every connection can hold opens it; see xero-m2m scopes`,
    );
  }
  return [...scopes, ...kept].join("\n");
}

async function noteUnknown(text: string): Promise<void> {
  for (const { text: name, suggestion } of parseScopes(text).unknown) {
    await note(`the catalogue does not have ${quoted(name)}${suggestion ? `; probably ${suggestion} is meant` : ""}`);
  }
}

function text(page: Page, answer: ChangePlan, most: number): void {
  const { bad, good, faint, strong, warn } = page.paint;
  if (answer.oneWayDoors.length) {
    page.box(
      "THIS CANNOT BE UNDONE",
      answer.oneWayDoors.map(({ why, loses }) => {
        const lost = loses.length ? ` Nothing that can be added later is sure to open ${some(loses, most)}.` : "";
        return `${sentence(why.text)} ${basis(why)}.${lost}`;
      }),
    );
    page.line();
  }
  const changed = (of: "adds" | "removes") => answer.steps.flatMap((step) => step[of]);
  const [adds, removes] = [changed("adds"), changed("removes")];
  if (!answer.steps.length) page.say(good("Nothing to change."));
  else {
    const back = answer.oneWayDoors.length ? "" : "; it can be undone";
    page.say(strong(`${count(adds.length, "scope")} added, ${count(removes.length, "scope")} removed${back}`));
  }
  if (answer.deadline) page.say(ending(answer.deadline));
  page.say(faint(`Plan of ${answer.on}, by the catalogue of ${answer.catalogue}`));

  if (answer.cautious?.recommended) cautious(page, answer, warn("Safer today: remove nothing yet"));
  if (answer.refused.length) {
    page.section("Wanted, and not to be had", () => {
      for (const { why } of answer.refused) page.say(`${bad(sentence(why.text))} ${faint(basis(why))}`, "  ");
    });
  }
  if (answer.steps.length) {
    const heading = answer.cautious?.recommended ? "The change itself, once all calls were seen to work" : "Steps";
    page.section(heading, () => steps(page, answer.steps));
    page.section("Scopes afterwards", () => {
      for (const scope of answer.scopes) page.line(`  ${scope}`);
      if (!answer.scopes.length) page.line("  none");
    });
    page.section("What keeps working", () => {
      const { meanwhile, kept, gained, lost } = answer.keepsWorking;
      for (const claim of meanwhile) page.say(`${sentence(claim.text)} ${faint(basis(claim))}`, "  ");
      page.say(`${count(kept, "operation")} open before and after`, "  ");
      if (gained.length) page.say(`${count(gained.length, "operation")} opened: ${some(gained, most)}`, "  ");
      if (lost.length) page.say(`${count(lost.length, "operation")} closed: ${some(lost, most)}`, "  ");
    });
    const { possible, why } = answer.rollback;
    page.section("The way back", () =>
      page.say(`${possible ? sentence(why.text) : bad(sentence(why.text))} ${faint(basis(why))}`, "  "),
    );
  }
  if (answer.cautious && !answer.cautious.recommended) cautious(page, answer, "The cautious plan");
  page.section("Sources", () => {
    const claims = [...answer.oneWayDoors, ...answer.refused, ...answer.steps, answer.rollback].map(({ why }) => why);
    for (const source of sourcesOf([...claims, ...answer.keepsWorking.meanwhile])) page.say(source, "  ");
  });
  page.line();
  page.say(faint("--format markdown writes this as a change ticket, --email the message to the authorising user."));
}

function steps(page: Page, steps: readonly PlanStep[]): void {
  steps.forEach(({ why }, index) =>
    page.say(`${sentence(why.text)} ${page.paint.faint(basis(why))}`, `  ${index + 1}. `),
  );
}

function cautious(page: Page, { cautious }: ChangePlan, heading: string): void {
  page.section(heading, () => {
    for (const claim of cautious!.why) page.say(`${sentence(claim.text)} ${page.paint.faint(basis(claim))}`, "  - ");
    if (cautious!.steps.length) {
      page.line();
      steps(page, cautious!.steps);
    }
  });
}
