/** `xero-m2m completion`: a script that completes commands and options in a shell, made from the table of commands. */

import { Argument, type Command, type Option } from "commander";
import { withExamples } from "./options.js";
import { print } from "./output.js";

/** Shells that have a script. */
const SHELLS = ["bash", "zsh"] as const;

/** A command with its options, as the scripts have them. */
interface Completed {
  name: string;
  summary: string;
  options: readonly Option[];
  /** Words that its first argument can be. */
  choices: readonly string[];
}

/** Adds the command, after all others. */
export function addCompletion(root: Command): void {
  const command = root
    .command("completion")
    .summary("a script that completes commands in bash or zsh")
    .description("Prints a script for a shell: it completes commands, options and their values.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) => completion(shell, root));
  withExamples(command, ["source <(xero-m2m completion bash)"]);
}

/** Prints the script for a shell. */
function completion(shell: (typeof SHELLS)[number], root: Command): Promise<void> {
  const commands = root.commands.map((command): Completed => ({
    name: command.name(),
    summary: command.summary() || command.description(),
    options: command.createHelp().visibleOptions(command),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  }));
  return print(shell === "bash" ? bash(commands) : zsh(commands));
}

const flagsOf = ({ short, long }: Option) => [short, long].filter((flag) => flag !== undefined);

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options, choices }) => {
    const values = options.flatMap((option) =>
      option.argChoices ? [`      ${flagsOf(option).join("|")}) words="${option.argChoices.join(" ")}" ;;`] : [],
    );
    const words = [...options.flatMap(flagsOf), ...choices].join(" ");
    const ofValues = values.length ? `\n      case "$before" in\n${values.join("\n")}\n      esac` : "";
    return `    ${name})\n      words="${words}"${ofValues} ;;`;
  });
  return `# Completion of xero-m2m in bash: source <(npx xero-m2m completion bash)
_xero_m2m() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(" ")} help --help --version"
  else
    case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  # Nothing fits: names of files.
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _xero_m2m xero-m2m
`;
}

/** A text within single quotes. */
const inQuotes = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** A description, where a colon ends the name before it and a bracket the description. */
const plain = (text: string) => text.replaceAll(/[\]:\\]/g, "\\$&");

function zsh(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options, choices }) => {
    const specs = options.flatMap((option) => {
      const value = option.argChoices ? `:value:(${option.argChoices.join(" ")})` : option.required ? ":value:_files" : "";
      return flagsOf(option).map((flag) => inQuotes(`*${flag}[${plain(option.description)}]${value}`));
    });
    const first = choices.length ? `'1:value:(${choices.join(" ")})'` : "'*:file:_files'";
    return `    ${name}) _arguments ${[...specs, first].join(" \\\n      ")} ;;`;
  });
  const described = commands.map(({ name, summary }) => `    ${inQuotes(`${name}:${plain(summary)}`)}`);
  return `#compdef xero-m2m
# Completion of xero-m2m in zsh: source <(npx xero-m2m completion zsh)
_xero_m2m() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
  esac
}
compdef _xero_m2m xero-m2m
`;
}
