import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNoteSigner, formatSignerKey, signCheckpoint } from '@lucid/checkpoint';
import { ed25519GenerateKey } from '@lucid/crypto';
import { sessionOrigin } from '@lucid/session-format';
import { verdictExitCode } from '../src/commands/verify.ts';
import { verifyFile } from '../src/commands/verify-file.ts';
import { type Home, layoutOf } from '../src/host/home.ts';
import { readSigningKey } from '../src/host/node-keys.ts';
import { fileTrack, removeSamples, type SampleBundle, sampleBundle, sampleFolder } from './sample-bundle.ts';

afterAll(removeSamples);

let sample: SampleBundle;
beforeAll(async () => {
  sample = await sampleBundle({ tracks: [{ track: fileTrack(), plain: new Uint8Array(5000).fill(7) }] });
});

/** A data folder with keys under these names. */
function homeWith(recorderName: string): Home {
  const home = layoutOf(sampleFolder());
  for (const folder of [home.keys, home.sessions]) mkdirSync(folder);
  for (const [role, name] of [
    ['recorder', recorderName],
    ['ledger', 'ledger.example'],
  ] as const)
    writeFileSync(
      join(home.keys, `${role}.key`),
      formatSignerKey({ name, secretKey: ed25519GenerateKey().secretKey }),
    );
  return home;
}

const codesOf = async (options: Partial<Parameters<typeof verifyFile>[1]>) =>
  (await verifyFile(sample.path, { lucid: null, readRecords: true, ...options })).faults.map(
    ({ code }) => code,
  );

test('a stranger’s bundle verifies, its recorder unknown', async () => {
  const verdict = await verifyFile(sample.path, { lucid: null, readRecords: true });
  expect(verdict.ok).toBe(true);
  expect(verdict.summary.recorderPinned).toBe(false);
  expect(
    (await verifyFile(sample.path, { lucid: null, readRecords: true, keys: [sample.recorderKey] })).summary
      .recorderPinned,
  ).toBe(true);
});

test('another node’s bundle verifies beside our own keys', async () => {
  expect(await codesOf({ home: homeWith('another.example') })).toEqual([]);
});

test('a bundle that carries our recorder’s name under another key is refused', async () => {
  expect(await codesOf({ home: homeWith('recorder.example') })).toEqual(['recorder_not_pinned']);
});

test('a session of ours by its id must be signed by us', async () => {
  expect(await codesOf({ home: homeWith('another.example'), ownSession: true })).toEqual([
    'recorder_not_pinned',
  ]);
  const home = homeWith('another.example');
  writeFileSync(join(home.sessions, `${sample.sessionId}.lucid`), '');
  expect(await codesOf({ home })).toEqual(['recorder_not_pinned']);
});

test('records may be counted by the index; the verdict says so', async () => {
  const verdict = await verifyFile(sample.path, { lucid: null, readRecords: false });
  expect(verdict.ok).toBe(true);
  expect(verdict.summary.recordHashes).toBe('from-index');
});

test('a verified checkpoint is remembered, and an older or another state refused from then on', async () => {
  const home = homeWith('another.example');
  expect(await codesOf({ home })).toEqual([]);
  const path = join(home.seen, `${sample.sessionId}.checkpoint`);
  expect(readFileSync(path, 'utf8')).toContain(sessionOrigin(sample.sessionId));
  const { secretKey } = ed25519GenerateKey();
  const later = { origin: sessionOrigin(sample.sessionId), size: 99, root: new Uint8Array(32).fill(1) };
  writeFileSync(path, signCheckpoint(later, createNoteSigner({ name: 'recorder.example', secretKey })));
  expect(await codesOf({ home })).toContain('rolled_back');
  expect(readFileSync(path, 'utf8')).toContain('\n99\n');
});

test('a damaged memory is told apart from damaged evidence', async () => {
  const home = homeWith('another.example');
  mkdirSync(home.seen);
  writeFileSync(join(home.seen, `${sample.sessionId}.checkpoint`), 'rubbish');
  await expect(verifyFile(sample.path, { lucid: null, home, readRecords: true })).rejects.toMatchObject({
    code: 'data_folder_damaged',
  });
});

test.each([
  [{ keys: ['no key'] }, 'usage'],
  [{ seenCheckpoint: 'no checkpoint' }, 'usage'],
])('mistakes of the caller are usage: %j', async (options, code) => {
  await expect(verifyFile(sample.path, { lucid: null, readRecords: true, ...options })).rejects.toMatchObject(
    { code },
  );
});

test('exit codes: a missing key alone is no verdict, anything else is', async () => {
  const openSession = { unwrapSessionKey: () => null };
  const noKey = await verifyFile(sample.path, { lucid: null, readRecords: true, openSession });
  expect(verdictExitCode(noKey)).toBe(3);
  const alsoBad = await verifyFile(sample.path, {
    lucid: null,
    readRecords: true,
    openSession,
    requireAnchor: true,
  });
  expect(verdictExitCode(alsoBad)).toBe(1);
  expect(readSigningKey(join(homeWith('x.example').keys, 'recorder.key')).name).toBe('x.example');
});
