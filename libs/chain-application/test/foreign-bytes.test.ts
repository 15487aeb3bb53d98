/** Blocks and genesis files of others, changed at will: refused by a code of ours, and the chain is as it was. */
import { RLP } from '@ethereumjs/rlp';
import { beforeAll, expect, test } from '@jest/globals';
import { createMemoryKvStore, type MemoryKvStore } from '@lucid/kv-store';
import fc from 'fast-check';
import { ChainError, openChainApplication } from '../src/index.ts';
import { commitNext, genesis, openChain, sampleBlocks } from './test-chain.ts';

type Nested = Uint8Array | Nested[];

let blocks: Uint8Array[];
let store: MemoryKvStore;
beforeAll(async () => {
  const app = await openChain(createMemoryKvStore());
  blocks = [];
  for (const transactions of sampleBlocks(2)) blocks.push((await commitNext(app, transactions)).blockRlp);
  store = createMemoryKvStore();
  const one = await openChain(store);
  await one.importBlock(blocks[0]!);
  await one.commit();
});

/** Members of a header that may be otherwise in a sound block: coinbase where nobody tips, gas limit, time, extra data, random value, beacon root. */
const FREE = new Set([2, 9, 11, 12, 13, 19]);

/** Whether a block differs from the right one in free members of its header alone. */
function isOtherwiseRight(raw: Uint8Array): boolean {
  const [header, ...body] = RLP.decode(raw) as Nested[];
  const [right, ...rightBody] = RLP.decode(blocks[1]!) as Nested[];
  if (!Array.isArray(header) || !Array.isArray(right)) return false;
  const same = (a: Nested, b: Nested) => Buffer.compare(RLP.encode(a), RLP.encode(b)) === 0;
  return (
    same(body, rightBody) &&
    header.length === right.length &&
    header.every((each, at) => same(each, right[at]!) || (FREE.has(at) && each instanceof Uint8Array))
  );
}

const refusals = ['block_invalid', 'block_out_of_order'];

/** Every place of a block where something stands. */
function placesOf(item: Nested, path: number[] = []): number[][] {
  if (!Array.isArray(item)) return [path];
  return [path, ...item.flatMap((each, at) => placesOf(each, [...path, at]))];
}

/** What stands at a place, replaced. */
function replaced(item: Nested, [first, ...rest]: number[], by: Nested): Nested {
  if (first === undefined || !Array.isArray(item)) return by;
  return item.map((each, at) => (at === first ? replaced(each, rest, by) : each));
}

const { item: anything } = fc.letrec<{ item: Nested }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 3 },
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(32, 20, 256, 8).chain((size) => fc.uint8Array({ minLength: size, maxLength: size })),
    fc.array(tie('item'), { maxLength: 5 }),
  ),
}));

async function codeOf(raw: Uint8Array): Promise<string> {
  const app = await openChain(store.copy());
  const before = app.info();
  const outcome = await app.importBlock(raw).then(
    () => 'taken',
    (error: unknown) => {
      if (!(error instanceof ChainError)) throw error;
      return error.code;
    },
  );
  if (outcome === 'taken') await app.abandon();
  expect(app.info()).toEqual(before);
  // The right one is taken all the same.
  const { blockHash } = await app.importBlock(blocks[1]!);
  await app.commit(blockHash);
  return outcome;
}

test('a block in which something else stands at any place is refused', async () => {
  const block = RLP.decode(blocks[1]!) as Nested;
  const places = placesOf(block);
  await fc.assert(
    fc.asyncProperty(fc.nat(), anything, async (at, by) => {
      const changed = RLP.encode(replaced(block, places[at % places.length]!, by));
      if (Buffer.compare(changed, blocks[1]!) === 0) return;
      const code = await codeOf(changed);
      if (code !== 'taken' || !isOtherwiseRight(changed)) expect(refusals).toContain(code);
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('a block that is cut, has more behind it, or in which octets differ is refused', async () => {
  const whole = blocks[1]!;
  const changes = fc.oneof(
    fc.nat(whole.length - 1).map((size) => whole.slice(0, size)),
    fc.uint8Array({ minLength: 1, maxLength: 9 }).map((more) => Buffer.concat([whole, more])),
    fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
      const changed = Uint8Array.from(whole);
      changed[at]! ^= mask;
      return changed;
    }),
    fc.uint8Array({ maxLength: 300 }),
  );
  await fc.assert(
    fc.asyncProperty(changes, async (raw) => {
      const code = await codeOf(raw);
      if (code !== 'taken' || !isOtherwiseRight(raw)) expect(refusals).toContain(code);
    }),
    { numRuns: 40 },
  );
}, 60_000);

type Json = { readonly [name: string]: unknown };

/** Every member of a JSON value, by its path. */
function membersOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, each]) => membersOf(each, [...path, name]))];
}

function withMember(value: unknown, [name, ...rest]: string[], by: unknown): unknown {
  if (name === undefined || typeof value !== 'object' || value === null) return by;
  return { ...value, [name]: withMember((value as Json)[name], rest, by) };
}

test('a genesis file in which any member is something else is refused, or a chain begins with it', async () => {
  const source = JSON.parse(JSON.stringify(genesis)) as Json;
  const members = membersOf(source);
  const values = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('0x', '0x0', '-0x1', '0x10000000000000000', `0x${'f'.repeat(64)}`, `0x${'f'.repeat(65)}`),
    fc.bigInt({ min: 0n, max: 2n ** 260n }).map((each) => `0x${each.toString(16)}`),
  );
  const file = fc.oneof(
    fc.tuple(fc.nat(), values).map(([at, by]) => withMember(source, members[at % members.length]!, by)),
    fc.json(),
  );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(file, async (given) => {
      try {
        const app = await openChainApplication({ genesis: given, store: createMemoryKvStore() });
        expect(app.info().height).toBe(0);
        taken += 1;
      } catch (error) {
        if (!(error instanceof ChainError)) throw error;
        expect(error.code).toBe('genesis_invalid');
      }
    }),
    { numRuns: 300 },
  );
  expect(taken).toBeGreaterThan(0);
}, 60_000);
