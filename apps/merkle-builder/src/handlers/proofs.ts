import { bytesToHex } from '@lucid/bytes';
import type { merkleBuilderContract } from '@lucid/contracts';
import { consistencyProofAsync, inclusionProofAsync, rootAtAsync } from '@lucid/merkle';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { readLeaves, subtreeReader } from '../domain/tile-reader.ts';
import { problem } from '../problem.ts';
import type { TreeDocument } from '../store/tree-store.ts';

type ProofHandlers = Pick<
  Handlers<typeof merkleBuilderContract, Context>,
  'inclusionProof' | 'consistencyProof'
>;

function assertSize(tree: TreeDocument, size: number): void {
  if (size <= tree.size) return;
  throw problem('size_unknown', {
    detail: `The tree has ${tree.size} leaves.`,
    extensions: { size: tree.size },
  });
}

export const proofHandlers: ProofHandlers = {
  async inclusionProof({ params, query }, _call, { trees, store }) {
    const tree = await trees.read(params.sessionId);
    const { index, size = tree.size } = query;
    assertSize(tree, size);
    if (index >= size)
      throw problem('leaf_unknown', { detail: `A tree of size ${size} has no leaf ${index}.` });
    const reader = subtreeReader(store, tree);
    const proof = await inclusionProofAsync(reader, index, size);
    return {
      index,
      size,
      root: bytesToHex(await rootAtAsync(reader, size)),
      leafHash: bytesToHex(await readLeaves(store, tree, index, index + 1)),
      proof: proof.map(bytesToHex),
    };
  },

  async consistencyProof({ params, query }, _call, { trees, store }) {
    const tree = await trees.read(params.sessionId);
    const { first, second = tree.size } = query;
    assertSize(tree, second);
    if (first > second) throw problem('size_unknown', { detail: 'The first size is above the second.' });
    const reader = subtreeReader(store, tree);
    const proof = await consistencyProofAsync(reader, first, second);
    return {
      first,
      second,
      firstRoot: bytesToHex(await rootAtAsync(reader, first)),
      secondRoot: bytesToHex(await rootAtAsync(reader, second)),
      proof: proof.map(bytesToHex),
    };
  },
};
