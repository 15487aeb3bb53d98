/** What a compose file means, as compose itself resolves it: services that are asked for, their images, networks, ports, secrets. */
import { CliError } from '../cli/cli-error.ts';
import { type Docker, reasonOf } from './docker.ts';
import type { ComposeOptions, ComposePlace } from './place.ts';

export interface StackPort {
  readonly host_ip?: string;
  readonly target: number;
  readonly published?: string;
}

export interface StackMount {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
}

export interface StackService {
  readonly image?: string;
  readonly container_name?: string;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>> | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly networks?: Readonly<Record<string, { readonly ipv4_address?: string } | null>> | null;
  readonly ports?: readonly StackPort[] | null;
  readonly secrets?: readonly { readonly source: string }[] | null;
  readonly volumes?: readonly StackMount[] | null;
}

interface StackNetwork {
  readonly name: string;
  readonly ipam?: { readonly config?: readonly { readonly subnet?: string }[] | null };
}

interface Resolved {
  readonly name: string;
  readonly services: Readonly<Record<string, StackService>>;
  readonly networks?: Readonly<Record<string, StackNetwork>>;
  readonly secrets?: Readonly<Record<string, { readonly file?: string }>>;
}

export interface StackModel {
  readonly file: string;
  /** Name of the stack in Docker. */
  readonly project: string;
  readonly profiles: readonly string[];
  /** Those that are asked for. */
  readonly services: Readonly<Record<string, StackService>>;
  readonly networks: Readonly<Record<string, StackNetwork>>;
  /** Path by name, of those that the services use. */
  readonly secrets: Readonly<Record<string, string>>;
}

async function resolveFile(docker: Docker, file: string, profiles: readonly string[]): Promise<Resolved> {
  const asked = profiles.flatMap((profile) => ['--profile', profile]);
  const ran = await docker.run('compose', '-f', file, ...asked, 'config', '--format', 'json');
  if (ran.status === 0) return JSON.parse(ran.stdout) as Resolved;
  throw new CliError('stack_blocked', `${file} cannot be used: ${reasonOf(ran).replace(/\.?$/, '.')}`);
}

const pick = <T>(from: Readonly<Record<string, T>>, wanted: (name: string, value: T) => boolean) =>
  Object.fromEntries(Object.entries(from).filter(([name, value]) => wanted(name, value)));

function assertProfiles(asked: readonly string[], known: readonly string[]): void {
  const wrong = asked.filter((profile) => !known.includes(profile));
  if (wrong.length === 0) return;
  throw new CliError(
    'usage',
    `--profile ${wrong.join(', ')}: there is no such profile; known are ${known.join(', ') || 'none'}`,
  );
}

/** Names of the services that start: of the profiles that are asked for, else of those that compose's settings name. */
async function startedNames(
  docker: Docker,
  { file }: ComposePlace,
  { all, asked }: { readonly all: Resolved; readonly asked: readonly string[] },
): Promise<ReadonlySet<string>> {
  if (asked.length === 0) return new Set(Object.keys((await resolveFile(docker, file, [])).services));
  const started = Object.entries(all.services).filter(
    ([, { profiles = [] }]) => profiles.length === 0 || profiles.some((profile) => asked.includes(profile)),
  );
  return new Set(started.map(([name]) => name));
}

/** @throws CliError usage where a profile is none, stack_blocked where compose refuses the file */
export async function readModel(
  docker: Docker,
  place: ComposePlace,
  { profile: asked = [] }: Pick<ComposeOptions, 'profile'>,
): Promise<StackModel> {
  const all = await resolveFile(docker, place.file, ['*']);
  assertProfiles(asked, [...new Set(Object.values(all.services).flatMap(({ profiles = [] }) => profiles))]);
  const started = await startedNames(docker, place, { all, asked });
  const services = pick(all.services, (name) => started.has(name));
  const used = (of: (service: StackService) => readonly string[]) =>
    new Set(Object.values(services).flatMap(of));
  const usedNetworks = used(({ networks }) => Object.keys(networks ?? {}));
  const usedSecrets = used(({ secrets }) => (secrets ?? []).map(({ source }) => source));
  const files = Object.entries(all.secrets ?? {}).flatMap(([name, { file }]) =>
    file && usedSecrets.has(name) ? [[name, file] as const] : [],
  );
  return {
    file: place.file,
    project: all.name,
    profiles: asked,
    services,
    networks: pick(all.networks ?? {}, (name) => usedNetworks.has(name)),
    secrets: Object.fromEntries(files),
  };
}

/** Arguments of `docker` that name the stack. */
export const stackArgs = ({ file, profiles }: Pick<StackModel, 'file' | 'profiles'>): string[] => [
  'compose',
  '-f',
  file,
  ...profiles.flatMap((profile) => ['--profile', profile]),
];
