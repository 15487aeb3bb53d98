import type { EntryProof } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { LedgerContext } from '../context.ts';
import { entryProofOf } from './entry-proof.ts';
import { asProblems } from './problems.ts';

export const appendEntry = (
  { body, key }: { body: Uint8Array; key?: string | undefined },
  context: LedgerContext,
): Promise<Static<typeof EntryProof>> =>
  asProblems(async () => {
    const log = await context.log.writer();
    return entryProofOf(log, await log.append(body, key === undefined ? {} : { key }));
  });
