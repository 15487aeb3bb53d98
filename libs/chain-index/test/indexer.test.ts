/** The index over a ledger that answers what the test says: writes cut off at any place, pruned blocks, blocks with too many events. */
import { expect, test } from '@jest/globals';
import { bytesToHex } from '@lucid/bytes';
import { encodeKeptBlock } from '@lucid/chain-wire';
import {
  createMemoryDocumentStore,
  type DocumentStore,
  DocumentStoreError,
  defineCollection,
  type MemoryDocuments,
} from '@lucid/document-store';
import { blockHash, bloomOf, encodeHeader, encodeRlp, keccak256 } from '@lucid/eth-proof';
import { createLog, ProblemError } from '@lucid/service-kit';
import {
  type ChainLog,
  type EventPlace,
  Indexer,
  type IndexerOptions,
  type Ledger,
  openIndexStore,
  placeKey,
  placeOf,
  type Watch,
} from '../src/index.ts';

const watched = `0x${'a1'.repeat(20)}`;
const topic = `0x${'b2'.repeat(32)}`;

interface Said extends EventPlace {
  readonly data: string;
}

const events = defineCollection<Said>({ name: 'said', key: placeKey, indexes: [] });
const watch: Watch<Said> = {
  addresses: [watched],
  read: (log) => [{ data: log.data, ...placeOf(log) }],
};

const hexOf = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;
const word = (value: number): string => value.toString(16).padStart(64, '0');
const bytes = (size: number): Uint8Array => new Uint8Array(size);
const transaction = Uint8Array.of(2, 0xc0);

const headerOf = (height: number): Uint8Array =>
  encodeHeader({
    ...{ parentHash: bytes(32), ommersHash: bytes(32), coinbase: bytes(20), stateRoot: bytes(32) },
    ...{ transactionsRoot: bytes(32), receiptsRoot: bytes(32), logsBloom: bytes(256), difficulty: 0n },
    ...{ number: BigInt(height), gasLimit: 1n, gasUsed: 0n, timestamp: BigInt(1000 + height) },
    ...{ extraData: bytes(0), mixHash: bytes(32), nonce: bytes(8) },
  });
const hashOf = (height: number): string => hexOf(blockHash(headerOf(height)));

/** ChunkAnchored, as the contract writes it. */
const topicsOf = (height: number, at: number) => [topic, `0x${word(0xabc)}`, `0x${word(height * 1000 + at)}`];
const dataOf = (at: number): string => `0x${word(at + 1)}`;

const logsOf = (height: number, count: number): ChainLog[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ address: watched, topics: topicsOf(height, at), data: dataOf(at), height },
    ...{ blockHash: hashOf(height), timestampSec: 1000 + height, transactionIndex: 0, logIndex: at },
    transactionHash: hexOf(keccak256(transaction)),
  }));

const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.slice(2), 'hex'));

function keptBlockOf(height: number, count: number): Uint8Array {
  const logs = logsOf(height, count).map((each) => ({
    ...{ address: fromHex(each.address), topics: each.topics.map(fromHex), data: fromHex(each.data) },
  }));
  const receipt = encodeRlp([
    ...[Uint8Array.of(1), Uint8Array.of(1), bloomOf(logs)],
    logs.map(({ address, topics, data }) => [address, topics, data]),
  ]);
  const header = headerOf(height);
  const rest = encodeRlp([[transaction], []]);
  // The header is encoded already: the list around it is joined by hand.
  const body = Buffer.concat([header, rest.subarray(rest[0]! < 0xf8 ? 1 : 2)]);
  const block = Buffer.concat([Uint8Array.of(0xf9, body.length >> 8, body.length & 255), body]);
  return encodeKeptBlock({ block, receipts: [receipt], senders: [bytes(20)] });
}

interface Shape {
  readonly eventsOf: readonly number[];
  readonly mostLogs?: number;
  readonly oldestBody?: number;
}

function ledgerOf({ eventsOf, mostLogs = 10_000, oldestBody = 0 }: Shape): Ledger {
  const height = eventsOf.length - 1;
  const ledger = {
    getChainHead: async () => ({ height, blockHash: hashOf(height), oldestBody }),
    getHeader: async ({ params }: { params: { height: number } }) => headerOf(params.height),
    getBlock: async ({ params }: { params: { height: number } }) =>
      keptBlockOf(params.height, eventsOf[params.height] ?? 0),
    findLogs: async ({ body }: { body: { fromHeight: number; toHeight: number } }) => {
      if (body.fromHeight < oldestBody)
        throw new ProblemError('block_pruned', { remote: 'blockchain-ledger' });
      const logs = eventsOf.flatMap((count, at) =>
        at >= body.fromHeight && at <= body.toHeight ? logsOf(at, count) : [],
      );
      if (logs.length > mostLogs) throw new ProblemError('too_many_logs', { remote: 'blockchain-ledger' });
      return { logs };
    },
  };
  return ledger as unknown as Ledger;
}

const silent = createLog({ level: 'fatal', destination: { write: () => {} } });

async function openIndexer(
  documents: MemoryDocuments,
  shape: Shape,
  wrap = (store: DocumentStore): DocumentStore => store,
  watching = watch,
  options: Partial<IndexerOptions<Said>> = {},
) {
  const store = await openIndexStore(wrap(createMemoryDocumentStore(documents, () => 0)), {
    events,
    cursor: 'said-cursor',
  });
  const ledger = ledgerOf(shape);
  const indexer = new Indexer({ store, ledger, log: silent, watch: () => watching, ...options });
  return { store, indexer: await indexer.open() };
}

async function drain({ indexer }: { indexer: Indexer<Said> }): Promise<void> {
  while (await indexer.step());
}

async function eventsIn(documents: MemoryDocuments) {
  const { store } = await openIndexer(documents, { eventsOf: [0] });
  const { items } = await store.events.find({ index: 'key', limit: 1000 });
  return items.map(({ key, document }) => ({ key, document }));
}

async function wholeIndex(shape: Shape) {
  const documents: MemoryDocuments = new Map();
  await drain(await openIndexer(documents, shape));
  return eventsIn(documents);
}

/** Writes one operation after the other, and fails before number `at` of all. */
const failingAt = (at: number) => (store: DocumentStore) => {
  let written = 0;
  return Object.assign(Object.create(store) as DocumentStore, {
    atomicBatch: false,
    collection: store.collection.bind(store),
    batch: async (operations: Parameters<DocumentStore['batch']>[0]) => {
      for (const operation of operations) {
        if (written++ === at) throw new DocumentStoreError('store_unavailable', 'cut');
        await store.batch([operation]);
      }
      return [];
    },
  });
};

test('cut off before any write, the index becomes the same', async () => {
  const shape = { eventsOf: [0, 3, 0, 2] };
  const whole = await wholeIndex(shape);
  expect(whole).toHaveLength(5);
  for (let at = 0; at <= 6; at++) {
    const documents: MemoryDocuments = new Map();
    const cut = drain(await openIndexer(documents, shape, failingAt(at)));
    if (at < 6) await expect(cut).rejects.toMatchObject({ code: 'store_unavailable' });
    else await cut;
    await drain(await openIndexer(documents, shape));
    expect(await eventsIn(documents)).toEqual(whole);
  }
});

test('a rebuild that is cut off before any write ends in the same index', async () => {
  const shape = { eventsOf: [0, 3, 0, 2] };
  const whole = await wholeIndex(shape);
  for (let at = 0; at <= 11; at++) {
    const documents: MemoryDocuments = new Map();
    await drain(await openIndexer(documents, shape));
    const cut = await openIndexer(documents, shape, failingAt(at));
    await cut.indexer.rebuild();
    await drain(cut).catch(() => {});
    await drain(await openIndexer(documents, shape));
    expect(await eventsIn(documents)).toEqual(whole);
  }
});

test('too many events for a search are read in smaller ranges, and from the block itself', async () => {
  const shape = { eventsOf: [0, 5, 1, 7, 0, 2] };
  const whole = await wholeIndex(shape);
  for (const mostLogs of [14, 6, 4, 1]) expect(await wholeIndex({ ...shape, mostLogs })).toEqual(whole);
});

test('blocks that were pruned before they were read are told, and are not forgotten by a rebuild', async () => {
  const documents: MemoryDocuments = new Map();
  const eventsOf = [0, 2, 2, 2];
  const late = await openIndexer(documents, { eventsOf, oldestBody: 2 });
  await drain(late);
  expect(await late.indexer.status()).toMatchObject({ completeFrom: 2, indexedHeight: 3, lag: 0 });
  await late.indexer.rebuild();
  const later = await openIndexer(documents, { eventsOf, oldestBody: 2 });
  await drain(later);
  expect(await eventsIn(documents)).toHaveLength(4);
  const pruned = await openIndexer(documents, { eventsOf, oldestBody: 3 });
  await expect(pruned.indexer.rebuild()).rejects.toMatchObject({ code: 'history_pruned' });
  expect(await eventsIn(documents)).toHaveLength(4);
});

test('whose events are read is other than before: the index is made anew, nothing of the first is left', async () => {
  const documents: MemoryDocuments = new Map();
  await drain(await openIndexer(documents, { eventsOf: [0, 1, 1] }));
  const other: Watch<Said> = {
    addresses: [`0x${'c3'.repeat(20)}`],
    read: (log) => (log.height > 1 ? [{ data: '0xother', ...placeOf(log) }] : []),
  };
  const shape = { eventsOf: [0, 1, 1, 1] };
  await drain(await openIndexer(documents, shape, undefined, other));
  const seen = (await eventsIn(documents)).map(({ document }) => [document.height, document.data]);
  expect(seen).toEqual([
    [2, '0xother'],
    [3, '0xother'],
  ]);
});

test('a ledger that was set back is another chain', async () => {
  const documents: MemoryDocuments = new Map();
  await drain(await openIndexer(documents, { eventsOf: [0, 1, 1] }));
  const back = await openIndexer(documents, { eventsOf: [0, 1] });
  await drain(back);
  expect((await back.indexer.status()).state).toBe('replaced');
  expect(() => back.indexer.assertReadable()).toThrow('chain_replaced');
});

/** Two processes over the same documents, which name generations and wait before they remove. */
async function openProcess(documents: MemoryDocuments, shape: Shape, beforeRemoval = async () => {}) {
  const newGeneration = () => `g${generations++}`;
  return openIndexer(documents, shape, undefined, undefined, { newGeneration, beforeRemoval });
}
let generations = 0;

test('each making of the index has a generation of its own, which all processes see; none while it is forgotten', async () => {
  const documents: MemoryDocuments = new Map();
  const one = await openProcess(documents, { eventsOf: [0, 1, 1] });
  await drain(one);
  const first = await one.indexer.generation();
  expect(first).toEqual({ id: expect.stringMatching(/^g/), height: 2 });
  const other = await openProcess(documents, { eventsOf: [0, 1, 1, 1] });
  await drain(other);
  expect(await one.indexer.generation()).toEqual({ id: first?.id, height: 3 });
  await other.indexer.rebuild();
  expect(await one.indexer.generation()).toBeNull();
  await drain(other);
  const second = await one.indexer.generation();
  expect(second).toMatchObject({ height: 3 });
  expect(second?.id).not.toBe(first?.id);
});

test('an index of before has a generation from its next block on', async () => {
  const documents: MemoryDocuments = new Map();
  await drain(await openIndexer(documents, { eventsOf: [0, 1] }));
  const { indexer } = await openProcess(documents, { eventsOf: [0, 1, 1] });
  expect(await indexer.generation()).toBeNull();
  await indexer.step();
  expect(await indexer.generation()).toMatchObject({ height: 2 });
});

test('nothing is removed before who forgets has waited, also where another process finds it so', async () => {
  const shape = { eventsOf: [0, 2, 2] };
  const documents: MemoryDocuments = new Map();
  const waited: string[] = [];
  const waiting = (who: string) => async () => {
    waited.push(`${who} ${(await eventsIn(documents)).length}`);
  };
  const one = await openProcess(documents, shape, waiting('one'));
  await drain(one);
  expect(waited).toEqual([]);
  await one.indexer.rebuild();
  const other = await openProcess(documents, shape, waiting('other'));
  await other.indexer.step();
  expect(waited).toEqual(['other 4']);
  await drain(other);
  await drain(one);
  expect(waited).toEqual(['other 4']);
  for (const each of [one, other]) {
    await each.indexer.rebuild();
    await drain(each);
  }
  expect(waited).toEqual(['other 4', 'one 4', 'other 4']);
  expect(await eventsIn(documents)).toHaveLength(4);
});
