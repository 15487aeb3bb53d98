// How each secret comes about, by its name. One that is made `of` another is made from what is there, so that both fit. What is
// `precious` opens or signs what is kept, so that a new one is no replacement.
import { randomBytes } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { hashControlPassword } from './tor-password.mjs';

const password = () => randomBytes(32).toString('base64url');

/** @throws Error where the other secret is not of the form that is written here */
const taken = (from, text, pattern) => {
  const [, value] = pattern.exec(text) ?? [];
  if (value === undefined) throw new Error(`${from} is not what was written there: restore it from a backup`);
  return value;
};

/** Address of an account by its secret key, 64 hex digits. @throws Error where it is none */
export const accountOf = (secretKey) => {
  const key = Buffer.from(taken('chain_key', secretKey, /^([0-9a-f]{64})$/), 'hex');
  const hash = keccak_256(secp256k1.getPublicKey(key, false).subarray(1));
  return `0x${Buffer.from(hash.subarray(-20)).toString('hex')}`;
};

/** `code` is what make-secrets.mjs bundles. */
export function recipesOf(code) {
  const { appNames, createServiceKeys, ed25519GenerateKey, formatSignerKey, helperKey, nodeGenesis } = code;
  const helper = (name) => ({ of: 'chain_key', make: (key) => helperKey(key, name) });
  const serviceKey = (caller) => ({
    make: () => createServiceKeys([caller]).keys.get(caller).secretPem.trim(),
  });
  const noteKey = (role) => ({
    precious: true,
    make() {
      const { secretKey, publicKey } = ed25519GenerateKey();
      const name = `lucid.invalid/${role}/${Buffer.from(publicKey.subarray(0, 4)).toString('hex')}`;
      return formatSignerKey({ name, secretKey });
    },
  });
  return {
    ...Object.fromEntries([...appNames, 'operator'].map((caller) => [`${caller}_key`, serviceKey(caller)])),
    recorder_key: noteKey('recorder'),
    ledger_key: noteKey('ledger'),
    standalone_ledger_key: noteKey('standalone-ledger'),
    // Of the account by which this installation writes into its chain, and what that chain began with.
    chain_key: { precious: true, make: () => Buffer.from(secp256k1.utils.randomSecretKey()).toString('hex') },
    chain_genesis: {
      precious: true,
      of: 'chain_key',
      make: (key) =>
        nodeGenesis({
          account: accountOf(key),
          helpers: ['deployer', 'relayer'].map((each) => accountOf(helperKey(key, each))),
          timestampSec: Math.floor(Date.now() / 1000),
        }).trim(),
    },
    chain_deployer_key: helper('deployer'),
    chain_relayer_key: helper('relayer'),
    // What authentication encrypts signing keys and authenticators' secrets with.
    auth_secret: { precious: true, make: password },
    mongo_password: { precious: true, make: password },
    mongo_url: {
      of: 'mongo_password',
      make: (secret) => `mongodb://lucid:${secret}@mongodb:27017/lucid?authSource=admin`,
    },
    redis_config: { make: () => `requirepass ${password()}` },
    redis_url: {
      of: 'redis_config',
      make: (config) => `redis://:${taken('redis_config', config, /^requirepass (\S+)$/)}@redis:6379`,
    },
    tor_control_password: { make: password },
    tor_control: {
      of: 'tor_control_password',
      make: (secret) => `HashedControlPassword ${hashControlPassword(secret, randomBytes(8))}`,
    },
  };
}
