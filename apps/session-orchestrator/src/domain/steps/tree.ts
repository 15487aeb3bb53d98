/** Step 2: the tree is made final at exactly the number of stored records. */
import { isProblem } from '@lucid/service-kit';
import type { StepWork } from '../dependencies.ts';
import { PermanentFailure } from '../failure.ts';

export const treeStep: StepWork = async (row, { merkle, encryptor, store }) => {
  const { sessionId, records: size = 0 } = row;
  const params = { sessionId };
  try {
    const { root, checkpoint } = await merkle.finalizeTree({ params, body: { size } });
    if (checkpoint === undefined) throw new PermanentFailure('the final tree has no checkpoint');
    const evidence = { ...(await store.evidence(sessionId)), checkpoint };
    return { change: { merkleRoot: root }, evidence };
  } catch (error) {
    if (isProblem(error, 'size_mismatch') && Number(error.extensions.size) > size)
      throw new PermanentFailure(`the tree has ${error.extensions.size} leaves, ${size} records are stored`);
    // Leaves are on their way: asking the encryptor for its records makes it hand them in.
    if (isProblem(error, 'size_mismatch', 'tree_unknown')) await encryptor.recordsHead({ params });
    throw error;
  }
};
