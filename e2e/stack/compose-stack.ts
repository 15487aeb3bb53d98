/**
 * A stack of containers, from one of the compose files: secrets of its own in a temporary folder, a tor that calls nobody, volumes that
 * go with it. Addresses and names of containers are fixed, so one stack runs at a time; tests of it live in e2e/containers.
 */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ContractSpec } from '@lucid/contracts';
import {
  type Client,
  createClient,
  createHttpTransport,
  createTokenSource,
  parseServiceKey,
  type Readiness,
  type ServiceKey,
  systemClock,
  type Transport,
  urlVariable,
} from '@lucid/service-kit';
import { type ServiceName, serviceAt } from '@lucid/topology';
import { ComposeContainers } from './compose-containers.ts';
import {
  type ComposeKeys,
  type ComposeStackOptions,
  prepareFolder,
  type Settings,
  servicesOf,
} from './compose-settings.ts';
import { docker } from './docker.ts';
import type { SessionDocument } from './recording-agent.ts';
import { until } from './until.ts';

const UP_TIMEOUT_S = 180;
const TAIL_LINES = '15';
/** They show who comes from outside whether they live, and no more. */
const FRONTS: readonly ServiceName[] = ['api-gateway', 'openapi-gateway'];

export class ComposeStack extends ComposeContainers {
  readonly root: string;
  readonly folder: string;
  readonly project: string;
  readonly keys: ComposeKeys;
  /** Those that were started. */
  readonly services: readonly ServiceName[];
  /** Where each app is reached from this machine, by the variable that says so. */
  readonly urls: Readonly<Record<string, string>>;
  /** What compose was given. */
  readonly env: Settings;
  readonly #file: string;
  readonly #transports = new Map<string, Transport>();

  constructor(parts: {
    readonly root: string;
    readonly folder: string;
    readonly project: string;
    readonly keys: ComposeKeys;
    readonly services: readonly ServiceName[];
    readonly env: Settings;
    readonly file: string;
  }) {
    super();
    this.root = parts.root;
    this.folder = parts.folder;
    this.project = parts.project;
    this.keys = parts.keys;
    this.services = parts.services;
    this.env = parts.env;
    this.#file = parts.file;
    this.urls = Object.fromEntries(parts.services.map((name) => [urlVariable(name), this.originOf(name)]));
  }

  /** `docker compose` on this stack; its standard output. */
  compose(...args: readonly string[]): Promise<string> {
    const of = ['compose', '--env-file', join(this.folder, '.env'), '-p', this.project, '-f', this.#file];
    return docker([...of, ...args], { env: this.env, timeoutMs: (UP_TIMEOUT_S + 60) * 1000 });
  }

  /** Starts what is not there, or other services of the file, and waits until all is healthy. */
  async up(...services: readonly ServiceName[]): Promise<void> {
    const wait = ['--wait', '--wait-timeout', String(UP_TIMEOUT_S)];
    try {
      await this.compose('up', '-d', '--quiet-pull', ...wait, ...services);
    } catch (error) {
      const asked = services.length > 0 ? services : this.services;
      const sick = await Promise.all(asked.map((name) => this.#sickness(name)));
      throw new Error(`${(error as Error).message}\n${sick.filter(Boolean).join('\n')}`, { cause: error });
    }
  }

  async #sickness(name: ServiceName): Promise<string> {
    const state = await this.state(name).catch(() => null);
    if (state?.health === 'healthy') return '';
    const log = await this.logs(name, '--tail', TAIL_LINES).catch(String);
    return `${name}: ${state ? `${state.status}, ${state.health}, exit ${state.exitCode}` : 'absent'}\n${log}`;
  }

  originOf(name: ServiceName): string {
    const scheme = name === 'api-gateway' && this.env.LUCID_GATEWAY_TLS !== 'off' ? 'https' : 'http';
    return `${scheme}://${this.addressOf(name)}:${serviceAt(name).containerPort}`;
  }

  keyOf(caller: string): ServiceKey {
    return parseServiceKey(caller, readFileSync(this.keys.keyFileOf(caller)));
  }

  /** A client of one service, by default with the operator's key. */
  clientOf<const C extends ContractSpec>(contract: C, as = 'operator'): Client<C> {
    const origin = this.originOf(contract.service as ServiceName);
    const transport = this.#transports.get(origin) ?? createHttpTransport({ origin });
    this.#transports.set(origin, transport);
    const tokens = createTokenSource({ key: this.keyOf(as), clock: systemClock });
    // A killed service is back within a second: a breaker of 30 s would only hide it.
    return createClient(contract, transport, { tokens, breaker: false });
  }

  ask(name: ServiceName, path: string): Promise<Response> {
    return fetch(this.originOf(name) + path, { signal: AbortSignal.timeout(5_000) });
  }

  /** What GET /ready of an app says now. */
  async readiness(name: ServiceName): Promise<Readiness> {
    return (await (await this.ask(name, '/ready')).json()) as Readiness;
  }

  /** Resolves when these, or all, are ready: apps by /ready, programs of others by Docker's check. */
  async ready(...names: readonly ServiceName[]): Promise<void> {
    await Promise.all((names.length > 0 ? names : this.services).map((name) => this.#readyOne(name)));
  }

  #readyOne(name: ServiceName): Promise<void> {
    const isApp = serviceAt(name).image?.kind === 'node';
    const path = FRONTS.includes(name) ? '/health' : '/ready';
    return until(`${name} is ready`, async () =>
      isApp ? (await this.ask(name, path)).status === 200 : (await this.state(name)).health === 'healthy',
    );
  }

  /** Resolves when /ready of an app lacks what it depends on under this name. */
  lacks(name: ServiceName, dependency: string): Promise<void> {
    return until(`${name} lacks ${dependency}`, async () => {
      const { status, dependencies } = await this.readiness(name);
      return status !== 'ready' && dependencies[dependency]?.status !== 'up';
    });
  }

  /** The session's evidence, taken out by the operator's command line; path of the file. */
  async bundleOf({ sessionId }: SessionDocument): Promise<string> {
    const path = join(this.folder, `${sessionId}.lucid`);
    const program = join(this.root, 'dist/apps/lucid/main.mjs');
    const key = this.keys.keyFileOf('operator');
    const args = ['export', sessionId, '--operator-key', key, '--out', path, '--force'];
    await promisify(execFile)(process.execPath, [program, ...args], {
      env: { PATH: process.env.PATH, HOME: this.folder, ...this.urls },
    });
    return path;
  }

  /** Takes down containers, networks and volumes, and removes the folder. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#transports.values()].map((each) => each.close()));
    await this.compose('--profile', '*', 'down', '--volumes', '--remove-orphans', '--timeout', '5');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Everything but the containers. */
export async function prepareComposeStack(options: ComposeStackOptions): Promise<ComposeStack> {
  const { root, file } = options;
  return new ComposeStack({
    ...(await prepareFolder(options)),
    root,
    project: `lucid-e2e-${process.pid}`,
    services: servicesOf(options),
    file: join(root, 'compose', `${file}.yaml`),
  });
}

/** Starts everything and waits until each container is healthy. Nothing is left behind where it fails. */
export async function startComposeStack(options: ComposeStackOptions): Promise<ComposeStack> {
  const stack = await prepareComposeStack(options);
  try {
    await stack.up();
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
