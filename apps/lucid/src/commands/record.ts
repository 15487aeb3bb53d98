/** `lucid record`: runs a command in a recorded terminal and ends with its evidence. */
import { basename } from 'node:path';
import { ASCIICAST_MEDIA_TYPE } from '@lucid/capture';
import { CaptureAgent, type CaptureLostError } from '@lucid/capture-agent';
import type { ControlPolicy } from '@lucid/control-policy';
import { isProblem } from '@lucid/service-kit';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { formatTime, type Output } from '../cli/output.ts';
import type { Lucid } from '../host/lucid.ts';
import { agentDependencies } from './agent-dependencies.ts';
import { type JoinedSession, joinSession } from './join-session.ts';
import { Brake, isCommand, type RecordedTerminalOptions, runRecordedTerminal } from './recorded-terminal.ts';
import { reportEvidence } from './report-evidence.ts';
import {
  beginSession,
  checkEvidence,
  type Ending,
  endSession,
  type Session,
  showCommand,
} from './session-flow.ts';

export interface RecordOptions {
  readonly command: readonly string[];
  readonly title?: string;
  /** One that was made before. */
  readonly session?: string;
  /** Record what is typed, too. */
  readonly input: boolean;
  readonly to: readonly string[];
}

/** How long a host that does not answer is waited for; then the recording ends. */
const PATIENCE_MS = 30_000;

interface Recorded {
  readonly exitStatus: number;
  /** When the last byte known to be stored was captured, in microseconds. */
  readonly storedUntilUs: number | null;
  readonly ending: Ending;
}

function wordsOf({ command }: RecordOptions, env: NodeJS.ProcessEnv): readonly [string, ...string[]] {
  const [first = env.SHELL || '/bin/sh', ...rest] = command;
  if (!isCommand(first, env.PATH))
    throw new CliError('usage', `there is no program ${first} to run; nothing was recorded`);
  return [first, ...rest];
}

/** Why the session did not end by itself; the agent's fault comes first, because bytes may be missing then. */
async function endingOf(agent: CaptureAgent, abort: AbortSignal): Promise<Ending> {
  try {
    await agent.finish();
  } catch (error) {
    return { closed: 'interrupted', reason: (error as Error).message.slice(0, 1000) };
  }
  return abort.aborted
    ? { closed: 'interrupted', reason: `stopped by ${String(abort.reason)}` }
    : { closed: 'ended' };
}

/** What is known here; more may be stored than was told. */
const storedUntil = ({ durableUntilUs }: Pick<CaptureAgent, 'durableUntilUs'>): string =>
  durableUntilUs === null ? '' : `; stored at least up to ${formatTime(durableUntilUs)}`;

/** Why nothing more is recorded. */
const lostBy = (lucid: Lucid, { cause, message }: CaptureLostError): string => {
  if (!lucid.hostAlive()) return 'the host is gone';
  return isProblem(cause, 'recording_not_running', 'session_lost')
    ? 'the host has closed this session'
    : message;
};

/** Told while the command goes on. */
function noteReachable(output: Output, agent: CaptureAgent, reachable: boolean): void {
  output.notice(
    reachable
      ? 'the host answers again: nothing of the session is missing'
      : `the host does not answer${storedUntil(agent)}; it is waited for ${PATIENCE_MS / 1000} s, then the recording ends`,
  );
}

async function runRecorded(
  { lucid, output, process: host, abort }: CommandContext,
  session: Session,
  terminal: Omit<RecordedTerminalOptions, 'header' | 'env'> & { readonly title: string | undefined },
): Promise<Recorded> {
  const { sessionId } = session;
  const brake = new Brake();
  const lost = new AbortController();
  const agent = new CaptureAgent(
    {
      sessionId,
      track: 0,
      patienceMs: PATIENCE_MS,
      onPressure: (paused) => brake.set('recorder', paused),
      onReachable: (reachable) => noteReachable(output, agent, reachable),
      onLost(error) {
        output.notice(`recording ends: ${lostBy(lucid, error)}${storedUntil(agent)}`);
        lost.abort(error);
      },
    },
    agentDependencies(lucid),
  );
  agent.start();
  try {
    const exitStatus = await runRecordedTerminal(
      {
        ...terminal,
        header: { command: terminal.words.join(' '), title: terminal.title },
        env: { LUCID_SESSION: sessionId, LUCID_PID: String(process.pid) },
      },
      { process: host, agent, abort: AbortSignal.any([abort, lost.signal]) },
      brake,
    );
    const ending = await endingOf(agent, abort);
    return { exitStatus, ending, storedUntilUs: agent.durableUntilUs };
  } finally {
    agent.stop();
  }
}

/** The host went away with the session: what is kept, and how its evidence comes about. */
function unfinished(sessionId: string, { storedUntilUs }: Recorded, cause: unknown): CliError {
  const kept = storedUntil({ durableUntilUs: storedUntilUs });
  return new CliError(
    'session_failed',
    `the host is gone: session ${sessionId} is not finished${kept}. Finish its evidence with: lucid show ${sessionId.slice(0, 16)}`,
    { cause },
  );
}

function openSession(
  context: CommandContext,
  program: string,
  options: RecordOptions,
): Promise<JoinedSession> {
  if (options.session === undefined)
    return beginSession(context.lucid, {
      // Readable by whoever has the evidence; the arguments, which may hold secrets, stand in the recording.
      title: options.title ?? basename(program),
      track: { kind: 'terminal', mediaType: ASCIICAST_MEDIA_TYPE, name: 'terminal.cast' },
      alsoTo: options.to,
    }).then((session) => ({ session, policy: null }));
  if (options.title !== undefined || options.to.length > 0)
    throw new CliError('usage', '--title and --to are said when a session is made; nothing was recorded');
  return joinSession(context, options.session, options);
}

/** What the policy says of the terminal; without one, the options do. */
const terminalRules = ({ input }: RecordOptions, policy: ControlPolicy | null) => ({
  input: policy ? policy.recording.input : input,
  keyboard: policy ? policy.input.keyboard : true,
});

export async function record(context: CommandContext, options: RecordOptions): Promise<number> {
  const { output, lucid, process: host } = context;
  const words = wordsOf(options, host.env);
  const { session, policy } = await openSession(context, words[0], options);
  const { sessionId } = session;
  if (host.stdin.isTTY)
    output.note(
      output.style('dim', `recording session ${sessionId.slice(0, 16)}…; it ends with the command`),
    );
  const recorded = await runRecorded(context, session, {
    words,
    ...terminalRules(options, policy),
    title: options.title,
  }).catch(async (error: Error) => {
    const reason = `the terminal failed: ${error.message}`.slice(0, 1000);
    await endSession(lucid, sessionId, { closed: 'interrupted', reason }).catch(() => {});
    throw new CliError('session_failed', `${reason}; see: ${showCommand(lucid, sessionId)}`, {
      cause: error,
    });
  });
  const finished = await endSession(lucid, sessionId, recorded.ending).catch((error: unknown) => {
    if (!lucid.hostAlive()) throw unfinished(sessionId, recorded, error);
    output.notice(`session ${sessionId} is not finished; see: ${showCommand(lucid, sessionId)}`);
    throw error;
  });
  const result = await checkEvidence(lucid, finished, false);
  reportEvidence(output, { ...result, exitStatus: recorded.exitStatus });
  return result.verified && result.closed === 'ended' ? exitCodes.ok : exitCodes.failed;
}
