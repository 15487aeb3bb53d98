import type { sessionEncryptorContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { EncryptorContext } from '../context.ts';
import { openRecord } from '../domain/open-record.ts';
import { storing } from '../domain/problems.ts';
import { putChunk, putControl } from '../domain/put-record.ts';

type All = Handlers<typeof sessionEncryptorContract, EncryptorContext>;

export const recordHandlers: Pick<All, 'putChunk' | 'putControl' | 'getRecord' | 'openRecord'> = {
  putChunk: (input, call, context) =>
    context.queue.run(input.params.sessionId, async () =>
      putChunk(context, await context.logs.open(input.params.sessionId), input, call),
    ),

  putControl: (input, call, context) =>
    context.queue.run(input.params.sessionId, async () =>
      putControl(context, await context.logs.open(input.params.sessionId), input, call),
    ),

  getRecord: ({ params: { sessionId, index } }, _call, context) =>
    storing(context.chunks.read(sessionId, index)),

  openRecord: ({ params: { sessionId, index }, body: { identities } }, _call, context) =>
    openRecord(context, { sessionId, index, identities }),
};
