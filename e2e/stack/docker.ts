/** Docker's client, as the tests of containers use it. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MAX_OUTPUT_BYTES = 64 * 1_048_576;

interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
}

/** Its standard output. @throws Error with its standard error */
export async function docker(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { env = process.env, timeoutMs = 120_000 } = options;
  try {
    const { stdout } = await run('docker', args, { env, timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES });
    return stdout.trim();
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`docker ${args.join(' ')}: ${stderr.trim() || stdout.trim() || String(error)}`, {
      cause: error,
    });
  }
}

/** Why there is no Docker with its compose plugin to test with, or null. */
export function whyNoDocker(): string | null {
  const daemon = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' });
  if (daemon.error) return 'docker is not installed';
  if (daemon.status !== 0) return 'no docker daemon answers';
  const compose = spawnSync('docker', ['compose', 'version'], { encoding: 'utf8' });
  return compose.status === 0 ? null : 'docker has no compose plugin';
}

/** Why the images that these names stand for are not all here, or null. */
export function whyNoImages(images: readonly string[]): string | null {
  const missing = images.filter(
    (image) => spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' }).status !== 0,
  );
  return missing.length === 0 ? null : `images are not built: ${missing.join(', ')}`;
}

/** State of a container. */
export interface ContainerState {
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** Null where its image has no check. */
  readonly health: 'starting' | 'healthy' | 'unhealthy' | null;
  /** Of its main process on the host; 0 where it does not run. */
  readonly pid: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly restarts: number;
  /** Changes whenever its main process is another. */
  readonly startedAt: string;
}

interface Inspected {
  readonly State: {
    readonly Status: ContainerState['status'];
    readonly Health?: { readonly Status: ContainerState['health'] };
    readonly Pid: number;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly StartedAt: string;
  };
  readonly RestartCount: number;
}

export async function stateOf(container: string): Promise<ContainerState> {
  const [found] = JSON.parse(await docker(['container', 'inspect', container])) as [Inspected];
  const { State: state, RestartCount: restarts } = found;
  return {
    status: state.Status,
    health: state.Health?.Status ?? null,
    pid: state.Pid,
    exitCode: state.ExitCode,
    oomKilled: state.OOMKilled,
    restarts,
    startedAt: state.StartedAt,
  };
}
