/** What tools/ferretdb adds to FerretDB: look-ups by index give what reading everything gives, also where collections come and go. */
import { type Collection, MongoClient, ObjectId } from 'mongodb';
import { describeWhere } from '../../e2e/stack/skip-loudly.ts';
import { startMongoWire, whyNoMongoWire } from '../test-servers.mjs';

interface Row {
  readonly _id: string | ObjectId;
  readonly v: number;
  readonly x?: { readonly byText?: string | number };
}

/** In the order of their bytes, with what JSON and SQL write differently. */
const TEXTS = [
  '',
  '\n',
  ' ',
  '!',
  '"',
  '""',
  "'",
  "'; --",
  '\\',
  'a',
  'a"b',
  'ab',
  'b',
  '~',
  'é',
  '中',
  '\u{1f600}',
];

const HEX = '507f1f77bcf86cd799439011';
const OTHER_HEX = '507f1f77bcf86cd799439012';

describeWhere(whyNoMongoWire(), 'look-ups of the stand-in for MongoDB')('the stand-in for MongoDB', () => {
  let server: Awaited<ReturnType<typeof startMongoWire>>;
  let client: MongoClient;
  beforeAll(async () => {
    server = await startMongoWire();
    client = await new MongoClient(server.url).connect();
  }, 180_000);
  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  const rowsOf = (name: string): Collection<Row> => client.db('lookups').collection<Row>(name);
  const idsOf = async (rows: Collection<Row>, filter: object) =>
    (await rows.find(filter).toArray()).map(({ _id }) => String(_id)).sort();
  const fill = (rows: Collection<Row>) =>
    rows.insertMany(TEXTS.map((byText, at) => ({ _id: `row ${at}`, v: at % 3, x: { byText } })));

  it('finds a document by its identifier and all else that the filter says', async () => {
    const rows = rowsOf('identifiers');
    await rows.insertMany([
      { _id: HEX, v: 1 },
      { _id: new ObjectId(OTHER_HEX), v: 2 },
      { _id: 'other', v: 1 },
    ]);
    expect(await rows.findOne({ _id: HEX })).toMatchObject({ v: 1 });
    expect(await rows.findOne({ _id: new ObjectId(OTHER_HEX) })).toMatchObject({ v: 2 });
    // FerretDB keeps both kinds as the same text.
    expect(await rows.findOne({ _id: new ObjectId(HEX) })).toBeNull();
    expect(await rows.findOne({ _id: OTHER_HEX })).toBeNull();
    expect(await rows.findOne({ _id: HEX, v: 2 })).toBeNull();
    expect(await idsOf(rows, { _id: { $in: ['other', HEX, 'other', 'none'] } })).toEqual([HEX, 'other']);
    expect(await idsOf(rows, { _id: { $in: [] } })).toEqual([]);
    expect(await idsOf(rows, { _id: { $in: [new ObjectId(HEX)] }, v: 1 })).toEqual([]);
    expect(await idsOf(rows, { _id: { $nin: ['other'] } })).toEqual([HEX, OTHER_HEX]);
  });

  it('finds ranges of texts as MongoDB orders them: by their bytes', async () => {
    const rows = rowsOf('ranges');
    await fill(rows);
    await rows.insertMany([
      { _id: 'without', v: 0 },
      { _id: 'number', v: 0, x: { byText: 5 } },
    ]);
    for (const [low, from] of TEXTS.entries()) {
      for (const [above, to] of TEXTS.entries()) {
        const expected = TEXTS.flatMap((_, at) => (at >= low && at < above ? [`row ${at}`] : [])).sort();
        expect(await idsOf(rows, { 'x.byText': { $gte: from, $lt: to } })).toEqual(expected);
      }
      expect(await idsOf(rows, { 'x.byText': from })).toEqual([`row ${low}`]);
      expect(await idsOf(rows, { 'x.byText': { $gt: from }, v: 1 })).toEqual(
        TEXTS.flatMap((_, at) => (at > low && at % 3 === 1 ? [`row ${at}`] : [])).sort(),
      );
    }
    const sorted = rows.find({ 'x.byText': { $gte: '' } }).sort({ 'x.byText': -1 });
    expect((await sorted.limit(2).toArray()).map(({ _id }) => _id)).toEqual(['row 16', 'row 15']);
    // What is no range of texts is answered too.
    expect(await idsOf(rows, { 'x.byText': { $gte: 5 } })).toEqual(['number']);
    expect(await idsOf(rows, { 'x.byText': { $exists: false } })).toEqual(['without']);
  });

  it('sees what was changed, taken away and put in since', async () => {
    const rows = rowsOf('changes');
    await fill(rows);
    const found = () => idsOf(rows, { 'x.byText': { $gte: 'a', $lt: 'b' } });
    expect(await found()).toEqual(['row 10', 'row 11', 'row 9']);
    await rows.updateOne({ _id: 'row 9', v: 0 }, { $set: { 'x.byText': 'zz' } });
    await rows.deleteOne({ _id: 'row 10' });
    await rows.insertOne({ _id: 'new', v: 1, x: { byText: 'abc' } });
    expect(await found()).toEqual(['new', 'row 11']);
  });

  it('forgets a collection that is dropped or renamed, and a database', async () => {
    const rows = rowsOf('coming-and-going');
    const all = (of: Collection<Row>) => idsOf(of, { 'x.byText': { $gte: '' } });
    expect(await all(rows)).toEqual([]);
    await fill(rows);
    expect((await all(rows)).length).toBe(TEXTS.length);
    await rows.rename('gone-elsewhere');
    expect(await all(rows)).toEqual([]);
    expect((await all(rowsOf('gone-elsewhere'))).length).toBe(TEXTS.length);
    await rows.insertOne({ _id: 'again', v: 1, x: { byText: 'q' } });
    expect(await all(rows)).toEqual(['again']);
    await rows.drop();
    await rows.insertOne({ _id: 'once more', v: 1, x: { byText: 'q' } });
    expect(await all(rows)).toEqual(['once more']);
    await client.db('lookups').dropDatabase();
    expect(await all(rows)).toEqual([]);
    await rows.insertOne({ _id: 'anew', v: 1, x: { byText: 'q' } });
    expect(await all(rows)).toEqual(['anew']);
    expect(await rows.findOne({ _id: 'anew', v: 1 })).toMatchObject({ v: 1 });
  });

  it('lets one of many win that compare and set one document, while others read', async () => {
    const rows = rowsOf('race');
    await rows.insertOne({ _id: 'one', v: 0 });
    for (let version = 0; version < 5; version++) {
      const writes = Array.from({ length: 16 }, () =>
        rows.updateOne({ _id: 'one', v: version }, { $inc: { v: 1 } }),
      );
      const reads = Array.from({ length: 16 }, () => rows.findOne({ _id: 'one' }));
      const won = (await Promise.all(writes)).filter(({ modifiedCount }) => modifiedCount === 1);
      expect(won).toHaveLength(1);
      for (const row of await Promise.all(reads)) expect([version, version + 1]).toContain(row?.v);
    }
  });
});
