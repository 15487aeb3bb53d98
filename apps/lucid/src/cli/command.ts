import type { Command } from 'commander';

/** Adds a command with what every one of them understands. */
export const command = (parent: Command, name: string, description: string): Command =>
  parent
    .command(name)
    .description(description)
    .option('--json', 'print one JSON object', false)
    .option('-q, --quiet', 'no notes, no progress', false)
    .showHelpAfterError('(see --help)');

/** For options that may be given more than once. */
export const collect = (value: string, all: readonly string[]): string[] => [...all, value];

/** NaN for anything but digits; the command says what it wants. */
export const wholeNumber = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN);
