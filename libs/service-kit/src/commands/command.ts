/** One-shot commands of a service's program, `node main.mjs onion list`: arguments in, one JSON value out. */
import type { ParseArgsConfig, parseArgs } from 'node:util';
import type { ContractSpec } from '@lucid/contracts';
import type { Client } from '../client/client.ts';

export type CommandOptions = NonNullable<ParseArgsConfig['options']>;

/** What was given: positionals behind the command's words, and options by name. */
export interface CommandArguments<Options extends CommandOptions> {
  readonly positionals: readonly string[];
  readonly values: ReturnType<typeof parseArgs<{ options: Options }>>['values'];
}

export interface Command<
  C extends ContractSpec = ContractSpec,
  Options extends CommandOptions = CommandOptions,
  Answer = unknown,
> {
  /** Arguments behind the command's words: `NAME [--keep]`. */
  readonly usage?: string;
  /** One line for `help`. */
  readonly summary: string;
  /** Of `parseArgs` in `node:util`; an option that is not named here is refused. */
  readonly options?: Options;
  /** How many positionals there must be, or from how many to how many; none by default. */
  readonly positionals?: number | readonly [least: number, most: number];
  /** Answers what is printed. @throws UsageError, or ProblemError from the client */
  run(given: CommandArguments<Options>, target: CommandTarget<C>): Promise<Answer>;
  /** Whether the answer says yes; `false` ends the program with 3. */
  succeeded?(answer: Answer): boolean;
}

export interface CommandTarget<C extends ContractSpec> {
  /** Of this very service; its calls end when the program is told to stop. */
  readonly client: Client<C>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Commands by their words: `onion create`. */
export type Commands = Readonly<Record<string, AnyCommand>>;

/** A command whose types its host need not know. */
export interface AnyCommand {
  readonly usage?: string;
  readonly summary: string;
  readonly options?: CommandOptions;
  readonly positionals?: number | readonly [least: number, most: number];
  // Method syntax: parameters compare bivariantly, so that every command fits.
  run(given: CommandArguments<never>, target: CommandTarget<never>): Promise<unknown>;
  succeeded?(answer: never): boolean;
}

/** Makes commands whose client is that of the contract. */
export const commandsOf =
  <const C extends ContractSpec>(_contract: C) =>
  <const Options extends CommandOptions = Record<never, never>, Answer = unknown>(
    command: Command<C, Options, Answer>,
  ): Command<C, Options, Answer> =>
    command;

/** Arguments that make no sense; the message is one sentence for people. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
