/** From arguments to a command: which one, what was given, and what there is. */
import { parseArgs } from 'node:util';
import { type AnyCommand, type CommandArguments, type Commands, UsageError } from './command.ts';

export type ParsedCommandLine =
  /** Nothing for commands: the service is to run, or its health to be asked. */
  | { readonly kind: 'service' }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly text: string }
  | { readonly kind: 'command'; readonly command: AnyCommand; readonly given: CommandArguments<never> };

const asksForHelp = (word: string | undefined): boolean =>
  word === 'help' || word === '--help' || word === '-h';

/** `words` are the arguments behind the program's path. */
export function parseCommandLine(commands: Commands, words: readonly string[]): ParsedCommandLine {
  if (words.length === 0 || words[0] === 'health') return { kind: 'service' };
  if (asksForHelp(words[0])) return { kind: 'help', text: overview(commands) };
  const name = nameOf(commands, words);
  if (name === undefined) {
    const text = `there is no command ${JSON.stringify(words.slice(0, 2).join(' '))}\n${overview(commands)}`;
    return { kind: 'wrong', text };
  }
  const command = commands[name] as AnyCommand;
  const rest = words.slice(name.split(' ').length);
  if (rest.some(asksForHelp)) return { kind: 'help', text: usageOf(name, command) };
  try {
    return { kind: 'command', command, given: argumentsOf(command, rest) };
  } catch (error) {
    return { kind: 'wrong', text: wrongUsage(name, command, error as Error) };
  }
}

/** The sentence of a fault, and how the command is used. */
export const wrongUsage = (name: string, command: AnyCommand, fault: Error): string =>
  `${fault.message}\n${usageOf(name, command)}`;

/** The longest command that the words begin with. */
export const nameOf = (commands: Commands, words: readonly string[]): string | undefined =>
  Object.keys(commands)
    .filter((name) => name.split(' ').every((word, at) => word === words[at]))
    .sort((one, other) => other.length - one.length)[0];

/** @throws UsageError, or the TypeError of parseArgs, whose message is a sentence, too */
function argumentsOf(command: AnyCommand, words: readonly string[]): CommandArguments<never> {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: command.options ?? {},
    allowPositionals: true,
    strict: true,
  });
  const { positionals: bounds = 0 } = command;
  const [least, most] = typeof bounds === 'number' ? [bounds, bounds] : bounds;
  if (positionals.length < least) throw new UsageError('an argument is missing');
  if (positionals.length > most)
    throw new UsageError(`there is no place for the argument ${JSON.stringify(positionals[most])}`);
  return { positionals, values: values as never };
}

const usageOf = (name: string, { usage = '', summary }: AnyCommand): string =>
  `usage: ${`${name} ${usage}`.trimEnd()}\n  ${summary}\n`;

function overview(commands: Commands): string {
  const own = Object.entries(commands).map(([name, { usage = '', summary }]) => [
    `${name} ${usage}`,
    summary,
  ]);
  const all = [...own, ['health', 'whether the service of this container answers'], ['(nothing)', 'serves']];
  const rows = all.map(([usage = '', summary = '']) => `  ${usage.trimEnd()}\n      ${summary}\n`);
  return `usage: node main.mjs [COMMAND]; the answer is one JSON value\n${rows.join('')}`;
}
