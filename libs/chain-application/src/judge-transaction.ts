/**
 * What a transaction must fulfil before it may be executed, in geth 1.17's order and words (core/txpool/validation.go,
 * core/state_transition.go). Used by checkTx and, on the state at its turn, by finalizeBlock.
 */
import type { Common } from '@ethereumjs/common';
import { checksumAddress } from '@lucid/eth-proof';
import { type AccountFields, hasCode } from './account-rlp.ts';
import type { BlockLimits, Refused, TransactionRefusal } from './application.ts';
import {
  hasLastNonce,
  type ParsedTransaction,
  type TransactionFault,
  transactionCost,
} from './decode-transaction.ts';

/** JSON-RPC code of everything that geth's pool and execution refuse. */
const refusedCode = -32_000;

export const refuse = (reason: TransactionRefusal, message: string): Refused => ({
  ok: false,
  reason,
  code: refusedCode,
  message,
});

export const refusalOf = (fault: TransactionFault): Refused => refuse(fault.reason, fault.message);

/** Gas that is taken before the first instruction (Yellow Paper g0, EIPs 2028, 2930, 3860, 7702). */
export function intrinsicGas(transaction: ParsedTransaction, rules: Common): bigint {
  const { data } = transaction;
  let zeros = 0;
  for (const byte of data) if (byte === 0) zeros++;
  let gas =
    rules.param('txGas') +
    BigInt(zeros) * rules.param('txDataZeroGas') +
    BigInt(data.length - zeros) * rules.param('txDataNonZeroGas');
  if (transaction.to === null) {
    if (rules.gteHardfork('homestead')) gas += rules.param('txCreationGas');
    if (rules.isActivatedEIP(3860))
      gas += BigInt(Math.ceil(data.length / 32)) * rules.param('initCodeWordGas');
  }
  if (transaction.accessListAddresses > 0)
    gas +=
      BigInt(transaction.accessListAddresses) * rules.param('accessListAddressGas') +
      BigInt(transaction.accessListSlots) * rules.param('accessListStorageKeyGas');
  if (transaction.authorizations > 0)
    gas += BigInt(transaction.authorizations) * rules.param('perEmptyAccountCost');
  return gas;
}

/** Least gas by the size of the call data (EIP-7623); 0 before. */
export function floorGas(transaction: ParsedTransaction, rules: Common): bigint {
  if (!rules.isActivatedEIP(7623)) return 0n;
  let zeros = 0;
  for (const byte of transaction.data) if (byte === 0) zeros++;
  const tokens = BigInt(zeros + 4 * (transaction.data.length - zeros));
  return rules.param('txGas') + tokens * rules.param('totalCostFloorPerToken');
}

function judgeType(transaction: ParsedTransaction, rules: Common): Refused | null {
  const { type } = transaction;
  const needed = [null, 2930, 1559, 4844, 7702][type];
  if (needed !== null && needed !== undefined && !rules.isActivatedEIP(needed))
    return refuse(
      'type_not_supported',
      `transaction type not supported: type ${type} rejected, pool not yet there`,
    );
  // Blobs have no place on a chain that nobody stores them for; blocks of others may hold them.
  if (type === 3)
    return refuse(
      'type_not_supported',
      'transaction type not supported: tx type 3 not supported by this pool',
    );
  return null;
}

function judgeSize(transaction: ParsedTransaction, rules: Common, limits: BlockLimits): Refused | null {
  const size = transaction.raw.length;
  if (size > limits.maxTransactionSizeBytes)
    return refuse(
      'oversized',
      `oversized data: transaction size ${size}, limit ${limits.maxTransactionSizeBytes}`,
    );
  if (transaction.to !== null || !rules.isActivatedEIP(3860)) return null;
  const limit = rules.param('maxInitCodeSize');
  return BigInt(transaction.data.length) <= limit
    ? null
    : refuse(
        'init_code_too_large',
        `max initcode size exceeded: code size ${transaction.data.length}, limit ${limit}`,
      );
}

function judgeGasLimit(
  transaction: ParsedTransaction,
  rules: Common,
  limits: BlockLimits,
  blockGasLimit: bigint,
): Refused | null {
  const { gasLimit } = transaction;
  const cap = rules.isActivatedEIP(7825) ? 1n << 24n : limits.maxTransactionGas;
  const least = cap < limits.maxTransactionGas ? cap : limits.maxTransactionGas;
  if (gasLimit > least)
    return refuse('exceeds_gas_cap', `transaction gas limit too high (cap: ${least}, tx: ${gasLimit})`);
  return gasLimit > blockGasLimit ? refuse('exceeds_block_gas_limit', 'exceeds block gas limit') : null;
}

function judgeChain(transaction: ParsedTransaction, chainId: bigint, rules: Common): Refused | null {
  if (transaction.chainId === undefined) return null;
  if (transaction.chainId !== chainId || !(transaction.type > 0 || rules.gteHardfork('spuriousDragon')))
    return refuse(
      'wrong_chain_id',
      `invalid sender: invalid chain id for signer: have ${transaction.chainId} want ${chainId}`,
    );
  return null;
}

function judgeIntrinsic(transaction: ParsedTransaction, rules: Common): Refused | null {
  const { gasLimit } = transaction;
  const intrinsic = intrinsicGas(transaction, rules);
  if (gasLimit < intrinsic)
    return refuse(
      'intrinsic_gas_too_low',
      `intrinsic gas too low: gas ${gasLimit}, minimum needed ${intrinsic}`,
    );
  const floor = floorGas(transaction, rules);
  return gasLimit < floor
    ? refuse(
        'floor_data_gas_too_low',
        `insufficient gas for floor data gas cost: gas ${gasLimit}, minimum needed ${floor}`,
      )
    : null;
}

export interface JudgeContext {
  readonly rules: Common;
  readonly limits: BlockLimits;
  readonly chainId: bigint;
  readonly blockGasLimit: bigint;
}

/** All that can be said without the state. Null: nothing is wrong. */
export function judgeForm(transaction: ParsedTransaction, context: JudgeContext): Refused | null {
  const { rules, limits } = context;
  return (
    judgeType(transaction, rules) ??
    judgeSize(transaction, rules, limits) ??
    judgeGasLimit(transaction, rules, limits, context.blockGasLimit) ??
    (transaction.maxPriorityFeePerGas > transaction.maxFeePerGas
      ? refuse('tip_above_fee_cap', 'max priority fee per gas higher than max fee per gas')
      : null) ??
    judgeChain(transaction, context.chainId, rules) ??
    (hasLastNonce(transaction) ? refuse('nonce_max', 'nonce has max value') : null) ??
    judgeIntrinsic(transaction, rules) ??
    (transaction.type === 4 && transaction.authorizations === 0
      ? refuse('authorization_list_empty', 'set code tx must have at least one authorization tuple')
      : null) ??
    (transaction.type === 4 && transaction.to === null
      ? refuse('malformed', 'EIP-7702 transaction cannot be used to create contract')
      : null)
  );
}

/** An account with code may send only where the code is a delegation (EIP-3607, EIP-7702). */
export const mayNotSend = (sender: Uint8Array, codeLength: number): Refused =>
  refuse('sender_not_eoa', `sender not an eoa: address ${checksumAddress(sender)}, len(code): ${codeLength}`);

export function isSuspectSender(account: AccountFields | null): boolean {
  return account !== null && hasCode(account);
}

export function judgeFunds(transaction: ParsedTransaction, balance: bigint): Refused | null {
  const cost = transactionCost(transaction);
  return balance >= cost
    ? null
    : refuse(
        'insufficient_funds',
        `insufficient funds for gas * price + value: balance ${balance}, tx cost ${cost}, overshot ${cost - balance}`,
      );
}

/** On the state at its turn in a block: exact nonce, base fee, funds. */
export function judgeTurn(
  transaction: ParsedTransaction,
  sender: Uint8Array,
  account: AccountFields | null,
  baseFeePerGas: bigint | undefined,
): Refused | null {
  const nonce = account?.nonce ?? 0n;
  if (nonce !== transaction.nonce) {
    const high = transaction.nonce > nonce;
    return refuse(
      high ? 'nonce_too_high' : 'nonce_too_low',
      `nonce too ${high ? 'high' : 'low'}: address ${checksumAddress(sender)}, tx: ${transaction.nonce} state: ${nonce}`,
    );
  }
  if (baseFeePerGas !== undefined && transaction.maxFeePerGas < baseFeePerGas)
    return refuse(
      'fee_cap_below_base_fee',
      `max fee per gas less than block base fee: address ${checksumAddress(sender)}, maxFeePerGas: ${transaction.maxFeePerGas}, baseFee: ${baseFeePerGas}`,
    );
  return judgeFunds(transaction, account?.balance ?? 0n);
}
