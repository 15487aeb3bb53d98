/**
 * What every adapter of the port must do, as jest tests: `describeKvStore('name', { open })` in the adapter's own test file.
 * `open(name)` opens the store of that name, creating it where absent; stores of the same name share their contents
 * after the earlier one was closed, unless `durable` is false.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { KvError } from './kv-error.ts';
import type { KvEntry, KvRange, KvStore } from './kv-store.ts';

export interface KvStoreSuite {
  readonly open: (name: string) => Promise<KvStore>;
  readonly durable: boolean;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const put = (key: Uint8Array, value: Uint8Array) => ({ type: 'put', key, value }) as const;

async function collect(store: KvStore, range?: KvRange): Promise<number[][]> {
  const keys: number[][] = [];
  for await (const [key] of store.iterate(range)) keys.push([...key]);
  return keys;
}

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof KvError ? error.code : `not a KvError: ${error}`),
  );

let nextStore = 0;

export function describeKvStore(name: string, suite: KvStoreSuite): void {
  describe(`${name} obeys the key-value port`, () => {
    const opened: KvStore[] = [];
    const open = async (store = `conformance-${++nextStore}`): Promise<KvStore> => {
      const kv = await suite.open(store);
      opened.push(kv);
      return kv;
    };
    afterEach(async () => {
      for (const kv of opened.splice(0)) await kv.close();
    });

    describeReadsAndWrites(open);
    describeRanges(open);
    describeLife(open, suite);
  });
}

type Open = (store?: string) => Promise<KvStore>;

function describeReadsAndWrites(open: Open): void {
  test('an absent key is undefined, an empty value is not', async () => {
    const kv = await open();
    await kv.batch([put(text('empty'), bytes())], { sync: false });
    expect(await kv.get(text('absent'))).toBeUndefined();
    expect(await kv.get(text('empty'))).toHaveLength(0);
    const many = await kv.getMany([text('absent'), text('empty')]);
    expect(many[0]).toBeUndefined();
    expect(many[1]).toHaveLength(0);
  });

  test('a batch applies in order; the last word on a key wins', async () => {
    const kv = await open();
    const key = text('k');
    await kv.batch([put(key, bytes(1)), put(key, bytes(2)), { type: 'del', key }, put(key, bytes(3))], {
      sync: true,
    });
    expect([...(await kv.get(key))!]).toEqual([3]);
    await kv.batch([put(key, bytes(4)), { type: 'del', key }], { sync: true });
    expect(await kv.get(key)).toBeUndefined();
  });

  test('every byte value and a large value come back as they went in', async () => {
    const kv = await open();
    const key = Uint8Array.from({ length: 256 }, (_, index) => index);
    const value = Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 31) & 255);
    await kv.batch([put(key, value)], { sync: true });
    expect(Buffer.compare(Buffer.from((await kv.get(key))!), Buffer.from(value))).toBe(0);
  });

  test('a key or value that is part of a larger buffer is stored alone', async () => {
    const kv = await open();
    const buffer = bytes(9, 9, 1, 2, 9, 9);
    await kv.batch([put(buffer.subarray(2, 3), buffer.subarray(3, 4))], { sync: true });
    expect(await collect(kv)).toEqual([[1]]);
    expect([...(await kv.get(bytes(1)))!]).toEqual([2]);
  });

  test('bytes handed in and out may be changed afterwards', async () => {
    const kv = await open();
    const value = bytes(1);
    await kv.batch([put(text('k'), value)], { sync: true });
    value[0] = 7;
    (await kv.get(text('k')))!.fill(8);
    expect([...(await kv.get(text('k')))!]).toEqual([1]);
  });

  test('batches started together all apply', async () => {
    const kv = await open();
    const keys = Array.from({ length: 200 }, (_, index) => bytes(index));
    await Promise.all(keys.map((key) => kv.batch([put(key, key)], { sync: true })));
    expect((await kv.getMany(keys)).every((value, index) => value?.[0] === index)).toBe(true);
  });
}

function describeRanges(open: Open): void {
  const keys = [
    bytes(0),
    bytes(0, 0),
    bytes(1),
    bytes(1, 255),
    bytes(2),
    bytes(127),
    bytes(128),
    bytes(255),
    bytes(255, 255),
  ];
  const filled = async (): Promise<KvStore> => {
    const kv = await open();
    await kv.batch(
      keys.toReversed().map((key) => put(key, key)),
      { sync: false },
    );
    return kv;
  };

  test('keys are ordered as unsigned bytes, shorter first', async () => {
    expect(await collect(await filled())).toEqual(keys.map((key) => [...key]));
  });

  test('a range holds its lower bound and not its upper one', async () => {
    const kv = await filled();
    expect(await collect(kv, { gte: bytes(1), lt: bytes(2) })).toEqual([[1], [1, 255]]);
    expect(await collect(kv, { gte: bytes(1, 0), lt: bytes(2, 0) })).toEqual([[1, 255], [2]]);
    expect(await collect(kv, { gte: bytes(3), lt: bytes(3) })).toEqual([]);
  });

  test('reverse and limit', async () => {
    const kv = await filled();
    expect(await collect(kv, { reverse: true, limit: 2 })).toEqual([[255, 255], [255]]);
    expect(await collect(kv, { lt: bytes(2), reverse: true, limit: 1 })).toEqual([[1, 255]]);
    expect(await collect(kv, { limit: 0 })).toEqual([]);
  });

  test('an iteration sees the store as it was at its first step', async () => {
    const kv = await filled();
    const seen: KvEntry[] = [];
    for await (const entry of kv.iterate({ gte: bytes(127) })) {
      seen.push(entry);
      if (seen.length === 1)
        await kv.batch([put(bytes(200), bytes()), { type: 'del', key: bytes(128) }], { sync: false });
    }
    expect(seen.map(([key]) => key[0])).toEqual([127, 128, 255, 255]);
  });

  test('stopping early leaves the store usable', async () => {
    const kv = await filled();
    for await (const _ of kv.iterate()) break;
    expect(await kv.check()).toEqual({ ok: true });
  });
}

function describeLife(open: Open, suite: KvStoreSuite): void {
  test('after close every call says kv_closed, and check says why', async () => {
    const kv = await open();
    await kv.close();
    await kv.close();
    expect(await codeOf(kv.get(bytes(1)))).toBe('kv_closed');
    expect(await codeOf(kv.getMany([bytes(1)]))).toBe('kv_closed');
    expect(await codeOf(kv.batch([put(bytes(1), bytes(1))], { sync: true }))).toBe('kv_closed');
    expect(await codeOf(collect(kv))).toBe('kv_closed');
    expect(await kv.check()).toMatchObject({ ok: false, reason: expect.any(String) });
  });

  if (suite.durable) {
    test('what was stored is there after opening again', async () => {
      const name = `durable-${++nextStore}`;
      const kv = await open(name);
      await kv.batch([put(text('k'), bytes(1, 2, 3))], { sync: true });
      await kv.close();
      expect([...(await (await open(name)).get(text('k')))!]).toEqual([1, 2, 3]);
    });

    test('a store that is open already is refused as kv_locked', async () => {
      const name = `locked-${++nextStore}`;
      await open(name);
      expect(await codeOf(suite.open(name))).toBe('kv_locked');
    });
  }
}
