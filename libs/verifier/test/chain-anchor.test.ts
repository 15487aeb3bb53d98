/** Anchors on a chain: what holds is verified and told, what was changed is told by its code. */
import { base64ToBytes, bytesToBase64, bytesToHex } from '@lucid/bytes';
import { createNoteSigner, formatCheckpoint, signNote } from '@lucid/checkpoint';
import { decodeHeader, encodeHeader, encodeRlp, keccak256, type RlpItem } from '@lucid/eth-proof';
import { leafHash } from '@lucid/merkle';
import { type ChainAnchor, sessionLeaf } from '@lucid/session-format';
import fc from 'fast-check';
import { createBytesReader, type FaultCode, verdictToText, verifyBundle } from '../src/index.ts';
import {
  bundleWith,
  codesOf,
  flipped,
  flippedHex,
  judge,
  keys,
  manifest,
  session,
  stride,
  trusted,
} from './chain-anchor-fixtures.ts';
import { anchorBytes, batchAnchor, placeInLedger, singleAnchor, strangers } from './sample-chain.ts';
import { testKey } from './sample-session.ts';

const { ledger, witness } = session;
if (process.env.LUCID_SLOW) jest.setTimeout(600_000);

let single: ChainAnchor;
let batch: ChainAnchor;
beforeAll(async () => {
  single = await singleAnchor(keys, manifest);
  batch = await batchAnchor(keys, manifest);
});
/** Read when the tests run, behind beforeAll. */
const anchors = { 'by itself': () => single, 'in a batch': () => batch } as const;
const both = Object.entries(anchors);

describe.each(both)('registered %s', (form, anchorOfForm) => {
  test('verifies, and the verdict names block, transaction and time', async () => {
    const verdict = await judge(anchorOfForm(), { ...trusted, requireAnchor: true });
    expect(verdict.faults).toEqual([]);
    expect(verdict.summary.anchor).toMatchObject({
      kind: 'chain',
      verified: true,
      index: 3,
      treeSize: 7,
      block: {
        chainId: 1337,
        number: 42,
        timeSec: 1_763_683_290,
        contract: '0x00000000000000000000000000000000004c4101',
        transactionIndex: form === 'by itself' ? 4 : 1,
        batch: form === 'by itself' ? null : { index: 5, count: 11 },
      },
    });
    const { hash, transactionHash } = verdict.summary.anchor!.block!;
    const text = verdictToText('a.lucid', verdict);
    expect(text).toContain(
      `block       42 of chain 1337, 2025-11-21T00:01:30.000000Z\n            ${hash}\n`,
    );
    const where =
      form === 'by itself' ? 'number 4 of the block' : 'number 1 of the block, session 5 of a batch of 11';
    expect(text).toContain(`transaction ${where}\n            ${transactionHash}\n`);
    expect(text).toContain('anchor      block header, entry 3 of 7 in the ledger\n');
  });

  test('a header that was changed anywhere is not in the log', async () => {
    const anchor = anchorOfForm();
    const header = base64ToBytes(anchor.header);
    for (let bit = 0; bit < header.length * 8; bit += stride(29)) {
      const { ok, faults, summary } = await judge({ ...anchor, header: bytesToBase64(flipped(header, bit)) });
      expect([bit, ok, faults[0]?.code]).toEqual([bit, false, 'anchor_inclusion_wrong']);
      expect(summary.anchor?.verified).toBe(false);
    }
  });

  test.each([
    ['receiptProof', 'anchor_receipt_wrong'],
    ['transactionProof', 'anchor_transaction_wrong'],
  ] as const)('%s: any flipped bit, missing, further or moved node is found', async (name, code) => {
    const anchor = anchorOfForm();
    const nodes = anchor[name].map(base64ToBytes);
    const judged = async (changed: readonly Uint8Array[]) =>
      codesOf({ ...anchor, [name]: changed.map(bytesToBase64) });
    for (const [at, node] of nodes.entries())
      for (let bit = at; bit < node.length * 8; bit += stride(53))
        expect(await judged(nodes.map((each, index) => (index === at ? flipped(each, bit) : each)))).toEqual([
          code,
        ]);
    for (let at = 0; at < nodes.length; at++)
      expect(await judged(nodes.filter((_, index) => index !== at))).toEqual([
        nodes.length === 1 ? 'anchor_malformed' : code,
      ]);
    expect(await judged([...nodes, nodes[0]!])).toEqual([code]);
    if (nodes.length > 1) expect(await judged([...nodes].reverse())).toEqual([code]);
  });

  test('every other member that is changed is found', async () => {
    const anchor = anchorOfForm();
    const other = testKey('other.ledger');
    const cases: readonly (readonly [Partial<ChainAnchor>, FaultCode])[] = [
      [{ chainId: 1 }, 'anchor_transaction_wrong'],
      [{ contract: flippedHex(anchor.contract) }, 'anchor_event_wrong'],
      [{ transactionIndex: 0 }, 'anchor_receipt_wrong'],
      [{ transactionIndex: 200 }, 'anchor_receipt_wrong'],
      [{ logIndex: 1 }, 'anchor_event_wrong'],
      [{ index: 2 }, 'anchor_inclusion_wrong'],
      [{ inclusion: [] }, 'anchor_inclusion_wrong'],
      [{ inclusion: anchor.inclusion.map(flippedHex) }, 'anchor_inclusion_wrong'],
      [{ inclusion: [...anchor.inclusion].reverse() }, 'anchor_inclusion_wrong'],
      [{ ledger: 'x' }, 'anchor_malformed'],
      [{ checkpoint: 'x' }, 'anchor_malformed'],
      [{ checkpoint: anchor.checkpoint.replace('\n7\n', '\n8\n') }, 'anchor_signature_wrong'],
      [
        placeInLedger(
          { ledger: { ...testKey(ledger.name, 'mallory'), vkey: ledger.vkey }, witness },
          base64ToBytes(anchor.header),
        ),
        'anchor_signature_wrong',
      ],
      [placeInLedger({ ledger: other, witness }, base64ToBytes(anchor.header)), 'ledger_not_pinned'],
    ];
    for (const [change, code] of cases)
      expect([change, (await codesOf({ ...anchor, ...change }))[0]]).toEqual([change, code]);
  });

  test('a checkpoint of the ledger by another key, of another log, or without the witness', async () => {
    const anchor = anchorOfForm();
    const header = base64ToBytes(anchor.header);
    const alone = { index: 0, inclusion: [] };
    const text = (origin: string) => formatCheckpoint({ origin, size: 1, root: leafHash(header) });
    const signed = (origin: string) => signNote(text(origin), [createNoteSigner(ledger)]);
    const pinned = { recorderKeys: trusted.recorderKeys, ledgerKeys: trusted.ledgerKeys };
    expect(await codesOf({ ...anchor, ...alone, checkpoint: signed(ledger.name) }, pinned)).toEqual([]);
    expect(await codesOf({ ...anchor, ...alone, checkpoint: signed(ledger.name) })).toEqual([
      'anchor_signature_wrong',
    ]);
    expect(await codesOf({ ...anchor, ...alone, checkpoint: signed('another.log') }, pinned)).toEqual([
      'anchor_signature_wrong',
    ]);
    expect(await codesOf(anchor, { requireAnchor: true, recorderKeys: trusted.recorderKeys })).toEqual([
      'ledger_not_pinned',
    ]);
  });
});

describe('a batch', () => {
  const place = () => batch.batch!;
  test('every change of its members is found', async () => {
    const { leaf, path, count } = place();
    const other = bytesToBase64(sessionLeaf(strangers('batch', 1)[0]!));
    const cases: readonly (readonly [Partial<NonNullable<ChainAnchor['batch']>>, readonly FaultCode[]])[] = [
      [{ index: 4 }, ['anchor_batch_wrong']],
      [{ count: count + 1 }, ['anchor_batch_wrong']],
      [{ path: path.slice(1) }, ['anchor_batch_wrong']],
      [{ path: [...path, path[0]!] }, ['anchor_batch_wrong']],
      ...path.map(
        (each, at) =>
          [
            { path: path.map((hash, index) => (index === at ? flippedHex(each) : hash)) },
            ['anchor_batch_wrong'],
          ] as const,
      ),
      [{ leaf: other }, ['anchor_differs', 'anchor_batch_wrong']],
      [{ leaf: bytesToBase64(new Uint8Array(192).fill(255)) }, ['anchor_malformed', 'anchor_batch_wrong']],
    ];
    for (const [change, codes] of cases)
      expect([change, await codesOf({ ...batch, batch: { ...place(), ...change } })]).toEqual([
        change,
        codes,
      ]);
    const bytes = base64ToBytes(leaf);
    for (let bit = 0; bit < bytes.length * 8; bit += stride(11)) {
      const codes = await codesOf({
        ...batch,
        batch: { ...place(), leaf: bytesToBase64(flipped(bytes, bit)) },
      });
      expect(codes).toHaveLength(2);
      expect(['anchor_differs', 'anchor_malformed']).toContain(codes[0]);
    }
  });
});

test('an edit anywhere of the section is told as one of the anchor, and no record blamed', async () => {
  const anchorCodes: readonly string[] = [
    'malformed',
    'differs',
    'inclusion_wrong',
    'signature_wrong',
    'receipt_wrong',
    'transaction_wrong',
    'transaction_failed',
    'event_wrong',
    'batch_wrong',
  ].map((each) => `anchor_${each}`);
  for (const anchor of [single, batch]) {
    const body = anchorBytes(anchor);
    for (let at = 0; at < body.length; at += stride(37)) {
      const ANCH = flipped(body, at * 8 + (at % 7));
      const { ok, faults, firstBad } = await verifyBundle(createBytesReader(bundleWith(ANCH)), trusted);
      expect([at, ok, faults.filter(({ code }) => !anchorCodes.includes(code)), firstBad]).toEqual([
        at,
        false,
        [],
        null,
      ]);
    }
  }
});

test('hostile headers, nodes and leaves get a verdict, never an exception', async () => {
  const { item } = fc.letrec<{ item: RlpItem }>((tie) => ({
    item: fc.oneof(
      { maxDepth: 4 },
      fc.uint8Array({ maxLength: 40 }),
      fc.array(tie('item'), { minLength: 2, maxLength: 4 }),
      fc.array(tie('item'), { minLength: 17, maxLength: 17 }),
    ),
  }));
  const typed = (bytes: Uint8Array) => Uint8Array.of(2, ...bytes);
  const values = fc.oneof(
    item.map(encodeRlp),
    item.map(encodeRlp).map(typed),
    fc.uint8Array({ minLength: 1, maxLength: 60 }),
  );
  // A trie of one leaf, at index 0, that holds whatever it is; or any node.
  const nodes = fc.oneof(
    values.map((value) => encodeRlp([Uint8Array.of(0x20, 0x80), value])),
    item.map(encodeRlp),
  );
  const header = decodeHeader(base64ToBytes(single.header));
  await fc.assert(
    fc.asyncProperty(
      nodes,
      nodes,
      fc.option(fc.uint8Array({ minLength: 192, maxLength: 192 })),
      async (receipt, transaction, leaf) => {
        const forged = encodeHeader({
          ...header,
          receiptsRoot: keccak256(receipt),
          transactionsRoot: keccak256(transaction),
        });
        const batchOf = leaf && { batch: { count: 1, index: 0, leaf: bytesToBase64(leaf), path: [] } };
        const { ok, faults } = await judge({
          ...single,
          ...batchOf,
          ...placeInLedger(keys, forged),
          header: bytesToBase64(forged),
          transactionIndex: 0,
          receiptProof: [bytesToBase64(receipt)],
          transactionProof: [bytesToBase64(transaction)],
        });
        expect(ok).toBe(false);
        expect(faults.every(({ code }) => code.startsWith('anchor_'))).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test('the checkpoint of the ledger that was seen before counts here, too', async () => {
  const size = { size: 7, root: new Uint8Array(32) };
  const seenLedgerCheckpoint = signNote(formatCheckpoint({ origin: ledger.name, ...size }), [
    createNoteSigner(ledger),
  ]);
  expect(await codesOf(single, { ...trusted, seenLedgerCheckpoint })).toEqual(['split_view']);
  expect(bytesToHex(base64ToBytes(single.header))).toMatch(/^f9/);
});
