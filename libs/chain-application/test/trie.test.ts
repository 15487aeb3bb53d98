/** Our trie against @ethereumjs/mpt: any order of puts and removals gives the same root and the same proofs. */

import { createMerkleProof, MerklePatriciaTrie } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { expect, test } from '@jest/globals';
import { createMemoryKvStore } from '@lucid/kv-store';
import fc from 'fast-check';
import { createPendingWrites, NodeStore, storeKey } from '../src/node-store.ts';
import { emptyRootKey, listRoot, Trie } from '../src/trie.ts';
import { keyToBytes } from '../src/values.ts';

/** Keys of few different nibbles, so that ways are shared, and some of them inside short nodes. */
const key = fc
  .array(fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0xff), { minLength: 4, maxLength: 4 })
  .map((bytes) => Uint8Array.from(bytes));
const value = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 3 }),
  fc.uint8Array({ minLength: 30, maxLength: 40 }),
);
const edit = fc.record({ key, value: fc.option(value, { nil: null }) });

test('roots and proofs are those of @ethereumjs/mpt, whatever is put and removed, in batches, from memory or store', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(edit, { maxLength: 25 }), { maxLength: 6 }),
      fc.boolean(),
      async (batches, cold) => {
        const reference = new MerklePatriciaTrie();
        const kv = createMemoryKvStore();
        let root = emptyRootKey;
        for (const batch of batches) {
          // A cache of two nodes: nearly all must be loaded anew.
          const store = new NodeStore(kv, { cachedNodes: cold ? 2 : 1000, cachedCodes: 1 });
          const pending = createPendingWrites();
          const trie = new Trie(store, root, pending);
          await trie.update(batch.map((each) => [each.key, each.value] as const));
          root = trie.hash(pending.nodes);
          const puts = [...pending.nodes].map(
            ([hash, node]) => ({ type: 'put', key: storeKey.node(hash), value: node }) as const,
          );
          await kv.batch(puts, { sync: false });
          for (const each of batch) {
            if (each.value === null) await reference.del(each.key);
            else await reference.put(each.key, each.value);
          }
          expect(keyToBytes(root)).toEqual(reference.root());
          for (const each of batch.slice(0, 3)) {
            expect(await trie.get(each.key)).toEqual(await reference.get(each.key));
            // As geth's: nodes that are part of their parent are not told apart.
            const nodes = await createMerkleProof(reference, each.key);
            const stored = nodes.filter((node, index) => index === 0 || node.length >= 32);
            expect(await trie.prove(each.key)).toEqual(stored);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);

test('the root of a list is that of @ethereumjs/mpt, around every length of the index', async () => {
  for (const count of [0, 1, 2, 16, 17, 127, 128, 129, 255, 256, 257]) {
    const reference = new MerklePatriciaTrie();
    const items = Array.from({ length: count }, (_, index) =>
      Uint8Array.from({ length: 1 + (index % 50) }, () => index),
    );
    for (const [index, item] of items.entries()) await reference.put(RLP.encode(index), item);
    expect(keyToBytes(listRoot(items))).toEqual(reference.root());
  }
});

test('a node that is missing or damaged is named, and nothing is served', async () => {
  const kv = createMemoryKvStore();
  const pending = createPendingWrites();
  const options = { cachedNodes: 100, cachedCodes: 1 };
  const trie = new Trie(new NodeStore(kv, options), emptyRootKey, pending);
  const keys = Array.from({ length: 40 }, (_, index) => Uint8Array.of(index * 6, index, 7, 7));
  await trie.update(keys.map((each) => [each, new Uint8Array(33).fill(1)] as const));
  const root = trie.hash(pending.nodes);
  for (const [hash, node] of pending.nodes) {
    for (const damaged of [null, node.map((byte, index) => (index === node.length >> 1 ? byte ^ 1 : byte))]) {
      const sick = createMemoryKvStore();
      const puts = [...pending.nodes]
        .filter(([each]) => each !== hash || damaged !== null)
        .map(
          ([each, bytes]) =>
            ({ type: 'put', key: storeKey.node(each), value: each === hash ? damaged! : bytes }) as const,
        );
      await sick.batch(puts, { sync: false });
      const read = new Trie(new NodeStore(sick, options), root);
      const outcomes = await Promise.allSettled(keys.map((each) => read.get(each)));
      const failed = outcomes.filter((each) => each.status === 'rejected');
      expect(failed.length).toBeGreaterThan(0);
      for (const each of failed)
        expect(each.reason).toMatchObject({
          code: 'state_damaged',
          detail: expect.stringContaining(Buffer.from(hash, 'latin1').toString('hex')),
        });
    }
  }
});
