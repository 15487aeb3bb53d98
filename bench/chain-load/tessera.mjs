// Tessera's POSIX driver as a peer of anchoring in number: entries of a session record's size, each under a signed checkpoint on the disk (bench/tessera).
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SESSION_SIZE_BYTES } from './kinds.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const OUTSTANDING = 4096;
const SECONDS = 5;

/** Null, and a sentence, where Go is not there. */
export function buildTessera() {
  if (spawnSync('go', ['version']).status !== 0) {
    console.log('Tessera: not measured, go is not installed');
    return null;
  }
  const program = join(root, 'dist/bench/tessera');
  execFileSync('go', ['build', '-o', program, '.'], { cwd: join(root, 'bench/tessera'), stdio: 'inherit' });
  return {
    name: 'Tessera, published',
    stop: async () => undefined,
    /** Anchoring alone has a counterpart. It runs for some seconds, whatever `units` says. */
    async measure(kind) {
      if (kind !== 'register' && kind !== 'batch') return null;
      const folder = mkdtempSync(join(tmpdir(), 'lucid-tessera-bench-'));
      const args = [folder, OUTSTANDING, SECONDS, SESSION_SIZE_BYTES, 'published'].map(String);
      try {
        // What it says of its new folder is no result.
        const printed = execFileSync(program, args, {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const { entries, entriesPerSecond, cpuSeconds } = JSON.parse(printed);
        return { units: entries, seconds: entries / entriesPerSecond, cpuSeconds };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
