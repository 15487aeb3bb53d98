import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@lucid/service-kit';
import { startTestStack } from '@lucid/service-kit/testing';
import { sessionOrchestrator } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'lucid-orchestrator-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function faultsOf(environment: Record<string, string>): Promise<string[]> {
  try {
    const stack = await startTestStack({
      definitions: [sessionOrchestrator],
      environment: { LUCID_DOCUMENTS_URL: 'memory:', ...environment },
      transport: 'local',
    });
    await stack.close();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ variable }) => variable);
  }
}

test.each([
  'http://127.0.0.1:8097',
  'http://localhost:8097',
  'http://[::1]:8097',
  'unix:/run/encryptor.sock',
])('chunks in a folder are shared with an encryptor at %s', async (SESSION_ENCRYPTOR_URL) => {
  expect(await faultsOf({ LUCID_CHUNKS_URL: folder, SESSION_ENCRYPTOR_URL })).toEqual([]);
});

test.each(['', 'http://session-encryptor:8097', 'http://127.0.0.1.example:8097', 'http://172.20.0.33:8097'])(
  'chunks in a folder are refused with an encryptor at "%s": it looks as if it had another disk',
  async (SESSION_ENCRYPTOR_URL) => {
    expect(await faultsOf({ LUCID_CHUNKS_URL: folder, SESSION_ENCRYPTOR_URL })).toEqual(['LUCID_CHUNKS_URL']);
  },
);

test('a folder that is shared on purpose is taken, wherever the encryptor is', async () => {
  const SESSION_ENCRYPTOR_URL = 'http://session-encryptor:8097';
  const shared = { LUCID_CHUNKS_URL: folder, SESSION_ENCRYPTOR_URL, ORCHESTRATOR_SHARED_FOLDER: 'true' };
  expect(await faultsOf(shared)).toEqual([]);
});

test('other places are shared from anywhere', async () => {
  const SESSION_ENCRYPTOR_URL = 'http://session-encryptor:8097';
  expect(await faultsOf({ LUCID_CHUNKS_URL: 'memory:', SESSION_ENCRYPTOR_URL })).toEqual([]);
});

test('a missing store is a fault of the configuration', async () => {
  expect(await faultsOf({})).toEqual(['LUCID_CHUNKS_URL']);
});
