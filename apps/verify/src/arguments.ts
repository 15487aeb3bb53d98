/** Reading of the command line; a mistake is a UsageError with the sentence to show. */
export interface VerifyArguments {
  readonly file: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly requireAnchor: boolean;
  readonly keys: readonly string[];
  readonly seen: string | null;
  readonly seenLedger: string | null;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `usage: verify.mjs FILE.lucid [options]

Checks a session recorded by Lucid from the file alone: no network, no account.

  --key VKEY             a key you trust (recorder, ledger or witness), NAME+ID+KEY; may be repeated
  --seen FILE            a checkpoint of this session that you kept from before
  --seen-ledger FILE     a checkpoint of the ledger that you kept from before
  --require-anchor       fail where the session is not anchored in a ledger
  --json                 the whole verdict as one JSON object
  --quiet                one line
  --help                 this text

exit codes: 0 verified, 1 verification failed, 2 usage, 3 could not be checked
`;

const flags = { '--json': 'json', '--quiet': 'quiet', '--require-anchor': 'requireAnchor' } as const;
const values = { '--key': 'key', '--seen': 'seen', '--seen-ledger': 'seenLedger' } as const;

interface Draft {
  readonly files: string[];
  readonly keys: string[];
  readonly set: Set<string>;
  readonly single: Map<string, string>;
}

function takeValue(draft: Draft, name: string, value: string | undefined): void {
  if (value === undefined || value === '') throw new UsageError(`${name} needs a value.`);
  if (name === '--key') draft.keys.push(value);
  else if (draft.single.has(name)) throw new UsageError(`${name} is given twice.`);
  else draft.single.set(name, value);
}

/** Null where help is asked for. @throws UsageError */
export function readArguments(argv: readonly string[]): VerifyArguments | null {
  const draft: Draft = { files: [], keys: [], set: new Set(), single: new Map() };
  let onlyFiles = false;
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at] ?? '';
    const [name = '', inline] = argument.split(/=(.*)/s);
    if (onlyFiles || !argument.startsWith('-') || argument === '-') draft.files.push(argument);
    else if (argument === '--') onlyFiles = true;
    else if (argument === '--help' || argument === '-h') return null;
    else if (argument in flags) draft.set.add(argument);
    else if (name in values) takeValue(draft, name, inline ?? argv[++at]);
    else throw new UsageError(`There is no option ${argument}.`);
  }
  const [file, second] = draft.files;
  if (file === undefined) throw new UsageError('Name the file to verify.');
  if (second !== undefined) throw new UsageError('Name one file only.');
  return {
    file,
    json: draft.set.has('--json'),
    quiet: draft.set.has('--quiet'),
    requireAnchor: draft.set.has('--require-anchor'),
    keys: draft.keys,
    seen: draft.single.get('--seen') ?? null,
    seenLedger: draft.single.get('--seen-ledger') ?? null,
  };
}
