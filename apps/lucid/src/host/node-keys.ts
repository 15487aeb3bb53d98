/**
 * The keys of this node, made at the first start: the recorder's and the ledger's Ed25519 keys (kept as C2SP note keys), and
 * the age identities of the owner and of the recovery. Files are made once, mode 0600, never overwritten, and never made anew once a
 * host has run here: a signing key that is lost is told.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { bytesToHex } from '@lucid/bytes';
import { formatSignerKey, formatVerifierKey, parseSignerKey } from '@lucid/checkpoint';
import { ed25519GenerateKey, ed25519PublicKey, randomBytes } from '@lucid/crypto';
import { CliError } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { type Home, unusable } from './home.ts';
import { type HomeLock, takeHomeLock } from './home-lock.ts';

const FIRST_START_PATIENCE_MS = 15_000;
const LOCK_WAIT_MS = 100;

export interface SigningKey {
  readonly name: string;
  /** Secret, in note format: PRIVATE+KEY+NAME+ID+KEY. */
  readonly signerKey: string;
  readonly verifierKey: string;
}

export interface Recipient {
  readonly recipient: string;
  readonly label: string;
}

export interface NodeKeys {
  readonly recorder: SigningKey;
  readonly ledger: SigningKey;
  /** Who can open what is recorded here, the owner first. */
  readonly recipients: readonly Recipient[];
  /** Paths of key files made by this call: the first run tells of them. */
  readonly made: readonly string[];
}

/** Writes a new file whole or not at all; false where it exists. */
export function writeKeyFile(path: string, content: string | Uint8Array): boolean {
  const aside = `${path}.${process.pid}.new`;
  const fd = openSync(aside, 'w', 0o600);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(aside);
  }
}

type Role = 'recorder' | 'ledger';

export const signingKeyPath = (home: Home, role: Role): string => join(home.keys, `${role}.key`);

const IDENTITY_LOST =
  'Evidence made so far stays good: it verifies by the public key that it names (lucid verify FILE). New evidence would be signed by another identity, so no new key is made here. Restore the file from a backup, or begin a new node by naming an empty folder with LUCID_HOME.';

/** @throws CliError data_folder_damaged where the file is missing or no key, data_folder_unusable where it may not be read */
export function readSigningKey(path: string): SigningKey {
  const lost = (what: string, cause: unknown) =>
    new CliError('data_folder_damaged', `the signing key ${path} ${what}. ${IDENTITY_LOST}`, { cause });
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw lost('is missing', error);
    throw new CliError(
      'data_folder_unusable',
      `the signing key ${path} cannot be read: ${plainReason(error)}. Look at its owner and permissions.`,
      { cause: error },
    );
  }
  try {
    const { name, secretKey } = parseSignerKey(text);
    const verifierKey = formatVerifierKey({ name, publicKey: ed25519PublicKey(secretKey) });
    return { name, signerKey: text, verifierKey };
  } catch (error) {
    throw lost(text === '' ? 'is empty' : 'is damaged', error);
  }
}

function makeSigningKey(home: Home, role: Role, made: string[]): void {
  const path = signingKeyPath(home, role);
  const name = `lucid.invalid/${role}/${bytesToHex(randomBytes(4))}`;
  const { secretKey } = ed25519GenerateKey();
  if (writeKeyFile(path, `${formatSignerKey({ name, secretKey })}\n`)) made.push(path);
}

export const recipientsPath = (home: Home): string => join(home.keys, 'recipients.json');
export const ownerIdentityPath = (home: Home): string => join(home.keys, 'owner.agekey');
export const recoveryIdentityPath = (home: Home): string => join(home.keys, 'recovery.agekey');

/** Makes an identity file, or takes up the one that a start left which was killed before the list of recipients was written. */
async function makeIdentity(path: string, made: string[]): Promise<string> {
  const { formatIdentityFile, generateIdentity, parseIdentityFile } = await import('@lucid/recipients');
  const { identity, recipient } = await generateIdentity();
  const createdAt = new Date().toISOString();
  if (writeKeyFile(path, formatIdentityFile({ identity, recipient, createdAt }))) {
    made.push(path);
    return recipient;
  }
  try {
    const [found] = await parseIdentityFile(readFileSync(path, 'utf8'));
    if (found) return found.recipient;
    throw new Error('it holds no identity');
  } catch (error) {
    throw new CliError(
      'data_folder_damaged',
      `${path} is there but the list of recipients is not, and its public key cannot be read. Put the public keys back into recipients.json beside it, or move the key away and start again.`,
      { cause: error },
    );
  }
}

async function makeRecipients(home: Home, made: string[]): Promise<void> {
  if (existsSync(recipientsPath(home))) return;
  const recipients: Recipient[] = [
    { recipient: await makeIdentity(ownerIdentityPath(home), made), label: 'owner' },
    { recipient: await makeIdentity(recoveryIdentityPath(home), made), label: 'recovery' },
  ];
  writeKeyFile(recipientsPath(home), `${JSON.stringify(recipients, null, 2)}\n`);
}

/** Whether a host ever ran here: from then on a key that is missing was lost, and is never made anew. */
function isUsed(home: Home): boolean {
  try {
    return [home.documents, home.ledger, home.sessions].some(
      (folder) => existsSync(folder) && readdirSync(folder).length > 0,
    );
  } catch (error) {
    throw unusable(home.root, error);
  }
}

const areThere = (home: Home): boolean =>
  [recipientsPath(home), signingKeyPath(home, 'recorder'), signingKeyPath(home, 'ledger')].every((path) =>
    existsSync(path),
  );

/** Null where another first start has made the keys by then, whose host may keep the lock. */
async function lockToMake(home: Home): Promise<HomeLock | null> {
  const until = Date.now() + FIRST_START_PATIENCE_MS;
  while (!areThere(home)) {
    try {
      return await takeHomeLock(home, LOCK_WAIT_MS);
    } catch (error) {
      if ((error as CliError).code !== 'data_folder_busy' || Date.now() > until) throw error;
    }
  }
  return null;
}

/** Of two first starts at once, one makes the keys and the other waits; one that was killed half-way is gone on with. */
async function makeOnce(home: Home): Promise<readonly string[]> {
  const made: string[] = [];
  const lock = await lockToMake(home);
  if (lock === null) return made;
  try {
    await makeRecipients(home, made);
    makeSigningKey(home, 'recorder', made);
    makeSigningKey(home, 'ledger', made);
    return made;
  } catch (error) {
    throw error instanceof CliError ? error : unusable(home.root, error);
  } finally {
    lock.release();
  }
}

const RECIPIENTS_WANTED =
  'Put it back from a backup, or write it anew: [{"recipient":"age1…","label":"owner"}] with the public keys that new sessions are encrypted to.';

/** @throws CliError data_folder_damaged */
export function readRecipients(home: Home): Recipient[] {
  const path = recipientsPath(home);
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Recipient[];
    if (
      !Array.isArray(value) ||
      value.length === 0 ||
      value.some((each) => typeof each?.recipient !== 'string')
    )
      throw new Error('it names no recipient');
    return value;
  } catch (error) {
    throw new CliError(
      'data_folder_damaged',
      `${path} cannot be read: ${plainReason(error)}. ${RECIPIENTS_WANTED}`,
      { cause: error },
    );
  }
}

/** Throws CliError data_folder_missing where the first start is still to come. */
export function assertStarted(home: Home): void {
  if (!areThere(home) && !isUsed(home))
    throw new CliError(
      'data_folder_missing',
      `the data folder ${home.root} has no keys yet. The first lucid record, seal or up makes them.`,
    );
}

/** Reads the node's keys; makes none. Throws CliError. */
export function readNodeKeys(home: Home): NodeKeys {
  assertStarted(home);
  return {
    recorder: readSigningKey(signingKeyPath(home, 'recorder')),
    ledger: readSigningKey(signingKeyPath(home, 'ledger')),
    recipients: readRecipients(home),
    made: [],
  };
}

/** Reads the node's keys, making them at the first start. Throws CliError. */
export async function openNodeKeys(home: Home): Promise<NodeKeys> {
  try {
    chmodSync(home.keys, 0o700);
  } catch (error) {
    throw unusable(home.root, error);
  }
  const made = areThere(home) || isUsed(home) ? [] : await makeOnce(home);
  return { ...readNodeKeys(home), made };
}
