/** `lucid completion SHELL`: completion scripts, made from the commands themselves. */
import { readdirSync } from 'node:fs';
import type { Command, Option } from 'commander';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { findHome } from '../host/home.ts';

interface OptionShape {
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

export interface CommandShape {
  /** Words from the program on, without its name: `keys grant`; empty for the program. */
  readonly path: string;
  readonly description: string;
  readonly options: readonly OptionShape[];
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  /** What the first argument may be, where that is a closed set. */
  readonly choices: readonly string[];
  readonly takesSession: boolean;
  readonly takesFile: boolean;
}

const optionShape = (option: Option): OptionShape => ({
  names: [option.short, option.long].filter((name): name is string => name !== undefined),
  description: option.description,
  takesValue: option.required || option.optional,
  choices: option.argChoices ?? [],
});

const HELP: OptionShape = {
  names: ['-h', '--help'],
  description: 'show help',
  takesValue: false,
  choices: [],
};

/** Hidden commands are for scripts, not for people. */
const isShown = (command: Command): boolean => !command.name().startsWith('_');

export function commandShapes(command: Command, path = ''): CommandShape[] {
  const shown = command.commands.filter(isShown);
  const args = command.registeredArguments.map((argument) => argument.name());
  const shape: CommandShape = {
    path,
    description: command.description(),
    options: [...command.options.map(optionShape), HELP],
    subcommands: shown.map((each) => ({ name: each.name(), description: each.description() })),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    takesSession: args.some((name) => /^id\b/.test(name)),
    takesFile: args.some((name) => /file/.test(name)),
  };
  return [shape, ...shown.flatMap((each) => commandShapes(each, `${path} ${each.name()}`.trim()))];
}

const wordsOf = ({ subcommands, choices, options }: CommandShape): string =>
  [...subcommands.map(({ name }) => name), ...choices, ...options.flatMap(({ names }) => names)].join(' ');

const withValue = (shapes: readonly CommandShape[], wanted: (option: OptionShape) => boolean): string[] => [
  ...new Set(
    shapes.flatMap(({ options }) =>
      options.filter((each) => each.takesValue && wanted(each)).flatMap(({ names }) => names),
    ),
  ),
];

/** Lines of a `case` that follow the words so far: what is no command leaves the path as it is. */
const pathCases = (shapes: readonly CommandShape[]): string =>
  shapes
    .filter(({ path }) => path !== '')
    .map(({ path }) => `'${path}'`)
    .join('|');

const choiceCases = (shapes: readonly CommandShape[], reply: (words: string) => string): string[] => {
  const seen = new Map(
    shapes.flatMap(({ options }) =>
      options
        .filter(({ choices }) => choices.length > 0)
        .map(({ names, choices }) => [names.join('|'), choices.join(' ')] as const),
    ),
  );
  return [...seen].map(([names, choices]) => `    ${names}) ${reply(choices)}; return ;;`);
};

export function bashScript(name: string, shapes: readonly CommandShape[]): string {
  const cases = shapes.map(
    (shape) =>
      `    '${shape.path}') words='${wordsOf(shape)}'; sessions=${shape.takesSession ? 1 : 0}; files=${shape.takesFile ? 1 : 0} ;;`,
  );
  return `# bash completion of ${name}: eval "$(${name} completion bash)"
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= words= sessions=0 files=0 i next
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case "$next" in ${pathCases(shapes)}) path=$next ;; esac
  done
  case "$prev" in
${choiceCases(shapes, (choices) => `COMPREPLY=($(compgen -W '${choices}' -- "$cur"))`).join('\n')}
    ${withValue(shapes, ({ choices }) => choices.length === 0).join('|')}) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [ "$sessions" = 1 ]; then COMPREPLY+=($(compgen -W "$("\${COMP_WORDS[0]/#\\~/$HOME}" __complete 2>/dev/null)" -- "$cur")); fi
  if [ "$files" = 1 ]; then compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$cur")); fi
}
complete -F _${name} ${name}
`;
}

const zshQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const zshEntry = (name: string, description: string): string =>
  zshQuoted(`${name}:${description.replaceAll(':', '\\:')}`);

export function zshScript(name: string, shapes: readonly CommandShape[]): string {
  const cases = shapes.map((shape) => {
    const entries = [
      ...shape.subcommands.map((each) => zshEntry(each.name, each.description)),
      ...shape.choices.map((each) => zshEntry(each, '')),
      ...shape.options.flatMap(({ names, description }) => names.map((each) => zshEntry(each, description))),
    ];
    return `    ('${shape.path}') entries=(${entries.join(' ')}); sessions=${shape.takesSession ? 1 : 0}; files=${shape.takesFile ? 1 : 0} ;;`;
  });
  return `#compdef ${name}
# zsh completion of ${name}: eval "$(${name} completion zsh)"
_${name}() {
  local path_='' next word sessions=0 files=0
  local -a entries ids
  for word in \${words[2,CURRENT-1]}; do
    next="\${path_:+$path_ }$word"
    case "$next" in (${pathCases(shapes)}) path_=$next ;; esac
  done
  case "\${words[CURRENT-1]}" in
${choiceCases(shapes, (choices) => `compadd -- ${choices}`)
  .map((line) => line.replace(/^ {4}/, '    ('))
  .join('\n')}
    (${withValue(shapes, ({ choices }) => choices.length === 0).join('|')}) _files; return ;;
  esac
  case "$path_" in
${cases.join('\n')}
  esac
  _describe '${name}' entries
  if (( sessions )); then ids=(\${(f)"$(\${~words[1]} __complete 2>/dev/null)"}); compadd -- $ids; fi
  if (( files )); then _files; fi
}
compdef _${name} ${name}
`;
}

const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fishOption(start: string, { names, description, takesValue, choices }: OptionShape): string {
  const flags = names.map((each) => (each.startsWith('--') ? `-l ${each.slice(2)}` : `-s ${each.slice(1)}`));
  const value = choices.length > 0 ? ` -x -a ${fishQuoted(choices.join(' '))}` : takesValue ? ' -r' : '';
  return `${start} ${flags.join(' ')}${value} -d ${fishQuoted(description)}`;
}

export function fishScript(name: string, shapes: readonly CommandShape[]): string {
  const lines = shapes.flatMap((shape) => {
    const words = shape.path.split(' ').filter((word) => word !== '');
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const none = shape.subcommands.map((each) => each.name).join(' ');
    const level = none === '' ? seen : [...seen, `not __fish_seen_subcommand_from ${none}`];
    const start = (conditions: readonly string[]) =>
      conditions.length === 0
        ? `complete -c ${name}`
        : `complete -c ${name} -n ${fishQuoted(conditions.join('; and '))}`;
    return [
      ...shape.subcommands.map(
        (each) => `${start(level)} -f -a ${each.name} -d ${fishQuoted(each.description)}`,
      ),
      ...shape.choices.map((each) => `${start(level)} -f -a ${each}`),
      ...shape.options.map((option) => fishOption(start(level), option)),
      ...(shape.takesSession
        ? [
            `${start(level)} -a '(set -l program (commandline -opc)[1]; $program __complete 2>/dev/null)' -d session`,
          ]
        : []),
    ];
  });
  return [`# fish completion of ${name}: ${name} completion fish | source`, ...lines, ''].join('\n');
}

const scripts: Readonly<Record<string, typeof bashScript>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export function completion(process: NodeJS.Process, program: Command, shell: string): number {
  const script = scripts[shell];
  if (!script)
    throw new CliError('usage', `completion ${shell}: give one of ${Object.keys(scripts).join(', ')}`);
  process.stdout.write(script(program.name(), commandShapes(program)));
  return exitCodes.ok;
}

/** The first digits of the sessions here, one a line, without starting a host: completion must be quick. */
export function completeSessions(process: NodeJS.Process): number {
  let names: string[];
  try {
    const home = findHome(process.env);
    names = home ? readdirSync(home.sessions) : [];
  } catch {
    // A folder that cannot be used is told by every other command.
    names = [];
  }
  const ids = new Set(
    names.flatMap((name) => /^[0-9a-f]{64}(?=\.(?:lucid|part)$)/.exec(name)?.[0].slice(0, 16) ?? []),
  );
  for (const id of ids) process.stdout.write(`${id}\n`);
  return exitCodes.ok;
}
