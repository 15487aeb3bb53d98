import type { ContractReader } from '@lucid/chain-client';
import { createMemoryDocumentStore } from '@lucid/document-store';
import { type Log, Wakeup } from '@lucid/service-kit';
import { openRelayStore, type RelayDocument } from '../store/relay-store.ts';
import { RelayDesk } from './relay-desk.ts';

const relay = (at: number, more: Partial<RelayDocument>): RelayDocument => ({
  ...{
    relayId: `relay-${String(at).padStart(5, '0')}`,
    kind: 'queue',
    proposalId: '1',
    by: `0x${'11'.repeat(20)}`,
  },
  ...{ state: 'waiting', transactionHash: null, height: null, reason: null },
  ...{ raw: null, nonce: null, call: null, attempt: 1, createdAtMs: at },
  ...more,
});

test('what waits for ever keeps nothing behind it waiting', async () => {
  const store = await openRelayStore(createMemoryDocumentStore(new Map()));
  // Paid for by an account that is not there any more.
  for (let at = 0; at < 1_200; at += 1) await store.insert(relay(at, {}));
  const last = relay(1_200, { raw: '0x01', nonce: 0, kind: 'vote' });
  await store.insert(last);
  const receipt = { transactionHash: '0x02', blockNumber: 7n, status: 'success' };
  const desk = new RelayDesk({
    store,
    reader: { receiptOf: async () => receipt } as unknown as ContractReader,
    client: null,
    clock: { nowMs: () => 0 },
    log: { warn: () => {} } as unknown as Log,
    wakeup: new Wakeup({ nowMs: () => 0, sleep: async () => {} } as never),
    onIncluded: () => {},
  });
  expect(await desk.isBusy(last.by)).toBe(true);
  expect(await desk.advanceAll(new AbortController().signal)).toBe(1_200);
  expect(await desk.get(last.relayId)).toMatchObject({ state: 'included', height: 7 });
});
