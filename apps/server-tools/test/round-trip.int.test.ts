import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sampleRecord, sampleSessionId } from '@lucid/chunk-store/conformance';
import { defineCollection } from '@lucid/document-store';
import { generateIdentity } from '@lucid/recipients';
import { openMongoStore } from '@lucid/store-mongo';
import { createGridFsChunkStore } from '@lucid/store-mongo/chunks';
import fc from 'fast-check';
import { Binary, type Db, Double, Int32, Long, Timestamp, UUID } from 'mongodb';
import {
  contentOf,
  describeOnMongoWire,
  filesIn,
  startTools,
  startWorld,
  type Tools,
  type World,
} from './world.ts';

/** What the stand-in keeps as it is given (no NaN, Infinity, -0, array in an array, name with a dot, dollar or quote). */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', 'ü', '\u{1F600}', 'a\u0000b'),
);
const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.constantFrom('10', '9', '__proto__', 'constructor'),
  )
  .filter((each) => !/[.$\0"\\]/.test(each) && each !== '_id');
const leaf = fc.oneof(
  text,
  fc.boolean(),
  fc.constant(null),
  fc.integer().map((each) => new Int32(each)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((each) => Long.fromBigInt(each)),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((each) => !Object.is(each, -0))
    .map((each) => new Double(each)),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 300 }).map((each) => new Binary(each)),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((each) => new UUID(each)),
  fc.bigInt({ min: 1n, max: 2n ** 60n }).map((each) => new Timestamp(each)),
);
const { fields } = fc.letrec<{ fields: Map<string, unknown>; value: unknown }>((tie) => ({
  fields: fc
    .uniqueArray(fc.tuple(name, tie('value')), { selector: ([each]) => each, maxLength: 6 })
    .map((entries) => new Map(entries)),
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { arbitrary: leaf, weight: 6 },
    { arbitrary: tie('fields'), weight: 2 },
    { arbitrary: fc.array(fc.oneof(leaf, tie('fields')), { maxLength: 5 }), weight: 1 },
  ),
}));
const documents = fc.array(fields, { maxLength: 25 });

describeOnMongoWire()('dump and restore', () => {
  let world: World;
  const open: Tools[] = [];
  const tools = async (...given: Parameters<typeof startTools>) => {
    const each = await startTools(...given);
    open.push(each);
    return each;
  };
  beforeAll(async () => {
    world = await startWorld();
  }, 300_000);
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  afterAll(() => world?.dispose());

  it('any documents come back byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(documents, documents, async (some, others) => {
        const from = world.database();
        const folder = world.folder();
        for (const [collection, contents] of Object.entries({ some, others })) {
          await from.db.createCollection(collection);
          const rows = contents.map((each, at) => new Map([['_id', at as unknown], ...each]));
          if (rows.length > 0)
            await from.db.collection(collection).insertMany(rows as never, { forceServerObjectId: true });
        }
        const { backup = '' } = await (await tools({ url: from.url, folder })).dump();
        const to = world.database();
        expect(await (await tools({ url: to.url, folder })).restore(backup)).toMatchObject({ state: 'done' });
        expect(await contentOf(to.db)).toEqual(await contentOf(from.db));
      }),
      { numRuns: 10 },
    );
  });

  const things = defineCollection<{ id: string; email?: string; n: number; at: Uint8Array }>({
    name: 'things',
    key: ({ id }) => id,
    indexes: [
      { name: 'email', fields: ['email'], unique: true },
      { name: 'n', fields: ['n'] },
    ],
  });
  const sessionId = sampleSessionId('backup');
  const record = (index: number) => sampleRecord({ sessionId, index, payloadSizeBytes: 300_000 });

  /** Documents, indexes, leases and chunks as services write them. */
  async function written() {
    const from = world.database();
    const store = await openMongoStore({ url: from.url, nowMs: Date.now });
    const collection = await store.collection(things);
    for (let n = 0; n < 40; n += 1) {
      const email = n % 3 === 0 ? { email: `${n}@example.org` } : {};
      await collection.insert({ id: `t${n}`, n, at: Uint8Array.of(n, 0, 255), ...email });
    }
    await store.acquireLease('sweep', 'one', 60_000);
    await store.close();
    const chunks = createGridFsChunkStore({ url: from.url });
    await chunks.create(sessionId);
    for (let index = 0; index < 3; index += 1) await chunks.append(sessionId, index, record(index));
    await chunks.close();
    return from;
  }

  const restoredInto = async (folder: string, backup: string, environment = {}) => {
    const to = world.database();
    const t = await tools({ url: to.url, folder, environment });
    const restored = await t.restore(backup);
    expect(restored).toMatchObject({ state: 'done', restored: { resumed: false, dropped: [] } });
    return to;
  };

  async function expectSame(to: { url: string; db: Db }, from: { db: Db }) {
    expect(await contentOf(to.db)).toEqual(await contentOf(from.db));
    for (const { name: each } of await from.db.listCollections().toArray()) {
      const indexes = (db: Db) => db.collection(each).listIndexes().toArray();
      expect(await indexes(to.db)).toEqual(await indexes(from.db));
    }
    const chunks = createGridFsChunkStore({ url: to.url });
    for (let index = 0; index < 3; index += 1)
      expect(Buffer.compare(await chunks.read(sessionId, index), Buffer.concat(record(index)))).toBe(0);
    await chunks.close();
    const store = await openMongoStore({ url: to.url, nowMs: Date.now });
    const collection = await store.collection(things);
    expect((await collection.get('t7'))?.document).toEqual({ id: 't7', n: 7, at: Uint8Array.of(7, 0, 255) });
    await expect(
      collection.insert({ id: 'new', n: 1, at: new Uint8Array(), email: '3@example.org' }),
    ).rejects.toMatchObject({ code: 'duplicate_key' });
    // Without an entry in the unique index, as others are.
    await collection.insert({ id: 'new', n: 1, at: new Uint8Array() });
    await store.close();
  }

  it('what services wrote is there again, with its indexes and chunks, and they go on with it', async () => {
    const from = await written();
    const folder = world.folder();
    const dumped = await (await tools({ url: from.url, folder })).dump();
    expect(dumped).toMatchObject({
      kind: 'dump',
      state: 'done',
      dumped: { state: 'finished', encrypted: false },
    });
    await expectSame(await restoredInto(folder, dumped.backup as string), from);
  });

  it('the manifest is true, and files are those of mongodump, for their owner only', async () => {
    const from = await written();
    const folder = world.folder();
    const { client, dump } = await tools({ url: from.url, folder });
    const { backup = '' } = await dump();
    const manifest = await client.getBackup({ params: { backup } });
    expect(manifest).toMatchObject({
      format: 'lucid-mongo-backup/1',
      database: from.name,
      server: { kind: 'ferretdb' },
      consistency: { snapshot: false },
    });
    const names = manifest.collections.map((each) => each.name);
    expect(names).toEqual(['_indexes', 'evidence.files', 'evidence.chunks', 'leases', 'things']);
    const root = join(folder, backup);
    expect(filesIn(root)).toEqual(
      [
        'manifest.json',
        ...names.flatMap((each) => [`${from.name}/${each}.bson.gz`, `${from.name}/${each}.metadata.json.gz`]),
      ].sort(),
    );
    expect(statSync(root).mode & 0o777).toBe(0o700);
    for (const { name: each, documents: count, data, metadata, sizeBytes } of manifest.collections) {
      for (const file of [data, metadata]) {
        const bytes = readFileSync(join(root, file.path));
        expect(file).toMatchObject({
          sizeBytes: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
        });
        expect(statSync(join(root, file.path)).mode & 0o777).toBe(0o600);
      }
      expect(gunzipSync(readFileSync(join(root, data.path))).length).toBe(sizeBytes);
      expect(await from.db.collection(each).countDocuments()).toBe(count);
      const { indexes } = JSON.parse(gunzipSync(readFileSync(join(root, metadata.path))).toString('utf8'));
      expect(indexes.map((index: { name: string }) => index.name)).toContain('_id_');
    }
    expect((await client.listBackups()).backups).toEqual([
      expect.objectContaining({ name: backup, state: 'finished' }),
    ]);
  });

  it('encrypted it opens with the identity only, and then is the same', async () => {
    const from = await written();
    const folder = world.folder();
    const { recipient, identity } = await generateIdentity();
    const dumped = await (
      await tools({ url: from.url, folder, environment: { SERVER_TOOLS_BACKUP_RECIPIENT: recipient } })
    ).dump();
    const backup = dumped.backup as string;
    expect(dumped.dumped).toMatchObject({ encrypted: true });
    const files = filesIn(join(folder, backup)).filter((each) => each !== 'manifest.json');
    expect(files.every((each) => each.endsWith('.gz.age'))).toBe(true);
    for (const each of files)
      expect(readFileSync(join(folder, backup, each)).toString('latin1')).toMatch(
        /^age-encryption.org\/v1\n/,
      );

    const without = await tools({ url: world.database().url, folder });
    expect((await without.verify(backup)).verified).toMatchObject({ ok: true, depth: 'files' });
    expect(await without.restore(backup)).toMatchObject({
      state: 'failed',
      failure: { code: 'identity_missing' },
    });
    const stranger = { SERVER_TOOLS_BACKUP_IDENTITY: (await generateIdentity()).identity };
    const strangers = await tools({ url: world.database().url, folder, environment: stranger });
    expect(await strangers.verify(backup)).toMatchObject({ failure: { code: 'identity_wrong' } });
    expect(await strangers.restore(backup)).toMatchObject({ failure: { code: 'identity_wrong' } });

    const owner = {
      SERVER_TOOLS_BACKUP_IDENTITY: `# created: then\n# public key: ${recipient}\n${identity}\n`,
    };
    const owners = await tools({ url: world.database().url, folder, environment: owner });
    expect((await owners.verify(backup)).verified).toMatchObject({ ok: true, depth: 'documents' });
    await expectSame(await restoredInto(folder, backup, owner), from);
  });

  it('a database that holds documents is replaced only where that is asked for; what is not in the backup goes', async () => {
    const from = await written();
    const folder = world.folder();
    const { dump, restore, client } = await tools({ url: from.url, folder });
    const { backup = '' } = await dump();
    const before = await contentOf(from.db);
    await from.db.collection('things').deleteOne({ _id: 't1' as never });
    await from.db.collection('later').insertOne({ x: 1 });
    const changed = await contentOf(from.db);
    const refused = await restore(backup);
    expect(refused).toMatchObject({ state: 'failed', failure: { code: 'database_not_empty' } });
    expect(refused.failure?.message).toMatch(/replaced.*Collection \S+ of d\d+ holds documents/);
    expect(await contentOf(from.db)).toEqual(changed);
    expect((await restore(backup, true)).restored).toMatchObject({ dropped: ['later'] });
    expect(await contentOf(from.db)).toEqual(before);
    expect((await client.getStats()).restoring).toBeUndefined();
  });
});
