/** Everything secret of a test stack, made anew for each and written below its folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex } from '@lucid/bytes';
import { formatSignerKey, formatVerifierKey } from '@lucid/checkpoint';
import { ed25519GenerateKey } from '@lucid/crypto';
import { formatIdentityFile, generateIdentity, type KeyPair } from '@lucid/recipients';
import { createServiceKeys, type ServiceKey } from '@lucid/service-kit';

export interface NoteKey {
  readonly name: string;
  readonly signerKey: string;
  readonly verifierKey: string;
  readonly seedHex: string;
}

export interface StackKeys {
  readonly folder: string;
  readonly services: ReadonlyMap<string, ServiceKey>;
  readonly keyringFile: string;
  readonly recorder: NoteKey;
  readonly ledger: NoteKey;
  readonly owner: KeyPair;
  readonly ownerFile: string;
  keyFileOf(service: string): string;
  /** Path of a file that holds this secret, for a `*_FILE` variable. */
  secretFile(name: string, content: string): string;
}

function makeNoteKey(name: string): NoteKey {
  const { secretKey, publicKey } = ed25519GenerateKey();
  return {
    name,
    signerKey: formatSignerKey({ name, secretKey }),
    verifierKey: formatVerifierKey({ name, publicKey }),
    seedHex: bytesToHex(secretKey),
  };
}

export async function makeStackKeys(folder: string, callers: readonly string[]): Promise<StackKeys> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const secretFile = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const { keys } = createServiceKeys(callers);
  for (const key of keys.values()) secretFile(`${key.caller}.pem`, key.secretPem);
  const keyring = Object.fromEntries([...keys.values()].map((each) => [each.caller, each.publicKey]));
  const owner = await generateIdentity();
  return {
    folder,
    services: keys,
    keyringFile: secretFile('keyring.json', JSON.stringify(keyring)),
    recorder: makeNoteKey('lucid.invalid/recorder/e2e'),
    ledger: makeNoteKey('lucid.invalid/ledger/e2e'),
    owner,
    ownerFile: secretFile(
      'owner.agekey',
      formatIdentityFile({ ...owner, createdAt: '2030-01-01T00:00:00Z' }),
    ),
    keyFileOf: (service) => join(folder, `${service}.pem`),
    secretFile,
  };
}
