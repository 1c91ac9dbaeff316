/** The program: its commands, and the errors of its arguments. */

import { Command, CommanderError } from "commander";
import { version } from "xero-m2m/policy";
import { addAssess } from "./assess.js";
import { BadUse } from "./bad-use.js";
import { addCheck } from "./check.js";
import { addCompletion } from "./completion.js";
import { addDoctor } from "./doctor.js";
import { addExplain } from "./explain.js";
import { addFleet } from "./fleet.js";
import { addKey } from "./key.js";
import { addLogin } from "./login.js";
import { addLogout } from "./logout.js";
import { EXITS, withExamples } from "./options.js";
import { print } from "./output.js";
import { wantsColour, widthOf } from "./page.js";
import { addPlan } from "./plan.js";
import { addRecord } from "./record.js";
import { quoted } from "./redact.js";
import { addScopes } from "./scopes.js";
import { addPage } from "./serve.js";
import { addSimulate } from "./simulate.js";
import { addVault } from "./vault.js";
import { addVerify } from "./verify.js";

/** The commands in the order of the help. */
const COMMANDS: readonly ((root: Command) => void)[] = [
  addScopes,
  addCheck,
  addPlan,
  addAssess,
  addExplain,
  addDoctor,
  addVerify,
  addRecord,
  addLogin,
  addKey,
  addVault,
  addFleet,
  addLogout,
  addPage,
  addSimulate,
  addCompletion,
];

function program(): Command {
  const root = new Command("xero-m2m")
    .description("Scopes of Xero custom connections and apps: what calls need, what a connection has, how to change it.")
    .usage("<command> [options]")
    .version(`${version}`, "-v, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      getOutHelpWidth: () => widthOf(process.stdout),
      getOutHasColors: () => wantsColour(process.stdout),
      // Printed when it is caught, as one line.
      writeErr: () => {},
    })
    .exitOverride();
  withExamples(root, [], `Help of a command, with examples: xero-m2m check --help\n${EXITS}`);
  for (const add of COMMANDS) add(root);
  for (const command of root.commands) command.helpOption("-h, --help", "show this help");
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
    if (error.code === "commander.help") throw new BadUse(`unknown command ${quoted(args[1] ?? "")}; see xero-m2m --help`);
    const name = root.commands.some((command) => command.name() === first) ? ` ${first}` : "";
    throw new BadUse(
      // The value of an option that does not exist may be a secret.
      `${error.message.replace(/(unknown option '[^'=]*)=[^']*/, "$1").replaceAll(/^error: |\.$/g, "").replaceAll(/\s+/g, " ")}; see xero-m2m${name} --help`,
    );
  }
}
