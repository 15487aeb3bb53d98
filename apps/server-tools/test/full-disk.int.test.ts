import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { whyNoMongoWire } from '../../../tools/test-servers.mjs';
import { problemOf, startTools, startWorld, type Tools, type World } from './world.ts';

const MIB = 1_048_576;

function whyNoSmallDisk(): string | null {
  if (process.platform !== 'linux') return 'only Linux has tmpfs';
  if (process.getuid?.() !== 0) return 'only root may mount a small tmpfs';
  const folder = mkdtempSync(join(tmpdir(), 'lucid-m-'));
  const run = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder], { encoding: 'utf8' });
  if (run.status === 0) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return run.status === 0 ? null : `a tmpfs cannot be mounted: ${run.stderr}`;
}

describeWhere(whyNoSmallDisk() ?? whyNoMongoWire(), 'backups on a full disk')(
  'a backup folder without room',
  () => {
    let world: World;
    let disk: string;
    let tools: Tools;
    beforeAll(async () => {
      world = await startWorld();
      disk = mkdtempSync(join(tmpdir(), 'lucid-m-'));
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', disk]);
      const { db, url } = world.database();
      for (let n = 0; n < 6; n += 1) await db.collection('one').insertOne({ n, bytes: randomBytes(MIB) });
      await db.collection('aaa').insertOne({ n: 1 });
      tools = await startTools({ url, folder: disk });
    }, 300_000);
    afterAll(async () => {
      await tools?.close();
      if (disk) spawnSync('umount', [disk]);
      rmSync(disk, { recursive: true, force: true });
      await world?.dispose();
    });

    it('a dump says that there is none, leaves nothing behind, and says what to do', async () => {
      const { state, failure } = await tools.dump();
      expect({ state, failure }).toEqual({
        state: 'failed',
        failure: {
          code: 'folder_full',
          message: `The backup folder has no room; prune, or give it more. There is no room left in ${disk}.`,
        },
      });
      expect(readdirSync(disk)).toEqual(['.jobs']);
      expect((await tools.client.listBackups()).backups).toEqual([]);
    });

    it('no job begins where not even its document has room, and the disk is told as full', async () => {
      const free = Number(
        spawnSync('df', ['--output=avail', '-B1', disk], { encoding: 'utf8' }).stdout.split('\n')[1],
      );
      writeFileSync(join(disk, 'filler'), Buffer.alloc(free));
      expect(await problemOf(tools.client.startDump())).toBe('folder_full');
      expect(await problemOf(tools.client.startPrune({ body: {} }))).toBe('folder_full');
      const { outcome, results } = await tools.client.diagnoseDisk();
      expect(outcome).toBe('failed');
      expect(results.find(({ target }) => target === disk)).toMatchObject({
        outcome: 'failed',
        found: '100 % of its bytes are used.',
        advice: expect.stringContaining(disk),
        facts: { freeBytes: 0 },
      });
      rmSync(join(disk, 'filler'));
    });

    it('with room again it works again', async () => {
      const { db, url } = world.database();
      await db.collection('one').insertOne({ n: 1 });
      const small = await startTools({ url, folder: disk });
      expect((await small.dump()).state).toBe('done');
      await small.close();
    });
  },
);
