/** The transaction of a batch. Its name says what is registered, so that it is one for ever, also where the batch was forgotten. */
import { bytesToHex } from '@lucid/bytes';
import { type Abi, encodeCall, type Intent } from '@lucid/chain-client';
import { addresses, lucidAnchors } from '@lucid/chain-contracts';
import { parseSessionLeaf } from '@lucid/session-format';
import type { BatchTree } from '../domain/batch-tree.ts';

const abi = lucidAnchors.abi as Abi;

/** Opened batch, as far as its transaction depends on it. */
export interface Registered {
  readonly leaves: readonly Uint8Array[];
  readonly tree: BatchTree;
  readonly attempt: number;
}

function callOf({ leaves, tree }: Registered) {
  const [leaf] = leaves;
  const lone = leaves.length === 1 && leaf !== undefined ? parseSessionLeaf(leaf) : null;
  if (lone === null) {
    const root = bytesToHex(tree.root);
    return { name: `batch:${root}`, data: encodeCall(abi, 'registerSessions', [`0x${root}`, tree.count]) };
  }
  const { sessionId, manifestHash, startedAt, owner, merkleRoot, chunkCount } = lone;
  const values = [`0x${sessionId}`, `0x${manifestHash}`, BigInt(startedAt), `0x${owner}`];
  const data = encodeCall(abi, 'registerSession', [...values, `0x${merkleRoot}`, chunkCount]);
  return { name: `session:${sessionId}`, data };
}

export function intentOf(batch: Registered): Intent {
  const { name, data } = callOf(batch);
  return { intentId: `${name}:${batch.attempt}`, to: addresses.lucidAnchors, data, abi };
}
