/** Several services in one process: what the all-in-one host and the test stack have in common. */
import { authenticationContract, type ContractSpec } from '@lucid/contracts';
import {
  type Accounts,
  createRemoteAccounts,
  judgesAccounts,
  type RemoteAccounts,
} from '../auth/accounts.ts';
import { createServiceKeys, type Keyring, type ServiceKey } from '../auth/keys.ts';
import { createTokenSource } from '../auth/tokens.ts';
import { type Client, type ClientOptions, createClient } from '../client/client.ts';
import type { HttpTarget } from '../client/http-transport.ts';
import { createLateTransport } from '../client/late-transport.ts';
import { createLocalTransport } from '../client/local-transport.ts';
import type { Transport } from '../client/send.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Environment } from '../config.ts';
import { type Instance, type InstanceOptions, startInstance } from '../instance.ts';
import type { Log } from '../log.ts';
import type { Readiness } from '../readiness.ts';
import { createTracing, noTracing, type Tracing } from '../tracing.ts';
import { createLateGroup, type LateServices } from './late-group.ts';
import { type ListenPlace, listen } from './listen.ts';
import { type ServiceGroup, startGroup } from './service-group.ts';
import { type Running, stopServices } from './stop.ts';

export interface StackOptions extends ServiceGroup {
  /** Only where calls stay inside the process. */
  readonly late?: LateServices | undefined;
  /** Stores and devices, by service. */
  readonly adapters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: (sizeBytes: number) => Uint8Array;
  /** Keys of every service and of `operator`; made in memory where absent. */
  readonly keys?: { keys: ReadonlyMap<string, ServiceKey>; keyring: Keyring };
  /** Judge of access tokens instead of one that asks the stack's `authentication`; for tests. */
  readonly accounts?: Accounts;
  readonly graceMs?: number;
  /** Hears of a worker that failed; the host should stop then. */
  readonly onFatal?: (error: unknown) => void;
  readonly clientOptions?: InstanceOptions['clientOptions'];
  readonly checkAnswers?: boolean;
}

export interface Stack {
  readonly services: readonly string[];
  /** A client of one of the services; `as` is the caller, by default the operator. */
  clientOf<const C extends ContractSpec>(contract: C, options?: ClientOptions & { as?: string }): Client<C>;
  /** Where a service listens; null over the local transport. */
  targetOf(service: string): HttpTarget | null;
  ready(): Promise<Readonly<Record<string, Readiness>>>;
  /** Starts the late services where there are any that do not run yet. @throws what kept them from starting */
  wake(): Promise<void>;
  /** Resolves when no request runs but long polls, and every worker is idle. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `placeOf` says where a service listens; without it no server is loaded. Calls between the services stay inside the
 * process where nothing listens, or where `callsStayInside` says so and only other processes use the servers.
 */
export async function startStack(
  options: StackOptions & { placeOf?: (service: string) => ListenPlace; callsStayInside?: boolean },
): Promise<Stack> {
  const { log, clock = systemClock } = options;
  const names = [
    ...options.definitions.map(({ contract }) => contract.service),
    ...(options.late?.services ?? []),
  ];
  const { keys, keyring } = options.keys ?? createServiceKeys([...names, 'operator']);
  const running: Running[] = [];
  const targets = new Map<string, HttpTarget>();
  const transports: Transport[] = [];
  const tracing = await openTracing(options.environment);
  const instanceOf = (service: string): Instance | undefined =>
    running.find(({ instance }) => instance.service === service)?.instance;
  const transportTo = (contract: ContractSpec): Transport =>
    options.placeOf && !options.callsStayInside
      ? createLateTransport(contract.service, targets, clock)
      : createLocalTransport(() => instanceOf(contract.service) ?? late?.instance(contract.service), clock);
  const judge = options.definitions.find(judgesAccounts)?.contract.service;
  const remote: RemoteAccounts | undefined =
    judge === undefined || options.accounts
      ? undefined
      : createRemoteAccounts({
          transport: transportTo(authenticationContract),
          key: keyOf(keys, judge),
          clock,
          log,
        });
  const close = async () => {
    try {
      await late?.end();
      await remote?.close();
      await stopServices({ running, graceMs: options.graceMs ?? 8_000, tracing, log });
    } finally {
      await Promise.allSettled(transports.map((each) => each.close()));
    }
  };

  const start = (group: ServiceGroup) =>
    startGroup(group, {
      running,
      onFatal: options.onFatal ?? (() => {}),
      start: async (definition, environment) => {
        const { service } = definition.contract;
        const instance = await startInstance({
          ...options,
          definition,
          environment,
          log: log.child({ service }),
          adapters: options.adapters?.[service],
          key: keyOf(keys, service),
          keyring,
          transportTo,
          accounts: options.accounts ?? remote,
          targetOf: (called) => targets.get(called) ?? null,
          tracing,
        });
        return serve(instance, options.placeOf?.(service), targets);
      },
    });
  const startLate = (group: ServiceGroup) =>
    start({ ...group, environment: { ...options.environment, ...group.environment } });
  const late = options.late && createLateGroup(options.late, { start: startLate, instanceOf, log });

  try {
    const startWorkers = await start(options);
    remote?.start();
    startWorkers();
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }

  return {
    services: names,
    clientOf(contract, { as = 'operator', ...clientOptions } = {}) {
      const transport = transportTo(contract);
      transports.push(transport);
      const tokens = createTokenSource({ key: keyOf(keys, as), clock });
      return createClient(contract, transport, { tokens, clock, tracing, ...clientOptions });
    },
    targetOf: (service) => targets.get(service) ?? null,
    async ready() {
      const states = running.map(async ({ instance }) => [instance.service, await instance.ready()] as const);
      return Object.fromEntries(await Promise.all(states));
    },
    async idle() {
      for (const { instance } of running) await instance.idle();
    },
    async wake() {
      await late?.wake();
    },
    close,
  };
}

function keyOf(keys: ReadonlyMap<string, ServiceKey>, caller: string): ServiceKey {
  const key = keys.get(caller);
  if (!key) throw new TypeError(`no service key for ${caller}`);
  return key;
}

const openTracing = (environment: Environment): Promise<Tracing> | Tracing =>
  environment.OTEL_EXPORTER_OTLP_ENDPOINT
    ? createTracing({ service: 'lucid', version: '1', endpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT })
    : noTracing;

async function serve(
  instance: Instance,
  place: ListenPlace | undefined,
  targets: Map<string, HttpTarget>,
): Promise<Running> {
  if (!place) return { instance };
  try {
    const { createHttpServer } = await import('../server/http-server.ts');
    const server = await createHttpServer(instance);
    targets.set(instance.service, await listen(server, place));
    return { instance, server };
  } catch (error) {
    await instance.close();
    throw error;
  }
}
