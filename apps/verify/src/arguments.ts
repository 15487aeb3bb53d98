/** Reading of the command line; a mistake is a UsageError with the sentence to show. */
export interface VerifyArguments {
  readonly file: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly requireAnchor: boolean;
  readonly recorderKeys: readonly string[];
  readonly ledgerKeys: readonly string[];
  readonly witnessKeys: readonly string[];
  readonly seen: string | null;
  readonly seenLedger: string | null;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `usage: verify.mjs FILE.lucid [options]

Checks a session recorded by Lucid from the file alone: no network, no account.

  --recorder-key VKEY    the recorder must be this one, NAME+ID+KEY
  --ledger-key VKEY      it must be anchored in this ledger
  --witness-key VKEY     it must be anchored, the ledger cosigned by this witness
                         (each may be repeated: one of them)
  --seen FILE            a checkpoint of this session that you kept from before
  --seen-ledger FILE     a checkpoint of the ledger that you kept from before
  --require-anchor       fail where the session is not anchored in a ledger
  --json                 the whole verdict as one JSON object
  --quiet                one line
  --help                 this text

exit codes: 0 verified, 1 verification failed, 2 usage, 3 could not be checked
`;

const flags: readonly string[] = ['--json', '--quiet', '--require-anchor'];
const repeatable = ['--recorder-key', '--ledger-key', '--witness-key'] as const;
const values = [...repeatable, '--seen', '--seen-ledger'] as const;
type ValueName = (typeof values)[number];

interface Draft {
  readonly files: string[];
  readonly set: Set<string>;
  readonly given: Map<ValueName, string[]>;
}

const isValueName = (name: string): name is ValueName => (values as readonly string[]).includes(name);

function takeValue({ given }: Draft, name: ValueName, value: string | undefined): void {
  if (value === undefined || value === '') throw new UsageError(`${name} needs a value.`);
  const before = given.get(name) ?? [];
  if (before.length > 0 && !(repeatable as readonly string[]).includes(name))
    throw new UsageError(`${name} is given twice.`);
  given.set(name, [...before, value]);
}

/** Null where help is asked for. @throws UsageError */
export function readArguments(argv: readonly string[]): VerifyArguments | null {
  const draft: Draft = { files: [], set: new Set(), given: new Map() };
  let onlyFiles = false;
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at] ?? '';
    const [name = '', inline] = argument.split(/=(.*)/s);
    if (onlyFiles || !argument.startsWith('-') || argument === '-') draft.files.push(argument);
    else if (argument === '--') onlyFiles = true;
    else if (argument === '--help' || argument === '-h') return null;
    else if (flags.includes(argument)) draft.set.add(argument);
    else if (isValueName(name)) takeValue(draft, name, inline ?? argv[++at]);
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
    recorderKeys: draft.given.get('--recorder-key') ?? [],
    ledgerKeys: draft.given.get('--ledger-key') ?? [],
    witnessKeys: draft.given.get('--witness-key') ?? [],
    seen: draft.given.get('--seen')?.[0] ?? null,
    seenLedger: draft.given.get('--seen-ledger')?.[0] ?? null,
  };
}
