/** What is sealed: opened by libsodium's own calls, granted, revoked, kept secret, deleted. */
import { bytesToBase64, bytesToHex } from '@lucid/bytes';
import { createMemoryChunkStore } from '@lucid/chunk-store';
import { generateIdentity, unwrapSessionKey, wrapSessionKey } from '@lucid/recipients';
import { parseRecordHeader, RECORD_HEADER_BYTES } from '@lucid/session-format';
import sodium from 'libsodium-wrappers';
import {
  codeOf,
  type EvidenceRig,
  expectSameBytes,
  freshSessionId,
  noise,
  openBody,
  readSession,
  startEvidenceRig,
  startSession,
  TestAgent,
} from '../../session-recorder/test/evidence-rig.ts';
import { chunkOf, closeOf, eventOf, openAt, someBytes } from './sealing.ts';

let rig: EvidenceRig;
beforeEach(async () => {
  rig = await startEvidenceRig();
});
afterEach(() => rig.close());

const keyOf = async (sessionId: string, who = rig.owner): Promise<Uint8Array> => {
  const { wraps } = await rig.reader.getRecipients({ params: { sessionId } });
  const wrap = wraps.find((each) => each.recipient === who.recipient);
  const key = wrap && (await unwrapSessionKey(Buffer.from(wrap.age, 'base64'), [who.identity]));
  if (!key) throw new Error('no wrap of this recipient');
  return key;
};

it('libsodium opens a chunk by its own calls', async () => {
  await sodium.ready;
  const sessionId = await openAt(rig);
  await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
  const record = await rig.reader.getRecord({ params: { sessionId, index: 1 } });
  const parsed = parseRecordHeader(record);
  if (!parsed.ok) throw new Error(parsed.detail);
  const key = await keyOf(sessionId);
  const chunkKey = sodium.crypto_kdf_derive_from_key(32, 1, 'lucidchk', key);
  const opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
    null,
    record.subarray(RECORD_HEADER_BYTES),
    record.subarray(0, RECORD_HEADER_BYTES),
    parsed.header.nonce,
    chunkKey,
  );
  expect(Buffer.from(opened)).toEqual(Buffer.from(someBytes));
});

it('openRecord gives the plain bytes of compressed and other chunks to a recipient', async () => {
  const sessionId = await startSession(rig);
  const [text, random] = [new Uint8Array(100_000).fill(7), noise(70_000)];
  await new TestAgent(rig, sessionId, text, 0).finish(65_536);
  await new TestAgent(rig, sessionId, random, 3).finish(70_000);
  const { records } = await rig.reader.recordsHead({ params: { sessionId } });
  const body = { identities: [(await generateIdentity()).identity, rig.owner.identity] };
  const plain: Record<number, Uint8Array[]> = { 0: [], 3: [] };
  for (let index = 1; index < records; index += 1) {
    const parsed = parseRecordHeader(await rig.reader.getRecord({ params: { sessionId, index } }));
    if (!parsed.ok) throw new Error(parsed.detail);
    plain[parsed.header.track]?.push(await rig.reader.openRecord({ params: { sessionId, index }, body }));
  }
  expectSameBytes(Buffer.concat(plain[0] ?? []), text);
  expectSameBytes(Buffer.concat(plain[3] ?? []), random);
});

it('a malformed identity is refused without being repeated', async () => {
  const sessionId = await openAt(rig);
  await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
  const identity = `${rig.owner.identity.slice(0, -1)}!`;
  const error = await rig.reader
    .openRecord({ params: { sessionId, index: 1 }, body: { identities: [identity] } })
    .catch((caught: Error) => caught);
  expect(error).toMatchObject({ code: 'invalid_request' });
  expect(JSON.stringify(rig.stack.logLines) + String(error)).not.toContain(identity.slice(20, 50));
});

it('every nonce is another, and puts that overlap land in order', async () => {
  const sessionId = await openAt(rig);
  const first = rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
  const second = rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 2, plainOffset: someBytes.length }));
  const third = rig.chunkerSide.putControl(eventOf(sessionId, 3));
  await Promise.all([first, second, third]);
  const { records } = await readSession(rig, sessionId);
  expect(records.map((each) => each.type)).toEqual(['header', 'chunk', 'chunk', 'event']);
  expect(bytesToHex(records[1]?.nonce as Uint8Array)).not.toBe(bytesToHex(records[2]?.nonce as Uint8Array));
});

it('the same record again is answered as before and stored once', async () => {
  const sessionId = await openAt(rig);
  const first = await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
  const event = await rig.chunkerSide.putControl(eventOf(sessionId, 2));
  const stored = createMemoryChunkStore(rig.chunks);
  const before = bytesToHex(await stored.read(sessionId, 1));
  expect(await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }))).toEqual(first);
  expect(await rig.chunkerSide.putControl(eventOf(sessionId, 2))).toEqual(event);
  const bytes = someBytes.toReversed();
  expect(await codeOf(rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1, bytes })))).toBe(
    'record_conflict',
  );
  const counts = { chunks: 1, events: 1, plainBytes: someBytes.length };
  const close = await rig.chunkerSide.putControl(closeOf(sessionId, 3, counts));
  expect(await rig.chunkerSide.putControl(closeOf(sessionId, 3, counts))).toEqual(close);
  expect(await codeOf(rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 })))).toBe('key_forgotten');
  expect(bytesToHex(await stored.read(sessionId, 1))).toBe(before);
  expect(await stored.head(sessionId)).toMatchObject({ records: 4 });
  expect(await codeOf(rig.chunkerSide.putControl(eventOf(sessionId, 2, { b: 2 })))).toBe('record_conflict');
});

it('opening again while the key is held answers the same', async () => {
  const sessionId = freshSessionId();
  const open = () =>
    rig.encryptor.openSession({ params: { sessionId }, body: openBody([rig.owner.recipient]) });
  const [one, two] = await Promise.all([open(), open()]);
  expect(two).toEqual(one);
  expect(await open()).toEqual(one);
  await readSession(rig, sessionId);
});

describe('recipients', () => {
  it('each has a wrap, named once', async () => {
    const other = await generateIdentity();
    const sessionId = freshSessionId();
    const body = openBody([rig.owner.recipient, other.recipient, rig.owner.recipient]);
    await rig.encryptor.openSession({ params: { sessionId }, body });
    const { wraps, format } = await rig.reader.getRecipients({ params: { sessionId } });
    expect(format).toBe('lucid-recipients/1');
    expect(wraps.map((each) => each.recipient)).toEqual([rig.owner.recipient, other.recipient]);
    expect(await keyOf(sessionId, other)).toEqual(await keyOf(sessionId));
    expect((await readSession(rig, sessionId, other)).header.recipients).toEqual(
      wraps.map((each) => each.recipient),
    );
  });

  it('a grant opens the session to another and a revocation closes it, without touching records', async () => {
    const friend = await generateIdentity();
    const sessionId = await openAt(rig);
    await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
    const before = bytesToHex(await rig.reader.getRecord({ params: { sessionId, index: 1 } }));
    const open = () =>
      rig.reader.openRecord({ params: { sessionId, index: 1 }, body: { identities: [friend.identity] } });
    expect(await codeOf(open())).toBe('wrong_identity');
    const age = bytesToBase64(await wrapSessionKey(await keyOf(sessionId), friend.recipient));
    await rig.reader.grantRecipient({
      params: { sessionId },
      body: { recipient: friend.recipient, label: 'friend', age },
    });
    expectSameBytes(await open(), someBytes);
    await rig.reader.revokeRecipient({ params: { sessionId, recipient: rig.owner.recipient } });
    expectSameBytes(await open(), someBytes);
    expect(
      await codeOf(rig.reader.revokeRecipient({ params: { sessionId, recipient: friend.recipient } })),
    ).toBe('last_recipient');
    expect(bytesToHex(await rig.reader.getRecord({ params: { sessionId, index: 1 } }))).toBe(before);
  });

  it('grants at the same time are all kept', async () => {
    const sessionId = await openAt(rig);
    const friends = await Promise.all([1, 2, 3, 4].map(() => generateIdentity()));
    const key = await keyOf(sessionId);
    await Promise.all(
      friends.map(async ({ recipient }) => {
        const age = bytesToBase64(await wrapSessionKey(key, recipient));
        await rig.reader.grantRecipient({ params: { sessionId }, body: { recipient, age } });
      }),
    );
    const { wraps } = await rig.reader.getRecipients({ params: { sessionId } });
    expect(wraps).toHaveLength(5);
  });

  it('a wrap of another key opens nothing', async () => {
    const friend = await generateIdentity();
    const sessionId = await openAt(rig);
    await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
    const age = bytesToBase64(await wrapSessionKey(new Uint8Array(32), friend.recipient));
    await rig.reader.grantRecipient({ params: { sessionId }, body: { recipient: friend.recipient, age } });
    const body = { identities: [friend.identity] };
    expect(await codeOf(rig.reader.openRecord({ params: { sessionId, index: 1 }, body }))).toBe(
      'wrong_identity',
    );
  });
});

describe('session keys', () => {
  it('are in no store and no log, and are wiped when the session closes', async () => {
    const handed: Uint8Array[] = [];
    const watched = await startEvidenceRig({
      random: (sizeBytes) => {
        const bytes = new Uint8Array(sizeBytes).map((_, at) => (at * 31 + handed.length * 7 + 3) & 255);
        if (sizeBytes === 32) handed.push(bytes);
        return bytes;
      },
    });
    const sessionId = await startSession(watched);
    const [key] = handed;
    if (!key) throw new Error('no key was made');
    const copy = key.slice();
    await new TestAgent(watched, sessionId, noise(100_000)).finish(50_000);
    await watched.recorder.stopRecording({
      params: { sessionId },
      body: { closed: 'ended', atUs: 9_000_000 },
    });
    expect(key).toEqual(new Uint8Array(32));
    const documents = Buffer.from(JSON.stringify([...watched.documents].map(([, rows]) => [...rows])));
    const records = [...watched.chunks.values()].flatMap((objects) => [...objects.values()]);
    const log = Buffer.from(JSON.stringify(watched.stack.logLines));
    const everywhere = Buffer.concat([documents, log, ...records]);
    for (const form of [
      Buffer.from(copy),
      bytesToHex(copy),
      bytesToBase64(copy),
      bytesToBase64(copy).slice(0, 40),
    ])
      expect(everywhere.includes(form)).toBe(false);
    await watched.close();
  });

  it('are wiped when told to forget, and at the stop', async () => {
    const handed: Uint8Array[] = [];
    const watched = await startEvidenceRig({
      random: (sizeBytes) => {
        const bytes = new Uint8Array(sizeBytes).fill(9);
        if (sizeBytes === 32) handed.push(bytes);
        return bytes;
      },
    });
    const [one, two] = [await openAt(watched), await openAt(watched)];
    expect(await watched.encryptor.forgetKey({ params: { sessionId: one } })).toEqual({});
    expect(await watched.encryptor.forgetKey({ params: { sessionId: one } })).toEqual({});
    expect(handed.map((each) => each[0])).toEqual([0, 9]);
    expect(await watched.reader.recordsHead({ params: { sessionId: two } })).toMatchObject({ keyHeld: true });
    await watched.close();
    expect(handed.map((each) => each[0])).toEqual([0, 0]);
  });
});

it('a deletion destroys records and wraps and keeps the id used', async () => {
  const sessionId = await openAt(rig);
  await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
  expect(await rig.encryptor.deleteSession({ params: { sessionId } })).toEqual({ removedRecords: 2 });
  expect(await rig.encryptor.deleteSession({ params: { sessionId } })).toEqual({ removedRecords: 2 });
  expect(rig.chunks.has(sessionId)).toBe(false);
  expect(await codeOf(rig.reader.getRecipients({ params: { sessionId } }))).toBe('session_unknown');
  expect(await codeOf(rig.reader.recordsHead({ params: { sessionId } }))).toBe('session_unknown');
  expect(await codeOf(rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 2 })))).toBe('session_unknown');
  await rig.services.encryptor.restart();
  expect(await codeOf(openAt(rig, sessionId))).toBe('session_exists');
});
