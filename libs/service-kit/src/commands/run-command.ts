/**
 * Runs one command: on the service of this container where it listens, otherwise on a context of the service that is opened in
 * this process, without server and workers. Either way the command calls the contract's operations, signed with the service's own
 * key: its operations must name the service itself among their callers.
 *
 * Standard output gets the answer as one JSON value. Exit status: 0 done, 1 refused or failed (the problem as one JSON line on
 * standard error), 2 wrong usage or settings, 3 done, and the answer says no.
 */
import type { ContractSpec, ErrorSpec } from '@lucid/contracts';
import { keyringOf } from '../auth/keys.ts';
import { createTokenSource } from '../auth/tokens.ts';
import { createClient } from '../client/client.ts';
import { createHttpTransport } from '../client/http-transport.ts';
import { createLocalTransport } from '../client/local-transport.ts';
import type { Transport } from '../client/send.ts';
import { systemClock } from '../clock.ts';
import { ConfigError } from '../config.ts';
import type { AnyServiceDefinition } from '../definition.ts';
import { answeringPlace } from '../hosts/health-command.ts';
import { loadProcessConfig, type ProcessConfig } from '../hosts/process-config.ts';
import { type ProcessLike, runService } from '../hosts/run-service.ts';
import { startInstance } from '../instance.ts';
import { createLog, type Log, logDestination } from '../log.ts';
import { kitErrors, ProblemError } from '../problem.ts';
import { type AnyCommand, type CommandArguments, type Commands, UsageError } from './command.ts';
import { nameOf, parseCommandLine, wrongUsage } from './command-line.ts';

/** The part of `process` that commands use. */
export interface CommandProcess extends ProcessLike {
  readonly stdout: { write(text: string, done?: () => void): unknown };
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

const EXIT = { done: 0, failed: 1, misused: 2, negative: 3 } as const;

/** The whole of a `main.ts` with commands; serves where the arguments name none. Resolves as `runService` does. */
export async function runServiceOrCommand(
  definition: AnyServiceDefinition,
  commands: Commands,
  process: CommandProcess,
  adapters: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const words = process.argv.slice(2);
  const line = parseCommandLine(commands, words);
  switch (line.kind) {
    case 'service':
      return runService(definition, process, adapters);
    case 'help':
      await print(process, line.text);
      return process.exit(EXIT.done);
    case 'wrong':
      process.stderr.write(line.text);
      return process.exit(EXIT.misused);
    case 'command': {
      const { command, given } = line;
      const name = nameOf(commands, words) ?? '';
      return process.exit(await runCommand({ definition, process, adapters, name, command, given }));
    }
  }
}

const print = (process: CommandProcess, text: string): Promise<void> =>
  new Promise((resolve) => void process.stdout.write(text, () => resolve()));

interface CommandRun {
  readonly definition: AnyServiceDefinition;
  readonly process: CommandProcess;
  readonly adapters: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly command: AnyCommand;
  readonly given: CommandArguments<never>;
}

async function runCommand(run: CommandRun): Promise<number> {
  const { definition, process, name, command, given } = run;
  const { contract } = definition;
  const destination = logDestination(2);
  try {
    const config = loadProcessConfig(definition, process.env);
    const level = process.env.LOG_LEVEL ? config.logLevel : 'warn';
    const log = createLog({ level, destination, fields: { service: contract.service } });
    const answer = await onService(run, { config, log }, async (transport) => {
      const tokens = createTokenSource({ key: config.key, clock: systemClock });
      const client = createClient(contract, transport, { tokens });
      return command.run(given, { client: client as never, environment: process.env });
    });
    await print(process, `${JSON.stringify(answer ?? null)}\n`);
    return command.succeeded?.(answer as never) === false ? EXIT.negative : EXIT.done;
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
    else if (error instanceof UsageError) process.stderr.write(wrongUsage(name, command, error));
    else process.stderr.write(`${JSON.stringify(failureOf(contract, error))}\n`);
    return error instanceof ConfigError || error instanceof UsageError ? EXIT.misused : EXIT.failed;
  } finally {
    await destination.close();
  }
}

interface Opened {
  readonly config: ProcessConfig;
  readonly log: Log;
}

/** Gives `work` a way to the service, and takes it back. */
async function onService(
  run: CommandRun,
  opened: Opened,
  work: (transport: Transport) => Promise<unknown>,
): Promise<unknown> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    run.process.on(signal, () => stopping.abort(new Error(`${signal} ended the command`)));
  const { transport, close } = await openService(run, opened);
  const send: Transport['send'] = (call) =>
    transport.send({
      ...call,
      signal: call.signal ? AbortSignal.any([call.signal, stopping.signal]) : stopping.signal,
    });
  try {
    return await work({ ...transport, send });
  } catch (error) {
    throw stopping.signal.aborted ? stopping.signal.reason : error;
  } finally {
    await close();
  }
}

async function openService({ definition, process, adapters }: CommandRun, { config, log }: Opened) {
  const running = await answeringPlace(definition.contract.service, process.env);
  if (running) {
    const transport = createHttpTransport(running);
    return { transport, close: () => transport.close() };
  }
  const instance = await startInstance({
    definition,
    environment: process.env,
    log,
    adapters,
    key: config.key,
    keyring: keyringOf([config.key]),
    targetOf: (called) => config.targets.get(called) ?? null,
    transportTo: ({ service }) =>
      createHttpTransport(config.targets.get(service) ?? { origin: `http://${service}` }),
  });
  return { transport: createLocalTransport(() => instance), close: () => instance.close() };
}

/** What is said of a failure: the problem's code and meaning; of anything else, its message. */
function failureOf(contract: ContractSpec, error: unknown): Record<string, unknown> {
  if (!(error instanceof ProblemError)) return { code: 'failed', detail: (error as Error).message };
  const specs: Readonly<Record<string, ErrorSpec | undefined>> = { ...kitErrors, ...contract.errors };
  const { code, detail, extensions } = error;
  return { ...extensions, code, title: specs[code]?.title, ...(detail ? { detail } : {}) };
}
