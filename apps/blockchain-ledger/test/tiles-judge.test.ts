/** golang.org/x/mod reads the log as tlog-tiles lays it out, and refuses it when one byte is wrong. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { whyNoGo } from '../../../tools/go.mjs';
import type { Log } from '../src/domain/log.ts';
import { formatTilePath, TILE_WIDTH } from '../src/domain/tile-path.ts';
import { fill, notary, openLog } from './log-kit.ts';

const root = join(__dirname, '..', '..', '..');
const judge = join(root, 'dist/test/tiles-judge');
const noGo = whyNoGo();
const testWithGo = noGo === null ? test : test.skip;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-tiles-'));
  if (noGo === null) execFileSync('go', ['build', '-o', judge, '.'], { cwd: join(root, 'e2e/tiles-judge') });
  else if (process.env.CI) throw new Error(noGo);
  else console.warn(`skipped: nobody else judges the tiles: ${noGo}`);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every tile and bundle of the log, as a web server of static files would have them. */
async function publish(log: Log, into: string): Promise<string[]> {
  const { size } = log.head();
  const paths: string[] = [];
  for (const level of ['entries', 0, 1, 2] as const) {
    const count = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
    for (let number = 0; number * TILE_WIDTH < count; number++) {
      const tile = { level, number, width: Math.min(TILE_WIDTH, count - number * TILE_WIDTH) };
      const path = join(into, formatTilePath(tile));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, await log.readTile(tile));
      paths.push(path);
    }
  }
  writeFileSync(join(into, 'checkpoint'), log.checkpoint());
  return paths;
}

const verdict = (of: string): string => {
  const { status, stdout, stderr } = spawnSync(judge, [of, notary.verifierKey], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : stderr.trim();
};

testWithGo(
  'logs of many sizes verify',
  async () => {
    for (const size of [0, 1, 255, 256, 257, 1000, 65_536, 66_100]) {
      const { log, memory } = await openLog();
      await fill(log, size);
      const { log: reopened } = await openLog({ memory });
      const into = join(folder, String(size));
      mkdirSync(into, { recursive: true });
      await publish(reopened, into);
      expect(verdict(into)).toBe(String(size));
    }
  },
  60_000,
);

testWithGo(
  'a flipped bit anywhere is refused',
  async () => {
    const { log } = await openLog();
    await fill(log, 700);
    const into = join(folder, 'damaged');
    const paths = await publish(log, into);
    for (const path of [...paths, join(into, 'checkpoint')]) {
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(path, bytes);
      expect([path, verdict(into)]).toEqual([path, expect.stringMatching(/^refused: /)]);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(path, bytes);
    }
    expect(verdict(into)).toBe('700');
  },
  60_000,
);
