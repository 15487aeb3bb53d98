/** Bundles `child.ts` once for a test file and runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';

const CACHE = join(__dirname, '../../../node_modules/.cache/lucid');

export interface Child {
  readonly process: ChildProcess;
  /** Lines so far; complete when `ended` resolves. */
  readonly lines: string[];
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Resolves at that many lines, or at the end. */
  reached(lines: number): Promise<void>;
}

export interface ChildProgram {
  run(args: readonly string[], through?: readonly string[]): Child;
  remove(): void;
}

function follow(process: ChildProcess): Child {
  const lines: string[] = [];
  let wanted: { lines: number; reached: () => void } | null = null;
  const out = createInterface({ input: process.stdout as NodeJS.ReadableStream });
  const outEnded = new Promise((resolve) => out.on('close', resolve));
  out.on('line', (line) => {
    lines.push(line);
    if (wanted && lines.length >= wanted.lines) wanted.reached();
  });
  const ended = new Promise<number | string>((resolve) => {
    process.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  }).then(async (how) => {
    await outEnded;
    wanted?.reached();
    return how;
  });
  return {
    process,
    lines,
    ended,
    reached: (count) =>
      new Promise((resolve) => {
        wanted = { lines: count, reached: resolve };
        if (lines.length >= count) resolve();
      }),
  };
}

/** The bundle lies under `node_modules`, where its `require('lmdb')` finds the driver. */
export function bundleChild(): ChildProgram {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'store-lmdb-'));
  const file = join(folder, 'child.cjs');
  buildSync({
    entryPoints: [join(__dirname, 'child.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['lmdb'],
  });
  return {
    run(args, through = []) {
      const [command = process.execPath, ...rest] = [...through, process.execPath, file, ...args];
      return follow(spawn(command, rest, { stdio: ['ignore', 'pipe', 'ignore'] }));
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
