/** The identities that open sessions: files named on the command line, else the owner's and then the recovery's of this node. */
import { existsSync, readFileSync } from 'node:fs';
import { base64ToBytes } from '@lucid/bytes';
import {
  isRecipientError,
  isSealedIdentityFile,
  type KeyPair,
  openIdentityFile,
  parseIdentityFile,
  unwrapSessionKey,
} from '@lucid/recipients';
import type { Recipients, Wrap } from '@lucid/session-format';
import { CliError } from '../cli/cli-error.ts';
import { openWithPassphrase } from '../cli/passphrase.ts';
import { plainReason } from '../cli/plain-reason.ts';
import type { Home } from '../host/home.ts';
import { ownerIdentityPath, recoveryIdentityPath } from '../host/node-keys.ts';
import type { BundleFile } from './open-bundle.ts';
import { isSessionKey } from './open-chunks.ts';

type Process = Pick<NodeJS.Process, 'stdin' | 'stderr' | 'env'>;

const MAX_FILE_BYTES = 1_048_576;

function readIdentityFile(path: string): Uint8Array {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_FILE_BYTES) throw new Error('it is larger than 1 MiB');
    return new Uint8Array(bytes);
  } catch (error) {
    throw new CliError('key_missing', `the identity file ${path} cannot be read: ${plainReason(error)}.`, {
      cause: error,
    });
  }
}

/** Text of a passphrase-protected file. @throws CliError wrong_identity, key_missing */
async function unsealIdentityFile(process: Process, path: string, bytes: Uint8Array): Promise<string> {
  const text = await openWithPassphrase(process, path, (passphrase) => openIdentityFile(bytes, passphrase));
  if (text !== null) return text;
  throw new CliError('wrong_identity', `the passphrase does not open ${path}.`);
}

/** @throws CliError key_missing, wrong_identity */
async function loadIdentityFile(process: Process, path: string): Promise<KeyPair[]> {
  const bytes = readIdentityFile(path);
  try {
    const text = isSealedIdentityFile(bytes)
      ? await unsealIdentityFile(process, path, bytes)
      : Buffer.from(bytes).toString('utf8');
    return await parseIdentityFile(text);
  } catch (error) {
    if (!isRecipientError(error)) throw error;
    throw new CliError('key_missing', `${path} cannot be used: ${error.message}`, { cause: error });
  }
}

/** Wraps said to be for one of the pairs first: the others cost a key agreement each. */
function inLikelyOrder(wraps: readonly Wrap[], pairs: readonly KeyPair[]): Wrap[] {
  const own = new Set(pairs.map(({ recipient }) => recipient));
  const likely = wraps.filter(({ recipient }) => own.has(recipient));
  return [...likely, ...wraps.filter((wrap) => !likely.includes(wrap))];
}

async function unwrapWith(pairs: readonly KeyPair[], wraps: readonly Wrap[]): Promise<Uint8Array | null> {
  const identities = pairs.map(({ identity }) => identity);
  for (const { age } of inLikelyOrder(wraps, pairs)) {
    try {
      const key = await unwrapSessionKey(base64ToBytes(age), identities);
      if (key) return key;
    } catch (error) {
      // A damaged wrap of somebody else must not keep us from our own.
      if (!isRecipientError(error, 'age_damaged')) throw error;
    }
  }
  return null;
}

export interface IdentityOptions {
  /** Paths given with --identity. */
  readonly files: readonly string[];
  readonly home: Home | null;
}

export class IdentityRing {
  readonly #process: Process;
  readonly #paths: readonly string[];
  readonly #loaded = new Map<string, readonly KeyPair[]>();

  /** @throws CliError key_missing where no identity is at hand */
  constructor(process: Process, { files, home }: IdentityOptions) {
    this.#process = process;
    const own = home
      ? [ownerIdentityPath(home), recoveryIdentityPath(home)].filter((path) => existsSync(path))
      : [];
    this.#paths = files.length > 0 ? files : own;
    if (this.#paths.length === 0)
      throw new CliError(
        'key_missing',
        'no key is at hand to open this with; name an identity file with --identity FILE.',
      );
  }

  async #pairs(path: string): Promise<readonly KeyPair[]> {
    const known = this.#loaded.get(path) ?? (await loadIdentityFile(this.#process, path));
    this.#loaded.set(path, known);
    return known;
  }

  /** The session key, which the caller wipes; null where no identity fits. Files are read, and asked for, one after another. */
  async unwrap({ wraps }: Pick<Recipients, 'wraps'>): Promise<Uint8Array | null> {
    for (const path of this.#paths) {
      const key = await unwrapWith(await this.#pairs(path), wraps);
      if (key) return key;
    }
    return null;
  }
}

const recipientText = ({ recipient, label }: Wrap): string => (label ? `${label} (${recipient})` : recipient);

/** The session's own key. @throws CliError key_missing, wrong_identity, verification_failed */
export async function unlock(bundle: BundleFile, ring: IdentityRing): Promise<Uint8Array> {
  const { recipients } = bundle;
  const key = await ring.unwrap(recipients);
  if (!key)
    throw new CliError(
      'wrong_identity',
      `none of your identities opens ${bundle.path}; it is encrypted to ${recipients.wraps.map(recipientText).join(', ') || 'nobody'}. Name another with --identity FILE.`,
    );
  if (isSessionKey(bundle, key)) return key;
  key.fill(0);
  throw bundle.damaged('the wrapped key is not the one that the session was recorded with (key commitment)');
}
