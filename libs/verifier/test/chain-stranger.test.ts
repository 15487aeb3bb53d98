/** Bundles anchored on a chain, judged without anything of ours. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hex } from 'viem';
import {
  base64ToHex,
  checkEvent,
  checkLedger,
  checkTransaction,
  openCheckpoint,
  openFile,
  rootOf,
  walk,
} from './chain-stranger.ts';

const folder = join(__dirname, '../../../vectors/evidence');
const tiny = JSON.parse(readFileSync(join(folder, 'tiny.json'), 'utf8'));

describe.each(['chain-single.lucid', 'chain-batch.lucid'])('%s', (name) => {
  const opened = openFile(readFileSync(join(folder, name)));
  const { anchor, members, key } = opened;

  test('from the manifest by the event to the header', () => checkEvent(opened));

  test('the transaction is in the block, and for this chain', () => {
    const described = JSON.parse(readFileSync(join(folder, 'chain.json'), 'utf8'));
    const { block } = name.includes('single') ? described.single : described.batch;
    expect(checkTransaction(opened)).toEqual({
      blockHash: block.hash,
      transactionHash: block.transactionHash,
    });
  });

  test('from the header to the checkpoint that the ledger signed', () =>
    checkLedger(opened, tiny.ledger.vkey));

  test('one byte of anything else leads elsewhere', () => {
    const [first, ...others] = anchor.receiptProof.map(base64ToHex) as Hex[];
    const changed = `${first!.slice(0, -1)}${first!.endsWith('0') ? '1' : '0'}` as Hex;
    expect(() => walk(members[5]!, key, [changed, ...others])).toThrow('another node');
    const other = Buffer.from(anchor.header, 'base64');
    other[40]! ^= 1;
    const { size, root } = openCheckpoint(anchor.checkpoint, anchor.ledger);
    expect(rootOf(other, anchor.index, size, anchor.inclusion).equals(root)).toBe(false);
    expect(() => openCheckpoint(anchor.checkpoint.replace('\n', '.\n'), anchor.ledger)).toThrow('not signed');
  });
});
