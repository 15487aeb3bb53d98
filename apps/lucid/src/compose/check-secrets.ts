/** Is every secret that the stack is given there, readable in containers, of its form, and fits the others? No secret is ever told. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatVerifierKey, parseSignerKey } from '@lucid/checkpoint';
import { ed25519PublicKey } from '@lucid/crypto';
import { parseServiceKey } from '@lucid/service-kit';
import { countText } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { type Check, fail, ok } from '../commands/doctor-machine.ts';
import type { StackModel } from './model.ts';

/** Services run as this user; the folder keeps other users of the machine out. */
const USER = 1000;
const READ_BY_ALL = 0o004;

const BACKUP = 'Restore it from a backup; what can be made anew is made by: node tools/make-secrets.mjs';

class Fault extends Error {
  readonly advice: string;
  constructor(message: string, advice = BACKUP) {
    super(message);
    this.advice = advice;
  }
}

function read(path: string): string {
  let text: string;
  try {
    const stat = statSync(path);
    if (stat.isDirectory())
      throw new Fault('is a folder', `Remove it (rmdir ${path}), then: node tools/make-secrets.mjs`);
    if ((stat.mode & READ_BY_ALL) === 0 && stat.uid !== USER)
      throw new Fault('cannot be read inside containers, which run as user 1000', `chmod 644 ${path}`);
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT'
      ? new Fault('is missing', 'Make what is missing: node tools/make-secrets.mjs')
      : new Fault(`cannot be read: ${plainReason(error)}`, `Look at the owner and mode of ${path}.`);
  }
  if (text === '') throw new Fault('is empty');
  return text;
}

/** Secrets that were read, by name. */
type Texts = Readonly<Record<string, string>>;

const verifierKeyOf = (signerKey: string): string => {
  const { name, secretKey } = parseSignerKey(signerKey);
  return formatVerifierKey({ name, publicKey: ed25519PublicKey(secretKey) });
};

function keyringOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new Fault('is no keyring: JSON of public keys by caller');
  }
}

function judgeServiceKey(caller: string, text: string, { keyring }: Texts): void {
  let publicKey: string;
  try {
    ({ publicKey } = parseServiceKey(caller, Buffer.from(text)));
  } catch {
    throw new Fault('is no service key (PKCS #8 PEM, Ed25519)');
  }
  if (keyring !== undefined && keyringOf(keyring)[caller] !== publicKey)
    throw new Fault('is another key than the one that keyring has the public key of');
}

function judgeNoteKey(text: string, expected: string | undefined): void {
  let verifierKey: string;
  try {
    verifierKey = verifierKeyOf(text);
  } catch {
    throw new Fault('is no signer key (PRIVATE+KEY+…)');
  }
  if (expected !== undefined && expected !== verifierKey)
    throw new Fault(
      'does not fit its public key in .env',
      'Restore both from the same backup: services would refuse what it signs.',
    );
}

/** HashedControlPassword of tor: iterated and salted SHA-1 of RFC 4880 section 3.6.1.3, as tools/make-secrets.mjs writes it. */
function hashesTo(line: string, password: string): boolean {
  const [, salt, count, digest] =
    /^HashedControlPassword 16:([0-9A-F]{16})([0-9A-F]{2})([0-9A-F]{40})$/i.exec(line) ?? [];
  if (salt === undefined || count === undefined || digest === undefined) return false;
  const coded = Number.parseInt(count, 16);
  const once = Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(password)]);
  const bytes = Buffer.alloc((16 + (coded & 15)) << ((coded >> 4) + 6), once);
  return createHash('sha1').update(bytes).digest('hex') === digest.toLowerCase();
}

function passwordIn(url: string): string {
  try {
    return decodeURIComponent(new URL(url).password);
  } catch {
    throw new Fault('is no address of a store');
  }
}

/** What is known of a secret by its name; of others only that they are there. */
function judge(name: string, text: string, { texts, model }: { texts: Texts; model: StackModel }): void {
  const publicKeys = Object.assign(
    {},
    ...Object.values(model.services).map((each) => each.environment ?? {}),
  );
  const { mongo_password, redis_config, tor_control_password } = texts;
  switch (name) {
    case 'recorder_key':
      judgeNoteKey(text, publicKeys.LUCID_RECORDER_VERIFIER_KEY);
      break;
    case 'ledger_key':
      judgeNoteKey(text, publicKeys.LUCID_LEDGER_VERIFIER_KEY);
      break;
    case 'keyring':
      keyringOf(text);
      break;
    case 'mongo_url':
      if (mongo_password !== undefined && passwordIn(text) !== mongo_password)
        throw new Fault('has another password than mongo_password');
      break;
    case 'redis_url':
      if (redis_config !== undefined && !redis_config.split('\n').includes(`requirepass ${passwordIn(text)}`))
        throw new Fault('has another password than redis_config');
      break;
    case 'tor_control':
      if (tor_control_password !== undefined && !hashesTo(text, tor_control_password))
        throw new Fault('is not the hash of tor_control_password');
      break;
    default:
      if (name.endsWith('_key')) judgeServiceKey(name.slice(0, -'_key'.length), text, texts);
  }
}

export function checkSecrets(model: StackModel): Check[] {
  const bad: Check[] = [];
  const told = (name: string, path: string, work: () => void) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      bad.push(fail('secrets', `${name} (${path}) ${error.message}`, error.advice));
    }
  };
  const texts: Record<string, string> = {};
  const files = Object.entries(model.secrets);
  for (const [name, path] of files)
    told(name, path, () => {
      texts[name] = read(path);
    });
  for (const [name, path] of files) {
    const text = texts[name];
    if (text !== undefined) told(name, path, () => judge(name, text, { texts, model }));
  }
  const [, somewhere] = files[0] ?? [];
  return bad.length > 0 || somewhere === undefined
    ? bad
    : [ok('secrets', `${countText(files.length, 'file')} in ${dirname(somewhere)}, each fits the others`)];
}
