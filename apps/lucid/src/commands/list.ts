import { type SessionState, sessionOrchestratorContract, sessionStates } from '@lucid/contracts';
import { sizeText } from '@lucid/verifier';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { formatTable, formatTime } from '../cli/output.ts';
import { located } from '../host/home.ts';
import type { Session } from './session-flow.ts';

const PAGE = 200;

function judge(options: { state?: string; limit: number }): { state?: SessionState; limit: number } {
  if (options.state !== undefined && !sessionStates.includes(options.state as SessionState)) {
    throw new CliError('usage', `--state ${options.state}: give one of ${sessionStates.join(', ')}`);
  }
  if (!Number.isInteger(options.limit) || options.limit < 1)
    throw new CliError('usage', '--limit must be a whole number from 1 on');
  return options as { state?: SessionState; limit: number };
}

const rowOf = (session: Session): string[] => [
  session.sessionId.slice(0, 16),
  formatTime(session.createdAtUs),
  session.closed === 'interrupted' ? 'interrupted' : session.state,
  // Known when the recording has ended.
  session.plainBytes === undefined ? '-' : sizeText(session.plainBytes),
  session.anchored ? 'yes' : 'no',
  session.title ?? '',
];

export async function list(
  { lucid, output }: CommandContext,
  options: { state?: string; limit: number },
): Promise<number> {
  const { state, limit } = judge(options);
  const orchestrator = lucid.clientOf(sessionOrchestratorContract);
  const sessions: Session[] = [];
  for (let after: string | undefined; ; ) {
    const page = await orchestrator.listSessions({
      query: {
        ...(state ? { state } : {}),
        limit: Math.min(PAGE, limit - sessions.length),
        ...(after ? { after } : {}),
      },
    });
    sessions.push(...page.sessions.map((session) => located(lucid.home, session)));
    after = page.next;
    if (!after || sessions.length >= limit) break;
  }
  output.json({ sessions });
  if (sessions.length === 0) output.line('no sessions yet; make one with: lucid record -- COMMAND');
  else
    for (const line of formatTable([
      ['session', 'created', 'state', 'size', 'anchored', 'title'],
      ...sessions.map(rowOf),
    ]))
      output.line(line);
  return exitCodes.ok;
}
