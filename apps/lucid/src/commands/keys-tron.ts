/** `lucid keys tron`: a TRON key in a file, for people without a wallet at hand and for programs. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { askNewPassphrase } from '../cli/passphrase.ts';
import { defaultWalletPath, newWalletKey, walletKeyText } from '../remote/wallet-key.ts';
import { type NewKeyOptions, writeNewFile } from './keys.ts';

export async function newTronKey(process: NodeJS.Process, options: NewKeyOptions): Promise<number> {
  const output = new Output(process, options);
  const key = newWalletKey();
  const path = options.out ?? defaultWalletPath(process.env);
  const text = walletKeyText(key);
  if (options.out === undefined) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (options.passphrase) {
    const { sealIdentityFile } = await import('@lucid/recipients');
    writeNewFile(path, await sealIdentityFile(text, { passphrase: await askNewPassphrase(process, path) }));
  } else writeNewFile(path, text);
  output.json({ address: key.address, file: path, protected: options.passphrase });
  output.line(`address  ${key.address}`);
  output.line(`key      ${path}${options.passphrase ? '  (passphrase)' : ''}`);
  output.note(
    'Whoever has the key is this address: back it up and show it to nobody. Keep money in a wallet of its own.',
  );
  return exitCodes.ok;
}
