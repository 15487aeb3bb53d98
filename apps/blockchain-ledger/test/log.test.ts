import { afterEach, describe, expect, test } from '@jest/globals';
import { leafHash, rootOfLeaves, verifyConsistency, verifyInclusion } from '@lucid/merkle';
import type { Log } from '../src/domain/log.ts';
import { codeOf, entryOf, fill, hex, notary, openLog } from './log-kit.ts';

const leaves = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => leafHash(entryOf(index)));

describe('appending', () => {
  test('the empty log has a signed head', async () => {
    const { log } = await openLog();
    expect(notary.open(log.checkpoint())).toMatchObject({ size: 0, root: rootOfLeaves([]) });
  });

  test('receipts name the index, and their proofs verify against their signed head', async () => {
    const { log } = await openLog();
    const receipts = await Promise.all(Array.from({ length: 700 }, (_, index) => log.append(entryOf(index))));
    for (const [position, receipt] of receipts.entries()) {
      expect(receipt.index).toBe(position);
      const { size, root } = notary.open(receipt.head.note)!;
      const proof = [...(await log.inclusionOf(receipt))];
      const claim = { leafHash: leafHash(entryOf(position)), index: position, size, proof, root };
      expect(hex(receipt.leafHash)).toBe(hex(claim.leafHash));
      expect(verifyInclusion(claim)).toBe(true);
    }
    expect(hex(log.head().root)).toBe(hex(rootOfLeaves(leaves(700))));
  });

  test('nobody is answered, and no head or tile shown, before the batch is on the disk', async () => {
    const { log, kv } = await openLog();
    await fill(log, 10);
    const before = log.checkpoint();
    const open = kv.hold();
    let answered = 0;
    const all = Promise.all(
      Array.from({ length: 600 }, (_, i) => log.append(entryOf(10 + i)).then(() => answered++)),
    );
    while (kv.batches.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(0);
    expect(log.checkpoint()).toBe(before);
    expect(await codeOf(log.readTile({ level: 0, number: 0, width: 11 }))).toBe('not_in_log');
    expect(await codeOf(log.readTile({ level: 'entries', number: 0, width: 256 }))).toBe('not_in_log');
    expect(await codeOf(log.entry(10))).toBe('not_in_log');
    expect(await codeOf(log.inclusionProof(10, 11))).toBe('not_in_log');
    expect((await log.entry(9)).data).toEqual(entryOf(9));
    open();
    await all;
    expect(log.head().size).toBe(610);
  });

  test('entries that come during a commit share the next one', async () => {
    const { log, kv } = await openLog();
    const open = kv.hold();
    const first = log.append(entryOf(0));
    while (kv.batches.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const rest = Promise.all(Array.from({ length: 100 }, (_, index) => log.append(entryOf(1 + index))));
    open();
    await Promise.all([first, rest]);
    expect(kv.batches).toHaveLength(3);
  });

  test('an entry of 65535 bytes is taken, one of 65536 is not, an empty one is', async () => {
    const { log } = await openLog();
    expect(await codeOf(log.append(new Uint8Array(65_536)))).toBe('entry_too_large');
    await log.append(new Uint8Array(65_535).fill(1));
    await log.append(new Uint8Array());
    expect((await log.entry(0)).data).toHaveLength(65_535);
    expect((await log.entry(1)).data).toHaveLength(0);
  });

  test('too many that wait are turned away, the others are kept', async () => {
    const { log, kv } = await openLog({ limits: { pendingEntries: 10 } });
    const open = kv.hold();
    const work = Array.from({ length: 15 }, (_, index) => codeOf(log.append(entryOf(index))));
    open();
    const codes = await Promise.all(work);
    expect(codes.filter((code) => code === 'ledger_busy')).toHaveLength(5);
    expect(log.head().size).toBe(10);
    await fill(log, 10, 10);
    expect(log.head().size).toBe(20);
  });
});

describe('reading', () => {
  const sizes = [1, 2, 255, 256, 257, 511, 512, 600, 1000];

  test('tiles and bundles of every width are those of the tree, from memory and from the store', async () => {
    const { log, memory } = await openLog();
    await fill(log, 1000);
    const again = (await openLog({ memory: memory.copy() })).log;
    for (const each of [log, again]) {
      for (const [number, width] of [
        [0, 1],
        [0, 255],
        [0, 256],
        [2, 256],
        [3, 1],
        [3, 232],
      ] as const) {
        const hashes = leaves(1000).slice(number * 256, number * 256 + width);
        expect(hex(await each.readTile({ level: 0, number, width }))).toBe(hex(Buffer.concat(hashes)));
        const entries = Array.from({ length: width }, (_, index) =>
          Buffer.from(entryOf(number * 256 + index)),
        );
        const encoded = entries.map((entry) => Buffer.concat([Buffer.of(0, entry.length), entry]));
        expect(hex(await each.readTile({ level: 'entries', number, width }))).toBe(
          hex(Buffer.concat(encoded)),
        );
      }
      const roots = [0, 1, 2].map((number) =>
        rootOfLeaves(leaves(1000).slice(number * 256, number * 256 + 256)),
      );
      expect(hex(await each.readTile({ level: 1, number: 0, width: 3 }))).toBe(hex(Buffer.concat(roots)));
      for (const tile of [
        { level: 0, number: 3, width: 233 },
        { level: 1, number: 0, width: 4 },
        { level: 2, number: 0, width: 1 },
        { level: 63, number: 0, width: 1 },
        { level: 0, number: 2 ** 44, width: 1 },
      ])
        expect(await codeOf(each.readTile(tile))).toBe('not_in_log');
    }
  });

  test('inclusion and consistency proofs of any two sizes verify', async () => {
    const { log } = await openLog();
    await fill(log, 1000);
    for (const second of sizes) {
      const secondRoot = rootOfLeaves(leaves(second));
      for (const first of sizes.filter((size) => size <= second)) {
        const proof = [...(await log.consistencyProof(first, second))];
        expect(
          verifyConsistency({ first, second, firstRoot: rootOfLeaves(leaves(first)), secondRoot, proof }),
        ).toBe(true);
        const index = first - 1;
        const path = [...(await log.inclusionProof(index, second))];
        expect(
          verifyInclusion({
            leafHash: leafHash(entryOf(index)),
            index,
            size: second,
            proof: path,
            root: secondRoot,
          }),
        ).toBe(true);
      }
    }
    expect(await codeOf(log.inclusionProof(1000))).toBe('not_in_log');
    expect(await codeOf(log.inclusionProof(-1))).toBe('not_in_log');
    expect(await codeOf(log.inclusionProof(0.5))).toBe('not_in_log');
    expect(await codeOf(log.consistencyProof(1, 1001))).toBe('not_in_log');
    expect(await codeOf(log.consistencyProof(5, 4))).toBe('not_in_log');
  });

  test('a store that cannot be read is unavailable, and the log goes on after', async () => {
    const first = await openLog();
    await fill(first.log, 40_000);
    const { log, kv } = await openLog({ memory: first.memory });
    kv.failReads(true);
    expect(await codeOf(log.entry(0))).toBe('ledger_unavailable');
    expect(await codeOf(log.entryByKey('k'))).toBe('ledger_unavailable');
    expect(await codeOf(log.append(entryOf(0), { key: 'k' }))).toBe('ledger_unavailable');
    kv.failReads(false);
    expect(hex((await log.entry(0)).data)).toBe(hex(entryOf(0)));
    expect((await log.append(entryOf(0), { key: 'k' })).index).toBe(40_000);
  });
});

describe('keys', () => {
  let log: Log;
  afterEach(() => log.close());

  test('the same key and bytes answer the first entry, other bytes conflict, also after a restart', async () => {
    const opened = await openLog();
    log = opened.log;
    await fill(log, 5);
    const first = await log.append(entryOf(7), { key: 'session/abc' });
    const second = await log.append(entryOf(7), { key: 'session/abc' });
    expect([first.index, second.index]).toEqual([5, 5]);
    expect(await codeOf(log.append(entryOf(8), { key: 'session/abc' }))).toBe('entry_conflict');
    expect(log.head().size).toBe(6);
    const again = (await openLog({ memory: opened.memory.copy() })).log;
    expect((await again.append(entryOf(7), { key: 'session/abc' })).index).toBe(5);
    expect(await codeOf(again.append(entryOf(8), { key: 'session/abc' }))).toBe('entry_conflict');
    expect(await again.entryByKey('session/abc')).toEqual({ index: 5, data: Buffer.from(entryOf(7)) });
    expect(await codeOf(again.entryByKey('session/abd'))).toBe('not_in_log');
  });

  test('of many at once exactly one is stored', async () => {
    log = (await openLog()).log;
    const work = Array.from({ length: 300 }, (_, index) =>
      log.append(entryOf(index % 3), { key: `key/${index % 10}` }).then(
        ({ index: at }) => ({ at, bytes: index % 3, key: index % 10 }),
        (error: { code: string }) => ({ code: error.code, bytes: index % 3, key: index % 10 }),
      ),
    );
    const answers = await Promise.all(work);
    expect(log.head().size).toBe(10);
    for (let key = 0; key < 10; key++) {
      const stored = await log.entryByKey(`key/${key}`);
      for (const answer of answers.filter((each) => each.key === key)) {
        if (hex(entryOf(answer.bytes)) === hex(stored.data))
          expect(answer).toMatchObject({ at: stored.index });
        else expect(answer).toMatchObject({ code: 'entry_conflict' });
      }
    }
  });

  test.each(['', 'a b', 'ü', 'a\n', 'k'.repeat(201)])('%j is no key', async (key) => {
    log = (await openLog()).log;
    expect(await codeOf(log.append(entryOf(0), { key }))).toBe('entry_key_invalid');
    expect(await codeOf(log.entryByKey(key))).toBe('entry_key_invalid');
  });
});
