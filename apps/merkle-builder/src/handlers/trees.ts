import { bytesToHex, utf8ToBytes } from '@lucid/bytes';
import type { merkleBuilderContract, Tree } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { Context } from '../context.ts';
import { builderOf } from '../domain/extend-tree.ts';
import { readLeaves } from '../domain/tile-reader.ts';
import { problem } from '../problem.ts';
import type { TreeDocument } from '../store/tree-store.ts';

const HASH_SIZE_BYTES = 32;

type TreeHandlers = Pick<
  Handlers<typeof merkleBuilderContract, Context>,
  'appendLeaves' | 'getTree' | 'getCheckpoint' | 'getLeaves' | 'finalizeTree' | 'deleteTree'
>;

const treeAnswer = (tree: TreeDocument): Static<typeof Tree> => ({
  sessionId: tree.sessionId,
  size: tree.size,
  root: bytesToHex(builderOf(tree).root()),
  ...(tree.checkpoint === undefined ? {} : { checkpoint: tree.checkpoint }),
  final: tree.final,
});

export const treeHandlers: TreeHandlers = {
  async appendLeaves({ params, query, body }, _call, { trees }) {
    if (body.length === 0 || body.length % HASH_SIZE_BYTES !== 0)
      throw problem('invalid_request', { detail: 'The body is one or more leaf hashes of 32 bytes.' });
    return { size: await trees.append(params.sessionId, query.firstIndex, body) };
  },

  async getTree({ params }, _call, { trees }) {
    return treeAnswer(await trees.read(params.sessionId));
  },

  async getCheckpoint({ params }, _call, { trees }) {
    const { checkpoint } = await trees.read(params.sessionId);
    if (checkpoint === undefined) throw problem('checkpoint_missing');
    return utf8ToBytes(checkpoint);
  },

  async getLeaves({ params, query }, _call, { trees, store }) {
    const tree = await trees.read(params.sessionId);
    const until = Math.min(query.firstIndex + query.limit, tree.size);
    return readLeaves(store, tree, query.firstIndex, until);
  },

  async finalizeTree({ params, body }, _call, { trees }) {
    return treeAnswer(await trees.finalize(params.sessionId, body.size));
  },

  async deleteTree({ params }, _call, { trees }) {
    await trees.delete(params.sessionId);
  },
};
