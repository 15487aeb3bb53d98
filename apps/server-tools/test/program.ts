/** The service's program as a process of its own, for commands and kills. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServiceKeys, type ServiceKey } from '@lucid/service-kit';
import { buildSync } from 'esbuild';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface Program {
  /** Starts it with these words, perhaps below another program. */
  start(words: readonly string[], environment: Record<string, string>, below?: readonly string[]): Running;
  run(words: readonly string[], environment: Record<string, string>): Promise<Ended>;
  /** Of the keys and of a socket. */
  readonly folder: string;
  dispose(): void;
}

export function buildProgram(): Program {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-p-'));
  buildSync({
    entryPoints: { main: join(__dirname, '../src/main.ts') },
    outdir: join(folder, 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);",
    },
  });
  const { keys } = createServiceKeys(['server-tools', 'operator']);
  writeFileSync(join(folder, 'key.pem'), (keys.get('server-tools') as ServiceKey).secretPem);
  const keyring = Object.fromEntries([...keys.values()].map((each) => [each.caller, each.publicKey]));
  writeFileSync(join(folder, 'keyring.json'), JSON.stringify(keyring));
  const children = new Set<ChildProcess>();

  const start: Program['start'] = (words, environment, below = []) => {
    const [command = process.execPath, ...rest] = [
      ...below,
      ...[process.execPath, join(folder, 'dist/main.mjs'), ...words],
    ];
    const child = spawn(command, rest, {
      env: {
        PATH: process.env.PATH,
        LUCID_SOCKET: join(folder, 'tools.sock'),
        LUCID_SERVICE_KEY_FILE: join(folder, 'key.pem'),
        LUCID_SERVICE_KEYRING_FILE: join(folder, 'keyring.json'),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part) => {
      stdout += part;
    });
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    const ended = once(child, 'close').then(([code]) => {
      children.delete(child);
      return { code, stdout, stderr };
    });
    return { child, ended };
  };
  return {
    folder,
    start,
    run: (words, environment) => start(words, environment).ended,
    dispose() {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Why system calls cannot be intercepted here, or null. */
export function whyNoStrace(): string | null {
  const run = spawnSync('strace', ['-f', '-e', 'trace=none', 'true'], { encoding: 'utf8' });
  if (run.error) return 'strace is not installed';
  return run.status === 0 ? null : `strace may not trace: ${run.stderr.trim()}`;
}
