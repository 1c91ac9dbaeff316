/** `xero-m2m simulate`: a local imitation of Xero, until Ctrl-C or the end of a command. */

import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { Simulator, SimulatorOptions, SimulatorServer } from "xero-m2m/simulator";
import { BadUse } from "./bad-use.js";
import { runToEnd } from "./child.js";
import { guarded } from "./guarded.js";
import { LOGS, type LogForm, logOf } from "./log-line.js";
import { repeated, wholeUpTo, withExamples } from "./options.js";
import { print } from "./output.js";
import { trust } from "./trust.js";
import { FORMS, type Form, KINDS, type Kind, printed, proxied, trusted, variablesOf } from "./variables.js";

/** Its options; numbers have been read already. */
interface SimulateOptions {
  port?: number;
  scopes?: string;
  createdOn?: string;
  invoices?: number;
  seed?: number;
  country?: string;
  data?: string;
  strict?: boolean;
  limits?: boolean;
  unauthorised?: boolean;
  organisation?: string[];
  redirect?: string[];
  grace?: string;
  consent?: string;
  fault?: string[];
  webhook?: string;
  /** Absent: with a command. */
  proxy?: boolean;
  https?: boolean;
  app?: Kind;
  format: Form;
  log?: LogForm;
  quiet?: boolean;
}

/** The end of its help. */
const END = `
The variables go to standard output, a line for each request to standard error. With a command,
the exit code is that of the command. The documentation in the project's repository has the details
(local-xero.md), and a line for each program that was tried with --proxy (other-clients.md).

Words of a rule for --fault:
  identity, api or any  which service; the first word
  rotate  the exchanges of refresh tokens; the first word
  GET, /Invoices  a method, the beginning of a path
  200 to 599  an answer with this status instead
  reset, reset-head, reset-body  the connection is reset before the answer, in its head, in its body
  silent, slow-head, slow-body  no answer; head or body at one byte a second
  cut-gzip, wrong-length  a body that is cut off, too short
  huge, bad-utf8  a body that is 40 MB long, not UTF-8
  late=90s  no answer; the request is carried out that much later
  body=  accounting, payroll, model, problem, text, html or empty
  retry-after=, problem=  headers Retry-After and X-Rate-Limit-Problem
  first=3, after=3, every=3, share=1/9  how often
  performed, or then before the fault  the request is carried out first, as in 'rotate then silent'`;

/** Adds the command. */
export function addSimulate(root: Command): void {
  const command = root
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
  withExamples(
    command,
    ["xero-m2m simulate", "xero-m2m simulate --proxy", "xero-m2m simulate -- npm test", "xero-m2m simulate --app web --format dotenv > .env"],
    END,
  );
}

/** The options of the program that give those of `createSimulator`, whose errors begin with their names. */
const FLAGS: Readonly<Record<string, string>> = {
  scopes: "--scopes",
  createdOn: "--created-on",
  country: "--country",
  company: "--data",
  organisations: "--organisation",
  redirectUris: "--redirect",
  consent: "--consent",
  grace: "--grace",
  faults: "--fault",
};

/** Serves, and ends cleanly on SIGINT and SIGTERM, or with the command. */
async function simulate(command: readonly string[], given: SimulateOptions): Promise<void> {
  const { port, proxy, https, app, format, log, quiet, ...config } = given;
  if (command.length && !process.argv.includes("--")) {
    throw new BadUse("a command is written after --, as in xero-m2m simulate -- npm test; see xero-m2m simulate --help");
  }
  if (https && proxy) throw new BadUse("use --proxy or --https, not both; the proxy has HTTPS for Xero's hosts by itself");
  if (quiet && log && log !== "none") throw new BadUse("use --quiet or --log, not both");
  const isProxy = proxy ?? (command.length > 0 && !https);
  const logger = logOf(quiet ? "none" : (log ?? (format === "json" ? "json" : "text")));
  const simulator = await create(config, logger);
  // A command takes any free port, so that several can run at once.
  const server = await listen(simulator, port ?? (command.length ? 0 : 4010), { https: https ?? false, proxy: isProxy });
  const files = server.authority === undefined ? undefined : trust(server.authority);
  const extra = !files ? {} : isProxy ? proxied(server.url, files) : trusted(files);
  const close = () => simulator.close().finally(() => files?.remove());
  if (command.length) {
    const ended = await runToEnd(command, {
      ...process.env,
      ...variablesOf(simulator, app ?? "custom"),
      ...extra,
      ...guarded(process.env["NODE_OPTIONS"], isProxy),
    });
    await close();
    process.exitCode = ended.code ?? 1;
    // So that the shell sees the same end.
    if (ended.signal) process.kill(process.pid, ended.signal);
    return;
  }
  process.once("SIGINT", stop).once("SIGTERM", stop);
  function stop(): void {
    close().catch((error: Error) => {
      console.error(`xero-m2m: ${error.message}`);
      process.exitCode = 1;
    });
  }
  await print(printed(simulator, format, app, extra, files, server.url));
}

async function create(
  given: Omit<SimulateOptions, "port" | "proxy" | "https" | "app" | "format" | "log" | "quiet">,
  log: SimulatorOptions["log"],
): Promise<Simulator> {
  const { data, limits, unauthorised, organisation, redirect, fault, webhook, ...same } = given;
  // Only here: the other commands start faster without it.
  const { createSimulator } = await import("xero-m2m/simulator");
  const options: SimulatorOptions = {
    ...(same as Pick<SimulatorOptions, keyof typeof same>),
    ...(data !== undefined && { company: await readCompany(data) }),
    ...(limits && { limits }),
    ...(unauthorised && { authorised: false }),
    ...(organisation && { organisations: organisation }),
    ...(redirect && { redirectUris: redirect }),
    ...(fault && { faults: fault }),
    ...(webhook !== undefined && { webhooks: { url: webhook } }),
    ...(log && { log }),
  };
  try {
    return createSimulator(options);
  } catch (error) {
    const [first = ""] = (error as Error).message.split("\n", 1);
    throw new BadUse(`${first.replace(/^webhooks\.url/, "--webhook").replace(/^[A-Za-z]+/, (name) => FLAGS[name] ?? name)}; see xero-m2m simulate --help`);
  }
}

function listen(simulator: Simulator, port: number, how: { https: boolean; proxy: boolean }): Promise<SimulatorServer> {
  return simulator.listen({ port, ...how }).catch((error: NodeJS.ErrnoException) => {
    const why = { EADDRINUSE: "is in use", EACCES: "is not allowed" }[error.code ?? ""];
    throw why ? new Error(`port ${port} ${why}; choose another with --port, or 0 for any free one`) : error;
  });
}

/** The books of a company in a file. */
async function readCompany(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new BadUse(`the file of --data cannot be read${error.code ? ` (${error.code})` : ""}; see xero-m2m simulate --help`);
  });
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new BadUse("the file of --data is not JSON: it has to be an object of lists, such as { \"Contacts\": [...] }");
  }
}
