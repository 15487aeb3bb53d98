/** What changes sessions: each under an idempotency key, where one is given. */
import type { apiServerContract, sessionApiContract } from '@lucid/contracts';
import type { Call, CallOptions, Client, Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import type { KeyedRequest, WritingOperation } from '../domain/keyed-requests.ts';
import { assertReaches, onBehalf } from '../domain/on-behalf.ts';
import { type WholeAppSession, wholeSession } from '../domain/resources.ts';
import type { UserSession } from '../domain/session-lists.ts';

type ControlHandlers = Pick<
  Handlers<typeof apiServerContract, Context>,
  | 'createSession'
  | 'startSession'
  | 'stopSession'
  | 'pauseSession'
  | 'resumeSession'
  | 'archiveSession'
  | 'restoreSession'
  | 'deleteSession'
>;
type Sessions = Client<typeof sessionApiContract>;
type Step = 'startSession' | 'pauseSession' | 'resumeSession' | 'archiveSession' | 'restoreSession';

interface Asked<I> {
  readonly operation: WritingOperation;
  readonly input: I;
  readonly call: Call;
  readonly context: Context;
}

function once<I extends KeyedRequest['input']>(
  { operation, input, call, context }: Asked<I>,
  ask: (sessions: Sessions, options: CallOptions, innerKey: string | undefined) => Promise<UserSession>,
): Promise<WholeAppSession> {
  // Before an answer is repeated, too.
  assertReaches(call, 'session-api');
  return context.keyed.once({ operation, input }, call, async (innerKey) =>
    wholeSession(await onBehalf(call, 'session-api', (options) => ask(context.sessions, options, innerKey))),
  );
}

/** An operation that takes nothing but the session. */
const step =
  (operation: Step): ControlHandlers[Step] =>
  (input, call, context) =>
    once({ operation, input, call, context }, (sessions, options) =>
      sessions[operation]({ params: input.params }, options),
    );

export const controlHandlers: ControlHandlers = {
  createSession: (input, call, context) =>
    once({ operation: 'createSession', input, call, context }, (sessions, options, innerKey) =>
      sessions.createSession(
        { body: { ...input.body, ...(innerKey === undefined ? {} : { idempotencyKey: innerKey }) } },
        options,
      ),
    ),
  startSession: step('startSession'),
  stopSession: (input, call, context) =>
    once({ operation: 'stopSession', input, call, context }, (sessions, options) =>
      sessions.stopSession({ params: input.params, query: {}, body: input.body }, options),
    ),
  pauseSession: step('pauseSession'),
  resumeSession: step('resumeSession'),
  archiveSession: step('archiveSession'),
  restoreSession: step('restoreSession'),

  async deleteSession({ params, query }, call, { sessions }) {
    return wholeSession(
      await onBehalf(call, 'session-api', (options) => sessions.deleteSession({ params, query }, options)),
    );
  },
};
