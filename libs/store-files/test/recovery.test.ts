import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ChunkStore } from '@lucid/chunk-store';
import { codeOf, sampleRecord, sampleSessionId, sampleTrailer } from '@lucid/chunk-store/conformance';
import { openFilesChunkStore } from '../src/index.ts';

const sessionId = sampleSessionId('recovery');
const record = (index: number, payloadSizeBytes = 60) => sampleRecord({ sessionId, index, payloadSizeBytes });
const bytesOf = (index: number, payloadSizeBytes?: number) => Buffer.concat(record(index, payloadSizeBytes));
const SIZE = 188;

let folder: string;
let part: string;
let mark: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-recovery-'));
  part = join(folder, `${sessionId}.part`);
  mark = `${part}.mark`;
});
afterEach(() => rm(folder, { recursive: true }));

async function withStore<R>(work: (store: ChunkStore) => Promise<R>, readOnly = false): Promise<R> {
  const store = await openFilesChunkStore({ folder, readOnly });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** A live file with `count` acknowledged records of SIZE bytes. */
const write = (count: number, payloadSizeBytes?: number) =>
  withStore(async (store) => {
    await store.create(sessionId);
    for (let index = 0; index < count; index += 1)
      await store.append(sessionId, index, record(index, payloadSizeBytes));
  });

describe.each(['with its mark', 'without a mark'])('a torn tail %s', (kind) => {
  test('of any length is cut off, and only by a writer', async () => {
    await write(2);
    const whole = await readFile(part);
    for (let torn = 0; torn < SIZE; torn += 1) {
      await writeFile(part, Buffer.concat([whole, bytesOf(2).subarray(0, torn)]));
      if (kind === 'without a mark') await rm(mark, { force: true });
      await withStore(async (reader) => {
        expect(await reader.head(sessionId)).toEqual({ records: 2, storedBytes: 2 * SIZE, droppedBytes: 0 });
        expect((await reader.layout(sessionId)).sizes.length).toBe(2);
      }, true);
      expect((await readFile(part)).length).toBe(whole.length + torn);
      await withStore(async (store) => {
        expect(await store.head(sessionId)).toEqual({
          records: 2,
          storedBytes: 2 * SIZE,
          droppedBytes: torn,
        });
        expect((await store.head(sessionId)).droppedBytes).toBe(0);
      });
      expect(Buffer.compare(await readFile(part), whole)).toBe(0);
    }
    await withStore((store) => store.append(sessionId, 2, record(2)));
    expect((await readFile(part)).length).toBe(whole.length + SIZE);
  });

  test('of zeros is cut off', async () => {
    await write(2);
    const whole = await readFile(part);
    for (const zeros of [1, 128, SIZE, 5000]) {
      await writeFile(part, Buffer.concat([whole, Buffer.alloc(zeros)]));
      if (kind === 'without a mark') await rm(mark, { force: true });
      const head = await withStore((store) => store.head(sessionId));
      expect(head).toEqual({ records: 2, storedBytes: 2 * SIZE, droppedBytes: zeros });
    }
  });
});

test('a whole record that was never acknowledged is kept', async () => {
  await write(2);
  await writeFile(part, Buffer.concat([await readFile(part), bytesOf(2)]));
  const head = await withStore((store) => store.head(sessionId));
  expect(head).toEqual({ records: 3, storedBytes: 3 * SIZE, droppedBytes: 0 });
});

test('a record with a sector that was never written is cut off, unless it was acknowledged', async () => {
  await write(2, 4000);
  const whole = await readFile(part);
  const hollow = bytesOf(2, 4000);
  const at = 512 * Math.ceil((whole.length + 500) / 512) - whole.length;
  hollow.fill(0, at, at + 512);
  await writeFile(part, Buffer.concat([whole, hollow, bytesOf(3, 4000)]));
  const head = await withStore((store) => store.head(sessionId));
  expect(head).toEqual({ records: 2, storedBytes: 2 * 4128, droppedBytes: 2 * 4128 });

  await withStore((store) => store.append(sessionId, 2, [hollow]));
  expect((await withStore((store) => store.head(sessionId))).records).toBe(3);
});

describe('damage is not taken for a torn tail', () => {
  const damage = async (change: (bytes: Buffer) => Buffer) => {
    const bytes = change(await readFile(part));
    await writeFile(part, bytes);
    const codes = await withStore(async (store) => [
      await codeOf(store.head(sessionId)),
      await codeOf(store.append(sessionId, 5, record(5))),
      await codeOf(store.finish(sessionId, sampleTrailer(64 + 5 * SIZE, 0))),
    ]);
    expect(Buffer.compare(await readFile(part), bytes)).toBe(0);
    return codes;
  };
  const refused = ['store_damaged', 'store_damaged', 'store_damaged'];

  test('a broken header in the middle', async () => {
    await write(5);
    for (const at of [0, 4, 20, 47, 52]) {
      const before = await readFile(part);
      expect(
        await damage((bytes) =>
          bytes.fill(bytes[64 + 2 * SIZE + at]! ^ 0x41, 64 + 2 * SIZE + at, 65 + 2 * SIZE + at),
        ),
      ).toEqual(refused);
      await writeFile(part, before);
    }
  });

  test('a broken header in the middle, without a mark', async () => {
    await write(5);
    await rm(mark);
    expect(await damage((bytes) => bytes.fill(0, 64 + SIZE, 64 + SIZE + 128))).toEqual(refused);
  });

  test('acknowledged records that are gone', async () => {
    await write(5);
    expect(await damage((bytes) => bytes.subarray(0, bytes.length - 1))).toEqual(refused);
    expect(await damage((bytes) => bytes.subarray(0, 64))).toEqual(refused);
  });

  test('another session’s preamble', async () => {
    await write(5);
    expect(await damage((bytes) => bytes.fill(7, 16, 17))).toEqual(refused);
  });
});

test('an interrupted creation is no session until it is created again', async () => {
  for (const torn of [0, 10, 63]) {
    await writeFile(part, Buffer.alloc(torn, 1));
    await withStore(async (store) => {
      expect(await codeOf(store.head(sessionId))).toBe('session_unknown');
      expect(await codeOf(store.append(sessionId, 0, record(0)))).toBe('session_unknown');
      await store.create(sessionId);
      expect((await store.head(sessionId)).records).toBe(0);
      await store.remove(sessionId);
    });
  }
});

test('a mark that outlived its session does not harm the next one of the id', async () => {
  await write(3);
  await copyFile(mark, join(folder, 'kept'));
  await withStore((store) => store.remove(sessionId));
  await copyFile(join(folder, 'kept'), mark);
  await write(1);
  expect((await withStore((store) => store.head(sessionId))).records).toBe(1);
});

describe('a closed session', () => {
  let lucid: string;
  beforeEach(async () => {
    await write(3);
    lucid = (await withStore((store) => store.finish(sessionId, sampleTrailer(64 + 3 * SIZE, 100)))).path!;
  });

  test('is refused where a record header or the end is broken', async () => {
    const whole = await readFile(lucid);
    await writeFile(lucid, Buffer.from(whole).fill(0, 64 + SIZE, 66 + SIZE));
    expect(await codeOf(withStore((store) => store.read(sessionId, 0)))).toBe('store_damaged');
    await writeFile(lucid, whole);
    await truncate(lucid, whole.length - 1);
    expect(await codeOf(withStore((store) => store.trailer(sessionId)))).toBe('store_damaged');
    await writeFile(lucid, whole);
    expect((await withStore((store) => store.read(sessionId, 0))).length).toBe(SIZE);
  });

  test('with a waiting trailer that is damaged is refused; the folder opens and other sessions go on', async () => {
    const waiting = join(folder, `${sessionId}.lucid.trailer`);
    await writeFile(waiting, 'not a trailer');
    const other = sampleSessionId('beside the damaged one');
    await withStore(async (store) => {
      expect(await codeOf(store.trailer(sessionId))).toBe('store_damaged');
      await store.create(other);
      expect((await store.head(other)).records).toBe(0);
    });
    await rm(waiting);
    expect((await withStore((store) => store.read(sessionId, 2))).length).toBe(SIZE);
  });

  test('with a waiting trailer that cannot be read keeps the folder from opening', async () => {
    await mkdir(join(folder, `${sessionId}.lucid.trailer`));
    expect(await codeOf(withStore((store) => store.check()))).toBe('store_unavailable');
  });

  test('can be read but not changed read-only', async () => {
    await withStore(async (store) => {
      expect((await store.read(sessionId, 2)).length).toBe(SIZE);
      const trailer = sampleTrailer(64 + 3 * SIZE, 1);
      expect(await codeOf(store.finish(sessionId, trailer))).toBe('store_read_only');
      expect(await codeOf(store.create(sessionId))).toBe('store_read_only');
      expect(await codeOf(store.append(sessionId, 3, record(3)))).toBe('store_read_only');
      expect(await codeOf(store.remove(sessionId))).toBe('store_read_only');
    }, true);
  });
});
