import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concatBytes, equalBytes } from '@lucid/bytes';
import { randomBytes } from '@lucid/crypto';
import { generateIdentity } from '@lucid/recipients';
import fc from 'fast-check';
import { BundleFile } from '../src/commands/open-bundle.ts';
import { openChunkAt, openTrack, readingCodec, type TrackRange } from '../src/commands/open-chunks.ts';
import { IdentityRing, unlock } from '../src/commands/open-identity.ts';
import { fileTrack, removeSamples, type SampleBundle, sampleBundle, sampleFolder } from './sample-bundle.ts';

afterAll(removeSamples);

const text = new TextEncoder().encode('the same words over and over, '.repeat(400));
const noise = randomBytes(5000);
const noTerminal = { stdin: process.stdin, stderr: process.stderr, env: {} };

async function openAll(path: string, sessionKey: Uint8Array, range: TrackRange): Promise<Uint8Array> {
  const codec = await readingCodec();
  const bundle = BundleFile.open(path);
  try {
    return concatBytes(
      ...Array.from(openTrack(bundle, sessionKey, codec, range), ({ plain }) => plain.slice()),
    );
  } finally {
    bundle.close();
  }
}

let sample: SampleBundle;
beforeAll(async () => {
  sample = await sampleBundle({
    tracks: [
      { track: fileTrack(), plain: text },
      { track: { ...fileTrack('noise'), track: 1 }, plain: noise },
    ],
  });
});

/** A changed copy of the sample. */
function changed(change: (bytes: Uint8Array) => void): string {
  const bytes = sample.bytes.slice();
  change(bytes);
  const path = join(sampleFolder(), 'changed.lucid');
  writeFileSync(path, bytes);
  return path;
}

test('both tracks come back byte for byte, compressed or not', async () => {
  expect(equalBytes(await openAll(sample.path, sample.sessionKey, { track: 0 }), text)).toBe(true);
  expect(equalBytes(await openAll(sample.path, sample.sessionKey, { track: 1 }), noise)).toBe(true);
});

test('any range gives exactly its bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length + 500), fc.nat(text.length + 500), async (a, b) => {
      const [fromByte, untilByte] = [Math.min(a, b), Math.max(a, b)];
      const opened = await openAll(sample.path, sample.sessionKey, { track: 0, fromByte, untilByte });
      return equalBytes(opened, text.slice(fromByte, untilByte));
    }),
    { numRuns: 60 },
  );
});

test('one chunk at random', async () => {
  const codec = await readingCodec();
  const bundle = BundleFile.open(sample.path);
  try {
    const at = (index: number) => openChunkAt(bundle, sample.sessionKey, codec, index);
    expect(equalBytes(at(3), text.slice(2000, 3000))).toBe(true);
    expect(() => at(0)).toThrow(expect.objectContaining({ code: 'verification_failed' }));
    expect(() => at(999)).toThrow(expect.objectContaining({ code: 'usage' }));
  } finally {
    bundle.close();
  }
});

test('a changed chunk is refused and named, with its moment', async () => {
  const path = changed((bytes) => {
    const at = (sample.offsets[2] as number) + 140;
    bytes[at] = (bytes[at] as number) ^ 1;
  });
  await expect(openAll(path, sample.sessionKey, { track: 0 })).rejects.toMatchObject({
    code: 'verification_failed',
    message: expect.stringMatching(/record 2 \(recorded 2025-11-21T00:00:02\.000Z, byte 1000 of track 0\)/),
  });
});

test.each([
  ['magic', 0],
  ['session id', 8],
  ['index', 47],
  ['plain offset', 79],
  ['nonce', 90],
])('a chunk whose header has another %s is refused', async (_, at) => {
  const path = changed((bytes) => {
    const place = (sample.offsets[3] as number) + at;
    bytes[place] = (bytes[place] as number) ^ 1;
  });
  await expect(openAll(path, sample.sessionKey, { track: 0 })).rejects.toMatchObject({
    code: 'verification_failed',
    message: expect.stringContaining('record 3'),
  });
});

test.each([
  ['cut off', (bytes: Uint8Array) => bytes.slice(0, -1), 'not_finished'],
  ['no bundle', () => new Uint8Array(1000), 'source_unreadable'],
  ['empty', () => new Uint8Array(0), 'source_unreadable'],
  ['of another version', (bytes: Uint8Array) => bytes.slice().fill(2, 9, 10), 'source_unreadable'],
])('a file that is %s is refused', (_, change, code) => {
  const path = join(sampleFolder(), 'x.lucid');
  writeFileSync(path, change(sample.bytes));
  expect(() => BundleFile.open(path)).toThrow(expect.objectContaining({ code }));
});

test('the owner’s identity unlocks, a stranger’s does not', async () => {
  const bundle = BundleFile.open(sample.path);
  try {
    const ring = new IdentityRing(noTerminal, { files: [sample.identityPath], home: null });
    expect(equalBytes(await unlock(bundle, ring), sample.sessionKey)).toBe(true);
    const stranger = join(sampleFolder(), 'stranger.agekey');
    writeFileSync(stranger, (await generateIdentity()).identity);
    const other = new IdentityRing(noTerminal, { files: [stranger], home: null });
    await expect(unlock(bundle, other)).rejects.toMatchObject({ code: 'wrong_identity' });
    const both = new IdentityRing(noTerminal, { files: [stranger, sample.identityPath], home: null });
    expect(equalBytes(await unlock(bundle, both), sample.sessionKey)).toBe(true);
  } finally {
    bundle.close();
  }
});

test('without any identity the caller is told how to name one', () => {
  expect(() => new IdentityRing(noTerminal, { files: [], home: null })).toThrow(
    expect.objectContaining({ code: 'key_missing', message: expect.stringContaining('--identity') }),
  );
});
