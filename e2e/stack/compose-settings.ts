/** What a stack of containers is started with: which services, secrets and settings of its own in a temporary folder. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateIdentity, type KeyPair } from '@lucid/recipients';
import { type ServiceName, serviceAt, serviceNames } from '@lucid/topology';
import { whyNoDocker, whyNoImages } from './docker.ts';
import { freePorts } from './free-ports.ts';

export type ComposeFile = 'layer0' | 'layer1' | 'layer2' | 'lucid';

export interface ComposeStackOptions {
  /** The repository. */
  readonly root: string;
  readonly file: ComposeFile;
  /** Default: all but dev. */
  readonly profiles?: readonly string[];
  /** Settings of the compose file (docs/topology.md) beside or in place of the usual ones of tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder whose `*.conf` tor reads; default one with `DisableNetwork 1`. */
  readonly torConfig?: string;
}

/** Variables of the compose files. */
export type Settings = Readonly<Record<string, string | undefined>>;

const PROFILES = ['session-pipeline', 'authentication', 'blockchain', 'openapi'] as const;
const layerOf: Readonly<Record<ComposeFile, number>> = { layer0: 0, layer1: 1, layer2: 2, lucid: 3 };

/** Services that a file starts with these profiles. */
export const servicesOf = ({ file, profiles = PROFILES }: Omit<ComposeStackOptions, 'root'>): ServiceName[] =>
  serviceNames.filter((name) => {
    const { layer, profile } = serviceAt(name);
    return layer <= layerOf[file] && (profile === undefined || profiles.includes(profile));
  });

export const imageOf = (name: ServiceName, env: Settings = {}): string =>
  `${env.LUCID_REGISTRY ?? process.env.LUCID_REGISTRY ?? 'pickme/lucid'}:${name}`;

/** Why such a stack cannot run here, or null. */
export const whyNoComposeStack = (options: Omit<ComposeStackOptions, 'root'>): string | null =>
  whyNoDocker() ?? whyNoImages(servicesOf(options).map((name) => imageOf(name, options.env)));

/** What the secrets of a stack are. */
export interface ComposeKeys {
  readonly folder: string;
  readonly recorder: { readonly verifierKey: string };
  readonly ledger: { readonly verifierKey: string };
  /** Of tests: no service knows its secret. */
  readonly owner: KeyPair;
  keyFileOf(caller: string): string;
}

async function makeKeys(root: string, folder: string): Promise<ComposeKeys> {
  const secrets = join(folder, 'secrets');
  await promisify(execFile)(process.execPath, [join(root, 'tools/make-secrets.mjs'), secrets]);
  const settings = readFileSync(join(folder, '.env'), 'utf8');
  const verifierKey = (variable: string) =>
    new RegExp(`^${variable}=(.+)$`, 'm').exec(settings)?.[1] as string;
  return {
    folder: secrets,
    recorder: { verifierKey: verifierKey('LUCID_RECORDER_VERIFIER_KEY') },
    ledger: { verifierKey: verifierKey('LUCID_LEDGER_VERIFIER_KEY') },
    owner: await generateIdentity(),
    keyFileOf: (caller) => join(secrets, `${caller}_key`),
  };
}

/** Settings of a folder in which tor calls nobody. */
function offlineTor(folder: string): string {
  const path = join(folder, 'tor');
  mkdirSync(path);
  writeFileSync(join(path, 'offline.conf'), 'DisableNetwork 1\n');
  return path;
}

const settingsOf = async (options: ComposeStackOptions, folder: string): Promise<Settings> => {
  const [gateway, docs, ssh] = await freePorts(3);
  const { PATH, HOME, DOCKER_HOST, DOCKER_CONFIG, LUCID_REGISTRY } = process.env;
  return {
    ...{ PATH, HOME, DOCKER_HOST, DOCKER_CONFIG, LUCID_REGISTRY },
    COMPOSE_PROFILES: (options.profiles ?? PROFILES).join(','),
    LUCID_SECRETS: join(folder, 'secrets'),
    LUCID_TOR_CONFIG: options.torConfig ?? offlineTor(folder),
    LUCID_PULL: 'never',
    LUCID_GATEWAY_TLS: 'off',
    LUCID_API_GATEWAY_PORT: String(gateway),
    LUCID_OPENAPI_GATEWAY_PORT: String(docs),
    LUCID_INFRASTRUCTURE_DEV_PORT: String(ssh),
    ...options.env,
  };
};

/** A folder with secrets, and what compose is to be told. */
export async function prepareFolder(
  options: ComposeStackOptions,
): Promise<{ folder: string; keys: ComposeKeys; env: Settings }> {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-compose-'));
  const keys = await makeKeys(options.root, folder);
  return { folder, keys, env: await settingsOf(options, folder) };
}
