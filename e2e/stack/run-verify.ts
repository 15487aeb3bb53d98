/** The offline verifier as a stranger runs it: the single file, in a process of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface VerifyRun {
  readonly status: number | null;
  readonly text: string;
}

/** Verifier keys to trust. */
export interface Trusted {
  readonly recorder: string;
  readonly ledger: string;
}

export function runVerify(root: string, file: string, trusted?: Trusted): VerifyRun {
  const pins = trusted ? ['--recorder-key', trusted.recorder, '--ledger-key', trusted.ledger] : [];
  const program = join(root, 'dist/apps/verify/verify.mjs');
  const anchored = ['--require-anchor'];
  const run = spawnSync(process.execPath, [program, file, ...anchored, ...pins], { encoding: 'utf8' });
  return { status: run.status, text: run.stdout + run.stderr };
}
