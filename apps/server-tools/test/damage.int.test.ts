import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { seeded, seedOfRun } from '../../../e2e/stack/seeded.ts';
import {
  contentOf,
  describeOnMongoWire,
  filesIn,
  problemOf,
  startTools,
  startWorld,
  type Tools,
  type World,
} from './world.ts';

const random = seeded(seedOfRun('damaged backups'));

describeOnMongoWire()('a backup that is not as it was written', () => {
  let world: World;
  let folder: string;
  let tools: Tools;
  let good: string;
  let target: ReturnType<World['database']>;

  beforeAll(async () => {
    world = await startWorld();
    const from = world.database();
    await from.db
      .collection('one')
      .insertMany(Array.from({ length: 200 }, (_, n) => ({ n, text: `text ${n}` })));
    await from.db.collection('two').insertOne({ x: 1 });
    await from.db.createCollection('none');
    folder = world.folder();
    const source = await startTools({ url: from.url, folder });
    good = (await source.dump()).backup as string;
    await source.close();
    target = world.database();
    tools = await startTools({ url: target.url, folder });
  }, 300_000);
  afterAll(async () => {
    await tools?.close();
    await world?.dispose();
  });

  let copies = 0;
  /** A copy of the good one, for damage. */
  function copy(): { backup: string; path: string; data: string } {
    copies += 1;
    const backup = `copy-${copies}`;
    const path = join(folder, backup);
    cpSync(join(folder, good), path, { recursive: true });
    const data = filesIn(path).find((each) => each.endsWith('/one.bson.gz')) as string;
    return { backup, path, data };
  }

  async function expectRefused(backup: string, code: string) {
    const before = await contentOf(target.db);
    expect(await tools.restore(backup, true)).toMatchObject({ state: 'failed', failure: { code } });
    expect(await contentOf(target.db)).toEqual(before);
  }

  it('the good one is found good, by another name, too', async () => {
    const { backup } = copy();
    expect((await tools.verify(backup)).verified).toEqual({
      ...{ backup, ok: true, depth: 'documents', files: 6, documents: 201, faults: [] },
    });
  });

  it('one flipped bit is found in any file, at any place', async () => {
    for (let round = 0; round < 25; round += 1) {
      const { backup, path } = copy();
      const file = random.pick(filesIn(path).filter((each) => each !== 'manifest.json'));
      const bytes = readFileSync(join(path, file));
      const at = random.below(bytes.length);
      bytes[at]! ^= 1 << random.below(8);
      writeFileSync(join(path, file), bytes);
      const { verified } = await tools.verify(backup);
      expect(verified?.faults).toEqual([
        { file, fault: 'hash', found: expect.stringMatching(/^Its bytes are not/) },
      ]);
      if (round % 8 === 0) await expectRefused(backup, 'backup_damaged');
    }
  });

  it('a file that was cut off, or grew, is named with its sizes', async () => {
    const { backup, path, data } = copy();
    const { length } = readFileSync(join(path, data));
    truncateSync(join(path, data), length - 1);
    const found = `It has ${length - 1} bytes and was written with ${length}.`;
    expect((await tools.verify(backup)).verified?.faults).toEqual([{ file: data, fault: 'size', found }]);
    await expectRefused(backup, 'backup_damaged');
    writeFileSync(join(path, data), Buffer.concat([readFileSync(join(folder, good, data)), Buffer.of(0)]));
    expect((await tools.verify(backup)).verified?.faults).toMatchObject([{ file: data, fault: 'size' }]);
  });

  it('a file that is missing is named, and one that is too many', async () => {
    const { backup, path, data } = copy();
    renameSync(join(path, data), join(path, 'elsewhere.bson.gz'));
    expect((await tools.verify(backup)).verified?.faults).toEqual([
      { file: data, fault: 'missing', found: 'It is not there.' },
      { file: 'elsewhere.bson.gz', fault: 'unexpected', found: 'It is not in the manifest.' },
    ]);
    await expectRefused(backup, 'backup_damaged');
  });

  it('a link in the place of a file is not followed', async () => {
    const { backup, path, data } = copy();
    copyFileSync(join(path, data), join(world.folder(), 'outside'));
    rmSync(join(path, data));
    symlinkSync(join(folder, good, data), join(path, data));
    expect((await tools.verify(backup)).verified?.faults).toMatchObject([
      { file: data, fault: 'unexpected' },
    ]);
    await expectRefused(backup, 'backup_damaged');
  });

  /** Whoever can change the manifest, too, can still not pass off what is no BSON, or not the counted documents. */
  function rewrite(path: string, data: string, change: (plain: Buffer) => Buffer) {
    const bytes = gzipSync(change(gunzipSync(readFileSync(join(path, data)))));
    writeFileSync(join(path, data), bytes);
    const manifest = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'));
    const entry = manifest.collections.find((each: { data: { path: string } }) => each.data.path === data);
    Object.assign(entry.data, { sizeBytes: bytes.length, sha256: sha256(bytes) });
    writeFileSync(join(path, 'manifest.json'), JSON.stringify(manifest));
  }

  it.each<[string, (plain: Buffer) => Buffer, RegExp]>([
    [
      'a document less',
      (plain) => plain.subarray(plain.readInt32LE(0)),
      /^It holds 199 documents, and 200 were written/,
    ],
    [
      'a document cut off',
      (plain) => plain.subarray(0, -3),
      /^Behind document 199: the document at byte \d+ is cut off/,
    ],
    [
      'another document',
      (plain) => Buffer.from(plain.toString('latin1').replace('text 77', 'text 78'), 'latin1'),
      /^Its documents are not those/,
    ],
    ['no BSON', () => Buffer.from('hello, world'), /^Behind document 0: no document begins at byte 0/],
  ])('%s is found by reading the documents', async (_name, change, sentence) => {
    const { backup, path, data } = copy();
    rewrite(path, data, change);
    expect((await tools.verify(backup)).verified?.faults).toEqual([
      { file: data, fault: 'content', found: expect.stringMatching(sentence) },
    ]);
    await expectRefused(backup, 'backup_damaged');
  });

  it.each<[string, (manifest: Record<string, unknown>) => unknown]>([
    ['no JSON', () => '{'],
    ['another format', (manifest) => ({ ...manifest, format: 'lucid-mongo-backup/2' })],
    [
      'a path that leads outside',
      (manifest) => ({ ...manifest, collections: outside(manifest, '../../etc/shadow') }),
    ],
    ['an absolute path', (manifest) => ({ ...manifest, collections: outside(manifest, '/etc/shadow') })],
  ])('with a manifest that is %s it counts as unfinished', async (_name, change) => {
    const { backup, path } = copy();
    const manifest = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'));
    const changed = change(manifest);
    writeFileSync(
      join(path, 'manifest.json'),
      typeof changed === 'string' ? changed : JSON.stringify(changed),
    );
    expect(await tools.verify(backup)).toMatchObject({ failure: { code: 'backup_unfinished' } });
    await expectRefused(backup, 'backup_unfinished');
    expect(await problemOf(tools.client.getBackup({ params: { backup } }))).toBe('backup_unfinished');
    const { backups } = await tools.client.listBackups();
    expect(backups.find((each) => each.name === backup)).toEqual({ name: backup, state: 'unfinished' });
  });

  it('without a manifest it is unfinished; one that is not there is unknown', async () => {
    const { backup, path } = copy();
    rmSync(join(path, 'manifest.json'));
    await expectRefused(backup, 'backup_unfinished');
    mkdirSync(join(folder, '.partial-lucid-x'));
    for (const name of ['nothing', 'lucid-x', 'etc']) {
      expect(await problemOf(tools.client.startVerify({ body: { backup: name } }))).toBe('backup_unknown');
      expect(await problemOf(tools.client.startRestore({ body: { backup: name } }))).toBe('backup_unknown');
      expect(await problemOf(tools.client.getBackup({ params: { backup: name } }))).toBe('backup_unknown');
    }
    for (const name of ['..', '.partial-lucid-x', '../x', 'A', ''])
      expect(await problemOf(tools.client.startVerify({ body: { backup: name } }))).toBe('invalid_request');
  });
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const outside = (manifest: Record<string, unknown>, path: string) =>
  (manifest.collections as { data: object }[]).map((each) => ({ ...each, data: { ...each.data, path } }));
