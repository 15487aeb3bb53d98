/** `lucid up`: the all-in-one host, until a signal stops it. */
import { topology } from '@lucid/contracts';
import { createLog, logDestination } from '@lucid/service-kit';
import type { CodecChoice } from '@lucid/zstd';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { toCliError } from '../cli/to-cli-error.ts';
import { welcome } from '../cli/welcome.ts';
import { startEvidenceHost } from '../host/evidence-host.ts';
import { openHome } from '../host/home.ts';
import { takeHomeLock } from '../host/home-lock.ts';
import { openNodeKeys } from '../host/node-keys.ts';

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

function startFault(error: unknown, place: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new CliError(
      'port_busy',
      `${place} is used by another program. Stop it, or choose another with --port.`,
      { cause: error },
    );
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new CliError(
      'port_busy',
      `${place} cannot be listened on (${code}). Choose another with --host and --port.`,
      { cause: error },
    );
  return toCliError(error);
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
  const stopping = new Promise<NodeJS.Signals | Error>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve(signal));
    fatal = resolve;
  });
  let host: Awaited<ReturnType<typeof startEvidenceHost>>;
  try {
    host = await startEvidenceHost({
      home,
      keys,
      env: process.env,
      log,
      codec: options.codec,
      serve: true,
      listen: { 'blockchain-ledger': { host: options.host, port } },
      onClosed: () => lock.release(),
      onFatal: (error) => fatal(error instanceof Error ? error : new Error(String(error))),
    });
  } catch (error) {
    lock.release();
    throw startFault(error, `${options.host}:${port}`);
  }
  const ledger = host.stack.targetOf('blockchain-ledger')?.origin ?? '';
  const readyMs = Math.round(performance.now() - startedMs);
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
  const reason = await stopping;
  output.note(reason instanceof Error ? `stopping after a fault: ${reason.message}` : `stopping (${reason})`);
  await host.close();
  await destination.close();
  return reason instanceof Error ? exitCodes.failed : exitCodes.ok;
}

let fatal: (reason: Error) => void = () => {};
