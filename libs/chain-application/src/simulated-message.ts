/** A call of a simulated block, made ready: fees, gas, and the unsigned transaction that stands for it in the block. */
import type { BlockHeader } from '@ethereumjs/block';
import { encodeRlp, type RlpItem } from '@lucid/eth-proof';
import { type CallBlock, type PreparedCall, readAddress } from './call-request.ts';
import { keccak256 } from './crypto.ts';
import { SimulationRefusal } from './simulation-refusal.ts';
import type { SimulatedTransaction } from './simulation-types.ts';
import { bigIntToBytes, hexToBytes } from './values.ts';

const noBytes = new Uint8Array(0);
const unsigned: readonly RlpItem[] = [noBytes, noBytes, noBytes];
const gasPerBlob = 131_072n;
const maxUint64 = (1n << 64n) - 1n;

export interface SimulatedMessage {
  readonly call: PreparedCall;
  readonly nonce: bigint;
  readonly tip: bigint;
  readonly maxFeePerBlobGas: bigint;
  readonly blobGas: bigint;
  /** EIP-2718; r, s and v are 0. */
  readonly raw: Uint8Array;
  readonly type: number;
  readonly hash: Uint8Array;
}

interface Fees {
  readonly feeCap: bigint;
  readonly tip: bigint;
  readonly gasPrice: bigint;
  readonly isLegacy: boolean;
}

function feesOf(transaction: SimulatedTransaction, baseFee: bigint | undefined): Fees {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = transaction;
  if (gasPrice !== undefined && (maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined))
    throw new SimulationRefusal(
      'server',
      'both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified',
    );
  if (baseFee === undefined || gasPrice !== undefined) {
    const price = gasPrice ?? 0n;
    return { feeCap: price, tip: price, gasPrice: price, isLegacy: true };
  }
  const feeCap = maxFeePerGas ?? 0n;
  const tip = maxPriorityFeePerGas ?? 0n;
  const wanted = feeCap === 0n && tip === 0n ? 0n : tip + baseFee;
  return { feeCap, tip, gasPrice: wanted < feeCap ? wanted : feeCap, isLegacy: false };
}

const accessListItems = (transaction: SimulatedTransaction): RlpItem[] =>
  (transaction.accessList ?? []).map(({ address, storageKeys }) => [
    hexToBytes(address),
    storageKeys.map((key) => hexToBytes(key)),
  ]);

interface Envelope {
  readonly call: PreparedCall;
  readonly fees: Fees;
  readonly nonce: bigint;
  readonly maxFeePerBlobGas: bigint;
}

function encodeUnsigned(chainId: bigint, { call, fees, nonce, maxFeePerBlobGas }: Envelope) {
  const target: RlpItem[] = [
    bigIntToBytes(call.gas),
    call.to?.bytes ?? noBytes,
    bigIntToBytes(call.value),
    call.data,
  ];
  if (fees.isLegacy)
    return {
      type: 0,
      raw: encodeRlp([bigIntToBytes(nonce), bigIntToBytes(fees.gasPrice), ...target, ...unsigned]),
    };
  const { blobVersionedHashes: blobs } = call.transaction;
  const type = blobs === undefined ? 2 : 3;
  const body = encodeRlp([
    ...[chainId, nonce, fees.tip, fees.feeCap].map(bigIntToBytes),
    ...target,
    accessListItems(call.transaction),
    ...(blobs === undefined ? [] : [bigIntToBytes(maxFeePerBlobGas), blobs.map((hash) => hexToBytes(hash))]),
    ...unsigned,
  ]);
  return { type, raw: Uint8Array.from([type, ...body]) };
}

export interface MessageContext {
  readonly block: CallBlock;
  readonly header: BlockHeader;
  readonly chainId: bigint;
  /** Of the sender, as the state has it. */
  readonly nonceOf: (address: Uint8Array) => Promise<bigint>;
  /** Gas that the block has left. */
  readonly blockGasLeft: bigint;
  /** Gas that the whole simulation has left: a call gets no more. */
  readonly budget: bigint;
}

function gasOf({ gas }: SimulatedTransaction, { blockGasLeft, budget }: MessageContext) {
  const wanted = gas ?? blockGasLeft;
  if (wanted > blockGasLeft)
    throw new SimulationRefusal(
      'blockGasLimit',
      `block gas limit reached: remaining: ${blockGasLeft}, required: ${wanted}`,
    );
  return wanted > budget ? budget : wanted;
}

/** Throws a SimulationRefusal. */
export async function prepareMessage(
  transaction: SimulatedTransaction,
  context: MessageContext,
): Promise<SimulatedMessage & { readonly isCapped: boolean }> {
  const from = readAddress(transaction.from ?? `0x${'0'.repeat(40)}`);
  const nonce = transaction.nonce ?? (await context.nonceOf(from.bytes));
  if (nonce > maxUint64) throw new SimulationRefusal('invalidParams', 'a nonce has more than 64 bits');
  const gas = gasOf(transaction, context);
  const fees = feesOf(transaction, context.header.baseFeePerGas);
  const call: PreparedCall = {
    block: context.block,
    from,
    to: transaction.to === undefined ? undefined : readAddress(transaction.to),
    value: transaction.value ?? 0n,
    data: transaction.data ?? noBytes,
    fees: { gasPrice: fees.gasPrice, feeCap: fees.feeCap },
    gas,
    transaction,
  };
  const maxFeePerBlobGas = transaction.maxFeePerBlobGas ?? 0n;
  const { raw, type } = encodeUnsigned(context.chainId, { call, fees, nonce, maxFeePerBlobGas });
  return {
    ...{ call, nonce, maxFeePerBlobGas, raw, type },
    tip: fees.tip,
    blobGas: BigInt(transaction.blobVersionedHashes?.length ?? 0) * gasPerBlob,
    hash: keccak256(raw),
    isCapped: gas < (transaction.gas ?? context.blockGasLeft),
  };
}
