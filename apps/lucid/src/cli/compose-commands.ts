/** Options and commands of the stack in containers. Actions load their code on demand. */
import type { Command } from 'commander';
import { CliError } from './cli-error.ts';
import { collect, command } from './command.ts';

type Process = NodeJS.Process;
type End = (code: number) => void;

/** For commands that work with the services of a stack as well as with those of the data folder. */
export const withStackOption = (of: Command): Command =>
  of.option('--compose', 'with the services in containers (lucid up --compose)', false);

/** For commands about the stack itself. */
export const withComposeOptions = (of: Command): Command =>
  of
    .option('--compose', 'services in containers, by Docker', false)
    .option('--layer <number>', 'with --compose: only this layer and those below it')
    .option('--file <path>', 'with --compose: another compose file')
    .option('--profile <name>', 'with --compose: only this group of services (repeatable)', collect, []);

const STACK_ONLY: readonly string[] = ['layer', 'file', 'profile'];
const BOTH: readonly string[] = ['compose', 'json', 'quiet', ...STACK_ONLY];

/** @throws CliError usage where options of the one host and of the stack are mixed */
export function assertOneKind(of: Command, compose: boolean): void {
  const given = of.options.filter((option) => of.getOptionValueSource(option.attributeName()) === 'cli');
  const wrong = given.find((option) =>
    compose ? !BOTH.includes(option.attributeName()) : STACK_ONLY.includes(option.attributeName()),
  );
  if (!wrong) return;
  throw new CliError(
    'usage',
    compose
      ? `${wrong.long} is for the host in one process; what the stack takes in its place stands in compose/.env (docs/topology.md, Settings)`
      : `${wrong.long} goes with --compose`,
  );
}

export function addStackCommands(program: Command, process: Process, end: End): void {
  command(program, 'down', 'end the services in containers; what they keep stays')
    .option('--compose', 'services in containers, by Docker', false)
    .option('--file <path>', 'another compose file')
    .action(async (options) => {
      if (!options.compose)
        throw new CliError(
          'usage',
          'the host that `lucid up` runs ends with Ctrl-C where it was started; services in containers end with: lucid down --compose',
        );
      const { composeDown } = await import('../compose/compose-down.ts');
      end(await composeDown(process, options));
    });
}
