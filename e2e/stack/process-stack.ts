/**
 * Every service of the evidence plane in a process of its own, on loopback ports, with keys and stores of its own: what a
 * compose file starts, without containers. For tests, and by hand with tools/local-stack.mjs.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lucidGenesis } from '@lucid/chain-application';
import type { ContractSpec } from '@lucid/contracts';
import {
  type Client,
  createClient,
  createHttpTransport,
  createTokenSource,
  type ServiceKey,
  systemClock,
  type Transport,
  urlVariable,
} from '@lucid/service-kit';
import { type AppName, appNames, serviceAt } from '@lucid/topology';
import { freePorts } from './free-ports.ts';
import { ServiceProcess } from './service-process.ts';
import { makeStackKeys, type StackKeys } from './stack-keys.ts';
import { type OpenedStores, openStores, type StorePlan } from './store-plan.ts';

export interface ProcessStackOptions {
  /** The repository: bundles are taken from its dist/apps. */
  readonly root: string;
  readonly stores: StorePlan;
  /** Also the services that users sign in at and come in through. */
  readonly access?: boolean;
  /** More environment for every service. */
  readonly env?: Readonly<Record<string, string>>;
  /** Kept after `stop` where given; otherwise a temporary folder that is removed. */
  readonly folder?: string;
}

const ACCESS = [
  'api-gateway',
  'authentication',
  'api-server',
  'session-api',
  'openapi-server',
  'openapi-gateway',
];
export const accessServices = appNames.filter((name) => ACCESS.includes(name));
/** The chain that sessions are registered on; what is built upon it no recording needs. */
const CHAIN = ['blockchain-vm', 'on-system-chain'];
export const evidenceServices = appNames.filter((name) => {
  const { layer, plane } = serviceAt(name);
  return CHAIN.includes(name) || (layer <= 1 && plane !== 'ops' && !ACCESS.includes(name));
});

/** Callers besides the services that a contract names. */
const otherCallers = ['operator', 'session-host-manager'];

export class ProcessStack {
  readonly root: string;
  readonly folder: string;
  /** Where each service is reached, by the variable that says so. */
  readonly urls: Readonly<Record<string, string>>;
  readonly keys: StackKeys;
  readonly services: ReadonlyMap<AppName, ServiceProcess>;
  readonly #stores: OpenedStores;
  readonly #removes: boolean;
  readonly #transports = new Map<string, Transport>();

  constructor(parts: {
    root: string;
    folder: string;
    urls: Readonly<Record<string, string>>;
    removes: boolean;
    keys: StackKeys;
    stores: OpenedStores;
    services: ReadonlyMap<AppName, ServiceProcess>;
  }) {
    this.root = parts.root;
    this.folder = parts.folder;
    this.urls = parts.urls;
    this.keys = parts.keys;
    this.services = parts.services;
    this.#stores = parts.stores;
    this.#removes = parts.removes;
  }

  service(name: AppName): ServiceProcess {
    const found = this.services.get(name);
    if (!found) throw new Error(`the stack has no ${name}`);
    return found;
  }

  keyOf(caller: string): ServiceKey {
    const key = this.keys.services.get(caller);
    if (!key) throw new Error(`the stack has no key for ${caller}`);
    return key;
  }

  /** A client of one service, by default with the operator's key. */
  clientOf<const C extends ContractSpec>(contract: C, as = 'operator'): Client<C> {
    const { origin } = this.service(contract.service as AppName).options;
    const transport = this.#transports.get(origin) ?? createHttpTransport({ origin });
    this.#transports.set(origin, transport);
    const tokens = createTokenSource({ key: this.keyOf(as), clock: systemClock });
    // A killed service is back within a second: a breaker of 30 s would only hide it.
    return createClient(contract, transport, { tokens, breaker: false });
  }

  /** Resolves when every service that runs is ready. */
  async ready(): Promise<void> {
    await Promise.all([...this.services.values()].filter((each) => each.runs).map((each) => each.ready()));
  }

  /** Stops every service, the servers of its stores, and removes its folder. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await Promise.allSettled([...this.services.values()].map((each) => each.stop(signal)));
    await Promise.allSettled([...this.#transports.values()].map((each) => each.close()));
    await this.#stores.stop();
    if (this.#removes) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The chain's beginning, where nobody has means: made at the first start of the folder. */
function genesisIn(folder: string): string {
  const path = join(folder, 'genesis.json');
  if (!existsSync(path)) {
    const timestampSec = Math.floor(Date.now() / 1000);
    writeFileSync(path, JSON.stringify(lucidGenesis({ timestampSec, alloc: {} })));
  }
  return path;
}

function environmentOf(
  name: AppName,
  parts: { folder: string; keys: StackKeys; port: number; gateway: string },
) {
  const { folder, keys, port } = parts;
  return {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'info',
    LUCID_SERVICE_KEY_FILE: keys.keyFileOf(name),
    LUCID_SERVICE_KEYRING_FILE: keys.keyringFile,
    LUCID_RECORDER_VERIFIER_KEY: keys.recorder.verifierKey,
    LUCID_LEDGER_VERIFIER_KEY: keys.ledger.verifierKey,
    ...(name === 'authentication'
      ? { AUTH_SECRET: 'a secret of this test stack only', AUTH_URI: parts.gateway }
      : {}),
    ...(name === 'api-gateway' ? { GATEWAY_TLS: 'off' } : {}),
    ...(name === 'merkle-builder' ? { LUCID_RECORDER_KEY_FILE: join(keys.folder, 'recorder.key') } : {}),
    ...(name === 'blockchain-ledger'
      ? {
          LEDGER_SIGNING_KEY_FILE: join(keys.folder, 'ledger.key'),
          LEDGER_DATA_DIR: join(folder, 'ledger'),
        }
      : {}),
    ...(name === 'blockchain-vm'
      ? { VM_DATA_DIR: join(folder, 'vm'), VM_GENESIS_FILE: genesisIn(folder) }
      : {}),
    ...(name === 'on-system-chain' ? { CHAIN_DATA_DIR: join(folder, 'chain') } : {}),
  };
}

function programOf(root: string, name: string): string {
  const program = join(root, 'dist/apps', name, 'main.mjs');
  if (!existsSync(program)) throw new Error(`${program} is not built; run: node tools/build.mjs ${name}`);
  return program;
}

async function layOut(options: ProcessStackOptions, folder: string): Promise<ProcessStack> {
  const keys = await makeStackKeys(join(folder, 'keys'), [...appNames, ...otherCallers]);
  keys.secretFile('recorder.key', `${keys.recorder.signerKey}\n`);
  keys.secretFile('ledger.key', `${keys.ledger.signerKey}\n`);
  const logFolder = join(folder, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const names = options.access ? [...evidenceServices, ...accessServices] : evidenceServices;
  const ports = await freePorts(names.length);
  const originOf = (at: number) => `http://127.0.0.1:${ports[at]}`;
  const urls = Object.fromEntries(names.map((name, at) => [urlVariable(name), originOf(at)]));
  const programs = names.map((name) => programOf(options.root, name));
  const stores = await openStores(options.stores, folder);
  const gateway = urls[urlVariable('api-gateway')] ?? '';
  const services = names.map((name, at) => {
    const own = environmentOf(name, { folder, keys, port: ports[at] as number, gateway });
    const env = { ...own, ...urls, ...stores.env, ...options.env };
    const program = programs[at] as string;
    return [name, new ServiceProcess({ name, program, env, logFolder, origin: originOf(at) })] as const;
  });
  const removes = options.folder === undefined;
  const { root } = options;
  return new ProcessStack({ root, folder, urls, removes, keys, stores, services: new Map(services) });
}

/** Starts everything and waits until each service is ready. Nothing is left behind where it fails. */
export async function startProcessStack(options: ProcessStackOptions): Promise<ProcessStack> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'lucid-stack-'));
  mkdirSync(folder, { recursive: true });
  const stack = await layOut(options, folder);
  try {
    for (const service of stack.services.values()) service.spawn();
    await stack.ready();
    return stack;
  } catch (error) {
    await stack.stop('SIGKILL');
    throw error;
  }
}
