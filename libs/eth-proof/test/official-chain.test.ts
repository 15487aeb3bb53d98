/** The chain of github.com/ethereum/execution-apis, which goes through every fork: its headers, transactions and their tries. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMerkleProof, createMPT } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { bytesToHex } from '@lucid/bytes';
import {
  blockHash,
  decodeHeader,
  decodeRlp,
  decodeTransaction,
  encodeHeader,
  encodeRlp,
  indexToTrieKey,
  type RlpItem,
  verifyTrieProof,
} from '../src/index.ts';

/** A checkout, or its folder `tests`. */
const folder = process.env.LUCID_EXECUTION_APIS;
const file = ['tests/chain.rlp', 'chain.rlp'].map((name) => join(folder ?? '', name)).find(existsSync);

function* blocksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let rest = bytes; rest.length > 0; ) {
    const { remainder } = RLP.decode(rest, true);
    yield rest.subarray(0, rest.length - remainder.length);
    rest = remainder;
  }
}

/** As the trie has it: what is typed is a string in the block, what is not a list. */
const trieValueOf = (item: RlpItem): Uint8Array => (item instanceof Uint8Array ? item : encodeRlp(item));

if (folder === undefined || file === undefined)
  test.skip('official chain (skipped: LUCID_EXECUTION_APIS names no checkout of github.com/ethereum/execution-apis)', () =>
    undefined);
else
  test('each block names the one before it, and holds the transactions that it proves', async () => {
    let parent: string | null = null;
    const [counts, types] = [new Set<number>(), new Set<number>()];
    for (const encoded of blocksOf(new Uint8Array(readFileSync(file)))) {
      const [headerItem, transactions] = decodeRlp(encoded) as readonly [
        readonly RlpItem[],
        readonly RlpItem[],
      ];
      const rlp = encodeRlp(headerItem);
      const header = decodeHeader(rlp);
      expect(bytesToHex(encodeHeader(header))).toBe(bytesToHex(rlp));
      if (parent !== null) expect(bytesToHex(header.parentHash)).toBe(parent);
      parent = bytesToHex(blockHash(rlp));
      counts.add(headerItem.length);
      const values = transactions.map(trieValueOf);
      const trie = await createMPT();
      for (const [index, value] of values.entries()) await trie.put(indexToTrieKey(index), value);
      for (const [index, value] of values.entries()) {
        const key = indexToTrieKey(index);
        const nodes = await createMerkleProof(trie, key);
        expect(verifyTrieProof({ root: header.transactionsRoot, key, nodes })).toEqual(value);
        types.add(decodeTransaction(value).type);
      }
    }
    expect([...counts].sort()).toEqual([15, 16, 17, 20, 21]);
    expect([...types].sort()).toEqual([0, 1, 2, 3, 4]);
  });
