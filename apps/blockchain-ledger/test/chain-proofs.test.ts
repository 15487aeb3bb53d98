import { verifyMerkleProof } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createKeccak256, type Keccak256 } from '../src/chain/keccak.ts';
import { orderedTrieProof } from '../src/chain/ordered-trie.ts';
import { proveTransaction } from '../src/chain/proofs.ts';
import { addressOf, makeBlock, openChain, putAll, topicOf } from './chain-kit.ts';
import { codeOf, hex } from './log-kit.ts';

let keccak: Keccak256;
beforeAll(async () => {
  keccak = await createKeccak256();
});

/** What @ethereumjs/mpt reads out of the proof. */
const judged = (root: Uint8Array, index: number, nodes: readonly Uint8Array[]): Promise<Uint8Array | null> =>
  verifyMerkleProof(RLP.encode(index), [...nodes], { root });

describe('proofs of transactions and receipts', () => {
  test.each([1, 2, 17, 128, 129, 300])('of a block of %i', async (count) => {
    const { chain } = await openChain();
    const genesis = await makeBlock();
    const transactions = Array.from({ length: count }, (_, index) => ({
      type: index % 4,
      logs: Array.from(
        { length: index % 3 },
        () => [addressOf(index), [topicOf(1)], new Uint8Array(9)] as never,
      ),
    }));
    const block = await makeBlock({ parent: genesis, transactions });
    await putAll(chain, [genesis, block]);
    let logs = 0;
    for (const [index, hash] of block.transactionHashes.entries()) {
      const proof = await proveTransaction(chain, hash);
      expect([proof.height, proof.index, proof.gasUsed, proof.firstLogIndex]).toEqual([
        1,
        index,
        21_000n,
        logs,
      ]);
      expect(hex((await judged(block.transactionsRoot, index, proof.transactionNodes))!)).toBe(
        hex(block.transactions[index]!),
      );
      expect(hex((await judged(block.receiptsRoot, index, proof.receiptNodes))!)).toBe(
        hex(block.receipts[index]!),
      );
      logs += index % 3;
    }
  });

  test('nodes of less than 32 bytes stand in their parents', async () => {
    const values = Array.from({ length: 200 }, (_, index) => Uint8Array.of(index + 1));
    for (const index of [0, 1, 15, 16, 127, 128, 199]) {
      const { root, nodes } = orderedTrieProof(keccak, values, index);
      expect(hex((await judged(root, index, nodes))!)).toBe(hex(values[index]!));
    }
  });

  test('a transaction that no block holds', async () => {
    const { chain } = await openChain();
    await putAll(chain, [await makeBlock()]);
    expect(await codeOf(proveTransaction(chain, topicOf(1)))).toBe('not_in_chain');
  });
});
