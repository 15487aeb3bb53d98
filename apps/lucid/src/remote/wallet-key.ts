/** A TRON key in a file: 64 hex digits, or the same under a passphrase (age). For people without a wallet at hand, and for programs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, hexToBytes } from '@lucid/bytes';
import { randomBytes } from '@lucid/crypto';
import { secretKeyToAddress } from '@lucid/tron-message';
import { CliError } from '../cli/cli-error.ts';
import { openWithPassphrase } from '../cli/passphrase.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { configFolder } from './credentials.ts';

type Process = Pick<NodeJS.Process, 'stdin' | 'stderr' | 'env'>;

export interface WalletKey {
  readonly address: string;
  /** 32 bytes. */
  readonly secretKey: Uint8Array;
}

export const defaultWalletPath = (env: Readonly<Record<string, string | undefined>>): string =>
  join(configFolder(env), 'tron.key');

export function newWalletKey(): WalletKey {
  for (;;) {
    const secretKey = randomBytes(32);
    try {
      return { address: secretKeyToAddress(secretKey), secretKey };
    } catch {
      // Not a scalar of the curve: one in 2^128.
    }
  }
}

export const walletKeyText = ({ secretKey }: WalletKey): string => `${bytesToHex(secretKey)}\n`;

/** @throws CliError key_missing, wrong_identity */
export async function readWalletKey(process: Process, path: string): Promise<WalletKey> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const advice = existsSync(path) ? '' : ` Make one with: lucid keys tron --out ${path}`;
    throw new CliError(
      'key_missing',
      `the key file ${path} cannot be read: ${plainReason(error)}.${advice}`,
      {
        cause: error,
      },
    );
  }
  const text = (await unsealed(process, path, bytes)).trim().replace(/^0x/i, '');
  if (/^[0-9a-f]{64}$/i.test(text)) {
    const secretKey = hexToBytes(text.toLowerCase());
    try {
      return { address: secretKeyToAddress(secretKey), secretKey };
    } catch (cause) {
      throw new CliError('wrong_identity', `${path} holds no key of TRON: out of the curve's range.`, {
        cause,
      });
    }
  }
  throw new CliError('wrong_identity', `${path} holds no key of TRON; it should be 64 hex digits.`);
}

async function unsealed(process: Process, path: string, bytes: Uint8Array): Promise<string> {
  const { isSealedIdentityFile, openIdentityFile } = await import('@lucid/recipients');
  if (!isSealedIdentityFile(bytes)) return Buffer.from(bytes).toString('utf8');
  const opened = await openWithPassphrase(process, path, (passphrase) => openIdentityFile(bytes, passphrase));
  if (opened === null) throw new CliError('wrong_identity', `that is not the passphrase of ${path}.`);
  return opened;
}
