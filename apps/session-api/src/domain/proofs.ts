/** What an auditor asks of the tree. */
import type { OutputOf, sessionApiContract } from '@lucid/contracts';
import { isProblem } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { Dependencies } from './dependencies.ts';

type Operations = (typeof sessionApiContract)['operations'];

const HASH_BYTES = 32;
const DEFAULT_PAGE = 100;

/** Records behind `after`, in order. */
export async function listRecords(
  sessionId: string,
  { limit = DEFAULT_PAGE, after }: { limit?: number | undefined; after?: number | undefined },
  { merkle }: Pick<Dependencies, 'merkle'>,
): Promise<OutputOf<Operations['listChunks']>> {
  const firstIndex = after === undefined ? 0 : after + 1;
  let leaves: Buffer;
  try {
    // One more than asked for says whether there is a page behind this one.
    const query = { firstIndex, limit: limit + 1 };
    leaves = Buffer.from(await merkle.getLeaves({ params: { sessionId }, query }));
  } catch (error) {
    if (isProblem(error, 'tree_unknown')) return { records: [] };
    throw error;
  }
  const found = leaves.length / HASH_BYTES;
  const records = Array.from({ length: Math.min(found, limit) }, (_, at) => ({
    index: firstIndex + at,
    leafHash: leaves.toString('hex', at * HASH_BYTES, (at + 1) * HASH_BYTES),
  }));
  return { records, ...(found > limit ? { next: firstIndex + limit - 1 } : {}) };
}

/** Second line of a checkpoint's text (C2SP tlog-checkpoint). */
const sizeOfCheckpoint = (checkpoint: string): number => Number(checkpoint.split('\n')[1]);

/** @throws ProblemError record_unknown */
export async function proofOf(
  { sessionId, index }: { sessionId: string; index: number },
  size: number | undefined,
  { merkle }: Pick<Dependencies, 'merkle'>,
): Promise<OutputOf<Operations['getMerkleProof']>> {
  const params = { sessionId };
  try {
    const { checkpoint } = await merkle.getTree({ params });
    const signed = checkpoint === undefined ? undefined : sizeOfCheckpoint(checkpoint);
    // The newest tree that is signed, unless the record came after.
    const wanted = size ?? (signed !== undefined && index < signed ? signed : undefined);
    const query = { index, ...(wanted === undefined ? {} : { size: wanted }) };
    const proof = await merkle.inclusionProof({ params, query });
    return { ...proof, ...(checkpoint !== undefined && proof.size === signed ? { checkpoint } : {}) };
  } catch (error) {
    if (isProblem(error, 'tree_unknown', 'leaf_unknown', 'size_unknown'))
      throw problem('record_unknown', { cause: error });
    throw error;
  }
}
