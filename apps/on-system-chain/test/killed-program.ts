/** A test's program, killed while it works. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

interface Run {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From its first line to kill -9. */
  readonly afterMs: number;
  /** So that a test that gives up can end it. */
  readonly onStarted?: (child: ChildProcess) => void;
}

/** Lines that it said before it was killed. Rejects where it ended without any. */
export async function killedProgram(
  program: string,
  { args, environment, afterMs, onStarted }: Run,
): Promise<string[]> {
  const child = spawn('node', [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '', ...environment },
  });
  onStarted?.(child);
  const lines: string[] = [];
  const exited = once(child, 'exit');
  const reader = createInterface({ input: child.stdout });
  const begun = once(reader, 'line');
  reader.on('line', (line) => lines.push(line));
  await Promise.race([begun, exited]);
  await delay(afterMs);
  child.kill('SIGKILL');
  await exited;
  if (lines.length === 0) throw new Error('the program ended by itself');
  return lines;
}
