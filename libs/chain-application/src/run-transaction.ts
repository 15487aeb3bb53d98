/** Executes one transaction of a block on a machine and tells what it did. */
import type { Block } from '@ethereumjs/block';
import { createTxFromRLP, type TypedTransaction } from '@ethereumjs/tx';
import { Address } from '@ethereumjs/util';
import { type RunTxResult, runTx } from '@ethereumjs/vm';
import type { ParsedTransaction } from './decode-transaction.ts';
import type { Machine } from './machine.ts';
import { type RawLog, type ResultDetails, wordExecutionError } from './receipt.ts';

/** A transaction with its hash and sender, which nobody computes again. */
export interface ReadyTransaction {
  readonly parsed: ParsedTransaction;
  readonly hash: Uint8Array;
  readonly sender: Uint8Array;
}

/** The transaction as ethereumjs has it; throws an Error where it refuses it. */
export function toLibraryTransaction(ready: ReadyTransaction, rules: Machine['rules']): TypedTransaction {
  const transaction = createTxFromRLP(ready.parsed.raw, { common: rules, freeze: false });
  const sender = new Address(ready.sender);
  return Object.assign(transaction, { getSenderAddress: () => sender, hash: () => ready.hash });
}

export interface TransactionOutcome {
  readonly details: ResultDetails;
  readonly gasUsed: bigint;
}

/** What ethereumjs tells of an execution, in our terms. */
export function outcomeOf(
  ready: Pick<ReadyTransaction, 'hash' | 'sender'> & { nonce: bigint; to: Uint8Array | null; type: number },
  result: RunTxResult,
): TransactionOutcome {
  const { receipt, execResult } = result;
  const gasUsed = result.totalGasSpent;
  const blob =
    'blobGasUsed' in receipt ? { gasUsed: receipt.blobGasUsed, price: receipt.blobGasPrice } : undefined;
  return {
    gasUsed,
    details: {
      hash: ready.hash,
      sender: ready.sender,
      nonce: ready.nonce,
      to: ready.to,
      gasUsed,
      effectiveGasPrice: gasUsed === 0n ? 0n : result.amountSpent / gasUsed,
      returnData: execResult.returnValue,
      error: wordExecutionError(execResult),
      ...(blob === undefined ? {} : { blob }),
      receipt: {
        type: ready.type,
        outcome: 'stateRoot' in receipt ? receipt.stateRoot : receipt.status,
        cumulativeGasUsed: receipt.cumulativeBlockGasUsed,
        bloom: receipt.bitvector,
        logs: receipt.logs as readonly RawLog[],
      },
    },
  };
}

/** Rejects with an Error where ethereumjs finds the transaction not executable; the state is then as before. */
export async function runTransaction(
  machine: Machine,
  block: Block,
  ready: ReadyTransaction,
  blockGasUsed: bigint,
): Promise<TransactionOutcome> {
  const { parsed } = ready;
  const result = await runTx(machine.vm, {
    tx: toLibraryTransaction(ready, machine.rules),
    block,
    blockGasUsed,
    skipHardForkValidation: true,
  });
  return outcomeOf(
    { hash: ready.hash, sender: ready.sender, nonce: parsed.nonce, to: parsed.to, type: parsed.type },
    result,
  );
}
