/** `lucid record`: runs a command in a recorded terminal and ends with its evidence. */
import { ASCIICAST_MEDIA_TYPE, AsciicastEncoder, openTerminal, type TerminalSize } from '@lucid/capture';
import { CaptureAgent } from '@lucid/capture-agent';
import { sessionRecorderContract } from '@lucid/contracts';
import { exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { agentDependencies } from './agent-dependencies.ts';
import { createEcho } from './echo.ts';
import { reportEvidence } from './report-evidence.ts';
import { beginSession, checkEvidence, endSession } from './session-flow.ts';

export interface RecordOptions {
  readonly command: readonly string[];
  readonly title?: string;
  /** Record what is typed, too. */
  readonly input: boolean;
  readonly to: readonly string[];
}

const nowUs = (): number => Math.floor((performance.timeOrigin + performance.now()) * 1000);

function terminalSize(stdout: NodeJS.WriteStream): TerminalSize {
  return { cols: stdout.columns ?? 80, rows: stdout.rows ?? 24 };
}

/** Runs the terminal until its command ends; resolves with its exit status. */
function runTerminal(
  context: CommandContext,
  options: RecordOptions,
  agent: CaptureAgent,
  cast: AsciicastEncoder,
  gate: { pause(): void; resume(): void },
): Promise<number> {
  const { stdin, stdout, env } = context.process;
  const [command = env.SHELL ?? '/bin/sh', ...args] = options.command;
  return new Promise((resolve, reject) => {
    const finish = (status: number) => {
      restore();
      agent.push(cast.exit(nowUs(), status), nowUs());
      resolve(status);
    };
    const echo = createEcho(stdout, { pause: () => terminal.pause(), resume: () => terminal.resume() });
    const terminal = openTerminal({
      command,
      args,
      size: terminalSize(stdout),
      cwd: process.cwd(),
      env: { ...env, LUCID_SESSION: context.sessionId },
      onOutput: (bytes) => {
        agent.push(cast.output(nowUs(), bytes), nowUs());
        echo.write(bytes);
      },
      onExit: ({ status, signal }) => finish(signal ? 128 + signal : status),
    });
    gate.pause = () => terminal.pause();
    gate.resume = () => terminal.resume();
    const onInput = (bytes: Buffer) => {
      if (options.input) agent.push(cast.input(nowUs(), bytes), nowUs());
      terminal.write(bytes);
    };
    const onResize = () => {
      terminal.resize(terminalSize(stdout));
      agent.push(cast.resize(nowUs(), terminalSize(stdout)), nowUs());
    };
    const onHangUp = () => terminal.kill('SIGHUP');
    const restore = () => {
      stdin.off('data', onInput);
      stdout.off('resize', onResize);
      process.off('SIGTERM', onHangUp).off('SIGHUP', onHangUp);
      context.abort.removeEventListener('abort', onHangUp);
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
    };
    if (stdin.isTTY) {
      stdin.setRawMode(true);
      stdin.on('data', onInput);
      stdin.resume();
    }
    stdout.on('resize', onResize);
    process.on('SIGTERM', onHangUp).on('SIGHUP', onHangUp);
    context.abort.addEventListener('abort', onHangUp, { once: true });
    process.once('uncaughtException', reject);
  });
}

export async function record(context: CommandContext, options: RecordOptions): Promise<number> {
  const { output, lucid, process: host } = context;
  const commandText = options.command.join(' ') || (host.env.SHELL ?? '/bin/sh');
  const session = await beginSession(lucid, {
    title: options.title ?? commandText,
    track: { kind: 'terminal', mediaType: ASCIICAST_MEDIA_TYPE, name: 'terminal.cast' },
    alsoTo: options.to,
  });
  const lost = new AbortController();
  const gate = { pause: () => {}, resume: () => {} };
  const agent = new CaptureAgent(
    {
      sessionId: session.sessionId,
      track: 0,
      onPressure: (paused) => (paused ? gate.pause() : gate.resume()),
      onLost: () => lost.abort(),
    },
    agentDependencies(lucid.clientOf(sessionRecorderContract)),
  );
  if (host.stdin.isTTY)
    output.note(
      output.style('dim', `recording session ${session.sessionId.slice(0, 16)}…; it ends with the command`),
    );
  const startUs = nowUs();
  const cast = new AsciicastEncoder(startUs);
  agent.start();
  const header = {
    size: terminalSize(host.stdout),
    termType: host.env.TERM,
    timestamp: Math.floor(startUs / 1e6),
    command: commandText,
    title: options.title,
  };
  agent.push(cast.header(header), startUs);
  const status = await runTerminal(
    { ...context, sessionId: session.sessionId, abort: lost.signal },
    options,
    agent,
    cast,
    gate,
  );
  const ending = await agent.finish().then(
    () => ({ closed: 'ended' as const }),
    (error: Error) => ({ closed: 'interrupted' as const, reason: error.message }),
  );
  const finished = await endSession(lucid, session.sessionId, ending);
  const result = await checkEvidence(lucid, finished, false);
  reportEvidence(output, { ...result, exitStatus: status });
  return result.verified ? exitCodes.ok : exitCodes.failed;
}
