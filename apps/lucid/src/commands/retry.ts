/** `lucid retry ID`: takes up again what was given up on the way from a recording to its evidence, or of a deletion to its tombstone. */
import { setTimeout as delay } from 'node:timers/promises';
import { sessionOrchestratorContract } from '@lucid/contracts';
import { isProblem } from '@lucid/service-kit';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import type { Lucid } from '../host/lucid.ts';
import { reportEvidence } from './report-evidence.ts';
import { checkEvidence, type Session, showCommand } from './session-flow.ts';
import { resolveSessionId } from './session-id.ts';

const POLL_MS = 100;
/** What still fails after so long, though it may pass, is left to the host. */
const PATIENCE_MS = 60_000;

export const retryCommand = (sessionId: string, { apart }: Pick<Lucid, 'apart'> = {}): string =>
  `lucid retry ${sessionId.slice(0, 16)}${apart?.option ?? ''}`;

async function takeUp(lucid: Lucid, sessionId: string): Promise<Session> {
  const orchestrator = lucid.clientOf(sessionOrchestratorContract);
  try {
    return await orchestrator.retryDeadLetter({ params: { sessionId } });
  } catch (error) {
    if (!isProblem(error, 'not_dead')) throw error;
    const { state } = await orchestrator.getSession({ params: { sessionId } });
    throw new CliError(
      'usage',
      `session ${sessionId.slice(0, 16)}… was not given up (it is ${state}), so there is nothing to retry.`,
      { cause: error },
    );
  }
}

/** The session when nothing is left to do. Throws CliError session_failed where it is given up again, or not done in time. */
async function outcome({ lucid, abort }: CommandContext, taken: Session): Promise<Session> {
  const { sessionId } = taken;
  const untilMs = performance.now() + PATIENCE_MS;
  let session = taken;
  while (session.step !== undefined) {
    if (session.deadSinceUs !== undefined)
      throw new CliError(
        'session_failed',
        `it was given up again: ${session.reason}. What is stored stays as it is; mend the cause, then: ${retryCommand(sessionId, lucid)}`,
      );
    if (abort.aborted || performance.now() > untilMs)
      throw new CliError(
        'session_failed',
        `session ${sessionId} is not finished yet${session.reason ? ` (${session.reason})` : ''}; it is tried further whenever a host runs. See: ${showCommand(lucid, sessionId)}`,
      );
    await delay(POLL_MS);
    session = await lucid.clientOf(sessionOrchestratorContract).getSession({ params: { sessionId } });
  }
  return session;
}

export async function retry(context: CommandContext, text: string): Promise<number> {
  const { lucid, output } = context;
  const session = await outcome(context, await takeUp(lucid, await resolveSessionId(lucid, text)));
  if (session.state === 'completed') {
    const result = await checkEvidence(lucid, session, false);
    reportEvidence(output, result);
    return result.verified ? exitCodes.ok : exitCodes.failed;
  }
  output.json(session);
  output.line(`session ${session.sessionId} is ${session.state}`);
  return exitCodes.ok;
}
