/** The program without its process: arguments in, text and exit code out. */
import { readFileSync } from 'node:fs';
import {
  openFileReader,
  type Verdict,
  VerifyError,
  verdictExitCode,
  verdictToText,
  verifyBundle,
  verifyErrorExitCode,
  verifyExitCodes,
} from '@lucid/verifier';
import { readArguments, USAGE, UsageError, type VerifyArguments } from './arguments.ts';

export interface Terminal {
  write(text: string): void;
  writeError(text: string): void;
  readonly colour: boolean;
}

const MAX_NOTE_BYTES = 1_000_000;

function readNote(path: string | null): string | undefined {
  if (path === null) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new VerifyError('unreadable', `${path} cannot be read.`, { cause });
  }
  if (text.length <= MAX_NOTE_BYTES) return text;
  throw new VerifyError('seen_malformed', `${path} is too large for a checkpoint.`);
}

async function verifyFile({ file, seen, seenLedger, ...given }: VerifyArguments): Promise<Verdict> {
  const options = {
    ...given,
    seenCheckpoint: readNote(seen),
    seenLedgerCheckpoint: readNote(seenLedger),
  };
  const reader = openFileReader(file);
  try {
    return await verifyBundle(reader, options);
  } finally {
    reader.close();
  }
}

function show(verdict: Verdict, { file, json, quiet }: VerifyArguments, terminal: Terminal): void {
  if (json) terminal.write(`${JSON.stringify({ file, ...verdict }, null, 2)}\n`);
  else terminal.write(verdictToText(file, verdict, { colour: terminal.colour, quiet }));
}

function fail(error: unknown, json: boolean, terminal: Terminal): number {
  if (error instanceof UsageError) {
    terminal.writeError(`${error.message}\n\n${USAGE}`);
    return verifyExitCodes.usage;
  }
  if (!(error instanceof VerifyError)) throw error;
  if (json)
    terminal.write(`${JSON.stringify({ ok: false, error: error.code, message: error.message }, null, 2)}\n`);
  else terminal.writeError(`could not be checked  ${error.message}\n`);
  return verifyErrorExitCode(error.code);
}

/** Answers the exit code. */
export async function runVerify(argv: readonly string[], terminal: Terminal): Promise<number> {
  const json = argv.includes('--json');
  try {
    const given = readArguments(argv);
    if (given === null) {
      terminal.write(USAGE);
      return verifyExitCodes.verified;
    }
    const verdict = await verifyFile(given);
    show(verdict, given, terminal);
    return verdictExitCode(verdict);
  } catch (error) {
    return fail(error, json, terminal);
  }
}
