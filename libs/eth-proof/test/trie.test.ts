import { createMerkleProof, createMPT, type MerklePatriciaTrie, verifyMerkleProof } from '@ethereumjs/mpt';
import { bytesToHex, equalBytes, hexToBytes } from '@lucid/bytes';
import fc from 'fast-check';
import {
  decodeAccount,
  decodeStorageValue,
  EMPTY_TRIE_ROOT,
  EthProofError,
  encodeRlp,
  indexToTrieKey,
  keccak256,
  type RlpItem,
  type TrieProof,
  verifyTrieProof,
} from '../src/index.ts';
import { gethBlocks, gethState } from './geth-vectors.ts';
import { fromHex } from './judges.ts';

/** What a proof shows, in hex; null for absence, or the code of its fault. */
function outcome(proof: TrieProof): string | null {
  try {
    const value = verifyTrieProof(proof);
    return value === null ? null : bytesToHex(value);
  } catch (error) {
    if (error instanceof EthProofError) return error.code;
    throw error;
  }
}

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
};
const withNode = (proof: TrieProof, at: number, node: Uint8Array): TrieProof => ({
  ...proof,
  nodes: proof.nodes.map((each, index) => (index === at ? node : each)),
});

describe('proofs of go-ethereum', () => {
  test.each(gethBlocks)('of block $number: receipts and transactions', ({ header, proofs }) => {
    for (const { index, receipt, transaction } of proofs) {
      const key = indexToTrieKey(index);
      expect(outcome({ root: header.receiptsRoot, key, nodes: receipt.nodes })).toBe(receipt.value);
      expect(outcome({ root: header.transactionsRoot, key, nodes: transaction.nodes })).toBe(
        transaction.value,
      );
      expect(outcome({ root: header.stateRoot, key, nodes: receipt.nodes })).toBe('proof_hash_differs');
    }
  });

  test.each(gethState.accounts)('of account $address and its storage', (account) => {
    const key = keccak256(fromHex(account.address));
    const value = verifyTrieProof({ root: gethState.root, key, nodes: account.nodes });
    if (account.nonce === 0n) expect(value).toBeNull();
    else
      expect(decodeAccount(value!)).toMatchObject({
        nonce: account.nonce,
        balance: account.balance,
        storageRoot: account.storageRoot,
        codeHash: account.codeHash,
      });
    // Of an account that is not there go-ethereum names no storage.
    for (const slot of value === null ? [] : account.slots) {
      const found = verifyTrieProof({
        root: account.storageRoot,
        key: keccak256(slot.key),
        nodes: slot.nodes,
      });
      expect(found === null ? 0n : decodeStorageValue(found)).toBe(slot.value);
    }
  });

  test('every flipped bit of one is found', () => {
    const { header, proofs } = gethBlocks[0]!;
    const { index, receipt } = proofs[1]!;
    const proof = { root: header.receiptsRoot, key: indexToTrieKey(index), nodes: receipt.nodes };
    for (const [at, node] of receipt.nodes.entries())
      for (let bit = 0; bit < node.length * 8; bit++)
        expect(outcome(withNode(proof, at, flipped(node, bit)))).toBe('proof_hash_differs');
    for (let bit = 0; bit < 256; bit++)
      expect(outcome({ ...proof, root: flipped(proof.root, bit) })).toBe('proof_hash_differs');
  });

  test('a proof has one form', () => {
    const { header, proofs } = gethBlocks.at(-1)!;
    for (const { index, receipt } of proofs) {
      const { nodes } = receipt;
      const proof = { root: header.receiptsRoot, key: indexToTrieKey(index), nodes };
      for (let count = 0; count < nodes.length; count++)
        expect(outcome({ ...proof, nodes: nodes.slice(0, count) })).toBe('proof_too_short');
      expect(outcome({ ...proof, nodes: [...nodes, nodes[0]!] })).toBe('proof_too_long');
      expect(outcome({ ...proof, nodes: [...nodes].reverse() })).toBe('proof_hash_differs');
    }
  });
});

const word = fc.uint8Array({ minLength: 32, maxLength: 32 });
const value = fc.uint8Array({ minLength: 1, maxLength: 80 });
/** Keys that share their beginnings, of one length: what gives extensions, and nodes that lie in others. */
const crowded = fc
  .tuple(fc.constantFrom(1, 2, 4), fc.array(fc.tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), value)))
  .map(([size, pairs]) =>
    pairs.map(([key, each]) => [key.map((byte) => byte & 0x13).slice(0, size), each] as const),
  );
const hashed = fc.array(fc.tuple(word, value), { maxLength: 40 });

async function trieOf(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): Promise<MerklePatriciaTrie> {
  const trie = await createMPT();
  for (const [key, each] of pairs) await trie.put(key, each);
  return trie;
}

/** What @ethereumjs/mpt lists, less the nodes that lie inside their parents: those eth_getProof does not list. */
const proofOf = async (trie: MerklePatriciaTrie, key: Uint8Array): Promise<Uint8Array[]> =>
  (await createMerkleProof(trie, key)).filter((node, at) => at === 0 || node.length >= 32);

describe('tries of @ethereumjs/mpt', () => {
  test.each([
    ['crowded keys', crowded],
    ['hashes', hashed],
  ])('show what is there and what is not: %s', async (_, pairsOf) => {
    await fc.assert(
      fc.asyncProperty(pairsOf, word, fc.nat(), async (pairs, stranger, drawn) => {
        const trie = await trieOf(pairs);
        const root = trie.root();
        const size = pairs[0]?.[0].length ?? 32;
        for (const key of [
          ...pairs.map(([each]) => each),
          stranger.slice(0, size).map((byte) => byte & 0x13),
        ]) {
          const nodes = await proofOf(trie, key);
          const there = await trie.get(key);
          const expected = there === null ? null : bytesToHex(there);
          expect(outcome({ root, key, nodes })).toBe(expected);
          if (nodes.length === 0) continue;
          expect(await verifyMerkleProof(key, await createMerkleProof(trie, key))).toEqual(there);
          const at = drawn % nodes.length;
          const bit = drawn % (nodes[at]!.length * 8);
          expect(outcome(withNode({ root, key, nodes }, at, flipped(nodes[at]!, bit)))).toBe(
            'proof_hash_differs',
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a key where one is the beginning of another', async () => {
    const trie = await trieOf([
      [hexToBytes('12'), hexToBytes('aa')],
      [hexToBytes('1234'), hexToBytes('bb'.repeat(40))],
    ]);
    const ask = async (key: Uint8Array) =>
      outcome({ root: trie.root(), key, nodes: await proofOf(trie, key) });
    expect(await ask(hexToBytes('12'))).toBe('aa');
    expect(await ask(hexToBytes('1234'))).toBe('bb'.repeat(40));
    expect(await ask(hexToBytes('13'))).toBeNull();
    expect(await ask(new Uint8Array())).toBeNull();
  });

  test('an empty one holds nothing, with no node or the empty one', async () => {
    expect(bytesToHex(EMPTY_TRIE_ROOT)).toBe(bytesToHex((await createMPT()).root()));
    const proof = { root: EMPTY_TRIE_ROOT, key: new Uint8Array(32) };
    expect(outcome({ ...proof, nodes: [] })).toBeNull();
    expect(outcome({ ...proof, nodes: [Uint8Array.of(0x80)] })).toBeNull();
    expect(outcome({ root: new Uint8Array(32), key: proof.key, nodes: [] })).toBe('proof_too_short');
  });
});

describe('nodes that no trie holds', () => {
  const key = hexToBytes('ab');
  const long = new Uint8Array(40).fill(7);
  const none = new Uint8Array();
  const branch = (child: RlpItem): RlpItem => [...Array(10).fill(none), child, ...Array(6).fill(none)];
  const rooted = (...nodes: readonly RlpItem[]): TrieProof => {
    const encoded = nodes.map((node) => encodeRlp(node));
    return { root: keccak256(encoded[0]!), key, nodes: encoded };
  };
  const linked = (node: RlpItem): TrieProof => rooted(branch(keccak256(encodeRlp(node))), node);
  test.each<[string, TrieProof]>([
    ['a path without flags', rooted([none, long])],
    ['flags that are none', rooted([hexToBytes('40ab'), long])],
    ['a padding that is not zero', rooted([hexToBytes('21ab'), long])],
    ['a leaf without value', rooted([hexToBytes('20ab'), none])],
    ['an extension without a path', rooted([hexToBytes('00'), keccak256(long)])],
    ['an extension to nothing', rooted([hexToBytes('00ab'), none])],
    ['a child of 31 bytes', rooted(branch(long.slice(0, 31)))],
    ['a large node inside another', rooted(branch([hexToBytes('3b'), long]))],
    ['three members', rooted([none, none, none])],
    ['a string', rooted(long)],
    ['an empty node below the root', linked(none)],
    ['a short node apart from its parent', linked([hexToBytes('3b'), none])],
  ])('%s', (_, proof) => {
    expect(outcome(proof)).toBe('node_malformed');
  });

  test('a leaf or an extension that ends before or behind the key shows its absence', () => {
    for (const path of ['20', '3a', '20abcd', '20ac', '3b'])
      expect(outcome(rooted([hexToBytes(path), long]))).toBeNull();
    expect(outcome({ ...rooted([hexToBytes('20ab'), long]), key: hexToBytes('abcd') })).toBeNull();
    for (const path of ['00abcd', '1b', '00ac'])
      expect(outcome(rooted([hexToBytes(path), keccak256(long)]))).toBeNull();
  });

  test('a value that is a list', () => {
    expect(outcome(rooted([hexToBytes('20ab'), [long]]))).toBe('not_bytes');
  });

  test('hostile nodes give an error of ours, whatever they are', () => {
    const { item } = fc.letrec<{ item: RlpItem }>((tie) => ({
      item: fc.oneof(
        { maxDepth: 4 },
        fc.uint8Array({ maxLength: 40 }),
        fc.array(tie('item'), { minLength: 2, maxLength: 2 }),
        fc.array(tie('item'), { minLength: 17, maxLength: 17 }),
        fc.array(tie('item'), { maxLength: 20 }),
      ),
    }));
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 4 }),
        fc.uint8Array({ maxLength: 8 }),
        (nodes, each) => {
          // The fault, absence or a value: never anything thrown that is not ours.
          const found = outcome({ ...rooted(...nodes), key: each });
          expect(found === null || typeof found === 'string').toBe(true);
          expect(outcome({ root: keccak256(each), key: each, nodes: [each] })).not.toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('wrong kinds are the caller’s mistake', () => {
    const proof = rooted(long);
    expect(() => verifyTrieProof({ ...proof, root: long })).toThrow(RangeError);
    expect(() => verifyTrieProof({ ...proof, key: 'ab' as unknown as Uint8Array })).toThrow(TypeError);
    expect(equalBytes(indexToTrieKey(0), Uint8Array.of(0x80))).toBe(true);
  });
});
