/** Host 1: one service, one process. The whole of a service's `main.ts` is `await runService(definition, process)`. */

import { authenticationContract, type ContractSpec } from '@lucid/contracts';
import closeWithGrace from 'close-with-grace';
import { createRemoteAccounts, judgesAccounts } from '../auth/accounts.ts';
import { createHttpTransport } from '../client/http-transport.ts';
import { systemClock } from '../clock.ts';
import { ConfigError } from '../config.ts';
import type { AnyServiceDefinition } from '../definition.ts';
import { type Instance, startInstance } from '../instance.ts';
import { createLog, logDestination } from '../log.ts';
import { createTracing } from '../tracing.ts';
import { askHealth } from './health-command.ts';
import { listen } from './listen.ts';
import { loadProcessConfig, type ProcessConfig } from './process-config.ts';
import { type Running, stopServices } from './stop.ts';

/** The part of `process` that the host uses. */
export interface ProcessLike {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: { write(text: string): unknown };
  exit(code: number): void;
}

const exitMisconfigured = 2;
/** Time that close-with-grace leaves after running work was told to abort. */
const afterGraceMs = 2_000;

/** Resolves when the service listens, or after `exit` was called: 0 or 1 by `health`, 1 failed, 2 misconfigured. */
export async function runService(
  definition: AnyServiceDefinition,
  process: ProcessLike,
  adapters: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { service } = definition.contract;
  try {
    if (process.argv[2] === 'health') {
      process.exit((await askHealth(service, process.env)) ? 0 : 1);
      return;
    }
    await serve(definition, loadProcessConfig(definition, process.env), process.env, adapters);
  } catch (error) {
    const misconfigured = error instanceof ConfigError;
    process.stderr.write(
      misconfigured ? `${error.message}\n` : `${service} cannot start: ${startFault(error)}\n`,
    );
    process.exit(misconfigured ? exitMisconfigured : 1);
  }
}

async function serve(
  definition: AnyServiceDefinition,
  config: ProcessConfig,
  environment: ProcessLike['env'],
  adapters: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { service, version } = definition.contract;
  const destination = logDestination(1);
  const log = createLog({ level: config.logLevel, destination, fields: { service } });
  const tracing = await createTracing({ service, version, endpoint: config.otlpEndpoint });
  const transportTo = ({ service: called }: ContractSpec) =>
    createHttpTransport(config.targets.get(called) ?? { origin: `http://${called}` });
  const remote = judgesAccounts(definition)
    ? createRemoteAccounts({
        transport: transportTo(authenticationContract),
        key: config.key,
        clock: systemClock,
        log,
      })
    : undefined;
  const instance = await startInstance({
    definition,
    environment,
    log,
    adapters,
    tracing,
    key: config.key,
    keyring: config.keyring,
    accounts: remote,
    targetOf: (called) => config.targets.get(called) ?? null,
    transportTo,
  });
  const running = await open(instance, config);
  remote?.start();
  const grace = closeWithGrace(
    { delay: config.stopGraceMs + afterGraceMs, logger: false },
    async ({ err, signal }) => {
      if (err) log.fatal({ err }, 'stopping after an error');
      else log.info({ signal }, 'stopping');
      await remote?.close();
      await stopServices({ running: [running], graceMs: config.stopGraceMs, tracing, log });
      log.info('stopped');
      await destination.close();
    },
  );
  instance.startWorkers(() => grace.close());
}

async function open(instance: Instance, config: ProcessConfig): Promise<Running> {
  try {
    const { createHttpServer } = await import('../server/http-server.ts');
    const server = await createHttpServer(instance);
    const { host, port, socketPath } = config;
    const target = await listen(server, socketPath ? { socketPath } : { host, port });
    instance.log.info({ address: target.socketPath ?? target.origin }, 'listening');
    return { instance, server };
  } catch (error) {
    await instance.close();
    throw error;
  }
}

function startFault(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: string };
  return code === 'EADDRINUSE'
    ? `${message}; another program uses this address, stop it or set PORT`
    : `${message}`;
}
