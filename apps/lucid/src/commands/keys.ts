/** `lucid keys new|list|protect`: identity files, and who can open what. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import {
  formatIdentityFile,
  generateIdentity,
  isSealedIdentityFile,
  type KeyPair,
  parseIdentityFile,
  sealIdentityFile,
} from '@lucid/recipients';
import type { Wrap } from '@lucid/session-format';
import { keyFingerprint } from '@lucid/verifier';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { formatTable, Output } from '../cli/output.ts';
import { askNewPassphrase } from '../cli/passphrase.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { type Home, openHome, requireHome, unusable } from '../host/home.ts';
import { readNodeKeys, writeKeyFile } from '../host/node-keys.ts';
import { homeFor } from './open-target.ts';

interface Options {
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface NewKeyOptions extends Options {
  readonly out?: string;
  readonly passphrase: boolean;
}

const textFile = (pair: KeyPair): string =>
  formatIdentityFile({ ...pair, createdAt: new Date().toISOString().replace(/\.\d+Z$/, 'Z') });

/** A new file with these bytes, mode 0600. @throws CliError target_exists, target_unwritable */
export function writeNewFile(path: string, bytes: string | Uint8Array): void {
  try {
    if (writeKeyFile(path, bytes)) return;
  } catch (error) {
    throw new CliError('target_unwritable', `${path} cannot be written: ${plainReason(error)}.`, {
      cause: error,
    });
  }
  throw new CliError('target_exists', `${path} exists and is not overwritten; name another file with --out.`);
}

export async function newKey(process: NodeJS.Process, options: NewKeyOptions): Promise<number> {
  const output = new Output(process, options);
  const pair = await generateIdentity();
  const path = options.out ?? join(openHome(process.env).keys, `${pair.recipient.slice(0, 16)}.agekey`);
  if (existsSync(path))
    throw new CliError(
      'target_exists',
      `${path} exists and is not overwritten; name another file with --out.`,
    );
  const text = textFile(pair);
  const bytes = options.passphrase
    ? await sealIdentityFile(text, { passphrase: await askNewPassphrase(process, path) })
    : text;
  writeNewFile(path, bytes);
  output.json({ recipient: pair.recipient, file: path, protected: options.passphrase });
  output.line(`recipient  ${pair.recipient}`);
  output.line(`identity   ${path}${options.passphrase ? '  (passphrase)' : ''}`);
  output.note('Give the recipient to whoever shall let you in; back the identity up and show it to nobody.');
  return exitCodes.ok;
}

export async function protectKey(process: NodeJS.Process, path: string, options: Options): Promise<number> {
  const output = new Output(process, options);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new CliError('key_missing', `${path} cannot be read: ${plainReason(error)}.`, {
      cause: error,
    });
  }
  if (isSealedIdentityFile(bytes)) throw new CliError('usage', `${path} has a passphrase already.`);
  const text = Buffer.from(bytes).toString('utf8');
  await parseIdentityFile(text).catch((error: Error) => {
    throw new CliError('key_missing', `${path} cannot be used: ${error.message}`, { cause: error });
  });
  const sealed = await sealIdentityFile(text, { passphrase: await askNewPassphrase(process, path) });
  replaceFile(path, sealed);
  output.json({ file: path, protected: true });
  output.line(`protected  ${path}`);
  output.note('The old bytes may still be found on the disk, and in backups made before.');
  return exitCodes.ok;
}

/** The key is at no moment without a whole file. */
function replaceFile(path: string, bytes: Uint8Array): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    const fd = openSync(draft, 'wx', 0o600);
    writeSync(fd, bytes);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(draft, path);
    chmodSync(path, 0o600);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new CliError('target_unwritable', `${path} cannot be replaced: ${plainReason(error)}.`, {
      cause: error,
    });
  }
}

interface KnownIdentity {
  readonly file: string;
  readonly sealed: boolean;
  /** Empty for a sealed file: its recipients cannot be told without the passphrase. */
  readonly recipients: readonly string[];
}

/** Identity files in the data folder. A file that cannot be read is left out: `doctor` tells of it. */
async function knownIdentities(home: Home): Promise<KnownIdentity[]> {
  let names: string[];
  try {
    names = readdirSync(home.keys);
  } catch (error) {
    throw unusable(home.root, error);
  }
  const files = names.filter((name) => name.endsWith('.agekey')).sort();
  const known = files.map(async (name): Promise<KnownIdentity[]> => {
    const file = join(home.keys, name);
    try {
      const bytes = new Uint8Array(readFileSync(file));
      if (isSealedIdentityFile(bytes)) return [{ file, sealed: true, recipients: [] }];
      const pairs = await parseIdentityFile(Buffer.from(bytes).toString('utf8'));
      return [{ file, sealed: false, recipients: pairs.map(({ recipient }) => recipient) }];
    } catch {
      return [];
    }
  });
  return (await Promise.all(known)).flat();
}

const whereOf = (known: readonly KnownIdentity[], recipient: string, label?: string): string => {
  const open = known.find(({ recipients }) => recipients.includes(recipient));
  if (open) return `identity here: ${basename(open.file)}`;
  const sealed = known.find(({ file, sealed: isSealed }) => isSealed && basename(file) === `${label}.agekey`);
  return sealed ? `identity here, passphrase: ${basename(sealed.file)}` : 'identity not here';
};

async function listNodeKeys(output: Output, home: Home): Promise<void> {
  const keys = readNodeKeys(home);
  const known = await knownIdentities(home);
  const signing = (['recorder', 'ledger'] as const).map((role) => {
    const { verifierKey } = keys[role];
    return { role, verifierKey, fingerprint: keyFingerprint(verifierKey) ?? '' };
  });
  output.json({ recipients: keys.recipients, identities: known, signing });
  output.line('New sessions are encrypted to:');
  const rows = keys.recipients.map(({ recipient, label }) => [
    label,
    recipient,
    whereOf(known, recipient, label),
  ]);
  for (const line of formatTable(rows)) output.line(`  ${line}`);
  const others = known.filter(
    ({ recipients, sealed }) =>
      !sealed && !recipients.some((each) => keys.recipients.some(({ recipient }) => recipient === each)),
  );
  if (others.length > 0) output.line('Other identities in the data folder:');
  for (const { file, recipients } of others) output.line(`  ${basename(file)}  ${recipients.join(' ')}`);
  output.line('This node signs with (give these to who verifies):');
  for (const { role, verifierKey, fingerprint } of signing) {
    output.line(`  ${role.padEnd(8)}  ${verifierKey}`);
    output.line(`            fingerprint ${fingerprint.replace(/(.{4})(?=.)/g, '$1 ')}`);
  }
}

/** Who can open a session. */
async function listWraps(
  output: Output,
  home: Home | null,
  session: { readonly sessionId: string; readonly wraps: readonly Wrap[] },
): Promise<void> {
  const known = home ? await knownIdentities(home) : [];
  output.json({
    sessionId: session.sessionId,
    recipients: session.wraps.map(({ recipient, label }) => ({ recipient, ...(label ? { label } : {}) })),
  });
  output.line(`Who can open session ${session.sessionId.slice(0, 16)}…:`);
  const rows = session.wraps.map(({ recipient, label }) => [
    label ?? '',
    recipient,
    whereOf(known, recipient, label),
  ]);
  for (const line of formatTable(rows)) output.line(`  ${line}`);
}

export async function listKeys(
  process: NodeJS.Process,
  text: string | undefined,
  options: Options,
): Promise<number> {
  const output = new Output(process, options);
  if (text !== undefined) {
    const { wrapsOf } = await import('./keys-session.ts');
    await listWraps(output, homeFor(process, text, output), await wrapsOf(process, text, options));
    return exitCodes.ok;
  }
  await listNodeKeys(output, requireHome(process.env));
  return exitCodes.ok;
}
