/** The committed bundles with an anchor on a chain hold the format: they must be read, and judged so, for ever. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64ToBytes, bytesToHex } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { type ChainAnchor, encodeDocument, type Registration, sessionLeaf } from '@lucid/session-format';
import { createBytesReader, verifyBundle } from '../src/index.ts';

interface Described {
  readonly file: string;
  readonly fileSha256: string;
  readonly anchor: ChainAnchor;
  readonly block: {
    readonly number: number;
    readonly hash: string;
    readonly timeSec: number;
    readonly transactionHash: string;
  };
}
interface Description {
  readonly registration: Registration;
  readonly leaf: string;
  readonly single: Described;
  readonly batch: Described;
}

const folder = join(__dirname, '../../../vectors/evidence');
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
const described = JSON.parse(readFileSync(join(folder, 'chain.json'), 'utf8')) as Description;
const tiny = JSON.parse(readFileSync(join(folder, 'tiny.json'), 'utf8'));
const trusted = {
  recorderKeys: [tiny.recorder.vkey],
  ledgerKeys: [tiny.ledger.vkey],
  witnessKeys: [tiny.witness.vkey],
};

test.each([described.single, described.batch])('$file', async ({ file, fileSha256, anchor, block }) => {
  const bytes = read(file);
  expect(bytesToHex(sha256(bytes))).toBe(fileSha256);
  expect(Buffer.from(bytes).includes(Buffer.from(encodeDocument('anchor', anchor)))).toBe(true);
  const { faults, summary } = await verifyBundle(createBytesReader(bytes), trusted);
  expect(faults).toEqual([]);
  const { number, hash, timeSec, transactionHash } = block;
  expect(summary.anchor).toMatchObject({
    kind: 'chain',
    verified: true,
    index: anchor.index,
    ledgerPinned: true,
    block: {
      ...{ number, hash, timeSec, transactionHash },
      chainId: anchor.chainId,
      contract: `0x${anchor.contract}`,
      transactionIndex: anchor.transactionIndex,
      batch: anchor.batch ? { index: anchor.batch.index, count: anchor.batch.count } : null,
    },
  });
});

test('the leaf is that of the session', () => {
  expect(bytesToHex(sessionLeaf(described.registration))).toBe(described.leaf);
  expect(bytesToHex(base64ToBytes(described.batch.anchor.batch!.leaf))).toBe(described.leaf);
});

test('an anchor of the ledger itself is judged as ever', async () => {
  const { faults, summary } = await verifyBundle(createBytesReader(read('tiny.lucid')), trusted);
  expect(faults).toEqual([]);
  expect(summary.anchor).toMatchObject({
    kind: 'ledger',
    block: null,
    verified: true,
    index: 1,
    treeSize: 3,
  });
});
