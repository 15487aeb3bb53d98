/**
 * What a header owes to its parent (Yellow Paper 4.3.4, EIPs 1559, 3675, 4844), in geth's order. The proof of work of old
 * blocks is not judged: the library has none, and such chains come from files that somebody vouches for.
 */
import type { Block, BlockHeader } from '@ethereumjs/block';
import { ChainError } from './error.ts';
import { bytesEqual, bytesToHex } from './values.ts';

const invalid = (what: string): ChainError => new ChainError('block_invalid', what);
const maxUncleDepth = 6n;

/** Base fee of the block after `parent` under the rules of `header`. */
export function expectedBaseFee(rules: BlockHeader['common'], parent: BlockHeader): bigint | undefined {
  if (!rules.isActivatedEIP(1559)) return undefined;
  return parent.common.isActivatedEIP(1559) ? parent.calcNextBaseFee() : rules.param('initialBaseFee');
}

function judgeDifficulty(block: Block, parent: Block): void {
  const { header } = block;
  if (header.common.consensusType() === 'pos') return;
  const expected = header.ethashCanonicalDifficulty(parent.header);
  if (header.difficulty !== expected)
    throw invalid(`invalid difficulty: have ${header.difficulty}, want ${expected}`);
}

function judgeBlobs(block: Block, parent: Block): void {
  if (!block.common.isActivatedEIP(4844)) return;
  const cancunParent = parent.common.isActivatedEIP(4844);
  const expected = cancunParent ? parent.header.calcNextExcessBlobGas(block.common) : 0n;
  if (block.header.excessBlobGas !== expected)
    throw invalid(`invalid excessBlobGas: have ${block.header.excessBlobGas}, want ${expected}`);
  if (cancunParent) block.validateBlobTransactions(parent.header);
}

function judgeUncles(block: Block): void {
  if (block.uncleHeaders.length > 2) throw invalid('too many uncles');
  for (const uncle of block.uncleHeaders) {
    const depth = block.header.number - uncle.number;
    if (depth < 1n || depth > maxUncleDepth) throw invalid('an uncle is too old or not older than the block');
  }
}

/** Throws `block_invalid`; the detail names the rule. */
export function judgeHeader(block: Block, parent: Block): void {
  const { header } = block;
  if (header.number !== parent.header.number + 1n)
    throw invalid(`invalid block number: have ${header.number}, want ${parent.header.number + 1n}`);
  if (!bytesEqual(header.parentHash, parent.hash()))
    throw invalid(`unknown parent: have ${bytesToHex(header.parentHash)}, want ${bytesToHex(parent.hash())}`);
  if (header.timestamp <= parent.header.timestamp)
    throw invalid(`timestamp ${header.timestamp} is not after the parent's ${parent.header.timestamp}`);
  if (header.extraData.length > 32) throw invalid(`extra-data too long: ${header.extraData.length} > 32`);
  if (header.gasUsed > header.gasLimit)
    throw invalid(`invalid gasUsed: have ${header.gasUsed}, gasLimit ${header.gasLimit}`);
  try {
    header.validateGasLimit(parent.header);
  } catch (cause) {
    throw new ChainError('block_invalid', `invalid gas limit: have ${header.gasLimit}`, { cause });
  }
  const baseFee = expectedBaseFee(header.common, parent.header);
  if (header.baseFeePerGas !== baseFee)
    throw invalid(`invalid baseFee: have ${header.baseFeePerGas}, want ${baseFee}`);
  judgeDifficulty(block, parent);
  judgeBlobs(block, parent);
  judgeUncles(block);
}
