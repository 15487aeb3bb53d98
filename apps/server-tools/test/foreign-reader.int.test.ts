/** Backups before a reader that shares no code with ours: MongoDB's own driver for Go, reading as mongorestore does. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sampleRecord, sampleSessionId } from '@lucid/chunk-store/conformance';
import { generateIdentity } from '@lucid/recipients';
import { createGridFsChunkStore } from '@lucid/store-mongo/chunks';
import { Binary, Double, Int32, Long, ObjectId, Timestamp } from 'mongodb';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { whyNoGo } from '../../../tools/go.mjs';
import { whyNoMongoWire } from '../../../tools/test-servers.mjs';
import { filesIn, startTools, startWorld, type World } from './world.ts';

const onJudge = describeWhere(whyNoGo() ?? whyNoMongoWire(), 'backups by a reader in Go');

interface Judged {
  readonly documents: number;
  readonly bytes: number;
  readonly content: string;
  readonly indexes: readonly string[];
  readonly first?: Record<string, unknown>;
}

onJudge('a reader in Go', () => {
  let world: World;
  let scratch: string;
  let judge: string;
  beforeAll(async () => {
    world = await startWorld();
    scratch = mkdtempSync(join(tmpdir(), 'lucid-j-'));
    judge = join(scratch, 'bson-judge');
    execFileSync('go', ['build', '-trimpath', '-o', judge, '.'], { cwd: join(__dirname, 'bson-judge') });
  }, 300_000);
  afterAll(async () => {
    await world?.dispose();
    rmSync(scratch, { recursive: true, force: true });
  });

  const document = new Map<string, unknown>([
    ['_id', new ObjectId('00112233445566778899aabb')],
    ['10', new Int32(1)],
    ['9', new Double(3)],
    ['long', Long.MAX_VALUE],
    ['when', new Date(-1)],
    ['bytes', new Binary(Uint8Array.of(0, 255), 128)],
    ['text', 'ü\u{1F600}\u0000'],
    [
      'inside',
      new Map<string, unknown>([
        ['b', [null, true, new Map()]],
        ['a', ''],
      ]),
    ],
    ['at', new Timestamp(7n)],
  ]);

  async function dumped(environment = {}) {
    const { db, url, name } = world.database();
    await db
      .collection('things')
      .insertMany([document, new Map([['_id', 2]])] as never, { forceServerObjectId: true });
    await db.collection('things').createIndex({ long: 1, when: -1 }, { unique: true, name: 'two' });
    const chunks = createGridFsChunkStore({ url });
    const sessionId = sampleSessionId('judged');
    await chunks.create(sessionId);
    for (let index = 0; index < 5; index += 1)
      await chunks.append(sessionId, index, sampleRecord({ sessionId, index, payloadSizeBytes: 500_000 }));
    await chunks.close();
    const folder = world.folder();
    const tools = await startTools({ url, folder, environment });
    const { backup = '' } = await tools.dump();
    const manifest = await tools.client.getBackup({ params: { backup } });
    await tools.close();
    return { path: join(folder, backup), manifest, name };
  }

  const judged = (path: string): Record<string, Judged> =>
    JSON.parse(execFileSync(judge, [path], { encoding: 'utf8', maxBuffer: 1e8 }));

  it('finds the documents, bytes, contents and indexes that the manifest says', async () => {
    const { path, manifest, name } = await dumped();
    const found = judged(path);
    expect(Object.keys(found).sort()).toEqual(
      manifest.collections.map((each) => `${name}/${each.name}`).sort(),
    );
    for (const { name: collection, documents, sizeBytes, content, indexes } of manifest.collections) {
      const theirs = found[`${name}/${collection}`] as Judged;
      expect({ documents: theirs.documents, sizeBytes: theirs.bytes, content: theirs.content }).toEqual({
        ...{ documents, sizeBytes, content },
      });
      expect(theirs.indexes).toHaveLength(indexes);
    }
    const things = found[`${name}/things`] as Judged;
    expect(things.indexes).toEqual(['_id_', 'two']);
    expect(Object.keys(things.first as object).sort()).toEqual([...document.keys()].sort());
    expect(things.first).toMatchObject({
      ...{
        10: { $numberInt: '1' },
        9: { $numberDouble: '3.0' },
        long: { $numberLong: '9223372036854775807' },
      },
      ...{ when: { $date: { $numberLong: '-1' } }, bytes: { $binary: { base64: 'AP8=', subType: '80' } } },
      ...{
        text: 'ü\u{1F600}\u0000',
        inside: { b: [null, true, {}], a: '' },
        at: { $timestamp: { t: 0, i: 7 } },
      },
    });
  });

  it('finds the same after stock age has decrypted the files', async () => {
    if (spawnSync('age', ['--version']).error) {
      if (process.env.CI) throw new Error('CI must test backups by stock age: it is not installed');
      process.stderr.write('skipped: encrypted backups by stock age: age is not installed\n');
      return;
    }
    const { recipient, identity } = await generateIdentity();
    const { path, manifest, name } = await dumped({ SERVER_TOOLS_BACKUP_RECIPIENT: recipient });
    writeFileSync(join(scratch, 'identity'), identity, { mode: 0o600 });
    for (const file of filesIn(path).filter((each) => each.endsWith('.age')))
      execFileSync('age', [
        '-d',
        '-i',
        join(scratch, 'identity'),
        '-o',
        join(path, file.slice(0, -4)),
        join(path, file),
      ]);
    const found = judged(path);
    for (const { name: collection, documents, content } of manifest.collections)
      expect(found[`${name}/${collection}`]).toMatchObject({ documents, content });
  });

  it('refuses what we refuse: it can say no', async () => {
    const { path, manifest } = await dumped();
    const { data } = manifest.collections.find(
      ({ name }) => name === 'things',
    ) as (typeof manifest.collections)[number];
    const file = join(path, data.path);
    const plain = gunzipSync(readFileSync(file));
    writeFileSync(file, gzipSync(plain.subarray(0, -1)));
    expect(spawnSync(judge, [path], { encoding: 'utf8' })).toMatchObject({
      ...{ status: 1, stderr: expect.stringContaining('things') },
    });
  });
});
