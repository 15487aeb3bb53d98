import { describe, expect, test } from '@jest/globals';
import type { KvEntry, MemoryKvStore } from '@lucid/kv-store';
import { leafHash, rootOfLeaves } from '@lucid/merkle';
import fc from 'fast-check';
import { createNotary } from '../src/domain/notary.ts';
import type { HeadMark } from '../src/domain/recovery.ts';
import { bundleKey, headKey, identityKey, tailSegmentKey, tileKey } from '../src/domain/store-keys.ts';
import { codeOf, entryOf, fill, hex, notary, openLog, seedOf } from './log-kit.ts';

const rootOf = (count: number): string =>
  hex(rootOfLeaves(Array.from({ length: count }, (_, index) => leafHash(entryOf(index)))));

const memoryMark = (note: string | null = null): HeadMark & { note: string | null } => ({
  note,
  async read() {
    return this.note;
  },
  write(next: string) {
    this.note = next;
  },
  async close() {},
});

async function filledStore(count: number, step = count): Promise<MemoryKvStore> {
  const { log, memory } = await openLog();
  for (let from = 0; from < count; from += step) await fill(log, Math.min(step, count - from), from);
  return memory.copy();
}

const change = (memory: MemoryKvStore, key: Uint8Array, edit: (value: Buffer) => Uint8Array | null) =>
  memory.get(key).then((value) => {
    if (!value) throw new Error('the test changes a key that is not there');
    const next = edit(Buffer.from(value));
    const operation = next ? ({ type: 'put', key, value: next } as const) : ({ type: 'del', key } as const);
    return memory.batch([operation], { sync: true });
  });

const flip = (value: Buffer): Buffer => {
  value[value.length >> 1]! ^= 1;
  return value;
};

describe('a log that was stopped at any point goes on where it was', () => {
  test.each([
    [1, 1],
    [255, 100],
    [256, 256],
    [257, 1],
    [600, 37],
    [66_000, 5000],
  ])('%d entries by %d', async (count, step) => {
    const { log } = await openLog({ memory: await filledStore(count, step) });
    expect(log.head().size).toBe(count);
    expect(hex(log.head().root)).toBe(rootOf(count));
    await log.audit();
    await fill(log, 300, count);
    expect(hex(log.head().root)).toBe(rootOf(count + 300));
  });

  test('opened anew after every few entries, the tree is the same', async () => {
    let { log, memory } = await openLog();
    let count = 0;
    for (let round = 0; round < 60; round++) {
      const more = 1 + ((round * 7) % 23);
      await fill(log, more, count);
      count += more;
      ({ log, memory } = await openLog({ memory: memory.copy() }));
    }
    expect(hex(log.head().root)).toBe(rootOf(count));
  });

  test('of a batch that fails nobody is answered; after opening again either all of it is there or nothing', async () => {
    for (const how of ['before', 'after'] as const) {
      const { log, kv, memory } = await openLog();
      await fill(log, 300);
      kv.failBatches(how);
      const codes = await Promise.all(
        Array.from({ length: 50 }, (_, i) => codeOf(log.append(entryOf(300 + i)))),
      );
      expect(new Set(codes)).toEqual(new Set(['ledger_unavailable']));
      kv.failBatches('never');
      expect(await codeOf(log.append(entryOf(0)))).toBe('ledger_unavailable');
      expect(await codeOf(log.append(entryOf(0), { key: 'k' }))).toBe('ledger_unavailable');
      expect(log.stopped()).toMatchObject({ code: 'ledger_unavailable', cause: { name: 'KvError' } });
      expect(log.head().size).toBe(300);
      const again = await openLog({ memory: memory.copy() });
      expect(again.log.head().size).toBe(how === 'before' ? 300 : 350);
      expect(hex(again.log.head().root)).toBe(rootOf(again.log.head().size));
    }
  });

  test('close lets entries under way become durable', async () => {
    const { log, memory } = await openLog();
    const work = fill(log, 50);
    await log.close();
    await work;
    expect(await codeOf(log.append(entryOf(0)))).toBe('ledger_unavailable');
    expect((await openLog({ memory: memory.copy() })).log.head().size).toBe(50);
  });
});

describe('a store that does not hold what was signed is refused', () => {
  const cases: [string, string, (memory: MemoryKvStore) => Promise<unknown>][] = [
    ['the head is missing', 'ledger_damaged', (memory) => change(memory, headKey, () => null)],
    ['the identity is missing', 'ledger_damaged', (memory) => change(memory, identityKey, () => null)],
    ['the head is garbled', 'ledger_damaged', (memory) => change(memory, headKey, flip)],
    [
      'an older head',
      'ledger_damaged',
      (memory) =>
        change(memory, headKey, () =>
          Buffer.from(notary.sign({ size: 599, root: Buffer.from(rootOf(599), 'hex') })),
        ),
    ],
    [
      'a newer head',
      'ledger_damaged',
      (memory) =>
        change(memory, headKey, () =>
          Buffer.from(notary.sign({ size: 601, root: Buffer.from(rootOf(601), 'hex') })),
        ),
    ],
    [
      'another root',
      'ledger_damaged',
      (memory) =>
        change(memory, headKey, () =>
          Buffer.from(notary.sign({ size: 600, root: Buffer.from(rootOf(601), 'hex') })),
        ),
    ],
    [
      'an entry of the tail changed',
      'ledger_damaged',
      (memory) => change(memory, tailSegmentKey(2, 0), flip),
    ],
    [
      'a segment of the tail is missing',
      'ledger_damaged',
      (memory) => change(memory, tailSegmentKey(2, 38), () => null),
    ],
    ['a full tile is missing', 'ledger_damaged', (memory) => change(memory, tileKey(0, 1), () => null)],
    ['a full tile changed', 'ledger_damaged', (memory) => change(memory, tileKey(0, 0), flip)],
    [
      'a full tile is short',
      'ledger_damaged',
      (memory) => change(memory, tileKey(0, 1), (value) => value.subarray(32)),
    ],
    ['an upper tile changed', 'ledger_damaged', (memory) => change(memory, tileKey(1, 0), flip)],
    ['a bundle is missing', 'ledger_damaged', (memory) => change(memory, bundleKey(0), () => null)],
    ['an entry in a bundle changed', 'ledger_damaged', (memory) => change(memory, bundleKey(0), flip)],
    [
      'entries beyond the head',
      'ledger_damaged',
      (memory) =>
        memory.batch([{ type: 'put', key: tailSegmentKey(2, 88), value: Buffer.of(0, 0) }], { sync: true }),
    ],
    [
      'a bundle beyond the head',
      'ledger_damaged',
      (memory) => memory.batch([{ type: 'put', key: bundleKey(7), value: Buffer.of(0, 0) }], { sync: true }),
    ],
  ];

  test.each(cases)('%s', async (_, code, damage) => {
    const memory = await filledStore(600, 50);
    await damage(memory);
    expect(await codeOf(openLog({ memory }))).toBe(code);
  });

  test('a segment of the tail under the key of another position', async () => {
    const memory = await filledStore(600, 50);
    const value = (await memory.get(tailSegmentKey(2, 38)))!;
    const moved = [
      { type: 'del', key: tailSegmentKey(2, 38) },
      { type: 'put', key: tailSegmentKey(2, 39), value },
    ] as const;
    await memory.batch(moved, { sync: true });
    expect(await codeOf(openLog({ memory }))).toBe('ledger_damaged');
  });

  test('an upper tile whose hash is in no path to the root yet', async () => {
    const memory = await filledStore(65_536);
    await change(memory, tileKey(2, 0), flip);
    expect(await codeOf(openLog({ memory }))).toBe('ledger_damaged');
  });

  test('the sentence says what and where', async () => {
    const memory = await filledStore(600);
    await change(memory, bundleKey(1), (value) => {
      value[value.length - 1]! ^= 1;
      return value;
    });
    await expect(openLog({ memory })).rejects.toThrow(
      'the store does not hold what the log signed: tile/entries/001 holds another entry 511 than the log signed',
    );
  });

  test('the store of another log or key', async () => {
    const memory = await filledStore(10);
    const other = createNotary({ origin: 'lucid.invalid/other', secretKey: seedOf('log') });
    const otherKey = createNotary({ origin: notary.origin, secretKey: seedOf('other') });
    expect(await codeOf(openLog({ memory: memory.copy(), notary: other }))).toBe('ledger_foreign');
    expect(await codeOf(openLog({ memory: memory.copy(), notary: otherKey }))).toBe('ledger_foreign');
  });

  test('any one changed, cut or lost value is found at the start or by the audit, never shown as sound', async () => {
    const memory = await filledStore(900, 70);
    const entries: KvEntry[] = [];
    for await (const entry of memory.iterate()) entries.push(entry);
    const damages = fc.record({
      which: fc.nat(entries.length - 1),
      at: fc.nat(),
      how: fc.constantFrom('flip', 'cut', 'lose', 'grow'),
    });
    await fc.assert(
      fc.asyncProperty(damages, async ({ which, at, how }) => {
        const [key, value] = entries[which]!;
        const copy = memory.copy();
        await change(copy, key, (bytes) => {
          if (how === 'lose') return null;
          if (how === 'cut') return bytes.subarray(0, at % value.length);
          if (how === 'grow') return Buffer.concat([bytes, Buffer.of(0)]);
          bytes[at % value.length]! ^= 1 << (at % 8);
          return bytes;
        });
        const code = await codeOf(openLog({ memory: copy }).then(({ log }) => log.audit()));
        expect(['ledger_damaged', 'ledger_foreign']).toContain(code);
      }),
      { numRuns: 300 },
    );
  });

  test('damage far behind the head is found by whoever reads it', async () => {
    const memory = await filledStore(20_000);
    await change(memory, bundleKey(3), flip);
    await change(memory, tileKey(0, 5), flip);
    const { log } = await openLog({ memory });
    expect(await codeOf(log.entry(3 * 256))).toBe('ledger_damaged');
    expect(await codeOf(log.readTile({ level: 'entries', number: 3, width: 17 }))).toBe('ledger_damaged');
    expect(await codeOf(log.readTile({ level: 0, number: 5, width: 256 }))).toBe('ledger_damaged');
    expect(await codeOf(log.inclusionProof(5 * 256))).toBe('ledger_damaged');
    expect(await codeOf(log.audit())).toBe('ledger_damaged');
    expect(await codeOf(log.entry(9 * 256))).toBe('no error');
  });
});

describe('a store that was set back', () => {
  test('is uncovered by the mark of the last head given out', async () => {
    const mark = memoryMark();
    const { log, memory } = await openLog({ mark });
    await fill(log, 300);
    const old = memory.copy();
    await fill(log, 1, 300);
    expect(notary.open(mark.note!)?.size).toBe(301);
    expect(await codeOf(openLog({ memory: old.copy(), mark }))).toBe('ledger_rolled_back');
    expect(await codeOf(openLog({ memory: memory.copy(), mark }))).toBe('no error');
    const far = memoryMark(notary.sign({ size: 90_000, root: Buffer.from(rootOf(1), 'hex') }));
    await expect(openLog({ memory: old.copy(), mark: far })).rejects.toThrow(
      'a checkpoint of 90000 entries was given out, the store holds 300',
    );
    const forked = await openLog({ memory: old.copy() });
    await fill(forked.log, 5, 1000);
    expect(await codeOf(openLog({ memory: forked.memory, mark }))).toBe('ledger_rolled_back');
  });

  test('a mark of an older head, of nobody, or none is fine', async () => {
    const memory = await filledStore(300);
    const older = notary.sign({ size: 17, root: Buffer.from(rootOf(17), 'hex') });
    for (const note of [older, null, 'garbled', ''])
      expect(await codeOf(openLog({ memory: memory.copy(), mark: memoryMark(note) }))).toBe('no error');
  });

  test('a mark that cannot be written stops the log', async () => {
    const mark = memoryMark();
    const { log } = await openLog({ mark });
    mark.write = () => {
      throw new Error('EIO');
    };
    expect(await codeOf(log.append(entryOf(0)))).toBe('ledger_unavailable');
    expect(log.stopped()?.code).toBe('ledger_unavailable');
  });
});
