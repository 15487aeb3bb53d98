/** The encryptor dies at every step of its work; what it had acknowledged is there, and what it had not is neither lost twice nor kept twice. */
import { bytesToHex } from '@lucid/bytes';
import { type ChunkStore, ChunkStoreError } from '@lucid/chunk-store';
import {
  codeOf,
  type EvidenceRig,
  freshSessionId,
  openBody,
  readSession,
  startEvidenceRig,
} from '../../session-recorder/test/evidence-rig.ts';
import type { Life } from '../../session-recorder/test/mortal.ts';
import type { AdoptedRow, BulkCapability } from '../src/index.ts';
import { chunkOf, closeOf, eventOf, openAt, someBytes } from './sealing.ts';

type Step = 'before' | 'after' | 'fail before' | 'fail after';

let rig: EvidenceRig;
/** What happens to the next append: the process dies before or after it took place, or it fails. */
let next: Step | null;

/** An append that is hit by what `next` says. */
const appendingWith = (store: ChunkStore, life: Life): ChunkStore['append'] => {
  return async (sessionId, index, record) => {
    const step = next;
    next = null;
    if (step === 'before') life.kill();
    if (step === 'before') return new Promise(() => {});
    if (step === 'fail before') throw new ChunkStoreError('store_unavailable');
    await store.append(sessionId, index, record);
    if (step === 'after') life.kill();
    if (step === 'fail after') throw new ChunkStoreError('store_unavailable');
  };
};

beforeEach(async () => {
  next = null;
  rig = await startEvidenceRig({
    chunkStore: (store, life) =>
      new Proxy(store, {
        get: (target, name) => {
          if (name === 'append') return appendingWith(target, life);
          const value = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
  });
});
afterEach(() => rig.close());

const head = (sessionId: string) => rig.reader.recordsHead({ params: { sessionId } });

describe('opening', () => {
  const open = (sessionId: string) =>
    rig.encryptor.openSession({ params: { sessionId }, body: openBody([rig.owner.recipient]) });

  it('killed before record 0: starts over, with a new key and its wraps', async () => {
    const sessionId = freshSessionId();
    next = 'before';
    expect(await codeOf(open(sessionId))).toBe('unavailable');
    await rig.services.encryptor.restart();
    await open(sessionId);
    await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
    await readSession(rig, sessionId);
  });

  it('killed after record 0: the key is gone, the session can only be closed', async () => {
    const sessionId = freshSessionId();
    next = 'after';
    expect(await codeOf(open(sessionId))).toBe('unavailable');
    await rig.services.encryptor.restart();
    expect(await codeOf(open(sessionId))).toBe('key_forgotten');
    expect(await head(sessionId)).toMatchObject({ records: 1, keyHeld: false });
    const { capturedUntilUs: atUs } = await head(sessionId);
    await rig.chunkerSide.putControl(
      closeOf(sessionId, 1, { closed: 'interrupted', reason: 'killed', atUs }),
    );
    expect((await readSession(rig, sessionId)).close).toMatchObject({ closed: 'interrupted' });
  });

  it.each(['fail before', 'fail after'] as const)(
    'a record 0 that is unsure (%s) is settled by asking again',
    async (step) => {
      const sessionId = freshSessionId();
      next = step;
      await open(sessionId);
      await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
      await readSession(rig, sessionId);
    },
  );
});

describe('a chunk', () => {
  it('killed before it was stored: it is not there, and the key is forgotten', async () => {
    const sessionId = await openAt(rig);
    next = 'before';
    expect(await codeOf(rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 })))).toBe('unavailable');
    await rig.services.encryptor.restart();
    expect(await head(sessionId)).toMatchObject({ records: 1, chunks: 0, keyHeld: false });
    expect(await codeOf(rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 })))).toBe('key_forgotten');
  });

  it('killed between the store and the count: it is counted at the next start, and its leaf is sent', async () => {
    const sessionId = await openAt(rig);
    next = 'after';
    expect(await codeOf(rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 })))).toBe('unavailable');
    await rig.services.encryptor.restart();
    expect((await rig.merkle.getTree({ params: { sessionId } })).size).toBe(1);
    expect(await head(sessionId)).toMatchObject({
      records: 2,
      chunks: 1,
      plainBytes: someBytes.length,
      tracks: [{ track: 0, chunks: 1, plainBytes: someBytes.length }],
    });
    // It is there, but without the key nobody can say whether these are its bytes.
    expect(await codeOf(rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 })))).toBe('key_forgotten');
    const { records } = await readSession(rig, sessionId);
    expect(records).toHaveLength(2);
  });

  it.each(['fail before', 'fail after'] as const)(
    'whose append is unsure (%s) is stored once when it is put again',
    async (step) => {
      const sessionId = await openAt(rig);
      next = step;
      const stored = await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
      expect(stored.index).toBe(1);
      await rig.chunkerSide.putControl(eventOf(sessionId, 2));
      expect((await readSession(rig, sessionId)).records).toHaveLength(3);
    },
  );

  it('acknowledged ones survive any number of deaths, far beyond the last written count', async () => {
    const sessionId = await openAt(rig);
    const count = 150;
    for (let index = 1; index <= count; index += 1)
      await rig.chunkerSide.putChunk(
        chunkOf({ sessionId, index, plainOffset: (index - 1) * someBytes.length }),
      );
    for (let times = 0; times < 3; times += 1) {
      await rig.services.encryptor.restart();
      expect(await head(sessionId)).toMatchObject({ records: count + 1, chunks: count });
    }
    expect((await readSession(rig, sessionId)).records).toHaveLength(count + 1);
  });
});

describe('a closing record', () => {
  it('killed behind it: the session is closed at the next start', async () => {
    const sessionId = await openAt(rig);
    next = 'after';
    expect(await codeOf(rig.chunkerSide.putControl(closeOf(sessionId, 1)))).toBe('unavailable');
    await rig.services.encryptor.restart();
    expect(await head(sessionId)).toMatchObject({ records: 2, closed: 'ended', keyHeld: false });
    await rig.chunkerSide.putControl(closeOf(sessionId, 1));
    await rig.services.encryptor.restart();
    expect(await head(sessionId)).toMatchObject({ records: 2, closed: 'ended' });
    expect((await readSession(rig, sessionId)).close).toMatchObject({ closed: 'ended' });
  });
});

it.each([
  ['counted', 70],
  ['in the tree only', 45],
])('records that the store lost are said, not passed over: %s', async (_where, last) => {
  const sessionId = await openAt(rig);
  for (let index = 1; index <= last; index += 1)
    await rig.chunkerSide.putChunk(
      chunkOf({ sessionId, index, plainOffset: (index - 1) * someBytes.length }),
    );
  for (let index = 40; index <= last; index += 1)
    rig.chunks.get(sessionId)?.delete(String(index).padStart(12, '0'));
  await rig.services.encryptor.restart();
  expect(await codeOf(head(sessionId))).toBe('record_damaged');
});

it('a deletion that died half way is finished by the next one', async () => {
  const sessionId = await openAt(rig);
  const rows = rig.documents.get('encryptor-sessions');
  const before = rows?.get(sessionId);
  await rig.encryptor.deleteSession({ params: { sessionId } });
  const kept = rows?.get(sessionId);
  expect(kept).not.toEqual(before);
  rig.chunks.set(sessionId, new Map([['session', new Uint8Array(1)]]));
  expect(await rig.encryptor.deleteSession({ params: { sessionId } })).toEqual({ removedRecords: 1 });
  expect(rig.chunks.has(sessionId)).toBe(false);
});

describe('bulk', () => {
  const bulkOf = async () => ((await rig.services.encryptor.context()) as { bulk: BulkCapability }).bulk;
  const row = (index: number, track = 0): AdoptedRow => ({
    index,
    track,
    sizeBytes: 128 + 16 + 10,
    plainSizeBytes: 10,
    untilUs: 2_000_000,
    leafHash: new Uint8Array(32).fill(index),
  });

  it('lends the key while it is held', async () => {
    const bulk = await bulkOf();
    const sessionId = await openAt(rig);
    expect(bulk.borrowKey(sessionId)).toHaveLength(32);
    expect(bulk.borrowKey(freshSessionId())).toBeNull();
    expect(bulk.nextOffset(freshSessionId(), 0)).toBeNull();
    expect(bulk.nextOffset(sessionId, 9)).toBeNull();
    expect(bulk.nextOffset(sessionId, 0)).toBe(0);
    await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
    expect(bulk.nextOffset(sessionId, 0)).toBe(someBytes.length);
    expect(bulk.nextOffset(sessionId, 3)).toBe(0);
    await rig.encryptor.forgetKey({ params: { sessionId } });
    expect(bulk.borrowKey(sessionId)).toBeNull();
    expect(await codeOf(bulk.adopt(sessionId, [row(1)]))).toBe('key_forgotten');
  });

  it('counts adopted rows and sends their leaves, in one call for many', async () => {
    const bulk = await bulkOf();
    const sessionId = await openAt(rig);
    await bulk.adopt(
      sessionId,
      Array.from({ length: 100 }, (_, at) => row(at + 1)),
    );
    await bulk.adopt(sessionId, [row(101, 3)]);
    await bulk.adopt(sessionId, []);
    expect(await head(sessionId)).toMatchObject({
      records: 102,
      chunks: 101,
      plainBytes: 1010,
      tracks: [
        { track: 0, chunks: 100, plainBytes: 1000 },
        { track: 3, chunks: 1, plainBytes: 10 },
      ],
    });
    const leaves = await rig.merkle.getLeaves({
      params: { sessionId },
      query: { firstIndex: 100, limit: 9 },
    });
    expect(bytesToHex(leaves)).toBe('64'.repeat(32) + '65'.repeat(32));
    const appends = rig.stack.logLines.filter((line) => line.operation === 'appendLeaves');
    expect(appends.length).toBeLessThanOrEqual(3);
  });

  it('refuses rows that do not follow on', async () => {
    const bulk = await bulkOf();
    const sessionId = await openAt(rig);
    expect(await codeOf(bulk.adopt(sessionId, [row(2)]))).toBe('record_out_of_order');
    expect(await codeOf(bulk.adopt(sessionId, [row(1), row(3)]))).toBe('record_out_of_order');
    expect(await codeOf(bulk.adopt(sessionId, [row(1, 9)]))).toBe('record_out_of_order');
    expect(await head(sessionId)).toMatchObject({ records: 1 });
  });
});
