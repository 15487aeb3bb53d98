/**
 * Removes bodies, receipts, senders and terms of old blocks; headers, hashes and places of transactions stay. The
 * head says first, durably, from where on bodies are kept; then block after block goes, each in one batch. A sweep that
 * did not come to its end is finished after the next start.
 */
import type { KvOperation } from '@lucid/kv-store';
import type { Chain } from './chain.ts';
import { ChainError } from './chain-error.ts';
import { type ChainStore, receiptsOf } from './chain-store.ts';
import { createItemHasher } from './item-hasher.ts';
import { bucketOf, createTermCollector } from './log-terms.ts';
import { readReceipt } from './receipt.ts';
import { bucketKey, contentRange, heightOfKey } from './store-layout.ts';

/** Resolves with the height of the oldest body when all before it is gone. */
export const pruneBlocks = (chain: Chain, keepBlocks: number): Promise<number> =>
  chain.maintain(() => prune(chain, keepBlocks));

async function prune(chain: Chain, keepBlocks: number): Promise<number> {
  const { oldestBody } = await chain.exclusive(() =>
    chain.replaceHead((head) => ({
      ...head,
      oldestBody: Math.max(head.oldestBody, head.height - keepBlocks + 1),
    })),
  );
  await chain.sweep();
  return oldestBody;
}

/** Removes what lies below `oldestBody`. Throws `chain_unavailable` where it is stopped. */
export async function sweepBelow(
  store: ChainStore,
  options: { from: number; oldestBody: number; isStopped: () => boolean },
): Promise<void> {
  const { oldestBody, isStopped } = options;
  let height = await nextContent(store, options.from, oldestBody);
  while (height !== undefined) {
    if (isStopped()) throw new ChainError('chain_unavailable', { detail: 'pruning was stopped' });
    await store.write(await removalOf(store, height), { sync: false });
    height = height + 1 < oldestBody ? await nextContent(store, height, oldestBody) : undefined;
  }
}

/** The oldest height that still has a body or receipts. */
async function nextContent(store: ChainStore, from: number, until: number): Promise<number | undefined> {
  for await (const [key] of store.entries({ ...contentRange(from, until), limit: 1 }))
    return heightOfKey(key);
  return undefined;
}

async function removalOf(store: ChainStore, height: number): Promise<KvOperation[]> {
  const keys: Uint8Array[] = [...(await store.contentKeys(height)), ...(await bucketKeys(store, height))];
  return keys.map((key) => ({ type: 'del', key }));
}

/** Of receipts that are damaged the lists of terms stay: they lead nowhere. */
async function bucketKeys(store: ChainStore, height: number): Promise<Uint8Array[]> {
  try {
    const { transactions } = await store.readHeader(height);
    const hashOf = createItemHasher(store.keccak);
    const collector = createTermCollector((item) => hashOf(item).name);
    const chunks = await store.readAllReceipts(height, transactions);
    for (const chunk of chunks)
      for (const receipt of receiptsOf(chunk, height)) collector.add(0, readReceipt(receipt).logs);
    const buckets = new Set([...collector.terms.keys()].map(bucketOf));
    return [...buckets].map((bucket) => bucketKey(bucket, height));
  } catch (error) {
    if (error instanceof ChainError && error.code === 'chain_unavailable') throw error;
    return [];
  }
}
