import { RLP } from '@ethereumjs/rlp';
import { beforeAll, expect, test } from '@jest/globals';
import { decodeKeptBlock, encodeKeptBlock } from '@lucid/chain-wire';
import { addressOf, makeBlock, openChain, putAll, type TestBlock, topicOf } from './chain-kit.ts';

type Items = (Uint8Array | Items)[];

interface Parts {
  header: Uint8Array[];
  /** Transactions, uncles, withdrawals. */
  body: Items[];
  receipts: Uint8Array[];
  senders: Uint8Array[];
}

let genesis: TestBlock;
let block: TestBlock;

beforeAll(async () => {
  genesis = await makeBlock();
  block = await makeBlock({
    parent: genesis,
    withdrawals: 2,
    transactions: [0, 1, 2, 3].map((type) => ({
      type,
      logs: [[addressOf(type), [topicOf(type)], new Uint8Array(3)]],
    })),
  });
});

/** The block with something changed, put where it would belong: what the refusal says. */
async function refusal(change: (parts: Parts) => void): Promise<string> {
  const kept = decodeKeptBlock(block.bytes);
  const [header, ...body] = RLP.decode(kept.block) as unknown as [Uint8Array[], ...Items[]];
  const parts = { header, body, receipts: [...kept.receipts], senders: [...kept.senders] };
  change(parts);
  const bytes = encodeKeptBlock({
    block: RLP.encode([parts.header, ...parts.body] as never),
    receipts: parts.receipts,
    senders: parts.senders,
  });
  const { chain, log } = await openChain();
  await putAll(chain, [genesis]);
  const answer = await chain.put(1, bytes).then(
    () => 'taken',
    (error: { code?: string; detail?: string }) => `${error.code}: ${error.detail}`,
  );
  if (answer !== 'taken') expect([log.entries.size, chain.head?.height]).toEqual([1, 0]);
  return answer;
}

const flip = (bytes: Uint8Array, at = bytes.length - 1): Uint8Array =>
  Uint8Array.from(bytes, (octet, index) => (index === at ? octet ^ 1 : octet));

test('unchanged it is taken', async () => {
  expect(await refusal(() => undefined)).toBe('taken');
});

test.each<[string, (parts: Parts) => void]>([
  ['parent hash', ({ header }) => (header[0] = flip(header[0]!))],
  ['uncles hash', ({ header }) => (header[1] = flip(header[1]!))],
  ['uncles hash', ({ body }) => (body[1] = [topicOf(1)])],
  ['transactions root', ({ header }) => (header[4] = flip(header[4]!))],
  ['transactions root', ({ body }) => (body[0] = [...body[0]!].reverse())],
  ['receipts root', ({ header }) => (header[5] = flip(header[5]!))],
  ['receipts root', ({ receipts }) => (receipts[2] = flip(receipts[2]!))],
  ['bloom', ({ header }) => (header[6] = flip(header[6]!))],
  ['number', ({ header }) => (header[8] = Uint8Array.of(2))],
  ['gas used', ({ header }) => (header[10] = flip(header[10]!))],
  ['withdrawals root', ({ header }) => (header[16] = flip(header[16]!))],
  ['withdrawals root', ({ body }) => body[2]!.pop()],
  ['withdrawals root', ({ body }) => body.pop()],
  ['uncles hash', ({ header }) => header.splice(1, 1, new Uint8Array(32))],
  ['15 to 21 fields', ({ header }) => header.splice(14)],
  ['15 to 21 fields', ({ header }) => header.push(new Uint8Array(32), new Uint8Array(32))],
  ['parent hash has 31 bytes', ({ header }) => (header[0] = new Uint8Array(31))],
  ['gas limit begins with a zero', ({ header }) => (header[9] = Uint8Array.of(0, 1))],
  ['count of senders', ({ receipts, senders }) => [receipts.pop(), senders.pop()]],
  ['4 receipts, but 3 senders', ({ senders }) => senders.pop()],
  ['19 bytes', ({ senders }) => (senders[0] = new Uint8Array(19))],
  ['has no type', ({ body }) => (body[0]![1] = Uint8Array.of(0, 1))],
  ['more than 4 parts', ({ body }) => body.push([])],
  ['longer than an entry', ({ header }) => (header[12] = new Uint8Array(65_535))],
])('%s (%#)', async (what, change) => {
  const answer = await refusal(change);
  expect(answer).toMatch(/^block_invalid: /);
  expect(answer).toContain(what);
});

/** Headers that name what is not so, but in themselves: the logs' blooms, the types of receipts. */
test('receipts whose blooms or types are not those of their logs and transactions', async () => {
  const withReceipt = async (index: number, receipt: Uint8Array): Promise<string> => {
    const { MerklePatriciaTrie } = await import('@ethereumjs/mpt');
    const receipts = block.receipts.map((each, at) => (at === index ? receipt : each));
    const trie = new MerklePatriciaTrie();
    for (const [at, each] of receipts.entries()) await trie.put(RLP.encode(at), each);
    return refusal((parts) => {
      parts.receipts = receipts;
      parts.header[5] = trie.root();
    });
  };
  const [status, gas, bloom, logs] = RLP.decode(block.receipts[0]!) as never as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Items,
  ];
  const payload = RLP.encode([status, gas, flip(bloom, 3), logs]);
  expect(await withReceipt(0, payload)).toContain('bloom of receipt 0');
  const typed = Uint8Array.of(2, ...block.receipts[0]!);
  expect(await withReceipt(0, typed)).toContain('type of receipt 0');
  expect(await withReceipt(0, RLP.encode([status, gas, bloom]))).toContain('a receipt has 4 fields');
});
