/** Dump, verify and restore of a database larger than the memory they are given. */
import { randomBytes } from 'node:crypto';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { whyNoMongoWire } from '../../../tools/test-servers.mjs';
import { buildProgram, type Program } from './program.ts';
import { startWorld, type World } from './world.ts';

const MIB = 1_048_576;
const DOCUMENTS = 40;
const DOCUMENT_BYTES = 3 * MIB;
/** Far below the 120 MiB of the documents; above some batches of 16 MiB on their way. */
const MORE_BYTES = 90 * MIB;

/** Says at its end how much memory the process had at most, in KiB. */
const TELLS_MEMORY = `--import=data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => process.stderr.write('maxRss=' + process.resourceUsage().maxRSS + '\\n'))",
)}`;

describeWhere(whyNoMongoWire(), 'memory of backups on a MongoDB wire server')('memory', () => {
  let world: World;
  let program: Program;
  beforeAll(async () => {
    world = await startWorld();
    program = buildProgram();
  }, 300_000);
  afterAll(async () => {
    program?.dispose();
    await world?.dispose();
  });

  async function databaseOf(documents: number) {
    const database = world.database();
    for (let n = 0; n < documents; n += 1)
      await database.db.collection('one').insertOne({ n, bytes: randomBytes(DOCUMENT_BYTES) });
    return database;
  }

  async function run(words: readonly string[], url: string, folder: string) {
    const environment = { MONGO_URL: url, SERVER_TOOLS_BACKUP_DIR: folder, NODE_OPTIONS: TELLS_MEMORY };
    const { code, stdout, stderr } = await program.run(words, environment);
    expect([words, code]).toEqual([words, 0]);
    return { answer: JSON.parse(stdout), maxBytes: Number(/maxRss=(\d+)/.exec(stderr)?.[1]) * 1024 };
  }

  async function usage(documents: number) {
    const from = await databaseOf(documents);
    const folder = world.folder();
    const dump = await run(['mongo', 'dump'], from.url, folder);
    expect(dump.answer.documents).toBe(documents);
    const verify = await run(['mongo', 'verify', dump.answer.name], from.url, folder);
    const restore = await run(['mongo', 'restore', dump.answer.name], world.database().url, folder);
    return { dump: dump.maxBytes, verify: verify.maxBytes, restore: restore.maxBytes };
  }

  it('is bounded: a large database takes little more than a small one', async () => {
    const small = await usage(1);
    const large = await usage(DOCUMENTS);
    for (const each of ['dump', 'verify', 'restore'] as const)
      expect([each, large[each] - small[each] < MORE_BYTES, large[each], small[each]]).toEqual([
        ...[each, true, large[each], small[each]],
      ]);
  }, 300_000);
});
