/** Anchors on a chain whose block says something else, or the same at another place. */
import { base64ToBytes, bytesToBase64 } from '@lucid/bytes';
import { decodeHeader, encodeHeader } from '@lucid/eth-proof';
import { type ChainAnchor, sessionLeaf } from '@lucid/session-format';
import { type FaultCode, judgeChainAnchor, VerifyError } from '../src/index.ts';
import { codesOf, judge, keys, manifest, own, session, trusted } from './chain-anchor-fixtures.ts';
import { buildChainBlock, IMPOSTOR, registerSessions, trieNodes } from './chain-block.ts';
import {
  anchorOf,
  batchAnchor,
  batchPlace,
  callOf,
  placeInLedger,
  singleAnchor,
  strangers,
} from './sample-chain.ts';
import { testKey } from './sample-session.ts';

const { ledger } = session;

let single: ChainAnchor;
let batch: ChainAnchor;
beforeAll(async () => {
  single = await singleAnchor(keys, manifest);
  batch = await batchAnchor(keys, manifest);
});
/** Read when the tests run, behind beforeAll. */
const anchors = { 'by itself': () => single, 'in a batch': () => batch } as const;
const both = Object.entries(anchors);

describe('in the block', () => {
  test('at any place, with a transaction of any type, and behind others', async () => {
    const others = strangers('many', 133).map(callOf);
    const block = await buildChainBlock(others.map((call, at) => (at === 131 ? callOf(own) : call)));
    expect(await codesOf(await anchorOf(keys, block, 131))).toEqual([]);
    for (const at of [0, 1, 2, 127, 128, 132])
      expect([at, await codesOf(await anchorOf(keys, block, at))]).toEqual([at, ['anchor_differs']]);
  });
});

describe('who makes an anchor', () => {
  const given = { ledgerKey: ledger.vkey };
  test.each(both)('has it judged beforehand: %s', (_, anchorOfForm) => {
    const anchor = anchorOfForm();
    expect(judgeChainAnchor(anchor, own, given)).toMatchObject({ ok: true, block: { number: 42 } });
    const refusals: readonly (readonly [ChainAnchor, typeof own, string, FaultCode])[] = [
      [anchor, { ...own, owner: '00'.repeat(20) }, ledger.vkey, 'anchor_differs'],
      [{ ...anchor, index: 0 }, own, ledger.vkey, 'anchor_inclusion_wrong'],
      [anchor, own, testKey('other').vkey, 'ledger_not_pinned'],
      [{ ...anchor, ledger: 'x' }, own, ledger.vkey, 'anchor_malformed'],
    ];
    for (const [each, expected, ledgerKey, code] of refusals)
      expect(judgeChainAnchor(each, expected, { ledgerKey })).toMatchObject({
        ok: false,
        faults: [{ code }],
      });
    expect(() => judgeChainAnchor({ ...anchor, header: '*' }, own, given)).toThrow(TypeError);
    expect(() => judgeChainAnchor(anchor, own, { ledgerKey: 'x' })).toThrow(VerifyError);
  });
});

describe('registered is something else', () => {
  const fields = {
    sessionId: 'aa'.repeat(32),
    manifestHash: 'aa'.repeat(32),
    startedAt: own.startedAt + 1,
    owner: 'aa'.repeat(20),
    merkleRoot: 'aa'.repeat(32),
    chunkCount: own.chunkCount + 1,
  } as const;

  test.each(Object.entries(fields))('another %s', async (name, value) => {
    const registration = { ...own, [name]: value };
    const anchor = await anchorOf(keys, await buildChainBlock([callOf(registration)]), 0);
    const [fault, ...others] = (await judge(anchor)).faults;
    expect([fault?.code, others]).toEqual(['anchor_differs', []]);
    expect(fault?.message).toContain(
      `expected ${name} ${own[name as keyof typeof own]}, found ${name} ${value}`,
    );
    const { root, batch: place } = batchPlace([registration, ...strangers('x', 2)].map(sessionLeaf), 0);
    const block = await buildChainBlock([registerSessions(`0x${root}`, 3)]);
    expect(await codesOf({ ...(await anchorOf(keys, block, 0)), batch: place })).toEqual(['anchor_differs']);
  });

  test('a transaction that failed, for the session was registered before', async () => {
    const block = await buildChainBlock([callOf(own), callOf(own)]);
    expect(await codesOf(await anchorOf(keys, block, 0))).toEqual([]);
    expect(await codesOf(await anchorOf(keys, block, 1))).toEqual(['anchor_transaction_failed']);
  });

  test('by a contract that only looks like it, unless the caller names it', async () => {
    const block = await buildChainBlock([{ ...callOf(own), to: IMPOSTOR }]);
    const anchor = await anchorOf(keys, block, 0);
    const contract = IMPOSTOR.slice(2);
    expect(await codesOf(anchor)).toEqual(['anchor_event_wrong']);
    expect(await codesOf({ ...anchor, contract })).toEqual(['anchor_event_wrong']);
    expect(await codesOf({ ...anchor, contract }, { ...trusted, anchorContracts: [contract] })).toEqual([]);
    expect(await codesOf(single, { ...trusted, anchorContracts: [contract] })).toEqual([
      'anchor_event_wrong',
    ]);
  });

  test('the other form, and a block without that transaction', async () => {
    expect(await codesOf({ ...single, batch: batch.batch! })).toEqual(['anchor_event_wrong']);
    const { batch: _, ...without } = batch;
    expect(await codesOf(without)).toEqual(['anchor_event_wrong']);
    const block = await buildChainBlock([callOf(own)]);
    const anchor = await anchorOf(keys, block, 0);
    const absent = (await trieNodes(block.receipts, 1)).map(bytesToBase64);
    expect(await codesOf({ ...anchor, transactionIndex: 1, receiptProof: absent })).toEqual([
      'anchor_receipt_wrong',
      'anchor_transaction_wrong',
    ]);
  });

  test('a transaction that is signed for every chain', async () => {
    const block = await buildChainBlock([{ ...callOf(own), unprotected: true }]);
    const verdict = await judge(await anchorOf(keys, block, 0));
    expect(verdict.faults[0]?.message).toContain('found one for any chain');
    expect(verdict.faults.map(({ code }) => code)).toEqual(['anchor_transaction_wrong']);
  });

  test.each([{ number: 2n ** 53n }, { timestamp: 2n ** 53n }])(
    'a header beyond every calendar: %p',
    async (change) => {
      const header = encodeHeader({ ...decodeHeader(base64ToBytes(single.header)), ...change });
      const anchor = { ...single, header: bytesToBase64(header), ...placeInLedger(keys, header) };
      expect(await codesOf(anchor)).toEqual(['anchor_malformed']);
    },
  );

  test('a header that is none, though the log holds it', async () => {
    const header = new TextEncoder().encode('{"type":"other"}');
    const anchor = { ...single, header: bytesToBase64(header), ...placeInLedger(keys, header) };
    expect(await codesOf(anchor)).toEqual(['anchor_malformed']);
  });
});

describe('a batch', () => {
  test.each([1, 2, 3, 8, 33])('of %i sessions verifies at every place', async (count) => {
    const leaves = strangers('places', count).map(sessionLeaf);
    for (const index of new Set([0, count >> 1, count - 1])) {
      const all = leaves.map((leaf, at) => (at === index ? sessionLeaf(own) : leaf));
      const { root, batch: at } = batchPlace(all, index);
      const block = await buildChainBlock([registerSessions(`0x${root}`, count)]);
      expect(await codesOf({ ...(await anchorOf(keys, block, 0)), batch: at })).toEqual([]);
    }
  });
});
