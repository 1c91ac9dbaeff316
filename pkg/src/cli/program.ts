/** The commands and their options. */

import { Argument, Command, CommanderError, Option } from "commander";
import { version } from "xero-m2m/policy";
import { assess } from "./assess.js";
import { BadUse } from "./bad-use.js";
import { check } from "./check.js";
import { SHELLS, completion } from "./completion.js";
import { doctor } from "./doctor.js";
import { explain } from "./explain.js";
import { fleet } from "./fleet.js";
import { key } from "./key.js";
import { login } from "./login.js";
import { LOGS } from "./log-line.js";
import { logout } from "./logout.js";
import { print } from "./output.js";
import { wantsColour, widthOf } from "./page.js";
import { plan } from "./plan.js";
import { record } from "./record.js";
import { scopes } from "./scopes.js";
import { servePage } from "./serve.js";
import { day, wholeUpTo, withCalls, withConnection, withFormat, withOutput, withPolicy, withPolicyFile } from "./settings.js";
import { simulate } from "./simulate.js";
import { FORMS, KINDS } from "./variables.js";
import { vault } from "./vault.js";
import { verify } from "./verify.js";

const EXITS = `
Exit codes: 0 success; 1 there are findings (--fail-on), or something failed;
2 invalid usage; see stderr.`;

const EXAMPLES: Record<string, string[]> = {
  scopes: [
    'xero-m2m scopes --call "GET /Invoices" --call "POST /Payments"',
    "xero-m2m scopes src --created-on 2025-02-01",
    "xero-m2m scopes access.log --format json",
    "cat access.log | xero-m2m scopes -",
  ],
  check: [
    'xero-m2m check --scopes "accounting.invoices accounting.payments" src',
    "xero-m2m check --scopes-file scopes.txt --created-on 2025-02-01 --fail-on missing,expiring --within 400 src",
    'xero-m2m check --scopes "accounting.transactions" --within 2027-09-01 src',
    "xero-m2m check --policy xero-policy.json",
    "xero-m2m check --format sarif > xero-scopes.sarif",
    "xero-m2m check --format github",
    "xero-m2m check --baseline xero-baseline.json --write-baseline",
    "xero-m2m check --baseline xero-baseline.json",
  ],
  plan: [
    'xero-m2m plan --from "accounting.transactions" --to "accounting.invoices" --created-on 2025-02-01',
    'xero-m2m plan --from "accounting.transactions" --created-on 2025-02-01 src',
    'xero-m2m plan --from "accounting.transactions" src --user "Kim Lee" --format markdown > ticket.md',
    'xero-m2m plan --from "accounting.transactions" src --user "Kim Lee" --sender "Rob Hall, Acme" --email --full',
    'xero-m2m plan --from "" --call "GET /Invoices"',
    'xero-m2m plan --from "accounting.invoices" --switch-organisation',
    'xero-m2m plan --app web --from "accounting.invoices offline_access" src',
  ],
  assess: [
    'xero-m2m assess --scopes "accounting.transactions" --created-on 2025-02-01 --region AU',
    "xero-m2m assess --scopes-file scopes.txt --all",
    "xero-m2m assess --scopes-file scopes.txt --fail-on impossible",
  ],
  explain: [
    "xero-m2m explain R28",
    "xero-m2m explain invalid_scope",
    "xero-m2m explain accounting.invoices --all",
    'xero-m2m explain "POST /Invoices" --format json',
  ],
  completion: ["source <(xero-m2m completion bash)"],
  doctor: [
    "xero-m2m doctor",
    'xero-m2m doctor --scopes "accounting.invoices accounting.contacts.read"',
    "xero-m2m doctor src --format markdown > health.md",
  ],
  record: [
    "xero-m2m record -- npm test",
    "xero-m2m record --out usage.json -- node app.js",
    "xero-m2m record --listen 4011",
    "xero-m2m record --merge server-1.json server-2.json --out usage.json",
    "xero-m2m check --recorded usage.json src",
  ],
  verify: [
    "xero-m2m verify",
    "xero-m2m verify --yes --json report.json",
    "xero-m2m verify --write",
  ],
  login: [
    'xero-m2m login --scopes "accounting.invoices" --vault xero.vault',
    'xero-m2m login --scopes "accounting.invoices" --seed --no-browser > seed.txt',
  ],
  vault: ["xero-m2m vault xero.vault"],
  fleet: ["xero-m2m fleet", "xero-m2m fleet --once", "xero-m2m fleet --prefix billing --format json"],
  logout: ["xero-m2m logout --vault xero.vault", "xero-m2m logout --vault xero.vault --revoke"],
};

/** The lines after the help of a command: what it takes from the environment, and its exit codes. */
const APP = `
The app is in the environment: XERO_CLIENT_ID, and XERO_CLIENT_SECRET for a Web app or
XERO_VAULT_KEY for a PKCE app; for a local Xero also XERO_IDENTITY_URL, XERO_API_URL and
XERO_AUTHORIZE_URL. No secret is taken from an argument.
`;

const DOCTOR = `
The connection is in the environment: XERO_CLIENT_ID and XERO_CLIENT_SECRET, and for a
local Xero XERO_IDENTITY_URL and XERO_API_URL.

Exit codes: 0 the connection works; 1 there is a problem, or it is not known
whether it works; 2 invalid usage.`;

const RECORD = `
A recording has operations, counts and times, and no id, query, body or token. Calls that
did not run are not in it. Node.js programs are seen in every way that they call; for Deno,
and for programs in other languages, use --listen and give them its address in place of
https://api.xero.com. A program can also be run as node --import xero-m2m/record app.js:
each process then writes a file of its own into the folder xero-usage, or XERO_USAGE.

Exit codes: those of the command; 0 for --listen and --merge; 1 something failed;
2 invalid usage.`;

const VERIFY = `
The connection is in the environment: XERO_CLIENT_ID and XERO_CLIENT_SECRET, and for a
local Xero XERO_IDENTITY_URL and XERO_API_URL. A connection to Xero's demo company will do.

Exit codes: 0 every request was answered; 1 a request went wrong, there was no token, or
a draft may be left behind; 2 invalid usage, or it was not confirmed.`;

const FLEET = `
XERO_FLEET_URL has the address of the store: redis://, rediss://, postgres:// or postgresql://. It is
opened with the package redis, ioredis or pg of the project in the working directory.
XERO_CLIENT_ID names the connection; for a local Xero also XERO_IDENTITY_URL. No secret is needed.

Exit codes: 0 the store was looked at; 1 it does not answer, or holds something else;
2 invalid usage.`;

/** The end of the help of commands that do not end as the others do. */
const ENDS: Record<string, string> = {
  doctor: DOCTOR,
  record: RECORD,
  verify: VERIFY,
  login: `${APP}\nExit codes: 0 the login is saved; 1 it failed, and nothing has changed; 2 invalid usage.`,
  vault: `${APP}\nExit codes: 0 the vault can be used; 1 it cannot, or it ends within 14 days unless it is used; 2 invalid usage.`,
  fleet: FLEET,
  logout: `${APP}\nExit codes: 0 the vault is removed; 1 it failed, and the vault is kept; 2 invalid usage.`,
};

const FAULTS = `
Words of a rule for --fault:
  identity, api or any                     which service; the first word
  rotate                                   the exchanges of refresh tokens; the first word
  GET, /Invoices                           a method, the beginning of a path
  200 to 599                               an answer with this status instead
  reset, reset-head, reset-body            the connection is reset before the answer, in its head, in its body
  silent, slow-head, slow-body             no answer; head or body at one byte a second
  cut-gzip, wrong-length, huge, bad-utf8   a body that is cut off, too short, 40 MB long, not UTF-8
  late=90s                                 no answer; the request is carried out that much later
  body=                                    accounting, payroll, model, problem, text, html or empty
  retry-after=, problem=                   headers Retry-After and X-Rate-Limit-Problem
  first=3, after=3, every=3, share=1/100   how often
  performed, or then before the fault      the request is carried out first, as in 'rotate then silent'`;

const COMMANDS = `
Examples:
  $ xero-m2m simulate
  $ xero-m2m simulate --proxy
  $ xero-m2m simulate -- npm test
  $ xero-m2m simulate --app web --format dotenv > .env

The variables go to standard output, a line for each request to standard error. With a command,
the exit code is that of the command. The project's repository has the details in docs/local-xero.md,
and in docs/other-clients.md a line for each program that was tried with --proxy.`;

const repeated = (text: string, texts: string[] = []) => [...texts, text];

const examples = (name: string) => `\nExamples:\n${EXAMPLES[name]!.map((line) => `  $ ${line}`).join("\n")}`;

function program(): Command {
  const root = new Command("xero-m2m")
    .description("Scopes of Xero custom connections and apps: what calls need, what a connection has, how to change it.")
    .usage("<command> [options]")
    .version(`${version}`, "-v, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText("after", `\nHelp of a command, with examples: xero-m2m check --help\n${EXITS}`)
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      getOutHelpWidth: () => widthOf(process.stdout),
      getOutHasColors: () => wantsColour(process.stdout),
      // Printed when it is caught, as one line.
      writeErr: () => {},
    })
    .exitOverride();

  withOutput(
    withPolicy(
      withConnection(withCalls(root.command("scopes").summary("the smallest set of scopes for calls"))),
      "none",
    ),
    ["text", "json", "markdown", "sarif"],
  )
    .description("Finds the smallest set of scopes for calls, read from files, arguments or standard input.")
    .action(scopes);

  withOutput(
    withPolicy(
      withConnection(
        withCalls(root.command("check").summary("the calls that scopes allow, and scopes that are not needed"))
          .option("-s, --scopes <scopes>", "the scopes of the connection, in any form")
          .option("--scopes-file <file>", "a file that has them, of at most 1 MiB; a pipe, as of <(command); - for standard input")
          .option("--recorded <path>", "a recording, or a folder of them: its calls count, and are compared with the code; can be given again", repeated)
          .option("--baseline <file>", "findings that are in this file are counted, and do not fail the check")
          .option("--write-baseline", "write what fails now into the file of --baseline"),
      ),
      "missing",
    ),
    ["text", "json", "markdown", "sarif", "github"],
  )
    .description("Checks which calls the scopes of a connection allow, and which scopes are not needed.")
    .action(check);

  withOutput(
    withPolicy(
      withConnection(
        withCalls(root.command("plan").summary("a plan to change a connection, with warnings"))
          .option("--from <scopes>", "the scopes that the connection has, in any form; empty for a new one")
          .option("--from-file <file>", "a file that has them, of at most 1 MiB; a pipe, as of <(command); - for standard input")
          .option("--to <scopes>", "the scopes that it is to have (default: the smallest set for the calls)")
          .option("--to-file <file>", "a file that has them")
          .option("--switch-organisation", "the connection is switched to another organisation"),
      )
        .option("--user <name>", "the user who authorises the connection, for the ticket and the message")
        .option("--sender <name>", "the author of that message: a name, or a name and a company")
        .option("--approve-by <day>", "the day by which that user is asked to approve", day)
        .option("--program <name>", "the name of the program that uses the connection, for the ticket and the message")
        .option("--organisation-name <name>", "the name of the organisation that the connection reaches afterwards")
        .option("--cautious", "write the plan that removes nothing yet (default: the recommended plan)")
        .option("--full", "write the plan that does everything at once")
        .option("--email", "write only the message to that user"),
      "none",
    ),
    ["text", "json", "markdown"],
  )
    .description(
      "Plans the change of a connection to other scopes or to another organisation, or a new connection: first the changes " +
        "that cannot be undone, then the steps. If a change cannot be undone, there are two plans; the recommended one is " +
        "written, with its own ticket and message.",
    )
    .action(plan);

  withOutput(
    withPolicy(
      withConnection(
        root
          .command("assess")
          .summary("the rules that hold for a connection today")
          .option("-s, --scopes <scopes>", "the scopes of the connection, in any form")
          .option("--scopes-file <file>", "a file that has them, of at most 1 MiB; a pipe, as of <(command); - for standard input"),
      )
        .option("--demo", "its organisation is Xero's demo company")
        .option("--organisations <n>", "how many organisations it is to reach", wholeUpTo(1_000_000)),
      "none",
    ),
    ["text", "json", "markdown", "sarif"],
  )
    .description("Applies all of Xero's dated rules to a connection: scopes that it may hold, and their end dates.")
    .action(assess);

  withOutput(root.command("explain").summary("a rule, an error code, a scope or an operation"), ["text", "json"])
    .argument("<word...>", "R28, invalid_scope, accounting.invoices, or a call such as POST /Invoices")
    .description(
      "Explains a rule with its sources, an error code with advice, a scope with the calls that it opens and its dates, or an " +
        "operation with its scopes. For a word that is not known, the exit code is 2, and the nearest known ones are named.",
    )
    .action(explain);

  withOutput(
    withPolicyFile(
      withCalls(root.command("doctor").summary("a diagnosis of a live connection, with advice"))
        .option("-s, --scopes <scopes>", "the scopes that it needs, in any form")
        .option("--scopes-file <file>", "a file that has them, of at most 1 MiB; a pipe, as of <(command); - for standard input")
        .option("--created-on <day>", "the UTC day on which it was created; applies the dated rules", day),
    ),
    ["text", "json", "markdown"],
  )
    .description(
      "Diagnoses a live connection: asks for a token, makes one harmless call, and reports in numbered steps, with advice " +
        "for each problem. It changes nothing. The answer has no secret in it and can go into a ticket; it names the " +
        "organisation.",
    )
    .action(doctor);

  withFormat(
    root
      .command("verify")
      .summary("questions about Xero that only a live account settles")
      .option("--yes", "do not ask; for scripts")
      .option("--write", "create one draft invoice too, and delete it; Xero keeps it as deleted")
      .option("--json <file>", "write the report to a file too, as JSON"),
    ["text", "json", "markdown"],
  )
    .description(
      "Asks a live account those of thirteen open questions about Xero that it can answer, and compares the answers with the " +
        "catalogue. Names the organisation and asks before it starts. Sends at most 25 requests, one of them a token request with a " +
        "wrong secret, and six calls at once; it reads only, unless --write is given. The report has no secret, name or id in it, so " +
        "that it can be published.",
    )
    .allowExcessArguments(false)
    .action(verify);

  root
    .command("record")
    .summary("record the calls to Xero that a program makes")
    .description(
      "Runs a command and records the calls to Xero that it makes, by operation; or serves as a proxy on this machine and records " +
        "the calls that go through it. Prints the smallest set of scopes for what ran.",
    )
    .argument("[command...]", "the command with its arguments, after --; with --merge, recordings and folders of them")
    .option("--out <file>", "the recording that it is added to", "xero-usage.json")
    .option("--listen <port>", "serve as a proxy on 127.0.0.1; 0 is any free port", wholeUpTo(65_535))
    .option("--to <base>", "the base that the proxy hands calls on to, such as a local Xero (default: https://api.xero.com)")
    .option("--merge", "add recordings to the file, such as those of other machines; a run that it has already is counted once")
    .action(record);

  withPolicyFile(root.command("login"))
    .summary("log a user in to a Web or PKCE app, and keep the tokens in a vault")
    .description(
      "Leads a user through Xero's consent once, and seals the tokens in a vault for UserConnection. The port has to be that of " +
        "the app's redirect address in Xero's developer portal, http://localhost:8765/callback by default.",
    )
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
    .option("--replace", "replace the login of another user or app in the vault")
    .allowExcessArguments(false)
    .action(login);

  root
    .command("key")
    .summary("a new key for XERO_VAULT_KEY")
    .description("Prints 32 random bytes in base64url: a key that seals vaults.")
    .allowExcessArguments(false)
    .action(key);

  root
    .command("vault")
    .summary("the state of a vault, without a secret")
    .description("Prints the age of a vault, its organisations and its end. The exit code is 1 if it ends within 14 days unused.")
    .argument("<file>", "the file of the vault")
    .allowExcessArguments(false)
    .action(vault);

  withFormat(
    root
      .command("fleet")
      .summary("what the processes of a connection share now, without a secret")
      .option("--prefix <word>", "the prefix that redis() has")
      .option("--scopes <scopes>", "the option scopes of the connection, if it is a list")
      .option("--organisation <id>", "the option organisation of the connection, if it has one")
      .option("--once", "one look, also on a terminal"),
    ["text", "json"],
  )
    .description(
      "Shows what the processes with the option fleet share: the store, and the age and end of their token. On a terminal it looks " +
        "again each second, until Ctrl-C. It changes nothing.",
    )
    .allowExcessArguments(false)
    .action(fleet);

  root
    .command("logout")
    .summary("remove a vault, and revoke its login if asked to")
    .description("Removes a vault. Its login stays good at Xero unless --revoke is given.")
    .requiredOption("--vault <file>", "the file of the vault")
    .option("--revoke", "end the login at Xero: every organisation of its user is cut off from the app")
    .option("--yes", "do not ask")
    .allowExcessArguments(false)
    .action(logout);

  root
    .command("page")
    .summary("serve the page that answers all of this, in your browser")
    .description(
      "Serves the page for scopes on this machine and opens it in your browser. What you paste there stays in the browser. " +
        "Runs until Ctrl-C.",
    )
    .option("--port <n>", "port on 127.0.0.1; 0 is any free one", wholeUpTo(65_535), 8017)
    .option("--no-browser", "print the address and open nothing")
    .allowExcessArguments(false)
    .action(servePage);

  root
    .command("simulate")
    .summary("serve a local imitation of Xero, to test against")
    .description(
      "Serves a local imitation of Xero on this machine: a custom connection, a Web app and a PKCE app, and demo companies. " +
        "Prints the variables that a service needs for each, and runs until Ctrl-C; or gives them to a command, and ends with it. " +
        "The documentation of the local Xero has a table of the operations that it plays; a write that it does not play is answered with 501.",
    )
    .argument("[command...]", "a command after --, as in `simulate -- npm test`: it gets the variables, and its end is that of the local Xero")
    .option("--port <n>", "port on 127.0.0.1; 0 is any free one (default: 4010; with a command any free one)", wholeUpTo(65_535))
    .option(
      "--proxy",
      "also a proxy that answers for https://identity.xero.com, login.xero.com and api.xero.com, for programs that have Xero's addresses in their code (default: with a command)",
    )
    .option("--no-proxy", "no proxy for a command")
    .option("--https", "HTTPS for this machine, without a proxy")
    .addOption(new Option("--app <kind>", "the app whose variables are given (default: all; with a command, dotenv and json: custom)").choices(KINDS))
    .addOption(new Option("-f, --format <format>", "how to write the variables").choices(FORMS).default("shell"))
    .addOption(new Option("--log <format>", "how to write a line for each request to standard error (default: text; with --format json: json)").choices(LOGS))
    .option("--quiet", "no log, as --log none")
    .option(
      "--scopes <scopes>",
      "scopes configured on the connection (default: all that a custom connection can choose)",
    )
    .option(
      "--created-on <day>",
      "day the connection was created; before 2026-04-29 it can hold broad scopes and journals (default: 2026-04-29)",
    )
    .option("--invoices <n>", "invoices and bills at the start (default: 3000)", wholeUpTo(1_000_000))
    .option("--data <file>", "the books: a JSON file of lists of records as Xero has them, by name (default: a demo company)")
    .option("--strict", "answer 501 to reads that it has no data for, instead of an empty answer marked X-Local-Xero: shape; refuse writes above 50 elements or 3.5 MB")
    .option("--seed <n>", "seed of every name, id and amount (default: 1)", wholeUpTo(Number.MAX_SAFE_INTEGER))
    .option("--country <country>", "country of the organisation: AU, NZ, UK or US (default: AU)")
    .option("--limits", "the rate limits that Xero publishes (default: none)")
    .option("--unauthorised", "the connection has not been authorised yet")
    .option(
      "--organisation <name>",
      "an organisation; can be given again: users can connect all, the custom connection is to the first",
      repeated,
    )
    .option(
      "--redirect <address>",
      "a redirect address of the Web and the PKCE app; can be given again (default: http://localhost:8765/callback)",
      repeated,
    )
    .option("--consent <answer>", "the answer of users: ask (by a page), all (organisations) or refuse (default: ask)")
    .option("--grace <reading>", "how long a used refresh token is accepted: lenient or strict (default: lenient)")
    .option(
      "--fault <rule>",
      "requests that go wrong, such as 'api GET /Invoices 503 retry-after=2 first=3'; can be given again: see below",
      repeated,
    )
    .option("--webhook <address>", "the address on this machine that gets webhooks, signed with the key XERO_WEBHOOK_KEY (default: none)")
    .action(simulate);

  root
    .command("completion")
    .summary("a script that completes commands in bash or zsh")
    .description("Prints a script for a shell: it completes commands, options and their values.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .allowExcessArguments(false)
    .action((shell: (typeof SHELLS)[number]) => completion(shell, root));

  for (const command of root.commands) {
    command.helpOption("-h, --help", "show this help");
    if (command.name() === "simulate") command.addHelpText("after", `${COMMANDS}\n${FAULTS}`);
    if (EXAMPLES[command.name()])
      command.addHelpText("after", `${examples(command.name())}\n${ENDS[command.name()] ?? EXITS}`);
  }
  return root;
}

/** Runs the command that the arguments name. */
export async function obey(args: readonly string[]): Promise<void> {
  const [first = "--help"] = args;
  const root = program();
  // The output of `--help` and `--version` is collected and written like all output, for readers that leave early.
  let written = "";
  for (const command of [root, ...root.commands]) command.configureOutput({ writeOut: (text) => (written += text) });
  try {
    await root.parseAsync(args.length ? args : [first], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return print(written);
    const name = root.commands.some((command) => command.name() === first) ? ` ${first}` : "";
    throw new BadUse(
      // The value of an option that does not exist may be a secret.
      `${error.message.replace(/(unknown option '[^'=]*)=[^']*/, "$1").replaceAll(/^error: |\.$/g, "").replaceAll(/\s+/g, " ")}; see xero-m2m${name} --help`,
    );
  }
}
