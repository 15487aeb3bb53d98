import type { IntentStatus } from '@lucid/chain-client';
import { createMemoryDocumentStore } from '@lucid/document-store';
import type { Clock, Log } from '@lucid/service-kit';
import { openTransactionStore, type TransactionDocument } from '../store/sent-store.ts';
import type { Account } from './account.ts';
import { Sending } from './sending.ts';

const open = (at: number): TransactionDocument => ({
  ...{
    id: `sent-${String(at).padStart(4, '0')}`,
    requestHash: '',
    status: 'submitted',
    openSinceMs: at,
    nonce: at,
  },
  ...{ to: `0x${'11'.repeat(20)}`, data: '0x', valueWei: '0x0', abi: '[]', name: 'Any', args: '[]' },
  ...{ signature: 'any()', requestedAtMs: at },
});

test('what waits for ever keeps nothing behind it waiting', async () => {
  const store = await openTransactionStore(createMemoryDocumentStore(new Map()));
  for (let at = 0; at <= 250; at += 1) await store.insert(open(at));
  const { id: last } = open(250);
  const statusOf = async (intentId: string): Promise<IntentStatus> =>
    intentId === `tx:${last}`
      ? { state: 'displaced', nonce: 250 }
      : { state: 'pending', nonce: 0, hash: `0x${'22'.repeat(32)}` };
  const sending = new Sending({
    ...{ prefix: 'tx', store, settled: () => ({}), ended: async () => ({}) },
    account: { client: { statusOf } } as unknown as Account,
    clock: { nowMs: () => 0 } as Clock,
    log: { warn: () => {} } as unknown as Log,
    conflict: 'transaction_conflict',
    onOpen: () => {},
  });
  expect(await sending.follow()).toBe(250);
  expect((await store.get(last))?.document.failure?.code).toBe('transaction_displaced');
});
