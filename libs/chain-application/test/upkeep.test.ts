import { RLP } from '@ethereumjs/rlp';
import { describe, expect, test } from '@jest/globals';
import { createMemoryKvStore, type MemoryKvStore } from '@lucid/kv-store';
import { bytesToHex, type ChainApplication, type Hex, hexToBytes, restoreSnapshot } from '../src/index.ts';
import {
  accounts,
  commitNext,
  contracts,
  genesis,
  openChain,
  sampleBlocks,
  storeCall,
} from './test-chain.ts';

async function chainOf(
  blocks: number,
  store = createMemoryKvStore(),
): Promise<{ app: ChainApplication; store: MemoryKvStore }> {
  const app = await openChain(store);
  for (const transactions of sampleBlocks(blocks)) await commitNext(app, transactions);
  return { app, store };
}

async function keysOf(store: MemoryKvStore, letter: string): Promise<Uint8Array[]> {
  const keys: Uint8Array[] = [];
  for await (const [key] of store.iterate({
    gte: Buffer.from(letter),
    lt: Buffer.from(String.fromCharCode(letter.charCodeAt(0) + 1)),
  }))
    keys.push(key);
  return keys;
}

describe('integrity check', () => {
  test('counts what is sound', async () => {
    const { app } = await chainOf(5);
    const report = await app.checkIntegrity();
    expect(report).toMatchObject({ height: 5, stateRoot: app.info().stateRoot, faults: [] });
    expect(report.codes).toBeGreaterThanOrEqual(4);
    expect(report.slots).toBeGreaterThan(3);
  });

  test('names each damaged or missing node, code and header of all states that are kept', async () => {
    const { store } = await chainOf(3);
    for (const letter of ['n', 'c']) {
      for (const key of await keysOf(store, letter)) {
        for (const damage of ['flip', 'remove'] as const) {
          const sick = store.copy();
          const value = (await sick.get(key))!;
          value[value.length >> 1]! ^= 4;
          await sick.batch([damage === 'flip' ? { type: 'put', key, value } : { type: 'del', key }], {
            sync: true,
          });
          const opened = await openChain(sick);
          const { faults } = await opened.checkIntegrity();
          expect(faults.map(({ where }) => where)).toContain(
            `0x${Buffer.from(key.subarray(1)).toString('hex')}`,
          );
        }
      }
    }
    const [header] = await keysOf(store, 'h');
    const sick = store.copy();
    await sick.batch(
      [{ type: 'put', key: (await keysOf(store, 'h'))[3]!, value: (await store.get(header!))! }],
      { sync: true },
    );
    const { faults } = await (await openChain(sick)).checkIntegrity();
    expect(faults).toMatchObject([{ what: 'header', where: '3' }]);
  });

  test.each(['flip', 'remove'] as const)(
    'names each body (%s), and the newest block that needs a node',
    async (damage) => {
      const { app, store } = await chainOf(3);
      expect(await app.checkIntegrity()).toMatchObject({ states: 4, faults: [] });
      const bodies = await keysOf(store, 'b');
      for (const [height, key] of bodies.slice(0, 3).entries()) {
        const sick = store.copy();
        const value = (await sick.get(key))!;
        value[value.length - 3]! ^= 4;
        await sick.batch([damage === 'flip' ? { type: 'put', key, value } : { type: 'del', key }], {
          sync: true,
        });
        const { faults } = await (await openChain(sick)).checkIntegrity();
        expect(faults).toMatchObject([{ what: 'body', where: String(height), height }]);
      }
      const header = RLP.decode((await app.headerRlp(1))!) as Uint8Array[];
      const root = Buffer.concat([Buffer.from('n'), header[3]!]);
      await store.batch([{ type: 'del', key: root }], { sync: true });
      expect((await app.checkIntegrity()).faults).toMatchObject([
        { what: 'state node', where: bytesToHex(header[3]!), found: 'nothing', height: 1 },
      ]);
    },
  );

  test('names a transaction whose place is wrong or gone', async () => {
    const { app, store } = await chainOf(3);
    const keys = await keysOf(store, 'x');
    const whereOf = (key: Uint8Array) => `0x${Buffer.from(key.subarray(1)).toString('hex')}`;
    const [wrong, gone] = [keys[0]!, keys[5]!];
    const value = (await store.get(wrong))!;
    value[9]! ^= 1;
    await store.batch(
      [
        { type: 'put', key: wrong, value },
        { type: 'del', key: gone },
      ],
      { sync: true },
    );
    const { faults } = await app.checkIntegrity();
    expect(faults.map(({ what, where }) => `${what} ${where}`).sort()).toEqual(
      [wrong, gone].map((key) => `place ${whereOf(key)}`).sort(),
    );
  });

  test.each([5, 11, 20, 60])('octet %d of the head marker changed: it is not opened', async (octet) => {
    const { store } = await chainOf(3);
    const [key] = await keysOf(store, 'mhead');
    const value = (await store.get(key!))!;
    value[octet]! ^= 1;
    await store.batch([{ type: 'put', key: key!, value }], { sync: true });
    await expect(openChain(store)).rejects.toMatchObject({ code: 'state_damaged' });
  });

  test('what is damaged is not served', async () => {
    const { app, store } = await chainOf(3);
    const { stateRoot } = app.info();
    const key = Buffer.concat([Buffer.from('n'), hexToBytes(stateRoot)]);
    const value = (await store.get(key))!;
    value[10]! ^= 1;
    await store.batch([{ type: 'put', key, value }], { sync: true });
    const opened = await openChain(store);
    await expect(opened.account(accounts[0]!)).rejects.toMatchObject({ code: 'state_damaged' });
    await expect(opened.call({ transaction: { to: contracts.store } })).rejects.toMatchObject({
      code: 'state_damaged',
    });
    await expect(commitNext(opened, [storeCall(0, 0, 1, 1)])).rejects.toMatchObject({
      code: 'state_damaged',
    });
  });
});

describe('pruning', () => {
  test('keeps the newest states whole, takes the others away, and the chain goes on', async () => {
    const { app, store } = await chainOf(12);
    const reference = await chainOf(12);
    const before = (await keysOf(store, 'n')).length;
    const report = await app.prune({ keepBlocks: 3 });
    expect(report).toMatchObject({ oldestHeight: 10 });
    expect((await keysOf(store, 'n')).length).toBe(before - report.removedNodes);
    expect(report.removedNodes).toBeGreaterThan(20);
    for (const height of [10, 11, 12]) {
      expect((await app.checkIntegrity({ height })).faults).toEqual([]);
      expect(await app.account(accounts[0]!, { height })).toEqual(
        await reference.app.account(accounts[0]!, { height }),
      );
    }
    await expect(app.account(accounts[0]!, { height: 9 })).rejects.toMatchObject({ code: 'state_unknown' });
    const reopened = await openChain(store);
    expect(reopened.info()).toMatchObject({ height: 12, oldestStateHeight: 10 });
    await commitNext(reopened, [storeCall(6, 0, 1, 1)]);
    expect((await reopened.checkIntegrity()).faults).toEqual([]);
  });

  test('blocks that are committed meanwhile lose nothing, also when they bring a state back', async () => {
    const { app, store } = await chainOf(6);
    // Slot 2 goes back and forth between two values: old nodes come to life again while they are swept.
    let nonce = 0;
    const toggle = (): Promise<unknown> => commitNext(app, [storeCall(7, nonce, 77, (nonce++ % 2) + 1)]);
    for (let count = 0; count < 6; count++) await toggle();
    const pruned = app.prune({ keepBlocks: 1 });
    for (let count = 0; count < 6; count++) await toggle();
    await pruned;
    expect((await app.checkIntegrity()).faults).toEqual([]);
    expect((await (await openChain(store)).checkIntegrity()).faults).toEqual([]);
  });
});

describe('snapshots', () => {
  const take = async (): Promise<{ app: ChainApplication; blockHash: Hex }> => {
    const { app } = await chainOf(8);
    await app.createSnapshot();
    return { app, blockHash: app.info().blockHash };
  };

  test('restore the state into an empty store, which goes on as the first one does', async () => {
    const { app, blockHash } = await take();
    const [manifest] = await app.listSnapshots();
    const store = createMemoryKvStore();
    const loadChunk = (index: number): Promise<Uint8Array> => app.snapshotChunk(8, index);
    expect(
      await restoreSnapshot({ store, genesis, manifest: manifest!, blockHash, loadChunk }),
    ).toMatchObject({ height: 8 });
    const restored = await openChain(store);
    expect(restored.info()).toEqual({ ...app.info(), oldestStateHeight: 8 });
    expect((await restored.checkIntegrity()).faults).toEqual([]);
    const next = [storeCall(6, 0, 1, 1)];
    expect((await commitNext(restored, next)).blockHash).toBe((await commitNext(app, next)).blockHash);
    await expect(
      restoreSnapshot({ store, genesis, manifest: manifest!, blockHash, loadChunk }),
    ).rejects.toMatchObject({
      code: 'genesis_conflict',
    });
  });

  test('a chunk or manifest that is not what it says is refused, and the store stays empty', async () => {
    const { app, blockHash } = await take();
    const [manifest] = await app.listSnapshots();
    const chunk = await app.snapshotChunk(8, 0);
    const damaged = chunk.map((byte, index) => (index === chunk.length - 40 ? byte ^ 1 : byte));
    const { createHash } = await import('node:crypto');
    const sum = createHash('sha256').update(damaged).digest('hex');
    const attempts = [
      { manifest: manifest!, chunk: damaged },
      { manifest: { ...manifest!, chunks: [sum] }, chunk: damaged },
      { manifest: { ...manifest!, stateRoot: `0x${'1'.repeat(64)}` as Hex }, chunk },
      { manifest: { ...manifest!, height: 7 }, chunk },
      { manifest: { ...manifest!, chunks: [] }, chunk },
      { manifest: manifest!, chunk, blockHash: `0x${'2'.repeat(64)}` as Hex },
    ];
    for (const attempt of attempts) {
      const store = createMemoryKvStore();
      const loadChunk = async (): Promise<Uint8Array> => attempt.chunk;
      const restoring = restoreSnapshot({
        store,
        genesis,
        blockHash: attempt.blockHash ?? blockHash,
        manifest: attempt.manifest,
        loadChunk,
      });
      await expect(restoring).rejects.toMatchObject({ code: 'snapshot_invalid' });
      expect((await openChain(store)).info().height).toBe(0);
    }
  });

  test('unknown ones are unknown, dropped ones are gone', async () => {
    const { app } = await take();
    await expect(app.snapshotChunk(7, 0)).rejects.toMatchObject({ code: 'snapshot_unknown' });
    await expect(app.snapshotChunk(8, 1)).rejects.toMatchObject({ code: 'snapshot_unknown' });
    await app.dropSnapshot(8);
    expect(await app.listSnapshots()).toEqual([]);
  });
});
