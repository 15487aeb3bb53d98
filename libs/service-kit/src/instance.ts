/** One running service without its transport: configuration judged, context open, dispatcher ready, workers started and stopped. */
import { randomBytes } from 'node:crypto';
import type { ContractSpec } from '@lucid/contracts';
import { type Accounts, judgesAccounts, noAccounts } from './auth/accounts.ts';
import type { Keyring, ServiceKey } from './auth/keys.ts';
import { createTokenSource, createTokenVerifier } from './auth/tokens.ts';
import { type Client, type ClientOptions, createClient } from './client/client.ts';
import type { HttpTarget } from './client/http-transport.ts';
import type { Transport } from './client/send.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Environment, loadConfig } from './config.ts';
import type { AnyServiceDefinition, ServiceContext, Worker } from './definition.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import type { Log } from './log.ts';
import { createMetricRegistry, type MetricRegistry } from './metrics.ts';
import { judgeReadiness, type Readiness } from './readiness.ts';
import { createRequestLog, type RequestLine } from './request-log.ts';
import type { Front, FrontHost } from './server/front.ts';
import { noTracing, type Tracing } from './tracing.ts';

export interface Instance {
  readonly service: string;
  readonly definition: AnyServiceDefinition;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  /** The service's own and its host's. */
  readonly metrics: MetricRegistry;
  health(): { status: 'up'; service: string; version: string; timestamp: string };
  ready(): Promise<Readiness>;
  logRequest(line: RequestLine): void;
  /** What the service puts before its routes, if anything. */
  openFront(host: FrontHost): Front | undefined;
  /** `onFatal` hears of a worker that failed. */
  startWorkers(onFatal: (error: unknown) => void): void;
  /** Tells workers to finish or hand back what they hold, and waits for it. */
  stopWorkers(): Promise<void>;
  /** Resolves when no request runs but long polls, and every worker is idle. */
  idle(): Promise<void>;
  /** Ends long polls, waits for running handlers, then closes the context and the clients. */
  close(): Promise<void>;
}

export interface InstanceOptions {
  readonly definition: AnyServiceDefinition;
  readonly environment: Environment;
  readonly log: Log;
  readonly key: ServiceKey;
  readonly keyring: Keyring;
  /** How to reach a service that this one uses. */
  readonly transportTo: (contract: ContractSpec) => Transport;
  /** Where services listen to which it passes requests on. */
  readonly targetOf?: ((service: string) => HttpTarget | null) | undefined;
  /** Judge of access tokens; used where the definition wants one. Its owner keeps it fresh. */
  readonly accounts?: Accounts | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: ((sizeBytes: number) => Uint8Array) | undefined;
  readonly adapters?: Readonly<Record<string, unknown>> | undefined;
  readonly tracing?: Tracing | undefined;
  readonly checkAnswers?: boolean | undefined;
  readonly clientOptions?: Omit<ClientOptions, 'tokens' | 'clock' | 'tracing'> | undefined;
}

/** @throws ConfigError, or what createContext throws; nothing stays open then */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { definition, log, clock = systemClock, tracing = noTracing } = options;
  const { service } = definition.contract;
  const config = loadConfig({ service, schema: definition.config, environment: options.environment });
  const { clients, close: closeClients } = openClients(options, clock, tracing);
  const metrics = createMetricRegistry({ service });
  const accounts = (judgesAccounts(definition) && options.accounts) || noAccounts;
  let context: ServiceContext;
  try {
    const random = options.random ?? ((sizeBytes: number) => new Uint8Array(randomBytes(sizeBytes)));
    const adapters = options.adapters ?? {};
    const targetOf = options.targetOf ?? (() => null);
    const given = { config, log, clients, clock, random, metrics, accounts, targetOf, adapters };
    context = await definition.createContext(given as never);
  } catch (error) {
    await closeClients();
    throw error;
  }
  const verifyToken = createTokenVerifier({ audience: service, keyring: options.keyring, clock });
  const dispatcher = createDispatcher({ ...options, context, verifyToken, accounts, clock, tracing });
  const crew = createCrew(definition.workers?.(context as never) ?? [], log);
  return {
    service,
    definition,
    dispatcher,
    log,
    metrics,
    health: () => healthOf(definition.contract, clock),
    ready: () =>
      judgeReadiness({ ...definition.ready?.(context as never), ...accounts.ready }, (dependency, error) =>
        log.warn({ dependency, err: error }, 'dependency is down'),
      ),
    logRequest: createRequestLog(log),
    openFront: (host) => definition.front?.(context as never, host),
    startWorkers: crew.start,
    stopWorkers: crew.stop,
    async idle() {
      await dispatcher.idle();
      await crew.idle();
    },
    async close() {
      dispatcher.endWaiting();
      await dispatcher.drained();
      try {
        await context.close();
      } finally {
        await closeClients();
      }
    },
  };
}

const healthOf = (contract: ContractSpec, clock: Clock) => ({
  status: 'up' as const,
  service: contract.service,
  version: contract.version,
  timestamp: new Date(clock.nowMs()).toISOString(),
});

function openClients(options: InstanceOptions, clock: Clock, tracing: Tracing) {
  const tokens = createTokenSource({ key: options.key, clock });
  const transports: Transport[] = [];
  const clients: Record<string, Client<ContractSpec>> = {};
  for (const [name, contract] of Object.entries(options.definition.uses ?? {})) {
    const transport = options.transportTo(contract);
    transports.push(transport);
    clients[name] = createClient(contract, transport, { ...options.clientOptions, tokens, clock, tracing });
  }
  const close = async () => {
    await Promise.allSettled(transports.map((each) => each.close()));
  };
  return { clients, close };
}

function createCrew(workers: readonly Worker[], log: Log) {
  const stopping = new AbortController();
  let running: Promise<void>[] = [];
  return {
    start(onFatal: (error: unknown) => void) {
      running = workers.map(async (worker) => {
        try {
          await worker.run(stopping.signal);
        } catch (error) {
          if (stopping.signal.aborted && error === stopping.signal.reason) return;
          log.error({ worker: worker.name, err: error }, 'worker failed');
          onFatal(error);
        }
      });
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
    async idle() {
      for (const worker of workers) await worker.idle?.();
    },
  };
}
