/** What the parts of a sign-in cost by themselves, for bench/logins.mjs: microseconds of CPU each, as JSON. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { canonicalBytes } from '@lucid/jcs';
import { createAccessTokenSigner } from '@lucid/service-kit';
import {
  composeSignIn,
  parseSignIn,
  recoverSigner as recoverPortably,
  secretKeyToAddress,
  signMessage,
} from '@lucid/tron-message';
import { recoverSigner } from '@lucid/tron-message/fast';

const secretKey = createHash('sha256').update('bench').digest();
const message = composeSignIn({
  ...{ domain: 'localhost:8080', uri: 'http://localhost:8080', address: secretKeyToAddress(secretKey) },
  ...{ chainId: '0x2b6653dc', nonce: 'a'.repeat(32), issuedAtMs: Date.now() },
});
const signature = signMessage(secretKey, message);
const { privateKey } = generateKeyPairSync('ed25519');
const sign = createAccessTokenSigner({
  kid: 'bench',
  secretPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
});
const claims = { sub: 'T', role: 'USER', profile: 'user', lid: 'l', jti: 'j', iat: 1, exp: 2 } as const;
const entry = {
  number: 1,
  atMs: 2,
  event: 'signed_in',
  by: 'T',
  previous: '0'.repeat(64),
  detail: { a: 'b' },
};

const parts: Record<string, () => unknown> = {
  'recover the signer': () => recoverSigner(message, signature),
  'recover it by the portable way': () => recoverPortably(message, signature),
  'read the message': () => parseSignIn(message),
  'sign the access token': () => sign(claims),
  'hash an audit entry': () => createHash('sha256').update(canonicalBytes(entry)).digest('hex'),
};

const microseconds = (work: () => unknown): number => {
  for (let warm = 0; warm < 300; warm++) work();
  const before = process.cpuUsage();
  const count = 1_000;
  for (let each = 0; each < count; each++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
};

const figures = Object.entries(parts).map(([name, work]) => [name, microseconds(work)]);
process.stdout.write(JSON.stringify(Object.fromEntries(figures)));
