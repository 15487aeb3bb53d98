/** `lucid record`: runs a command in a recorded terminal and ends with its evidence. */
import { ASCIICAST_MEDIA_TYPE } from '@lucid/capture';
import { CaptureAgent } from '@lucid/capture-agent';
import { sessionRecorderContract } from '@lucid/contracts';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { agentDependencies } from './agent-dependencies.ts';
import { Brake, isCommand, runRecordedTerminal } from './recorded-terminal.ts';
import { reportEvidence } from './report-evidence.ts';
import { beginSession, checkEvidence, type Ending, endSession, type Session } from './session-flow.ts';

export interface RecordOptions {
  readonly command: readonly string[];
  readonly title?: string;
  /** Record what is typed, too. */
  readonly input: boolean;
  readonly to: readonly string[];
}

interface Recorded {
  readonly exitStatus: number;
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

async function runRecorded(
  { lucid, process: host, abort }: CommandContext,
  session: Session,
  words: readonly [string, ...string[]],
  options: RecordOptions,
): Promise<Recorded> {
  const { sessionId } = session;
  const brake = new Brake();
  const lost = new AbortController();
  const agent = new CaptureAgent(
    {
      sessionId,
      track: 0,
      onPressure: (paused) => brake.set('recorder', paused),
      onLost: (error) => lost.abort(error),
    },
    agentDependencies(lucid.clientOf(sessionRecorderContract)),
  );
  agent.start();
  try {
    const exitStatus = await runRecordedTerminal(
      {
        words,
        input: options.input,
        header: { command: words.join(' '), title: options.title },
        env: { LUCID_SESSION: sessionId, LUCID_PID: String(process.pid) },
      },
      { process: host, agent, abort: AbortSignal.any([abort, lost.signal]) },
      brake,
    );
    return { exitStatus, ending: await endingOf(agent, abort) };
  } finally {
    agent.stop();
  }
}

export async function record(context: CommandContext, options: RecordOptions): Promise<number> {
  const { output, lucid, process: host } = context;
  const words = wordsOf(options, host.env);
  const session = await beginSession(lucid, {
    title: options.title ?? words.join(' '),
    track: { kind: 'terminal', mediaType: ASCIICAST_MEDIA_TYPE, name: 'terminal.cast' },
    alsoTo: options.to,
  });
  const { sessionId } = session;
  if (host.stdin.isTTY)
    output.note(
      output.style('dim', `recording session ${sessionId.slice(0, 16)}…; it ends with the command`),
    );
  const recorded = await runRecorded(context, session, words, options).catch(async (error: Error) => {
    const reason = `the terminal failed: ${error.message}`.slice(0, 1000);
    await endSession(lucid, sessionId, { closed: 'interrupted', reason }).catch(() => {});
    throw new CliError('session_failed', `${reason}; see: lucid show ${sessionId.slice(0, 16)}`, {
      cause: error,
    });
  });
  const finished = await endSession(lucid, sessionId, recorded.ending);
  const result = await checkEvidence(lucid, finished, false);
  reportEvidence(output, { ...result, exitStatus: recorded.exitStatus });
  return result.verified && result.closed === 'ended' ? exitCodes.ok : exitCodes.failed;
}
