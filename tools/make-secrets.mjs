// node tools/make-secrets.mjs [FOLDER] [--env FILE] [--if-missing]: makes the secrets that the compose files name (default: compose/secrets, a folder
// that only its owner may enter), and beside it .env, or FILE, with the public keys. What is there stays; what a later version needs besides is
// added. --if-missing: says nothing where nothing is missing. Nothing here is ever committed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { completeEnvFile } from './secrets/env-file.mjs';
import { makeSecrets, SecretsError } from './secrets/folder.mjs';
import { accountOf, recipesOf } from './secrets/recipes.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const HOME = join(root, 'compose/secrets');

async function loadCode() {
  const outdir = mkdtempSync(join(tmpdir(), 'lucid-secrets-'));
  try {
    await build({
      stdin: {
        contents: `
          export { createServiceKeys, parseServiceKey } from './libs/service-kit/src/auth/keys.ts';
          export { formatSignerKey, formatVerifierKey, parseSignerKey } from '@lucid/checkpoint';
          export { ed25519GenerateKey, ed25519PublicKey } from '@lucid/crypto';
          export { helperKey, nodeGenesis } from './libs/chain-application/src/node-genesis.ts';
          export { appNames, serviceNames, services } from '@lucid/topology';
        `,
        resolveDir: root,
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

const verifierKeyOf = (path, { parseSignerKey, formatVerifierKey, ed25519PublicKey }) => {
  const { name, secretKey } = parseSignerKey(readFileSync(path, 'utf8').trim());
  return formatVerifierKey({ name, publicKey: ed25519PublicKey(secretKey) });
};

/** Of development, of what runs in place of something else, of what needs contracts that are deployed first: only who asks for them gets them. */
const ASKED_FOR = ['dev', 'governance', 'standalone'];

function environmentOf(folder, code) {
  const profiles = new Set(code.serviceNames.map((name) => code.services[name].profile));
  return {
    fixed: {
      LUCID_RECORDER_VERIFIER_KEY: verifierKeyOf(join(folder, 'recorder_key'), code),
      LUCID_LEDGER_VERIFIER_KEY: verifierKeyOf(join(folder, 'ledger_key'), code),
      LUCID_CHAIN_PRODUCER: accountOf(readFileSync(join(folder, 'chain_key'), 'utf8').trim()),
    },
    presets: {
      COMPOSE_PROJECT_NAME: 'lucid',
      COMPOSE_PROFILES: [...profiles].filter((each) => each && !ASKED_FOR.includes(each)).join(','),
      ...(folder === HOME ? {} : { LUCID_SECRETS: folder }),
    },
  };
}

function readArguments() {
  try {
    const options = { env: { type: 'string' }, 'if-missing': { type: 'boolean', default: false } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (positionals.length > 1) throw new Error('one folder at most');
    const folder = resolve(positionals[0] ?? HOME);
    return { folder, envFile: values.env ?? join(dirname(folder), '.env'), quiet: values['if-missing'] };
  } catch (error) {
    console.error(
      `${error.message}; usage: node tools/make-secrets.mjs [FOLDER] [--env FILE] [--if-missing]`,
    );
    process.exit(2);
  }
}

const { folder, envFile, quiet } = readArguments();
try {
  const code = await loadCode();
  const callers = [...code.appNames, 'operator'];
  const made = makeSecrets(folder, {
    recipes: recipesOf(code),
    callers,
    parseServiceKey: code.parseServiceKey,
  });
  const wrote = completeEnvFile(envFile, environmentOf(folder, code));
  if (made.length > 0 || wrote)
    console.log(`made ${made.length} secrets in ${folder}; public keys and profiles are in ${envFile}`);
  else if (!quiet) {
    console.error(`${folder} holds all secrets already; they are not overwritten`);
    process.exitCode = 2;
  }
} catch (error) {
  if (!(error instanceof SecretsError) && error.code === undefined) throw error;
  console.error(error instanceof SecretsError ? error.message : `${folder}: ${error.message}`);
  process.exitCode = 3;
}
