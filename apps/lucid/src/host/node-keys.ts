/**
 * The keys of this node, made at the first start: the recorder's and the ledger's Ed25519 keys (kept as C2SP note keys), and
 * the age identities of the owner and of the recovery. Files are made once, mode 0600, never overwritten.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { bytesToHex } from '@lucid/bytes';
import { formatSignerKey, formatVerifierKey, parseSignerKey } from '@lucid/checkpoint';
import { ed25519GenerateKey, ed25519PublicKey, randomBytes } from '@lucid/crypto';
import { CliError } from '../cli/cli-error.ts';
import type { Home } from './home.ts';
import { takeHomeLock } from './home-lock.ts';

const FIRST_START_PATIENCE_MS = 15_000;

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

export function readSigningKey(path: string): SigningKey {
  try {
    const signerKey = readFileSync(path, 'utf8').trim();
    const { name, secretKey } = parseSignerKey(signerKey);
    return {
      name,
      signerKey,
      verifierKey: formatVerifierKey({ name, publicKey: ed25519PublicKey(secretKey) }),
    };
  } catch (error) {
    throw new CliError(
      'data_folder_damaged',
      `the key file ${path} cannot be read (${(error as Error).name}). Restore it from a backup; without it this node cannot sign as before.`,
      { cause: error },
    );
  }
}

function openSigningKey(home: Home, role: 'recorder' | 'ledger', made: string[]): SigningKey {
  const path = join(home.keys, `${role}.key`);
  if (!existsSync(path)) {
    const name = `lucid.invalid/${role}/${bytesToHex(randomBytes(4))}`;
    const { secretKey } = ed25519GenerateKey();
    if (writeKeyFile(path, `${formatSignerKey({ name, secretKey })}\n`)) made.push(path);
  }
  return readSigningKey(path);
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

async function makeIdentities(home: Home, made: string[]): Promise<void> {
  // The signing keys are made last: where one is, the first start was finished and the list was lost since.
  if (existsSync(join(home.keys, 'recorder.key'))) {
    throw new CliError(
      'data_folder_damaged',
      `${recipientsPath(home)} is gone. Put it back from a backup, or write it anew: [{"recipient":"age1…","label":"owner"}] with the public keys that new sessions are encrypted to.`,
    );
  }
  const recipients: Recipient[] = [
    { recipient: await makeIdentity(ownerIdentityPath(home), made), label: 'owner' },
    { recipient: await makeIdentity(recoveryIdentityPath(home), made), label: 'recovery' },
  ];
  writeKeyFile(recipientsPath(home), `${JSON.stringify(recipients, null, 2)}\n`);
}

/** Of two first starts at once, one makes the keys and the other waits. */
async function makeOnce(home: Home, made: string[]): Promise<void> {
  const lock = await takeHomeLock(home, FIRST_START_PATIENCE_MS);
  try {
    if (!existsSync(recipientsPath(home))) await makeIdentities(home, made);
  } finally {
    lock.release();
  }
}

function readRecipients(home: Home): Recipient[] {
  const path = recipientsPath(home);
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Recipient[];
    if (
      !Array.isArray(value) ||
      value.length === 0 ||
      value.some((each) => typeof each.recipient !== 'string')
    )
      throw new Error('it names no recipient');
    return value;
  } catch (error) {
    throw new CliError(
      'data_folder_damaged',
      `${path} cannot be read: ${(error as Error).message}. It lists the public keys that new sessions are encrypted to.`,
      { cause: error },
    );
  }
}

/** Reads the node's keys, making what is missing at the first start. Throws CliError. */
export async function openNodeKeys(home: Home): Promise<NodeKeys> {
  const made: string[] = [];
  chmodSync(home.keys, 0o700);
  if (!existsSync(recipientsPath(home))) await makeOnce(home, made);
  return {
    recorder: openSigningKey(home, 'recorder', made),
    ledger: openSigningKey(home, 'ledger', made),
    recipients: readRecipients(home),
    made,
  };
}
