/**
 * Reading a tree back after a restart. A recorder must never sign two trees that contradict each other, so what is stored is
 * compared with the last signed checkpoint before anything is added or signed.
 */
import { equalBytes } from '@lucid/bytes';
import { rootAtAsync } from '@lucid/merkle';
import { problem } from '../problem.ts';
import type { TreeDocument, TreeStore } from '../store/tree-store.ts';
import type { CheckpointSigner, SignedRoot } from './checkpoint-signer.ts';
import { builderOf } from './extend-tree.ts';
import { subtreeReader } from './tile-reader.ts';

const damaged = (tree: TreeDocument, why: string, cause?: unknown) =>
  problem('tree_damaged', { detail: `The tree of session ${tree.sessionId}: ${why}`, cause });

function rootOfFrontier(tree: TreeDocument): Uint8Array {
  try {
    return builderOf(tree).root();
  } catch (cause) {
    throw damaged(tree, 'its frontier does not fit its size', cause);
  }
}

function signedRootOf(signer: CheckpointSigner, tree: TreeDocument, checkpoint: string): SignedRoot {
  let signed: SignedRoot | null;
  try {
    signed = signer.read(tree.sessionId, checkpoint);
  } catch (cause) {
    throw damaged(tree, 'its checkpoint cannot be read', cause);
  }
  if (!signed) throw damaged(tree, 'its checkpoint was not signed by this recorder for this session');
  return signed;
}

/** @throws ProblemError tree_damaged where the stored leaves are not those that were signed */
export async function assertExtendsSigned(
  store: TreeStore,
  signer: CheckpointSigner,
  tree: TreeDocument,
): Promise<void> {
  const root = rootOfFrontier(tree);
  if (tree.checkpoint === undefined) return;
  const signed = signedRootOf(signer, tree, tree.checkpoint);
  if (signed.size > tree.size) throw damaged(tree, 'it is smaller than its signed checkpoint');
  const before =
    signed.size === tree.size ? root : await rootAtAsync(subtreeReader(store, tree), signed.size);
  if (!equalBytes(before, signed.root)) throw damaged(tree, 'its root is not the one that was signed');
}
