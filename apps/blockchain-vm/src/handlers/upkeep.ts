/** Snapshots, the check of everything, pruning. */
import type { SnapshotManifest } from '@lucid/chain-application';
import type { blockchainVmContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { VmContext } from '../context.ts';
import { onChain } from './problems.ts';

type UpkeepOperation = 'createSnapshot' | 'listSnapshots' | 'getSnapshotChunk' | 'checkState' | 'pruneState';

const manifestOf = ({ chunks, ...manifest }: SnapshotManifest) => ({ ...manifest, chunks: [...chunks] });

export const upkeepHandlers: Pick<Handlers<typeof blockchainVmContract, VmContext>, UpkeepOperation> = {
  createSnapshot: (_input, _call, context) =>
    onChain(context, async (chain) => manifestOf(await chain.createSnapshot())),
  listSnapshots: (_input, _call, context) =>
    onChain(context, async (chain) => ({ snapshots: (await chain.listSnapshots()).map(manifestOf) })),
  getSnapshotChunk: ({ params }, _call, context) =>
    onChain(context, (chain) => chain.snapshotChunk(params.height, params.chunk)),
  checkState: (_input, _call, context) =>
    onChain(context, async (chain) => {
      const { stateRoot, states, nodes, accounts, faults } = await chain.checkIntegrity();
      return { stateRoot, states, nodes, accounts, faults: faults.map((fault) => ({ ...fault })) };
    }),
  pruneState: ({ body }, _call, context) =>
    onChain(context, async (chain) => {
      const { removedNodes, oldestHeight } = await chain.prune(body);
      return { removedNodes, oldestHeight };
    }),
};
