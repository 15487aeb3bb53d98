/** `lucid up`: the all-in-one host, until a signal stops it. */
import { sessionOrchestratorContract, topology } from '@lucid/contracts';
import { createLog, logDestination } from '@lucid/service-kit';
import type { CodecChoice } from '@lucid/zstd';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { toCliError } from '../cli/to-cli-error.ts';
import { welcome } from '../cli/welcome.ts';
import { type EvidenceHost, startEvidenceHost } from '../host/evidence-host.ts';
import { openHome } from '../host/home.ts';
import { takeHomeLock } from '../host/home-lock.ts';
import { openNodeKeys } from '../host/node-keys.ts';

/** Well below the 10 s that containers and systemd give a stopping program at least. */
const CLOSE_WAIT_MS = 5_000;

export interface UpOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly host: string;
  readonly port?: number;
  readonly codec: CodecChoice;
}

function judgePort(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new CliError('usage', '--port must be a whole number from 0 to 65535');
  return port;
}

/** System calls that fail where the address or the port is what is wrong. */
const LISTENING: readonly string[] = ['listen', 'bind', 'getaddrinfo'];

function startFault(error: unknown, place: string): unknown {
  const { code, syscall = '' } = error as NodeJS.ErrnoException;
  if (!LISTENING.includes(syscall)) return toCliError(error);
  if (code === 'EADDRINUSE')
    return new CliError(
      'port_busy',
      `${place} is used by another program. Stop it, or choose another with --port.`,
      { cause: error },
    );
  return new CliError(
    'port_busy',
    `${place} cannot be listened on: ${plainReason(error)}. Choose another with --host and --port.`,
    { cause: error },
  );
}

interface Stopping {
  readonly reason: Promise<NodeJS.Signals | Error>;
  fail(error: unknown): void;
}

/** The first of: a signal, a fault that the host cannot go on with. */
function awaitStop(process: NodeJS.Process): Stopping {
  let settle: (reason: NodeJS.Signals | Error) => void = () => {};
  const reason = new Promise<NodeJS.Signals | Error>((resolve) => {
    settle = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, settle);
  return { reason, fail: (error) => settle(error instanceof Error ? error : new Error(String(error))) };
}

function tellReady(output: Output, process: NodeJS.Process, host: EvidenceHost, readyMs: number): void {
  const { home, keys, stack } = host;
  const ledger = stack.targetOf('blockchain-ledger')?.origin ?? '';
  output.json({
    ready: true,
    pid: process.pid,
    home: home.root,
    ledger,
    recorderKey: keys.recorder.verifierKey,
    ledgerKey: keys.ledger.verifierKey,
    readyMs,
  });
  output.line(`ready in ${readyMs} ms, data folder ${home.root}`);
  output.line(`ledger (public, read-only)  ${ledger}`);
  output.line(`recorder key  ${keys.recorder.verifierKey}`);
  output.line(`ledger key    ${keys.ledger.verifierKey}`);
}

/** Recordings do not survive the host, which alone holds their keys: they are closed at what is stored, and that is said. */
async function closeRecordings(host: EvidenceHost, output: Output, reason: string): Promise<void> {
  const orchestrator = host.clientOf(sessionOrchestratorContract);
  const open = await Promise.all(
    (['starting', 'recording', 'paused'] as const).map((state) =>
      orchestrator.listSessions({ query: { state, limit: 1000 } }),
    ),
  );
  const ids = open.flatMap(({ sessions }) => sessions.map(({ sessionId }) => sessionId));
  if (ids.length === 0) return;
  output.note(
    `${ids.length === 1 ? '1 session is' : `${ids.length} sessions are`} being recorded; closing as interrupted: ${ids.map((id) => id.slice(0, 16)).join(' ')}`,
  );
  const body = { closed: 'interrupted' as const, reason };
  await Promise.allSettled(
    ids.map((sessionId) =>
      orchestrator.stopSession({ params: { sessionId }, query: { waitMs: CLOSE_WAIT_MS }, body }),
    ),
  );
}

export async function up(process: NodeJS.Process, options: UpOptions): Promise<number> {
  const output = new Output(process, options);
  const port = judgePort(options.port ?? topology['blockchain-ledger'].hostPort);
  const startedMs = performance.now();
  const home = openHome(process.env);
  const keys = await openNodeKeys(home);
  welcome(output, home, keys);
  const lock = await takeHomeLock(home, 0);
  const destination = logDestination(2);
  const log = createLog({ level: (process.env.LUCID_LOG as 'info') ?? 'warn', destination, fields: {} });
  const stopping = awaitStop(process);
  const host = await startEvidenceHost({
    home,
    keys,
    env: process.env,
    log,
    codec: options.codec,
    serve: true,
    listen: { 'blockchain-ledger': { host: options.host, port } },
    onClosed: () => lock.release(),
    onFatal: stopping.fail,
  }).catch((error: unknown) => {
    lock.release();
    throw startFault(error, `${options.host}:${port}`);
  });
  tellReady(output, process, host, Math.round(performance.now() - startedMs));
  const reason = await stopping.reason;
  output.note(reason instanceof Error ? `stopping after a fault: ${reason.message}` : `stopping (${reason})`);
  // Signed, and told to strangers: no detail of this machine.
  const why = reason instanceof Error ? 'the host failed' : `the host was stopped (${reason})`;
  await closeRecordings(host, output, why).catch(() => {});
  await host.close();
  await destination.close();
  return reason instanceof Error ? exitCodes.failed : exitCodes.ok;
}
