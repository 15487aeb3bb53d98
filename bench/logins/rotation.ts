/**
 * Key rotation under load, for bench/logins.mjs --rotation: REQUESTS whole requests with access tokens while the key changes ROTATIONS
 * times, through a verifier that fetches keys only when it meets a new one; then 1,000 unknown kids. The clock is moved by hand, the rest is real.
 */
import { createHash } from 'node:crypto';
import { authenticationContract } from '@lucid/contracts';
import { createAccessKeys, createAccountVerifier, silentLog } from '@lucid/service-kit';
import { createManualClock, startTestStack } from '@lucid/service-kit/testing';
import { openDocumentStore } from '@lucid/store-factory';
import { secretKeyToAddress, signMessage } from '@lucid/tron-message';
import { authentication } from '../../apps/authentication/src/index.ts';

const [folder = '', requests = '', rotations = ''] = process.argv.slice(2);
const clock = createManualClock();
const documents = await openDocumentStore({ url: folder, nowMs: () => clock.nowMs() });
let fetches = 0;
const keys = createAccessKeys({
  source: {
    jwks: () => {
      fetches++;
      return api.getJwks();
    },
    revocations: async ({ after }) => ({ revoked: [], next: after }),
  },
  ...{ clock, log: silentLog },
});
const stack = await startTestStack({
  ...{ transport: 'local', definitions: [authentication], clock, log: silentLog, checkAnswers: false },
  environment: { AUTH_SECRET: 'a secret for this measurement only', AUTH_REGISTRATION: 'open' },
  adapters: { authentication: { documents } },
  accounts: { ...createAccountVerifier({ keys, clock }), ready: {} },
});
const api = stack.clientOf(authenticationContract, { retry: false, breaker: false });

const secretKey = createHash('sha256').update('bench').digest();
const address = secretKeyToAddress(secretKey);
const signIn = async (path: 'register' | 'login') => {
  const { message } = await api.createChallenge({ body: { address } });
  return api[path]({ body: { message, signature: signMessage(secretKey, message) } });
};
const asked = async (token: string): Promise<string> => {
  const client = stack.clientOf(authenticationContract, {
    tokens: () => token,
    retry: false,
    breaker: false,
  });
  return client.getMe().then(
    () => 'good',
    (error: { code?: string }) => error.code ?? String(error),
  );
};

const outcomes = new Map<string, number>();
await signIn('register');
const each = Math.ceil(Number(requests) / Number(rotations));
for (let rotation = 0; rotation < Number(rotations); rotation++) {
  const old = (await signIn('login')).accessToken;
  const { signsFrom } = await api.rotateKeys();
  await clock.advance(signsFrom * 1000 - clock.nowMs());
  const fresh = (await signIn('login')).accessToken;
  for (let done = 0; done < each; done += 500)
    for (const outcome of await Promise.all(
      Array.from({ length: Math.min(500, each - done) }, (_, at) => asked(at % 2 ? old : fresh)),
    ))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}
await clock.advance(10_001);
const before = fetches;
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const unknown = await Promise.all(
  Array.from({ length: 1_000 }, (_, at) =>
    asked(`${part({ alg: 'EdDSA', typ: 'at+jwt', kid: `unknown-${at}` })}.${part({})}.${'A'.repeat(86)}`),
  ),
);
const answer = { outcomes: Object.fromEntries(outcomes), keyFetches: before };
process.stdout.write(
  JSON.stringify({ ...answer, unknown: [...new Set(unknown)], fetchesForUnknown: fetches - before }),
);
await stack.close();
await documents.close();
process.exit(0);
