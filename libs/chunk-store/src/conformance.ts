/** The suite every chunk store passes: `describeChunkStore('files', openBench)` inside a test file. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChunkStore, StoredSession } from './chunk-store.ts';
import { isChunkStoreError } from './errors.ts';
import { PREAMBLE_SIZE_BYTES } from './record-frame.ts';
import { sampleRecord, sampleSessionId, sampleTrailer } from './sample-records.ts';

export { sampleBytes, sampleRecord, sampleSessionId, sampleTrailer } from './sample-records.ts';

/** One backing (a folder, a bucket) and the stores opened on it. */
export interface ChunkStoreBench {
  /** Another store on the same backing, as another process would open it. */
  open(): Promise<ChunkStore>;
  /** Removes the backing; the suite closed every store before. */
  dispose(): Promise<void>;
}

const ID = sampleSessionId('suite');
const OTHER = sampleSessionId('suite, another session');

const record = (index: number, payloadSizeBytes = 1000, seed = '', sessionId = ID) =>
  sampleRecord({ sessionId, index, payloadSizeBytes, seed });

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Code of the ChunkStoreError a promise rejects with, or what else happened. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'resolved';
  } catch (error) {
    return isChunkStoreError(error) ? error.code : String(error);
  }
}

async function fill(store: ChunkStore, sizes: readonly number[]): Promise<number> {
  await store.create(ID);
  for (const [index, size] of sizes.entries()) await store.append(ID, index, record(index, size));
  return PREAMBLE_SIZE_BYTES + sizes.reduce((sum, size) => sum + size + 128, 0);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

type Open = () => Promise<ChunkStore>;

function describeRecords(open: Open): void {
  it('gives back what was stored, also to another process', async () => {
    const writer = await open();
    const sizes = [1, 1000, 0, 65_536, 300_000];
    const endOffset = await fill(writer, sizes);
    for (const store of [writer, await open()]) {
      expect(await store.head(ID)).toEqual({ records: 5, storedBytes: endOffset - 64, droppedBytes: 0 });
      const range = await collect(store.readRange(ID, 0, 5));
      for (const [index, size] of sizes.entries()) {
        expect(Buffer.compare(range[index]!, joined(record(index, size)))).toBe(0);
        expect(Buffer.compare(await store.read(ID, index), range[index]!)).toBe(0);
      }
      expect(await collect(store.readRange(ID, 2, 2))).toEqual([]);
    }
  });

  it('keeps the largest record, given in many parts', async () => {
    const store = await open();
    await store.create(ID);
    const [header, payload] = record(0, 16 * 1024 * 1024 + 16);
    const parts = [header.subarray(0, 5), header.subarray(5)];
    for (let at = 0; at < payload.length; at += 8191) parts.push(payload.subarray(at, at + 8191));
    await store.append(ID, 0, parts);
    expect(Buffer.compare(await store.read(ID, 0), joined([header, payload]))).toBe(0);
  });

  it('tells where records lie', async () => {
    const store = await open();
    const endOffset = await fill(store, [10, 20, 30]);
    const layout = await store.layout(ID);
    expect([...layout.offsets]).toEqual([64, 202, 350]);
    expect([...layout.sizes]).toEqual([138, 148, 158]);
    expect(layout.endOffset).toBe(endOffset);
  });

  it('shows a reader what a writer adds', async () => {
    const [writer, reader] = [await open(), await open()];
    await fill(writer, [10]);
    expect((await reader.read(ID, 0)).length).toBe(138);
    await writer.append(ID, 1, record(1, 20));
    expect((await reader.read(ID, 1)).length).toBe(148);
    expect((await reader.layout(ID)).sizes.length).toBe(2);
  });

  it('keeps sessions apart', async () => {
    const store = await open();
    await fill(store, [10, 10]);
    await store.create(OTHER);
    await store.append(OTHER, 0, record(0, 10, 'other', OTHER));
    expect((await store.head(ID)).records).toBe(2);
    expect(Buffer.compare(await store.read(OTHER, 0), joined(record(0, 10, 'other', OTHER)))).toBe(0);
    await store.remove(ID);
    expect((await store.head(OTHER)).records).toBe(1);
  });
}

function describeOrder(open: Open): void {
  it('takes the same record again and refuses another one', async () => {
    for (const store of [await open(), await open()]) {
      await fill(store, [10, 20]);
      await store.append(ID, 0, record(0, 10));
      await store.append(ID, 1, [joined(record(1, 20))]);
      expect(await codeOf(store.append(ID, 0, record(0, 10, 'other')))).toBe('record_conflict');
      expect(await codeOf(store.append(ID, 1, record(1, 21)))).toBe('record_conflict');
      expect((await store.head(ID)).records).toBe(2);
    }
  });

  it('refuses a record that skips one', async () => {
    const store = await open();
    await fill(store, [10]);
    expect(await codeOf(store.append(ID, 2, record(2)))).toBe('record_out_of_order');
    await store.append(ID, 1, record(1));
    expect((await store.head(ID)).records).toBe(2);
  });

  it('takes overlapping appends in order, doubled ones too', async () => {
    const store = await open();
    await store.create(ID);
    const indexes = Array.from({ length: 40 }, (_, index) => index);
    const once = indexes.map((index) => store.append(ID, index, record(index, index * 37)));
    const again = indexes.map((index) => store.append(ID, index, record(index, index * 37)));
    const conflict = codeOf(store.append(ID, 39, record(39, 39 * 37, 'other')));
    await Promise.all([...once, ...again]);
    expect(await conflict).toBe('record_conflict');
    expect((await store.head(ID)).records).toBe(40);
    const range = await collect((await open()).readRange(ID, 0, 40));
    expect(range.every((bytes, at) => Buffer.compare(bytes, joined(record(at, at * 37))) === 0)).toBe(true);
  });

  it('goes on where another process stopped', async () => {
    const first = await open();
    await fill(first, [10, 20]);
    await first.close();
    const second = await open();
    expect((await second.head(ID)).records).toBe(2);
    await second.append(ID, 2, record(2, 30));
    expect((await second.layout(ID)).sizes.length).toBe(3);
  });
}

function describeFinish(open: Open): void {
  it('closes a session for good', async () => {
    const store = await open();
    const endOffset = await fill(store, [10, 20]);
    expect(await store.trailer(ID)).toBeNull();
    await store.finish(ID, sampleTrailer(endOffset, 500));
    for (const each of [store, await open()]) {
      expect(await codeOf(each.append(ID, 2, record(2)))).toBe('session_finished');
      expect(await codeOf(each.append(ID, 0, record(0, 10)))).toBe('session_finished');
      expect(await codeOf(each.create(ID))).toBe('session_finished');
      expect(Buffer.compare((await each.trailer(ID))!, sampleTrailer(endOffset, 500))).toBe(0);
      expect(await each.head(ID)).toEqual({ records: 2, storedBytes: endOffset - 64, droppedBytes: 0 });
      expect((await each.layout(ID)).endOffset).toBe(endOffset);
      expect(Buffer.compare(await each.read(ID, 1), joined(record(1, 20)))).toBe(0);
    }
  });

  it('replaces a trailer by a longer and by a shorter one', async () => {
    const store = await open();
    const endOffset = await fill(store, [10, 20]);
    for (const bodySizeBytes of [500, 500, 90_000, 0, 17]) {
      const trailer = sampleTrailer(endOffset, bodySizeBytes, String(bodySizeBytes));
      await store.finish(ID, trailer);
      for (const each of [store, await open()]) {
        expect(Buffer.compare((await each.trailer(ID))!, trailer)).toBe(0);
        expect((await collect(each.readRange(ID, 0, 2))).map((bytes) => bytes.length)).toEqual([138, 148]);
      }
    }
  });

  it('closes an empty session', async () => {
    const store = await open();
    await store.create(ID);
    expect(await store.head(ID)).toEqual({ records: 0, storedBytes: 0, droppedBytes: 0 });
    await store.finish(ID, sampleTrailer(64, 3));
    expect((await (await open()).head(ID)).records).toBe(0);
  });

  it('refuses a trailer made for other records', async () => {
    const store = await open();
    const endOffset = await fill(store, [10]);
    await expect(store.finish(ID, sampleTrailer(endOffset + 1, 10))).rejects.toThrow(RangeError);
    await expect(store.finish(ID, new Uint8Array(200))).rejects.toThrow(RangeError);
    await store.append(ID, 1, record(1, 5));
    expect((await store.head(ID)).records).toBe(2);
  });
}

function describeSessions(open: Open): void {
  it('lists and removes sessions', async () => {
    const store = await open();
    expect(await collect(store.list())).toEqual([]);
    await store.finish(ID, sampleTrailer(await fill(store, [10]), 10));
    await store.create(OTHER);
    await store.create(OTHER);
    const byId = (a: StoredSession, b: StoredSession) => a.sessionId.localeCompare(b.sessionId);
    const expected = [
      { sessionId: ID, finished: true },
      { sessionId: OTHER, finished: false },
    ].sort(byId);
    expect((await collect(store.list())).sort(byId)).toEqual(expected);
    await store.remove(ID);
    await store.remove(ID);
    await store.remove(OTHER);
    expect(await collect(store.list())).toEqual([]);
    expect(await codeOf(store.head(ID))).toBe('session_unknown');
    await fill(store, [7]);
    expect((await store.head(ID)).records).toBe(1);
  });

  it('says what is not there', async () => {
    const store = await open();
    const asked = [
      store.append(ID, 0, record(0)),
      store.head(ID),
      store.read(ID, 0),
      collect(store.readRange(ID, 0, 1)),
      store.finish(ID, sampleTrailer(64, 0)),
      store.layout(ID),
      store.trailer(ID),
    ];
    expect(await Promise.all(asked.map(codeOf))).toEqual(asked.map(() => 'session_unknown'));
    await fill(store, [10]);
    expect(await codeOf(store.read(ID, 1))).toBe('record_missing');
    expect(await codeOf(collect(store.readRange(ID, 0, 2)))).toBe('record_missing');
  });

  it('refuses what is not a record of the session', async () => {
    const store = await open();
    await store.create(ID);
    const [header, payload] = record(0);
    await expect(store.create('../../etc')).rejects.toThrow(TypeError);
    await expect(store.create(ID.toUpperCase())).rejects.toThrow(TypeError);
    await expect(store.append(ID, 0, [])).rejects.toThrow(RangeError);
    await expect(store.append(ID, 0, [header])).rejects.toThrow(RangeError);
    await expect(store.append(ID, 0, [payload])).rejects.toThrow(RangeError);
    await expect(store.append(ID, 0, record(1))).rejects.toThrow(RangeError);
    await expect(store.append(ID, -1, record(0))).rejects.toThrow(RangeError);
    await expect(store.append(ID, 0, record(0, 10, '', OTHER))).rejects.toThrow(RangeError);
    await store.append(ID, 0, [header, payload]);
    await store.check();
  });
}

/** Registers the suite; `openBench` runs before each test, on a fresh backing. */
export function describeChunkStore(name: string, openBench: () => Promise<ChunkStoreBench>): void {
  describe(`chunk store: ${name}`, () => {
    let bench: ChunkStoreBench;
    let opened: ChunkStore[] = [];
    const open = async () => {
      const store = await bench.open();
      opened.push(store);
      return store;
    };
    beforeEach(async () => {
      bench = await openBench();
    });
    afterEach(async () => {
      await Promise.all(opened.map((store) => store.close()));
      opened = [];
      await bench.dispose();
    });
    describe('records', () => describeRecords(open));
    describe('order', () => describeOrder(open));
    describe('finish', () => describeFinish(open));
    describe('sessions', () => describeSessions(open));
  });
}
