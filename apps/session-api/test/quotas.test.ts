/** Places between two who ask at once, over a real store; what the pipelines say is the test's. */
import { createMemoryDocumentStore, insertInto } from '@lucid/document-store';
import type { SignedInAccount } from '@lucid/service-kit';
import { createManualClock } from '@lucid/service-kit/testing';
import type { Directory, Pipeline } from '../src/domain/directory.ts';
import { Quotas } from '../src/domain/quotas.ts';
import { openOwnerStore } from '../src/store/owner-store.ts';

const owner = 'TOwner';
const account = { address: owner, profile: 'user' } as SignedInAccount;
const policy = { owner, policyHash: 'ab', name: 'n', text: '{}', createdAtUs: 1 };

async function open(meanwhile: () => Promise<void> = async () => {}) {
  const clock = createManualClock();
  const owners = await openOwnerStore(createMemoryDocumentStore(new Map(), () => clock.nowMs()));
  const directory = {
    pipelines: async (ids: readonly string[]) => {
      await meanwhile();
      return new Map(ids.map((sessionId) => [sessionId, { sessionId, state: 'created' } as Pipeline]));
    },
  } as Directory;
  const random = (size: number) => new Uint8Array(size);
  const quotas = new Quotas({ owners, quotas: { sessions: 2, running: 2 }, clock, random }, directory);
  return { clock, owners, quotas };
}

test('a place that is taken again while another looks is not given away', async () => {
  let again: (() => Promise<void>) | null = null;
  const { clock, quotas, owners } = await open(async () => {
    const work = again;
    again = null;
    await work?.();
  });
  await quotas.run(owner, 'first', account);
  await clock.advance(70_000);
  again = () => quotas.run(owner, 'first', account);
  await expect(quotas.run(owner, 'second', account)).rejects.toMatchObject({ code: 'too_many_running' });
  expect((await owners.get(owner)).running.map(({ sessionId }) => sessionId)).toEqual(['first']);
});

test('a place that nothing came of is given away after a while', async () => {
  const { clock, quotas } = await open();
  await quotas.run(owner, 'first', account);
  await expect(quotas.run(owner, 'second', account)).rejects.toMatchObject({ code: 'too_many_running' });
  await clock.advance(70_000);
  await quotas.run(owner, 'second', account);
});

test('a batch of which another write is raced fails, and is not tried for ever', async () => {
  const { owners } = await open();
  await owners.policies.insert(policy);
  const work = owners.change(owner, () => ({ sessions: ['a'] }), [insertInto(owners.policies, policy)]);
  await expect(work).rejects.toMatchObject({ code: 'duplicate_key' });
});
