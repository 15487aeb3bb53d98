import fc from 'fast-check';
import {
  Binary,
  BSON,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb';
import { DamagedBsonError, documentsIn, insertableOf, metadataText, parseMetadata } from './backup.ts';

/** Every kind of value that BSON has and a server gives out, also what plain objects would lose. */
const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    new MinKey(),
    new MaxKey(),
    new Double(-0),
    new Double(Number.NaN),
  ),
  fc.double().map((each) => new Double(each)),
  fc.integer().map((each) => new Int32(each)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((each) => Long.fromBigInt(each)),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 40 }).map((each) => new Binary(each, 128)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((each) => new ObjectId(each)),
  fc.bigInt({ min: 0n, max: 2n ** 63n }).map((each) => new Timestamp(each)),
  fc.constantFrom(
    new BSONRegExp('^a.*\\d', 'im'),
    new BSONSymbol('s'),
    new Code('f()'),
    Decimal128.fromString('1.20'),
  ),
);
const names = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((each) => !each.includes('\0')),
  fc.constantFrom('', '0', '10', '9', 'a.b', '$set', '__proto__', 'toBSON', '_bsontype'),
);
const { fields } = fc.letrec<{ fields: Map<string, unknown>; value: unknown }>((tie) => ({
  fields: fc
    .uniqueArray(fc.tuple(names, tie('value')), { selector: ([name]) => name, maxLength: 6 })
    .map((entries) => new Map(entries)),
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    { arbitrary: leaf, weight: 5 },
    { arbitrary: tie('fields'), weight: 2 },
    { arbitrary: fc.array(tie('value'), { maxLength: 4 }), weight: 2 },
  ),
}));
const documents = fields.map((each) => BSON.serialize(each));

async function* inParts(bytes: Uint8Array, sizes: Iterator<number>): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = sizes.next().value as number;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const all = async (parts: AsyncIterable<Uint8Array>): Promise<Buffer[]> => {
  const found: Buffer[] = [];
  for await (const part of parts) found.push(Buffer.from(part));
  return found;
};

describe('documents as bytes', () => {
  it('are written again exactly as they are', () => {
    fc.assert(
      fc.property(documents, (bytes) => {
        expect(Buffer.compare(BSON.serialize(insertableOf(bytes)), bytes)).toBe(0);
      }),
    );
  });

  it('with any bit flipped are refused, or are another document that is written exactly as it is', () => {
    fc.assert(
      fc.property(documents, fc.nat(), fc.nat(7), (bytes, at, bit) => {
        const changed = Uint8Array.from(bytes);
        changed[at % bytes.length]! ^= 1 << bit;
        try {
          expect(Buffer.compare(BSON.serialize(insertableOf(changed)), changed)).toBe(0);
        } catch (error) {
          if (!(error instanceof DamagedBsonError)) throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('nested without end are refused, not recursed into', () => {
    const depth = 5_000;
    let bytes: Uint8Array = BSON.serialize({});
    for (let level = 0; level < depth; level += 1) {
      const outer = new Uint8Array(bytes.length + 8);
      new DataView(outer.buffer).setInt32(0, outer.length, true);
      outer.set([3, 97, 0], 4);
      outer.set(bytes, 7);
      bytes = outer;
    }
    expect(() => insertableOf(bytes)).toThrow(DamagedBsonError);
  });

  it.each([
    ['two values of one name', [...BSON.serialize({ a: 1 })].slice(4, -1), 2],
    ['a text that is no UTF-8', [2, 97, 0, 2, 0, 0, 0, 0xff, 0], 1],
    ['a value of no kind', [0x42, 97, 0], 1],
  ])('%s is refused', (_name, element, times) => {
    const inside = Array.from({ length: times }, () => element).flat();
    const bytes = Uint8Array.from([0, 0, 0, 0, ...inside, 0]);
    new DataView(bytes.buffer).setInt32(0, bytes.length, true);
    expect(() => insertableOf(bytes)).toThrow(DamagedBsonError);
  });
});

describe('a stream of documents', () => {
  it('is cut where they end, whatever parts it comes in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(documents, { maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 300 })),
        async (some, sizes) => {
          const found = await all(documentsIn(inParts(Buffer.concat(some), sizes)));
          expect(found.map((each) => each.toString('hex'))).toEqual(
            some.map((each) => Buffer.from(each).toString('hex')),
          );
        },
      ),
    );
  });

  it('that ends within one says at which byte that began', async () => {
    const bytes = BSON.serialize({ a: 'some text' });
    const two = Buffer.concat([bytes, bytes]);
    for (let end = bytes.length + 1; end < two.length; end += 1)
      await expect(
        all(documentsIn(inParts(two.subarray(0, end), [7, 7, 7, 7, 7, 7, 7, 7, 7].values()))),
      ).rejects.toThrow(`the document at byte ${bytes.length} is cut off`);
  });

  it.each([4, 0, -1, 16 * 1024 * 1024 + 16 * 1024 + 1, 0x7fffffff])(
    'a size of %i is refused',
    async (size) => {
      const bytes = new Uint8Array(20);
      new DataView(bytes.buffer).setInt32(0, size, true);
      await expect(all(documentsIn(inParts(bytes, [20].values())))).rejects.toThrow(
        'no document begins at byte 0',
      );
    },
  );

  it('of many small parts grows in proportion: a large document is not joined again and again', async () => {
    const bytes = BSON.serialize({ a: 'x'.repeat(4_000_000) });
    const tiny = (function* () {
      for (;;) yield 64;
    })();
    const before = process.cpuUsage();
    expect((await all(documentsIn(inParts(bytes, tiny)))).length).toBe(1);
    const usedUs = process.cpuUsage(before).user;
    // Joined at each of its 62,500 parts it would copy 125 GB.
    expect(usedUs).toBeLessThan(20_000_000);
  });
});

describe('metadata', () => {
  it('comes back, as mongodump writes it', () => {
    const metadata = {
      options: { capped: true, size: 4096 },
      indexes: [{ v: 2, key: { _id: 1 }, name: '_id_' }],
    };
    const text = metadataText('things', metadata);
    expect(JSON.parse(text).indexes[0].key).toEqual({ _id: { $numberInt: '1' } });
    expect(parseMetadata(text)).toEqual(metadata);
  });

  it.each(['', '{', '[]', 'null', '{"indexes":1}', '{"indexes":[{"key":{}}]}', '{"indexes":[null]}'])(
    '%j is refused',
    (text) => {
      expect(() => parseMetadata(text)).toThrow(DamagedBsonError);
    },
  );
});
