import {
  createBytesReader,
  durationText,
  keyText,
  printable,
  sizeText,
  type Verdict,
  verdictToText,
  verifyBundle,
} from '../src/index.ts';
import { sampleBundle, sampleSession } from './sample-session.ts';

const session = sampleSession({ seed: 'text', chunks: 4, anchored: true, closed: 'interrupted' });
const bundle = sampleBundle(session);
const ESCAPE = '\u001b';

const judge = (bytes: Uint8Array, pinned = false): Promise<Verdict> =>
  verifyBundle(
    createBytesReader(bytes),
    pinned ? { recorderKeys: [session.recorder.vkey], ledgerKeys: [session.ledger.vkey] } : {},
  );

test('a verified bundle names keys and says whether they were given', async () => {
  const text = verdictToText('a.lucid', await judge(bundle));
  expect(text).toMatch(/^verified {2}a\.lucid\n/);
  expect(text).toContain(`session     ${session.sessionId}`);
  expect(text).toContain('interrupted: the recorder was killed');
  expect(text).toContain(`recorder    ${keyText(session.recorder.vkey)}`);
  expect(text).toContain('not a trusted key');
  expect(text).toContain('entry 3 of 7 in the ledger');
  expect(text).not.toContain(ESCAPE);
  const pinned = verdictToText('a.lucid', await judge(bundle, true));
  expect(pinned).not.toContain('not a trusted key');
  expect(pinned.match(/ a trusted key /g)).toHaveLength(2);
});

test('a failed one says what, where and when, first', async () => {
  const bad = bundle.slice();
  const at = 64 + session.records[0]!.length;
  bad[at + 140]! ^= 1;
  const verdict = await judge(bad);
  const lines = verdictToText('a.lucid', verdict).split('\n');
  expect(lines[0]).toBe('NOT VERIFIED  a.lucid');
  expect(lines[1]).toContain(
    `record_changed  Record 1 (recorded at 2025-11-21T00:00:01.000000Z, byte ${at} of the file) was changed`,
  );
  expect(lines[2]).toBe(
    `first bad   record 1 (recorded at 2025-11-21T00:00:01.000000Z, byte ${at} of the file)`,
  );
  expect(verdictToText('a.lucid', verdict, { quiet: true })).toMatch(
    /^NOT VERIFIED {2}a\.lucid: Record 1 .*\n$/,
  );
});

test('colours only where they are asked for; a success that read no chunk says so', async () => {
  const verdict = await judge(bundle);
  expect(verdictToText('a', verdict, { colour: true })).toContain(`${ESCAPE}[32mverified${ESCAPE}[0m`);
  const unread = await verifyBundle(createBytesReader(bundle), { recordHashes: 'from-index' });
  expect(verdictToText('a', unread, { quiet: true })).toBe('verified (bytes of chunks not read)  a\n');
});

test('text out of a file cannot steer a terminal', () => {
  expect(printable(`a${ESCAPE}[2Jb\n\u202e`)).toBe('a\\u{1b}[2Jb\\u{a}\\u{202e}');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [999_400, '999 kB'],
  [999_600, '1.00 MB'],
  [123_456_789_012_345, '123 TB'],
])('%d bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));

test.each([
  [0, '0:00:00.0'],
  [59_960_000, '0:01:00.0'],
  [3_723_400_000, '1:02:03.4'],
  [360_000_000_000, '100:00:00.0'],
])('%d microseconds are %s', (us, text) => expect(durationText(us)).toBe(text));
