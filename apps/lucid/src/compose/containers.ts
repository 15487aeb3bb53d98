/** The containers of a stack, as Docker sees them. */
import { type Docker, parseLines } from './docker.ts';
import type { StackModel } from './model.ts';

export interface StackContainer {
  readonly service: string;
  readonly name: string;
  readonly id: string;
  readonly image: string;
  readonly status: string;
  /** Null where the image has no check. */
  readonly health: string | null;
  /** What the last check said. */
  readonly said: string;
  readonly exitCode: number;
  readonly restarts: number;
  readonly outOfMemory: boolean;
  /** Of its networks, in no order. */
  readonly addresses: readonly string[];
  readonly memoryLimitBytes: number;
}

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly RestartCount: number;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: { readonly Memory: number };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Health?: {
      readonly Status: string;
      readonly Log?: readonly { readonly Output: string }[] | null;
    };
  };
}

const fromInspected = ({ State, Config, ...rest }: Inspected): StackContainer => ({
  service: Config.Labels['com.docker.compose.service'] ?? '',
  name: rest.Name.replace(/^\//, ''),
  id: rest.Id,
  image: rest.Image,
  status: State.Status,
  health: State.Health?.Status ?? null,
  said: State.Health?.Log?.at(-1)?.Output.trim() ?? '',
  exitCode: State.ExitCode,
  restarts: rest.RestartCount,
  outOfMemory: State.OOMKilled,
  addresses: Object.values(rest.NetworkSettings.Networks).flatMap(({ IPAddress }) => IPAddress || []),
  memoryLimitBytes: rest.HostConfig.Memory,
});

export async function readContainers(
  docker: Docker,
  { project }: Pick<StackModel, 'project'>,
): Promise<StackContainer[]> {
  const label = `label=com.docker.compose.project=${project}`;
  const listed = await docker.run('ps', '-a', '-q', '--no-trunc', '--filter', label);
  const ids = listed.stdout.split('\n').filter(Boolean);
  if (ids.length === 0) return [];
  const { stdout } = await docker.run('container', 'inspect', ...ids);
  return (JSON.parse(stdout || '[]') as Inspected[]).map(fromInspected);
}

/** What each uses, as Docker writes it (`31.4MiB`), by id. */
export async function readMemory(
  docker: Docker,
  containers: readonly StackContainer[],
): Promise<ReadonlyMap<string, string>> {
  const running = containers.filter(({ status }) => status === 'running').map(({ id }) => id);
  if (running.length === 0) return new Map();
  const { stdout } = await docker.run(
    ...['stats', '--no-stream', '--no-trunc', '--format', '{{json .}}'],
    ...running,
  );
  const stats = parseLines<{ ID: string; MemUsage: string }>(stdout);
  return new Map(stats.map(({ ID, MemUsage }) => [ID, MemUsage.split(' / ')[0] ?? '']));
}
