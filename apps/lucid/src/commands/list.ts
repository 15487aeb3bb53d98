import { type SessionState, sessionOrchestratorContract, sessionStates } from '@lucid/contracts';
import { sizeText } from '@lucid/verifier';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { formatTable, formatTime } from '../cli/output.ts';
import { located } from '../host/home.ts';
import { pages } from './pages.ts';
import type { Session } from './session-flow.ts';

const PAGE = 200;

/** What the table shows in place of the state of a session that was closed so. */
const INTERRUPTED = 'interrupted';

interface Judged {
  readonly state?: SessionState | typeof INTERRUPTED;
  readonly limit: number;
}

/** @throws CliError usage */
export function judgeListing(options: { state?: string; limit: number }): Judged {
  const states: readonly string[] = [...sessionStates, INTERRUPTED];
  if (options.state !== undefined && !states.includes(options.state))
    throw new CliError('usage', `--state ${options.state}: give one of ${states.join(', ')}`);
  if (!Number.isInteger(options.limit) || options.limit < 1)
    throw new CliError('usage', '--limit must be a whole number from 1 on');
  return options as Judged;
}

const rowOf = (session: Session): string[] => [
  session.sessionId.slice(0, 16),
  formatTime(session.createdAtUs),
  session.closed === INTERRUPTED ? INTERRUPTED : session.state,
  // Known when the recording has ended.
  session.plainBytes === undefined ? '-' : sizeText(session.plainBytes),
  session.anchored ? 'yes' : 'no',
  session.title ?? '',
];

export async function list(
  { lucid, output }: CommandContext,
  options: { state?: string; limit: number },
): Promise<number> {
  const { state, limit } = judgeListing(options);
  const orchestrator = lucid.clientOf(sessionOrchestratorContract);
  const sessions: Session[] = [];
  const isAsked = ({ closed }: Session) => state !== INTERRUPTED || closed === INTERRUPTED;
  const ask = (from: { readonly after?: string }) =>
    orchestrator.listSessions({
      query: {
        ...(state && state !== INTERRUPTED ? { state } : {}),
        limit: state === INTERRUPTED ? PAGE : Math.min(PAGE, limit - sessions.length),
        ...from,
      },
    });
  for await (const page of pages(ask)) {
    const asked = page.sessions.filter(isAsked).slice(0, limit - sessions.length);
    sessions.push(...asked.map((session) => located(lucid, session)));
    if (sessions.length >= limit) break;
  }
  output.json({ sessions });
  if (sessions.length === 0)
    output.line(
      state ? `no sessions are ${state}` : 'no sessions yet; make one with: lucid record -- COMMAND',
    );
  else
    for (const line of formatTable([
      ['session', 'created', 'state', 'size', 'anchored', 'title'],
      ...sessions.map(rowOf),
    ]))
      output.line(line);
  return exitCodes.ok;
}
