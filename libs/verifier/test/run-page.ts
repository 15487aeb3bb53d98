/** docs/verify-without-lucid.md, run as it stands there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const page = readFileSync(join(root, 'docs/verify-without-lucid.md'), 'utf8');
export const script = [...page.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, block]) => block).join('\n');

/** `cast` may be one of this repository's own packages. */
const env = { ...process.env, PATH: `${process.env.PATH}:${join(root, 'node_modules/.bin')}` };
const missing = ['openssl', 'jq', 'cast'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`], { env }).status !== 0,
);
/** Why the page cannot be run here; null where it can. */
export const whyNoPage = missing.length === 0 ? null : `${missing.join(', ')} is not here`;

/** The lines it prints of a file. */
export function runPage(file: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'without-lucid-'));
  try {
    return execFileSync('bash', ['-c', script], {
      cwd: folder,
      env: { ...env, f: file },
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
