/** `xero-m2m plan`: plans the change of a connection, or a new one, and warns of changes that cannot be undone. */

import type { Command } from "commander";
import {
  type ChangePlan,
  type Claim,
  type PlanStep,
  type RequiredScopes,
  type WhichPlan,
  review,
} from "xero-m2m/policy";
import { judge, write } from "./answer.js";
import { ending } from "./assess.js";
import { BadUse } from "./bad-use.js";
import { today } from "./days.js";
import { sayDue } from "./due.js";
import { type Source, placeOf, textsOf, where } from "./input.js";
import { document, plain, under } from "./markdown.js";
import { SCOPES_FILE, day, withCalls, withConnection, withExamples, withOutput, withPolicy } from "./options.js";
import { note, print } from "./output.js";
import type { Page } from "./page.js";
import { longWork } from "./progress.js";
import { type CommonOptions, callsOf, factsOf, failOnOf, nothingFound, policyOf, scopesOf } from "./settings.js";
import { harmless, quoted } from "./redact.js";
import { isWhole, unresolvedItems, unresolvedSection } from "./unresolved.js";
import { basis, count, sentence, some, sourcesOf } from "./phrases.js";

interface PlanOptions extends CommonOptions {
  from?: string;
  fromFile?: string;
  to?: string;
  toFile?: string;
  call?: string[];
  switchOrganisation?: boolean;
  user?: string;
  sender?: string;
  approveBy?: string;
  program?: string;
  organisationName?: string;
  cautious?: boolean;
  full?: boolean;
  email?: boolean;
}

/** Adds the command. */
export function addPlan(root: Command): void {
  const command = root
    .command("plan")
    .summary("a plan to change a connection, with warnings")
    .description(
      "Plans the change of a connection to other scopes or to another organisation, or a new connection: first the changes " +
        "that cannot be undone, then the steps. If a change cannot be undone, there are two plans; the recommended one is " +
        "written, with its own ticket and message.",
    )
    .action(plan);
  withCalls(command);
  command
    .option("--from <scopes>", "the scopes that the connection has, in any form; empty for a new one")
    .option("--from-file <file>", SCOPES_FILE)
    .option("--to <scopes>", "the scopes that it is to have (default: the smallest set for the calls)")
    .option("--to-file <file>", "a file that has them")
    .option("--switch-organisation", "the connection is switched to another organisation");
  withConnection(command);
  command
    .option("--user <name>", "the user who authorises the connection, for the ticket and the message")
    .option("--sender <name>", "the author of that message: a name, or a name and a company")
    .option("--approve-by <day>", "the day by which that user is asked to approve", day)
    .option("--program <name>", "the name of the program that uses the connection, for the ticket and the message")
    .option("--organisation-name <name>", "the name of the organisation that the connection reaches afterwards")
    .option("--cautious", "write the plan that removes nothing yet (default: the recommended plan)")
    .option("--full", "write the plan that does everything at once")
    .option("--email", "write only the message to that user");
  withPolicy(command, "none");
  withOutput(command, ["text", "json", "markdown"]);
  withExamples(command, [
    'xero-m2m plan --from "accounting.transactions" --to "accounting.invoices" --created-on 2025-02-01',
    'xero-m2m plan --from "accounting.transactions" --created-on 2025-02-01 src',
    'xero-m2m plan --from "accounting.transactions" src --user "Kim Lee" --format markdown > ticket.md',
    'xero-m2m plan --from "accounting.transactions" src --user "Kim Lee" --sender "Rob Hall, Acme" --email --full',
    'xero-m2m plan --from "" --call "GET /Invoices"',
    'xero-m2m plan --from "accounting.invoices" --switch-organisation',
    'xero-m2m plan --app web --from "accounting.invoices offline_access" src',
  ]);
}

/** Plans a change. Without `--to` it leads to the scopes that the calls require of this connection. */
async function plan(files: string[], options: PlanOptions): Promise<void> {
  const file = await policyOf(options);
  const from = await scopesOf("--from", options.from, options.fromFile, { file, mayBeEmpty: true });
  if (!from)
    throw new BadUse(
      'plan needs the scopes that the connection has: --from "...", --from-file FILE or a policy file; --from "" plans a new one',
    );
  const to = await scopesOf("--to", options.to, options.toFile);
  if (to && (files.length || options.call))
    throw new BadUse("use --to or calls, not both: the calls give the scopes to change to");
  if (options.email && options.format !== "text") {
    throw new BadUse("use --email or --format, not both: --email writes only the message, as text");
  }
  if (options.cautious && options.full) throw new BadUse("use --cautious or --full, not both");
  const facts = factsOf(options, file);
  if (!from.names.length && facts.createdOn !== undefined && facts.createdOn < (facts.on ?? today())) {
    throw new BadUse(`--from "" plans a connection that is to be created, and createdOn says ${facts.createdOn}; leave out one of them`);
  }
  const { switchOrganisation, user: authorisingUser, sender, approveBy, program, organisationName } = options;
  const withoutCalls = to !== undefined || (switchOrganisation && !files.length && !options.call);
  const sources = withoutCalls ? [] : await callsOf(files, options.call, file);
  longWork("reading calls", sources.reduce((sum, { text }) => sum + text.length, 0));
  const { required: read, plan: found } = review({
    scopes: from.text,
    wanted: to?.text,
    calls: withoutCalls ? undefined : textsOf(sources),
    organisation: switchOrganisation ? "switch" : "keep",
    ...facts,
    authorisingUser,
    sender,
    approveBy,
    program,
    organisationName,
  });
  if (read) await warn(read, sources);
  const answer = found!;
  for (const { name, suggestion } of answer.unknown) {
    await note(`the catalogue does not have ${quoted(name)}${suggestion ? `; probably ${suggestion} is meant` : ""}`);
  }
  const which = await chosen(answer, options);
  const { email } = handed(answer, which);
  if (options.email) return print(email ? `Subject: ${email.subject}\n\n${email.body}` : nothing(answer, which));
  const clean = harmless(answer);
  const most = options.all ? Number.POSITIVE_INFINITY : BRIEFLY;
  // A place that was not read, or a call that did not run, may need a scope that the plan removes.
  const doubt = read && !isWhole(read) ? `Not everything is known: ${read.reading}.` : "";
  await write(
    {
      json: read ? { ...answer, reading: read.reading, unresolved: read.unresolved } : answer,
      text: (page) => {
        if (doubt) page.say(page.paint.warn(doubt));
        if (read) unresolvedSection(page, harmless(read.unresolved), sources, most);
        if (doubt) page.line();
        text(page, clean, which, most);
      },
      markdown: () =>
        document(
          doubt && `> **${plain(doubt)}**`,
          under("Not read or not recognised", unresolvedItems(harmless(read?.unresolved ?? []), sources)),
          handed(clean, which).markdown,
        ),
    },
    options,
  );
  await judge([
    {
      findings: [
        ...answer.oneWayDoors.map(() => ({ kind: "oneWay" }) as const),
        ...answer.findings,
        ...answer.unknown.map(() => ({ kind: "unknown" }) as const),
        ...(read?.unresolved ?? []).flatMap(() => [{ kind: "unresolved" }, { kind: "unknown" }, { kind: "uncertain" }] as const),
        ...(read?.uncertain ?? []).map(() => ({ kind: "uncertain" }) as const),
      ],
      failOn: await failOnOf(options, undefined, "none"),
    },
  ]);
}

const BRIEFLY = 6;

/** The plan that was asked for, or else the one that is recommended. */
async function chosen({ cautious, recommended, rollback }: ChangePlan, options: PlanOptions): Promise<WhichPlan> {
  if (options.full) return "full";
  if (!options.cautious) return recommended;
  if (cautious) return "cautious";
  await note(`${rollback.possible ? "everything in this change can be undone" : "this change removes no scope that works"}, so there is only one plan`);
  return "full";
}

/** One of the two plans. */
function handed(answer: ChangePlan, which: WhichPlan) {
  return which === "cautious" && answer.cautious ? answer.cautious : answer;
}

function nothing(answer: ChangePlan, which: WhichPlan): string {
  const other = which === "cautious" && answer.steps.length ? "; --full writes the message about the full plan" : "";
  return `Nothing changes by this plan, so there is nothing to write${other}.\n`;
}

/** Writes notes about everything that the scopes for the calls may lack, because the plan removes all other scopes. */
async function warn({ calls, scopes, reading, unresolved, unopenable }: RequiredScopes, sources: readonly Source[]): Promise<void> {
  if (!calls.length && !unresolved.length) throw nothingFound(sources);
  if (!scopes.length) throw new BadUse("no scope opens these calls, so there is nothing to plan; xero-m2m scopes shows the reasons");
  if (unresolved.length) {
    const places = unresolved.map((call) => where(placeOf(sources, call)));
    await note(`${reading}, at ${some(places, 3)}: the plan may remove a scope that is needed`);
  }
  if (unopenable.length) {
    const keys = unopenable.map(({ operation }) => operation);
    await note(`the plan leaves out ${some(keys, 3)}: no scope that this connection can hold opens it; see xero-m2m scopes`);
  }
}

const TITLES: Record<WhichPlan, string> = { full: "The full plan", cautious: "The cautious plan" };
const SHORTLY: Record<WhichPlan, string> = { full: "which does everything at once", cautious: "which removes nothing yet" };

function text(page: Page, answer: ChangePlan, which: WhichPlan, most: number): void {
  const { bad, good, faint, strong, warn } = page.paint;
  const { cautious, recommended } = answer;
  if (answer.oneWayDoors.length) {
    page.box(
      which === "full" ? "THIS CANNOT BE UNDONE" : "THE FULL PLAN CANNOT BE UNDONE",
      answer.oneWayDoors.map(({ why, loses }) => {
        const lost = loses.length ? ` Nothing that can be added later is sure to open ${some(loses, most)}.` : "";
        return `${sentence(why.text)} ${basis(why)}.${lost}`;
      }),
    );
    page.line();
  }
  if (cautious) {
    const head = `the ${recommended} plan, ${SHORTLY[recommended]}`;
    page.say(which === recommended ? good(`Recommended today: ${head}`) : warn(`Not recommended today; that is ${head}`));
  }
  const own = handed(answer, which);
  const changed = (of: "adds" | "removes") => own.steps.flatMap((step) => step[of]);
  if (!own.steps.length && answer.refused.length) page.say(bad("Nothing can be changed as wanted: see what is left out of the plan."));
  else if (!own.steps.length) page.say(good(which === "cautious" ? "Nothing to change yet." : "Nothing to change."));
  else {
    const scopes = `${count(changed("adds").length, "scope")} added, ${count(changed("removes").length, "scope")} removed`;
    page.say(strong(`${scopes}${own.rollback.possible ? "; it can be undone" : ""}`));
  }
  if (answer.notUnderstood)
    page.say(warn(`${count(answer.notUnderstood, "place")} not understood: a scope that is removed may be needed there`));
  if (answer.unknown.length) page.say(warn(`Not in the catalogue: ${some(answer.unknown.map(({ name }) => name), most)}`));
  for (const { message } of answer.findings) page.say(bad(sentence(message)));
  if (answer.deadline) page.say(ending(answer.deadline));
  page.say(faint(`Plan of ${answer.on}, by the catalogue of ${answer.catalogue}`));

  if (answer.refused.length) {
    page.section("Left out of the plan", () => {
      for (const { why } of answer.refused) page.say(`${bad(sentence(why.text))} ${faint(basis(why))}`, "  ");
    });
  }
  if (answer.kept.length) {
    page.section("Kept for now, although not wanted any more", () => {
      for (const { why } of answer.kept) page.say(`${warn(sentence(why.text))} ${faint(basis(why))}`, "  ");
    });
  }
  if (cautious && which === "cautious") reasons(page, cautious.why);
  if (own.steps.length) {
    page.section(cautious ? `${TITLES[which]}, ${SHORTLY[which]}` : "Steps", () => steps(page, own.steps));
    page.section("Scopes afterwards", () => {
      for (const scope of own.scopes) page.line(`  ${scope}`);
      if (!own.scopes.length) page.line("  none");
    });
    page.section("What keeps working", () => {
      const { meanwhile, kept, gained, lost } = own.keepsWorking;
      for (const claim of meanwhile) page.say(`${sentence(claim.text)} ${faint(basis(claim))}`, "  ");
      if (kept) page.say(`${count(kept, "operation")} open before and after`, "  ");
      if (gained.length) page.say(`${count(gained.length, "operation")} opened: ${some(gained, most)}`, "  ");
      if (lost.length) page.say(`${count(lost.length, "operation")} closed: ${some(lost, most)}`, "  ");
    });
    const { possible, why } = own.rollback;
    page.section("The way back", () =>
      page.say(`${possible ? sentence(why.text) : bad(sentence(why.text))} ${faint(basis(why))}`, "  "),
    );
  }
  sayDue(page, answer.due);
  if (cautious) {
    const other = which === "cautious" ? "full" : "cautious";
    if (other === "cautious") reasons(page, cautious.why);
    page.section(other === "full" ? `${TITLES.full}, once all calls have been verified` : TITLES.cautious, () => {
      const { length } = handed(answer, other).steps;
      if (length) steps(page, handed(answer, other).steps);
      else page.say("Leave the connection alone.", "  ");
      page.say(faint(`--${other} writes this plan.`), "  ");
    });
  }
  page.section("Sources", () => {
    const claims = [...answer.oneWayDoors, ...answer.refused, ...answer.kept, ...own.steps, own.rollback].map(({ why }) => why);
    for (const source of sourcesOf([...claims, ...(cautious?.why ?? []), ...own.keepsWorking.meanwhile])) page.say(source, "  ");
  });
  page.line();
  page.say(faint("--format markdown writes this as a change ticket, --email the message to the authorising user."));
}

function steps(page: Page, steps: readonly PlanStep[]): void {
  steps.forEach(({ why }, index) =>
    page.say(`${sentence(why.text)} ${page.paint.faint(basis(why))}`, `  ${index + 1}. `),
  );
}

function reasons(page: Page, why: readonly Claim[]): void {
  page.section("Why remove nothing yet", () => {
    for (const claim of why) page.say(`${sentence(claim.text)} ${page.paint.faint(basis(claim))}`, "  - ");
  });
}
