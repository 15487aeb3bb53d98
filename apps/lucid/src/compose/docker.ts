/** Docker's client, run as a user would. */
import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Ran {
  /** Null where there is no such program, or a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** There is no program `docker`. */
  readonly missing: boolean;
}

export interface Docker {
  readonly env: Environment;
  run(...args: readonly string[]): Promise<Ran>;
  /** As `run`; on a terminal it shows by itself how far it is, and `stderr` stays empty. */
  show(terminal: boolean, ...args: readonly string[]): Promise<Ran>;
}

function start(env: Environment, args: readonly string[], terminal: boolean): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, { env, stdio: ['ignore', 'pipe', terminal ? 'inherit' : 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' || error.code === 'EACCES'
        ? resolve({ status: null, ...said, missing: true })
        : reject(error),
    );
    child.once('close', (status) => resolve({ status, ...said, missing: false }));
  });
}

export const createDocker = (env: Environment): Docker => ({
  env,
  run: (...args) => start(env, args, false),
  show: (terminal, ...args) => start(env, args, terminal),
});

/** The last thing that it said: of what Docker and compose write, that is the reason. */
export const reasonOf = ({ stderr, stdout, status }: Ran): string => {
  const lines = `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('time='));
  return lines.at(-1) ?? `it ended with status ${status}`;
};

/** One JSON value a line, as `--format '{{json .}}'` writes; or one array, as some versions of compose do. */
export function parseLines<T>(text: string): T[] {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return JSON.parse(trimmed) as T[];
  return trimmed === '' ? [] : trimmed.split('\n').map((line) => JSON.parse(line) as T);
}
