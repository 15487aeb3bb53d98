/** What a block becomes in the store. */
import type { KvOperation } from '@lucid/kv-store';
import type { JudgedBlock } from './block-judge.ts';
import { encodeBuckets } from './log-terms.ts';
import { encodeBytes } from './rlp.ts';
import {
  blockHashKey,
  bodyKey,
  bucketKey,
  encodeChunk,
  encodeHeaderRecord,
  encodeHeight,
  encodePlace,
  headerKey,
  RECEIPTS_IN_CHUNK,
  type ReceiptChunk,
  receiptsKey,
  sealValue,
  sendersKey,
  transactionKey,
} from './store-layout.ts';

export const chunksOf = (receipts: number): number => Math.ceil(receipts / RECEIPTS_IN_CHUNK);

export const put = (key: Uint8Array, content: Uint8Array): KvOperation => ({
  type: 'put',
  key,
  value: sealValue(key, content),
});

/** What a block's batch writes but for the head. */
export function operationsOf(judged: JudgedBlock, transactionsBefore: number): KvOperation[] {
  const { block, transactionHashes, logCounts, terms } = judged;
  const { height } = block.header;
  const operations = [
    put(
      headerKey(height),
      encodeHeaderRecord({
        blockHash: block.blockHash,
        transactions: transactionHashes.length,
        logs: logCounts.reduce((sum, count) => sum + count, 0),
        transactionsBefore,
        headerRlp: block.headerRlp,
      }),
    ),
    put(bodyKey(height), block.body),
    put(sendersKey(height), block.senders),
    ...chunkReceipts(judged).map((chunk, index) => put(receiptsKey(height, index), encodeChunk(chunk))),
    put(blockHashKey(block.blockHash), encodeHeight(height)),
  ];
  for (const [index, hash] of transactionHashes.entries())
    operations.push(put(transactionKey(hash), encodePlace({ height, index })));
  for (const [bucket, list] of encodeBuckets(terms)) operations.push(put(bucketKey(bucket, height), list));
  return operations;
}

/** The chunks of a block's receipts, in order. */
function chunkReceipts({ block, transactionHashes, logCounts }: JudgedBlock): ReceiptChunk[] {
  let logsBefore = 0;
  return Array.from({ length: chunksOf(block.receipts.length) }, (_, chunk) => {
    const from = chunk * RECEIPTS_IN_CHUNK;
    const until = from + RECEIPTS_IN_CHUNK;
    const receipts = Buffer.concat(block.receipts.slice(from, until).map(encodeBytes));
    const made = { logsBefore, hashes: transactionHashes.slice(from, until), receipts };
    for (const count of logCounts.slice(from, until)) logsBefore += count;
    return made;
  });
}
