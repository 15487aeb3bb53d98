import { bytesToHex, bytesToUtf8, concatBytes, hexToBytes } from '@lucid/bytes';
import {
  consistencyProof,
  inclusionProof,
  rootOfLeaves,
  verifyConsistency,
  verifyInclusion,
} from '@lucid/merkle';
import fc from 'fast-check';
import {
  type BuilderStack,
  closeBuilders,
  leafAt,
  leavesFrom,
  problemOf,
  put,
  readCheckpoint,
  sessionA,
  sessionB,
  start,
} from './builder-stack.ts';

afterEach(closeBuilders);

const params = { sessionId: sessionA };

describe('appending', () => {
  test.each([1, 2, 255, 256, 257, 511, 512, 600, 1023])('%i leaves, one call', async (size) => {
    const builder = await start();
    const leaves = leavesFrom(0, size);
    expect(await put(builder, 0, leaves)).toEqual({ size });
    const tree = await builder.client().getTree({ params });
    expect(tree).toEqual({ sessionId: sessionA, size, root: bytesToHex(rootOfLeaves(leaves)), final: false });
    const stored = await builder.client().getLeaves({ params, query: { firstIndex: 0, limit: 65_536 } });
    expect(bytesToHex(stored)).toBe(bytesToHex(concatBytes(...leaves)));
  });

  test('in any portions, with repetitions and restarts, the tree is that of the leaves', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            count: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 200, max: 600 })),
            again: fc.integer({ min: 0, max: 300 }),
            restart: fc.boolean(),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        async (portions) => {
          let builder = await start();
          let size = 0;
          for (const { count, again, restart } of portions) {
            const from = Math.max(size - again, 0);
            await put(builder, from, leavesFrom(from, size - from + count));
            size += count;
            if (restart) {
              await builder.stack.close();
              builder = await start({ documents: builder.documents, clock: builder.clock });
            }
          }
          const tree = await builder.client().getTree({ params });
          expect(tree.size).toBe(size);
          expect(tree.root).toBe(bytesToHex(rootOfLeaves(leavesFrom(0, size))));
        },
      ),
      { numRuns: 25 },
    );
  });

  test('refuses another leaf at a known position, a gap, and what is no hash', async () => {
    const builder = await start();
    await put(builder, 0, leavesFrom(0, 300));
    expect(await problemOf(put(builder, 299, [leafAt(299, 'changed')]))).toBe('leaf_conflict');
    expect(await problemOf(put(builder, 3, [leafAt(3, 'changed'), leafAt(4)]))).toBe('leaf_conflict');
    expect(await problemOf(put(builder, 301, [leafAt(301)]))).toBe('leaf_gap');
    expect(await problemOf(put(builder, 300, [leafAt(300).slice(1)]))).toBe('invalid_request');
    expect(await problemOf(put(builder, 300, []))).toBe('invalid_request');
    expect((await builder.client().getTree({ params })).size).toBe(300);
  });

  test('a gap names the expected position', async () => {
    const builder = await start();
    await put(builder, 0, leavesFrom(0, 2));
    await expect(put(builder, 5, [leafAt(5)])).rejects.toMatchObject({ extensions: { expectedIndex: 2 } });
  });

  test('calls that overlap in time for one session are all counted', async () => {
    const builder = await start();
    await Promise.all(Array.from({ length: 40 }, (_, at) => put(builder, at, [leafAt(at)])));
    expect((await builder.client().getTree({ params })).root).toBe(
      bytesToHex(rootOfLeaves(leavesFrom(0, 40))),
    );
  });

  test('a small append is one write of the store', async () => {
    let writes = 0;
    const builder = await start({
      wrap: (store) =>
        Object.assign(Object.create(store) as typeof store, {
          collection: store.collection.bind(store),
          batch: (operations: Parameters<typeof store.batch>[0]) => {
            writes += operations.length;
            return store.batch(operations);
          },
        }),
    });
    for (let at = 0; at < 255; at++) await put(builder, at, [leafAt(at)]);
    expect(writes).toBe(255);
  });
});

describe('proofs', () => {
  test('every index and size up to 20, and sizes around tiles, equal the reference', async () => {
    const builder = await start();
    const leaves = leavesFrom(0, 70_000);
    await put(builder, 0, leaves.slice(0, 65_536));
    await put(builder, 65_536, leaves.slice(65_536));
    const sizes = [
      ...Array.from({ length: 20 }, (_, at) => at + 1),
      255,
      256,
      257,
      513,
      65_536,
      65_537,
      70_000,
    ];
    for (const size of sizes) {
      const indexes = size <= 20 ? Array.from({ length: size }, (_, at) => at) : [0, 1, size >> 1, size - 1];
      for (const index of indexes) {
        const proof = await builder.client().inclusionProof({ params, query: { index, size } });
        expect(proof.proof).toEqual(inclusionProof(leaves, index, size).map(bytesToHex));
        expect(
          verifyInclusion({
            leafHash: hexToBytes(proof.leafHash),
            index,
            size,
            root: hexToBytes(proof.root),
            proof: proof.proof.map(hexToBytes),
          }),
        ).toBe(true);
      }
    }
    for (const [first, second] of [
      [0, 7],
      [3, 7],
      [7, 7],
      [255, 300],
      [256, 65_536],
      [257, 70_000],
    ] as const) {
      const proof = await builder.client().consistencyProof({ params, query: { first, second } });
      expect(proof.proof).toEqual(consistencyProof(leaves, first, second).map(bytesToHex));
      expect(
        verifyConsistency({
          first,
          second,
          firstRoot: hexToBytes(proof.firstRoot),
          secondRoot: hexToBytes(proof.secondRoot),
          proof: proof.proof.map(hexToBytes),
        }),
      ).toBe(true);
    }
  });

  test('refuses sizes and positions that the tree has not', async () => {
    const builder = await start();
    await put(builder, 0, leavesFrom(0, 3));
    const client = builder.client();
    expect(await problemOf(client.inclusionProof({ params, query: { index: 0, size: 4 } }))).toBe(
      'size_unknown',
    );
    expect(await problemOf(client.inclusionProof({ params, query: { index: 3 } }))).toBe('leaf_unknown');
    expect(await problemOf(client.inclusionProof({ params, query: { index: 2, size: 2 } }))).toBe(
      'leaf_unknown',
    );
    expect(await problemOf(client.consistencyProof({ params, query: { first: 1, second: 4 } }))).toBe(
      'size_unknown',
    );
    expect(await problemOf(client.consistencyProof({ params, query: { first: 3, second: 2 } }))).toBe(
      'size_unknown',
    );
  });
});

describe('checkpoints', () => {
  const checkpointSize = async (builder: BuilderStack, sessionId = sessionA) =>
    readCheckpoint(sessionId, bytesToUtf8(await builder.client().getCheckpoint({ params: { sessionId } })))
      .size;

  test('a leaf is under a signed checkpoint within 2 s, and nothing is signed while nothing happens', async () => {
    const builder = await start();
    expect(builder.clock.pendingMs).toEqual([]);
    await put(builder, 0, leavesFrom(0, 2));
    expect(await problemOf(checkpointSize(builder))).toBe('checkpoint_missing');
    await builder.clock.advance(1_000);
    await put(builder, 2, [leafAt(2)]);
    await builder.clock.advance(1_000);
    await builder.stack.idle();
    expect(await checkpointSize(builder)).toBe(3);
    const before = builder.documents.get('merkle-trees')?.get(sessionA)?.version;
    await builder.clock.advance(3_600_000);
    expect(builder.clock.pendingMs).toEqual([]);
    expect(builder.documents.get('merkle-trees')?.get(sessionA)?.version).toBe(before);
  });

  test('many sessions, each on its own time', async () => {
    const builder = await start();
    await put(builder, 0, [leafAt(0)]);
    await builder.clock.advance(1_000);
    await put(builder, 0, [leafAt(0)], sessionB);
    await builder.clock.advance(1_000);
    await builder.stack.idle();
    expect(await checkpointSize(builder)).toBe(1);
    await builder.clock.advance(1_000);
    await builder.stack.idle();
    expect(await checkpointSize(builder, sessionB)).toBe(1);
  });

  test('what a stopping service leaves is signed; what a killed one leaves, the next start signs', async () => {
    const stopped = await start();
    await put(stopped, 0, [leafAt(0)]);
    await stopped.stack.close();
    const again = await start({ documents: stopped.documents });
    expect(await checkpointSize(again)).toBe(1);

    let down = false;
    const killed = await start({
      wrap: (store) =>
        Object.assign(Object.create(store) as typeof store, {
          collection: store.collection.bind(store),
          batch: (operations: Parameters<typeof store.batch>[0]) =>
            down ? Promise.reject(new Error('killed')) : store.batch(operations),
        }),
    });
    await put(killed, 0, leavesFrom(0, 400));
    down = true;
    await killed.stack.close();
    const restarted = await start({ documents: killed.documents, clock: killed.clock });
    await restarted.clock.advance(2_000);
    await restarted.stack.idle();
    expect(await checkpointSize(restarted)).toBe(400);
  });

  test('checkpoints of one session are consistent with each other', async () => {
    const builder = await start();
    let before = { size: 0, root: rootOfLeaves([]) };
    for (const size of [1, 7, 256, 700]) {
      await put(builder, before.size, leavesFrom(before.size, size - before.size));
      await builder.clock.advance(2_000);
      await builder.stack.idle();
      const text = bytesToUtf8(await builder.client().getCheckpoint({ params }));
      const now = readCheckpoint(sessionA, text);
      expect(now.size).toBe(size);
      const { proof } = await builder
        .client()
        .consistencyProof({ params, query: { first: before.size, second: now.size } });
      expect(
        verifyConsistency({
          first: before.size,
          second: now.size,
          firstRoot: before.root,
          secondRoot: now.root,
          proof: proof.map(hexToBytes),
        }),
      ).toBe(true);
      before = now;
    }
  });
});

describe('the final tree', () => {
  test('is signed at exactly its size, takes no new leaf, and knows those it has', async () => {
    const builder = await start();
    await put(builder, 0, leavesFrom(0, 300));
    expect(await problemOf(builder.client().finalizeTree({ params, body: { size: 299 } }))).toBe(
      'size_mismatch',
    );
    expect(await problemOf(builder.client().finalizeTree({ params, body: { size: 301 } }))).toBe(
      'size_mismatch',
    );
    const final = await builder.client().finalizeTree({ params, body: { size: 300 } });
    expect(final.final).toBe(true);
    expect(readCheckpoint(sessionA, final.checkpoint ?? '').size).toBe(300);
    expect(await builder.client().finalizeTree({ params, body: { size: 300 } })).toEqual(final);
    expect(await problemOf(put(builder, 300, [leafAt(300)]))).toBe('tree_final');
    expect(await put(builder, 298, leavesFrom(298, 2))).toEqual({ size: 300 });
    expect(await problemOf(put(builder, 299, [leafAt(299, 'x')]))).toBe('leaf_conflict');
    expect(builder.clock.pendingMs.length).toBeLessThanOrEqual(1);
  });
});

describe('unknown and deleted trees', () => {
  test('say so in every operation', async () => {
    const { client } = await start();
    const unknown = [
      client().getTree({ params }),
      client().getCheckpoint({ params }),
      client().getLeaves({ params, query: { firstIndex: 0, limit: 1 } }),
      client().inclusionProof({ params, query: { index: 0 } }),
      client().consistencyProof({ params, query: { first: 0 } }),
      client().finalizeTree({ params, body: { size: 0 } }),
    ];
    for (const call of unknown) expect(await problemOf(call)).toBe('tree_unknown');
  });

  test('a deleted tree has no leaves left and can not begin again', async () => {
    const builder = await start();
    await put(builder, 0, leavesFrom(0, 600));
    await put(builder, 0, leavesFrom(0, 600), sessionB);
    await builder.client().deleteTree({ params });
    await builder.client().deleteTree({ params });
    expect(await problemOf(builder.client().getTree({ params }))).toBe('tree_unknown');
    expect(await problemOf(put(builder, 0, [leafAt(0)]))).toBe('tree_final');
    expect(await problemOf(builder.client().finalizeTree({ params, body: { size: 0 } }))).toBe(
      'tree_unknown',
    );
    const left = [...(builder.documents.get('merkle-tiles')?.keys() ?? [])];
    expect(left.length).toBeGreaterThan(0);
    expect(left.every((key) => key.startsWith(sessionB))).toBe(true);
  });

  test('deleting what never was is fine', async () => {
    await (await start()).client().deleteTree({ params });
  });
});

test('tells its metrics', async () => {
  const builder = await start({ transport: 'tcp' });
  const told = async () =>
    (await fetch(`${builder.stack.targetOf('merkle-builder')?.origin}/metrics`)).text();
  await put(builder, 0, leavesFrom(0, 3));
  await put(builder, 2, leavesFrom(2, 2));
  expect(await told()).toContain('lucid_merkle_leaves_total{service="merkle-builder"} 4\n');
  expect(await told()).toContain('lucid_merkle_open_trees{service="merkle-builder"} 1\n');
  await builder.clock.advance(700);
  await builder.client().finalizeTree({ params, body: { size: 4 } });
  const text = await told();
  expect(text).toContain('lucid_merkle_open_trees{service="merkle-builder"} 0\n');
  expect(text).toContain('lucid_merkle_checkpoint_delay_seconds_sum{service="merkle-builder"} 0.7\n');
  expect(text).toContain('lucid_merkle_checkpoint_delay_seconds_count{service="merkle-builder"} 1\n');
});
