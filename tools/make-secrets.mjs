// node tools/make-secrets.mjs [FOLDER]: makes the keys that compose/layer1.yaml names (default: compose/secrets) and compose/.env
// with the public ones. Refuses to overwrite. Nothing here is ever committed.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = process.argv[2] ?? 'compose/secrets';
if (existsSync(join(folder, 'keyring'))) {
  console.error(`${folder} holds keys already; they are not overwritten`);
  process.exit(2);
}

async function loadCode() {
  const outdir = mkdtempSync(join(tmpdir(), 'lucid-secrets-'));
  try {
    await build({
      stdin: {
        contents: `
          export { createServiceKeys } from './libs/service-kit/src/auth/keys.ts';
          export { formatSignerKey, formatVerifierKey } from '@lucid/checkpoint';
          export { ed25519GenerateKey } from '@lucid/crypto';
          export { appNames } from '@lucid/topology';
        `,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      outfile: join(outdir, 'code.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    return await import(pathToFileURL(join(outdir, 'code.mjs')).href);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const { createServiceKeys, ed25519GenerateKey, formatSignerKey, formatVerifierKey, appNames } =
  await loadCode();
mkdirSync(folder, { recursive: true, mode: 0o700 });
const write = (name, text) => writeFileSync(join(folder, name), `${text}\n`, { mode: 0o644 });

const { keys } = createServiceKeys([...appNames, 'operator']);
for (const [caller, key] of keys) write(`${caller}_key`, key.secretPem.trim());
write(
  'keyring',
  JSON.stringify(Object.fromEntries([...keys].map(([caller, { publicKey }]) => [caller, publicKey]))),
);

// What authentication encrypts signing keys and authenticators' secrets with.
write('auth_secret', randomBytes(32).toString('base64url'));

const verifierKeys = {};
for (const role of ['recorder', 'ledger']) {
  const { secretKey, publicKey } = ed25519GenerateKey();
  const name = `lucid.invalid/${role}/${Buffer.from(publicKey.subarray(0, 4)).toString('hex')}`;
  write(`${role}_key`, formatSignerKey({ name, secretKey }));
  verifierKeys[role] = formatVerifierKey({ name, publicKey });
}
writeFileSync(
  join(dirname(folder), '.env'),
  `LUCID_RECORDER_VERIFIER_KEY=${verifierKeys.recorder}\nLUCID_LEDGER_VERIFIER_KEY=${verifierKeys.ledger}\n`,
);
console.log(`keys in ${folder}, public keys in ${join(dirname(folder), '.env')}`);
