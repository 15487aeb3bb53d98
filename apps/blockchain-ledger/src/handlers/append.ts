import type { EntryProof } from '@lucid/contracts';
import { type JsonText, jsonText } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { LedgerContext } from '../context.ts';
import type { Log, Receipt } from '../domain/log.ts';
import { BLOCK_KEY_PREFIX } from '../header-entries.ts';
import { entryProofOf, entryProofText } from './entry-proof.ts';
import { asProblems, problem, toLedgerProblem } from './problems.ts';

type Answer = Static<typeof EntryProof> | JsonText;

export function appendEntry(
  { body, key }: { body: Uint8Array; key?: string | undefined },
  context: LedgerContext,
): Promise<Answer> {
  if (key?.startsWith(BLOCK_KEY_PREFIX))
    return Promise.reject(
      problem('invalid_request', { detail: `Keys that begin with ${BLOCK_KEY_PREFIX} are the chain’s own.` }),
    );
  const log = context.log.open;
  if (log === undefined || key !== undefined) return appendSlowly({ body, key }, context);
  return log.append(body).then((receipt) => answerOf(log, receipt), fail);
}

/** With a key, or where the log must be opened anew first. */
const appendSlowly = (
  { body, key }: { body: Uint8Array; key?: string | undefined },
  context: LedgerContext,
): Promise<Answer> =>
  asProblems(async () => {
    const log = await context.log.writer();
    return answerOf(log, await log.append(body, key === undefined ? {} : { key }));
  });

function answerOf(log: Log, receipt: Receipt): Answer | Promise<Answer> {
  const text = entryProofText(log, receipt);
  return text === undefined ? entryProofOf(log, receipt) : jsonText(text);
}

function fail(error: unknown): never {
  throw toLedgerProblem(error);
}
