/** ABCI CheckTx: judges one transaction against the committed state and what the mempool tells. */
import { Address } from '@ethereumjs/util';
import type { AccountFields } from './account-rlp.ts';
import type { BlockLimits, CheckTransactionOptions, CheckTransactionResult, Refused } from './application.ts';
import type { ChainState } from './chain-state.ts';
import { keccak256 } from './crypto.ts';
import {
  describeTransaction,
  type ParsedTransaction,
  parseTransaction,
  senderOf,
  TransactionFault,
  transactionCost,
} from './decode-transaction.ts';
import {
  isSuspectSender,
  type JudgeContext,
  judgeForm,
  judgeFunds,
  mayNotSend,
  refusalOf,
  refuse,
} from './judge-transaction.ts';
import type { SenderCache } from './sender-cache.ts';
import { bytesToHex, hexToBytes } from './values.ts';

export interface CheckContext extends JudgeContext {
  readonly state: ChainState;
  readonly senders: SenderCache;
}

const defaultNonceGap = 4096n;

function judgePrice(transaction: ParsedTransaction, limits: BlockLimits): Refused | null {
  const least = limits.minGasPriceWei;
  return transaction.maxFeePerGas >= least
    ? null
    : refuse(
        'underpriced',
        `transaction underpriced: gas fee cap ${transaction.maxFeePerGas}, minimum needed ${least}`,
      );
}

function judgeNonce(transaction: ParsedTransaction, accountNonce: bigint, gap: bigint): Refused | null {
  const { nonce } = transaction;
  if (nonce < accountNonce)
    return refuse('nonce_too_low', `nonce too low: next nonce ${accountNonce}, tx nonce ${nonce}`);
  return nonce > accountNonce + gap
    ? refuse('nonce_too_high', `nonce too high: tx nonce ${nonce}, gapped nonce ${accountNonce + gap}`)
    : null;
}

async function judgeSender(
  context: CheckContext,
  sender: Uint8Array,
  account: AccountFields | null,
): Promise<Refused | null> {
  if (!isSuspectSender(account)) return null;
  const code = await context.state.getCode(new Address(sender));
  const delegated =
    context.rules.isActivatedEIP(7702) && code.length === 23 && code[0] === 0xef && code[1] === 1;
  return delegated ? null : mayNotSend(sender, code.length);
}

function judgePooled(
  transaction: ParsedTransaction,
  balance: bigint,
  sender: Uint8Array,
  options: CheckTransactionOptions,
): Refused | null {
  const pooled = options.pooled?.(bytesToHex(sender));
  if (pooled === undefined || transaction.nonce < pooled.nextNonce) return null;
  const cost = transactionCost(transaction);
  const needed = pooled.cost + cost;
  return balance >= needed
    ? null
    : refuse(
        'insufficient_funds',
        `insufficient funds for gas * price + value: balance ${balance}, queued cost ${pooled.cost}, tx cost ${cost}, overshot ${needed - balance}`,
      );
}

/** Never rejects for the transaction's sake. */
export async function checkTransaction(
  raw: Uint8Array,
  options: CheckTransactionOptions,
  context: CheckContext,
): Promise<CheckTransactionResult> {
  try {
    // Before anything is read of it: a size that nobody reads on.
    if (raw.length > context.limits.maxTransactionSizeBytes)
      return refuse(
        'oversized',
        `oversized data: transaction size ${raw.length}, limit ${context.limits.maxTransactionSizeBytes}`,
      );
    const transaction = parseTransaction(raw);
    const wrongForm = judgeForm(transaction, context) ?? judgePrice(transaction, context.limits);
    if (wrongForm !== null) return wrongForm;
    const hash = keccak256(raw);
    const sender =
      options.sender === undefined
        ? (context.senders.get(hash) ?? senderOf(transaction))
        : hexToBytes(options.sender);
    const account = await context.state.fields(sender);
    const balance = account?.balance ?? 0n;
    const accountNonce = account?.nonce ?? 0n;
    const refused =
      judgeNonce(transaction, accountNonce, options.maxNonceGap ?? defaultNonceGap) ??
      (await judgeSender(context, sender, account)) ??
      judgeFunds(transaction, balance) ??
      judgePooled(transaction, balance, sender, options);
    if (refused !== null) return refused;
    context.senders.set(hash, sender);
    return { ok: true, ...describeTransaction(transaction, hash, sender), accountNonce, balance };
  } catch (error) {
    if (error instanceof TransactionFault) return refusalOf(error);
    throw error;
  }
}
