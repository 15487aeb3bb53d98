/** Executes a whole block that was made before or elsewhere, by ethereumjs' own order of a block, and holds it to every rule. */
import { type Block, createBlockFromRLP } from '@ethereumjs/block';
import { Address } from '@ethereumjs/util';
import { runBlock } from '@ethereumjs/vm';
import { decodeRlp } from '@lucid/eth-proof';
import type { ExecutedBlock } from './application.ts';
import type { ChainConfig } from './chain-config.ts';
import { ChainError } from './error.ts';
import { judgeHeader } from './header-rules.ts';
import type { Machine } from './machine.ts';
import { describeResult } from './receipt.ts';
import { outcomeOf } from './run-transaction.ts';
import { bytesToBigInt, bytesToHex, type Hex, hexToBytes } from './values.ts';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Height and time of a header's RLP items: they say which fork decodes the rest. */
function peek(items: unknown): { height: number; timestampSec: number } {
  const header = Array.isArray(items) ? items[0] : undefined;
  const at = (index: number): number => {
    const item = Array.isArray(header) ? header[index] : undefined;
    if (!(item instanceof Uint8Array) || item.length > 6) throw new Error('a block begins with its header');
    return Number(bytesToBigInt(item));
  };
  return { height: at(8), timestampSec: at(11) };
}

/** Spares ethereumjs the recovery of senders that somebody vouches for. */
function believeSenders(block: Block, senders: readonly (Hex | undefined)[]): void {
  if (senders.length !== block.transactions.length)
    throw new Error('there are not as many senders as transactions');
  block.transactions.forEach((transaction, index) => {
    const given = senders[index];
    if (given === undefined) return;
    const sender = new Address(hexToBytes(given));
    const hash = transaction.hash();
    Object.assign(transaction, {
      getSenderAddress: () => sender,
      verifySignature: () => true,
      hash: () => hash,
    });
  });
}

/** Throws `block_invalid` where the bytes are no block. Senders that are given are believed. */
export function decodeBlock(
  blockRlp: Uint8Array,
  config: ChainConfig,
  senders?: readonly (Hex | undefined)[],
): Block {
  try {
    const { height, timestampSec } = peek(decodeRlp(blockRlp));
    const rules = config.rulesAt(height, timestampSec);
    const block = createBlockFromRLP(blockRlp, {
      common: rules,
      skipConsensusFormatValidation: height === 0,
      freeze: senders === undefined,
    });
    // ethereumjs takes an empty list for an empty string, so one block could have several encodings.
    if (Buffer.compare(block.serialize(), blockRlp) !== 0)
      throw new Error('a list stands where a string belongs');
    if (senders !== undefined) believeSenders(block, senders);
    return block;
  } catch (cause) {
    throw new ChainError('block_invalid', messageOf(cause), { cause });
  }
}

/** Errors of the store and of the state pass; everything else is a rule that the block breaks. */
function asInvalid(error: unknown): unknown {
  if (error instanceof Error && 'code' in error) return error;
  // ethereumjs appends a description of vm and block in brackets.
  const [what] = messageOf(error).split(' (vm hf=');
  return new ChainError('block_invalid', what, { cause: error });
}

/** Leaves the state changed, also when it rejects: whoever calls sets it back. */
export async function replayBlock(
  block: Block,
  parent: Block,
  machine: Machine,
  blockRlp: Uint8Array,
): Promise<ExecutedBlock> {
  const { header } = block;
  try {
    judgeHeader(block, parent);
    const ran = await runBlock(machine.vm, { block, skipHeaderValidation: true, setHardfork: false });
    const results = ran.results.map((result, index) => {
      const transaction = block.transactions[index]!;
      const ready = {
        hash: transaction.hash(),
        sender: transaction.getSenderAddress().bytes,
        nonce: transaction.nonce,
        to: transaction.to?.bytes ?? null,
        type: transaction.type,
      };
      return describeResult(outcomeOf(ready, result).details);
    });
    return {
      height: Number(header.number),
      blockHash: bytesToHex(header.hash()),
      stateRoot: bytesToHex(header.stateRoot),
      timestampSec: Number(header.timestamp),
      blockRlp,
      headerRlp: header.serialize(),
      parentHash: bytesToHex(header.parentHash),
      gasUsed: header.gasUsed,
      baseFeePerGas: header.baseFeePerGas,
      receiptsRoot: bytesToHex(header.receiptTrie),
      transactionsRoot: bytesToHex(header.transactionsTrie),
      logsBloom: header.logsBloom,
      results,
      leftOut: [],
    };
  } catch (error) {
    throw asInvalid(error);
  }
}
