import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNoteSigner, formatSignerKey, signCheckpoint } from '@lucid/checkpoint';
import { ed25519GenerateKey } from '@lucid/crypto';
import { sessionOrigin } from '@lucid/session-format';
import { VerifyError, type VerifyErrorCode, verdictExitCode, verifyErrorExitCode } from '@lucid/verifier';
import { verifyErrorToCli, verifyFile } from '../src/commands/verify-file.ts';
import { type Home, layoutOf } from '../src/host/home.ts';
import { readSigningKey, signingKeyPath } from '../src/host/node-keys.ts';
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
  (await verifyFile(sample.path, { home: null, readRecords: true, ...options })).faults.map(
    ({ code }) => code,
  );

test('a stranger’s bundle verifies, its recorder unknown', async () => {
  const verdict = await verifyFile(sample.path, { home: null, readRecords: true });
  expect(verdict.ok).toBe(true);
  expect(verdict.summary.recorderPinned).toBe(false);
  expect(
    (
      await verifyFile(sample.path, {
        home: null,
        readRecords: true,
        keys: { recorderKeys: [sample.recorderKey] },
      })
    ).summary.recorderPinned,
  ).toBe(true);
});

test('another node’s bundle verifies beside our own keys', async () => {
  expect(await codesOf({ home: homeWith('another.example') })).toEqual([]);
});

test('a bundle that carries our recorder’s name under another key is refused', async () => {
  expect(await codesOf({ home: homeWith('recorder.example') })).toEqual(['recorder_not_pinned']);
});

test('a session of ours by its id must be signed by us', async () => {
  const expected = { sessionId: sample.sessionId };
  expect(await codesOf({ home: homeWith('another.example'), expected })).toEqual(['recorder_not_pinned']);
  const home = homeWith('another.example');
  writeFileSync(join(home.sessions, `${sample.sessionId}.lucid`), '');
  expect(await codesOf({ home })).toEqual(['recorder_not_pinned']);
});

test('our own keys count however damaged the ends of the file are', async () => {
  const home = homeWith('recorder.example');
  for (const at of [1, 20, 60, sample.bytes.length - 64, sample.bytes.length - 1]) {
    const path = join(sampleFolder(), 'damaged.lucid');
    const bytes = sample.bytes.slice();
    bytes[at] = (bytes[at] as number) ^ 1;
    writeFileSync(path, bytes);
    const { faults } = await verifyFile(path, { home, readRecords: true });
    expect([at, faults.map(({ code }) => code)]).toEqual([
      at,
      expect.arrayContaining(['recorder_not_pinned']),
    ]);
  }
});

test.each([
  ['missing', (path: string) => rmSync(path)],
  ['damaged', (path: string) => writeFileSync(path, 'rubbish')],
])(
  'a signing key that is %s: the other still counts, and by its id a session is not judged',
  async (_, lose) => {
    const expected = { sessionId: sample.sessionId };
    for (const [role, left] of [
      ['recorder', []],
      ['ledger', ['recorder_not_pinned']],
    ] as const) {
      const home = homeWith('recorder.example');
      const path = signingKeyPath(home, role);
      lose(path);
      const notes: string[] = [];
      expect(await codesOf({ home, expected, onNote: (note) => notes.push(note) })).toEqual(left);
      expect(notes.join()).toContain(existsSync(path) ? path : '');
      await expect(codesOf({ home, expected, byId: true })).rejects.toMatchObject({
        code: 'data_folder_damaged',
        exitCode: 3,
        message: expect.stringContaining(path),
      });
      const keys = { [`${role}Keys`]: [sample.recorderKey] };
      await expect(codesOf({ home, expected, byId: true, keys })).resolves.toBeDefined();
    }
  },
);

test('keys that are named replace those of the node, role by role', async () => {
  const home = homeWith('recorder.example');
  expect(await codesOf({ home, keys: { recorderKeys: [sample.recorderKey] } })).toEqual([]);
  // Who names a ledger wants an anchor; this sample has none.
  expect(await codesOf({ home, keys: { ledgerKeys: [sample.recorderKey] } })).toEqual([
    'recorder_not_pinned',
    'anchor_missing',
  ]);
  const own = readSigningKey(join(home.keys, 'recorder.key')).verifierKey;
  expect(await codesOf({ keys: { recorderKeys: [own] } })).toEqual(['recorder_not_pinned']);
});

test('what is asked for by its session or by its manifest is nothing else', async () => {
  const keys = { recorderKeys: [sample.recorderKey] };
  const { sessionId } = sample;
  expect(await codesOf({ keys, expected: { sessionId } })).toEqual([]);
  expect(await codesOf({ keys, expected: { sessionId: 'ab'.repeat(32) } })).toEqual(['other_evidence']);
  expect(await codesOf({ keys, expected: { sessionId, manifestHash: 'ab'.repeat(32) } })).toEqual([
    'other_evidence',
  ]);
});

test('no verdict: the same exit code as the offline verifier', () => {
  const codes: readonly VerifyErrorCode[] = [
    'unreadable',
    'pin_malformed',
    'seen_malformed',
    'seen_foreign',
    'too_large',
  ];
  for (const code of codes)
    expect([code, verifyErrorToCli(new VerifyError(code, 'x'))]).toMatchObject([
      code,
      { exitCode: verifyErrorExitCode(code) },
    ]);
});

test('records may be counted by the index; the verdict says so', async () => {
  const verdict = await verifyFile(sample.path, { home: null, readRecords: false });
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
  await expect(verifyFile(sample.path, { home, readRecords: true })).rejects.toMatchObject({
    code: 'data_folder_damaged',
  });
});

test.each([
  [{ keys: { ledgerKeys: ['no key'] } }, 'usage'],
  [{ seenCheckpoint: 'no checkpoint' }, 'usage'],
])('mistakes of the caller are usage: %j', async (options, code) => {
  await expect(verifyFile(sample.path, { home: null, readRecords: true, ...options })).rejects.toMatchObject({
    code,
  });
});

test('exit codes: a missing key alone is no verdict, anything else is', async () => {
  const openSession = { unwrapSessionKey: () => null };
  const noKey = await verifyFile(sample.path, { home: null, readRecords: true, openSession });
  expect(verdictExitCode(noKey)).toBe(3);
  const alsoBad = await verifyFile(sample.path, {
    home: null,
    readRecords: true,
    openSession,
    requireAnchor: true,
  });
  expect(verdictExitCode(alsoBad)).toBe(1);
  expect(readSigningKey(join(homeWith('x.example').keys, 'recorder.key')).name).toBe('x.example');
});
