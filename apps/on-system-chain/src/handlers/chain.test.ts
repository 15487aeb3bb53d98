import { expect, test } from '@jest/globals';
import { BlockPruned } from '../chain/chain-view.ts';
import type { Context } from '../context.ts';
import { chainHandlers } from './chain.ts';

type Call = Parameters<typeof chainHandlers.exportBlock>[1];
const call = {} as Call;

test('a block of which only the header is kept is refused with a reason, not with an internal error', async () => {
  const block = () => Promise.reject(new BlockPruned('pruned'));
  const context = { node: { view: { head: {}, block } } } as unknown as Context;
  await expect(chainHandlers.exportBlock({ params: { height: 1 } }, call, context)).rejects.toMatchObject({
    code: 'block_out_of_order',
    detail: 'Only the header of this block is still kept.',
  });
});

test('a chain that cannot go on because ledger and vm differ says what to do', () => {
  const driver = { chainId: null, fault: { code: 'chains_differ', text: 'restore the ledger' } };
  const context = { node: { view: { head: null }, driver }, config: {} } as unknown as Context;
  expect(() => chainHandlers.getStatus({}, call, context)).toThrow(/restore the ledger/);
});
