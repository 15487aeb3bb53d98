/**
 * kill -9 at random moments: what was answered is there, in its place, and the head only grows. LUCID_KILLS says how many
 * (default 12). The child is bundled as the service is.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLevelKvStore } from '@lucid/kv-level';
import { build } from 'esbuild';
import { createLog } from '../src/domain/log.ts';
import { openHeadMarkFile } from '../src/store/head-mark-file.ts';
import { notary } from './kill-notary.ts';

const kills = Number(process.env.LUCID_KILLS ?? 12);
const root = join(__dirname, '..', '..', '..');
let folder = '';
let child: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-kill-'));
  await build({
    entryPoints: [join(__dirname, 'kill-child.ts')],
    outfile: join(root, 'dist/test/ledger-kill-child.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['classic-level'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Runs the child until it answered `answers` times and some microseconds more; gives what it answered. */
async function runAndKill(
  run: number,
  answers: number,
): Promise<{ opened: number; answered: [number, string][] }> {
  child = spawn('node', [join(root, 'dist/test/ledger-kill-child.mjs'), folder, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answered: [number, string][] = [];
  let opened = -1;
  for await (const line of createInterface({ input: child.stdout! })) {
    const [first = '', rest = ''] = line.split(' ');
    if (first === 'open') opened = Number(rest);
    else if (rest !== '') answered.push([Number(first), rest]);
    if (answered.length === answers || (opened >= 0 && answers === 0)) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { opened, answered };
}

test(
  `${kills} times kill -9`,
  async () => {
    const known = new Map<number, string>();
    let size = 0;
    for (let run = 0; run < kills; run++) {
      const answers = run % 5 === 0 ? run % 2 : Math.floor(Math.random() * 3000);
      const { opened, answered } = await runAndKill(run, answers);
      expect(opened).toBeGreaterThanOrEqual(size);
      size = opened;
      // The last line may be cut by the kill; its entry may then be there or not be whole in the line.
      for (const [index, entry] of answered.slice(0, -1)) known.set(index, entry);
      for (const [index] of answered) size = Math.max(size, index + 1);
    }
    const kv = await openLevelKvStore({ path: join(folder, 'log') });
    const log = await createLog({ kv, notary, mark: openHeadMarkFile(join(folder, 'head.note')) });
    expect(log.head().size).toBeGreaterThanOrEqual(size);
    await log.audit();
    for (const [index, entry] of known) {
      if ((await log.entry(index)).data.toString() !== entry)
        throw new Error(`entry ${index} is not what was answered`);
    }
    const keyed = [...known].filter(([, entry]) => Number(entry.split('/')[1]) % 4 === 0).slice(-200);
    for (const [index, entry] of keyed)
      expect((await log.entryByKey(entry.replace(/\.+$/, ''))).index).toBe(index);
    expect(known.size).toBeGreaterThan(kills);
    await log.close();
  },
  20_000 + kills * 5_000,
);
