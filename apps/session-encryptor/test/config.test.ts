import { sessionEncryptorContract } from '@lucid/contracts';
import { ConfigError } from '@lucid/service-kit';
import { startTestStack } from '@lucid/service-kit/testing';
import { codeOf, freshSessionId, recorderVerifierKey } from '../../session-recorder/test/evidence-rig.ts';
import { sessionEncryptor } from '../src/index.ts';

const sound = {
  LUCID_RECORDER_VERIFIER_KEY: recorderVerifierKey,
  LUCID_DOCUMENTS_URL: 'memory:',
  LUCID_CHUNKS_URL: 'memory:',
};
const start = (environment: Record<string, string>) =>
  startTestStack({ definitions: [sessionEncryptor], environment, transport: 'local' });

it('opens the stores that the configuration names, and closes them', async () => {
  const stack = await start(sound);
  const { status, dependencies } = (await stack.ready())['session-encryptor'] ?? {};
  expect(status).toBe('ready');
  expect(Object.keys(dependencies ?? {})).toEqual(['documents', 'chunks']);
  const client = stack.clientOf(sessionEncryptorContract);
  expect(await codeOf(client.recordsHead({ params: { sessionId: freshSessionId() } }))).toBe(
    'session_unknown',
  );
  await stack.close();
});

it.each([
  ['LUCID_DOCUMENTS_URL', { LUCID_DOCUMENTS_URL: '' }],
  ['LUCID_CHUNKS_URL', { LUCID_CHUNKS_URL: '' }],
  ['LUCID_RECORDER_VERIFIER_KEY', { LUCID_RECORDER_VERIFIER_KEY: '' }],
  ['LUCID_RECORDER_VERIFIER_KEY', { LUCID_RECORDER_VERIFIER_KEY: 'recorder.test+00000000+AAAA' }],
])('a missing or wrong %s is a fault of the configuration', async (variable, change) => {
  const error = await start({ ...sound, ...change }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).faults.map((each) => each.variable)).toEqual([variable]);
});
