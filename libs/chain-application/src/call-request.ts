/** A call as somebody asks for it, made ready: its environment, fees, gas and the state it shall see. */
import { Account, Address } from '@ethereumjs/util';
import type { AccountOverride, CallRequest, CallTransaction } from './application.ts';
import { ChainError } from './error.ts';
import type { Machine } from './machine.ts';
import { bytesToHex, type Hex, hexToBytes } from './values.ts';
import type { StateView } from './view.ts';

/** The part of a block that the EVM looks at. */
export interface CallBlock {
  readonly header: {
    readonly number: bigint;
    readonly coinbase: Address;
    readonly timestamp: bigint;
    readonly difficulty: bigint;
    readonly prevRandao: Uint8Array;
    readonly gasLimit: bigint;
    readonly baseFeePerGas?: bigint;
    getBlobGasPrice(): bigint | undefined;
  };
}

export interface CallFees {
  readonly gasPrice: bigint;
  /** What the sender must be able to pay per gas. */
  readonly feeCap: bigint;
}

export interface PreparedCall {
  readonly block: CallBlock;
  readonly from: Address;
  readonly to: Address | undefined;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly fees: CallFees;
  /** Gas that was asked for, bounded by the cap. */
  readonly gas: bigint;
  readonly transaction: CallTransaction;
}

const wrong = (what: string): ChainError => new ChainError('request_invalid', what);

export function readAddress(address: Hex): Address {
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) throw wrong('an address has 20 bytes');
  return new Address(hexToBytes(address));
}

function feesOf(transaction: CallTransaction, baseFee: bigint | undefined): CallFees {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = transaction;
  if (gasPrice !== undefined) {
    if (maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined)
      throw wrong('both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified');
    return { gasPrice, feeCap: gasPrice };
  }
  const feeCap = maxFeePerGas ?? 0n;
  const tip = maxPriorityFeePerGas ?? 0n;
  if (feeCap === 0n && tip === 0n) return { gasPrice: 0n, feeCap: 0n };
  if (maxFeePerGas !== undefined && tip > feeCap)
    throw wrong(`maxFeePerGas (${feeCap}) < maxPriorityFeePerGas (${tip})`);
  const wanted = tip + (baseFee ?? 0n);
  return { gasPrice: wanted < feeCap ? wanted : feeCap, feeCap };
}

function blockOf(view: StateView, request: CallRequest): CallBlock {
  const { header } = view.block;
  const overrides = request.blockOverrides ?? {};
  const rules = header.common;
  const baseFee = overrides.baseFeePerGas ?? header.baseFeePerGas;
  return {
    header: {
      number: overrides.number ?? header.number,
      coinbase: overrides.feeRecipient === undefined ? header.coinbase : readAddress(overrides.feeRecipient),
      timestamp: overrides.timestampSec ?? header.timestamp,
      difficulty: header.difficulty,
      prevRandao: overrides.prevRandao === undefined ? header.mixHash : hexToBytes(overrides.prevRandao),
      gasLimit: overrides.gasLimit ?? header.gasLimit,
      ...(baseFee === undefined ? {} : { baseFeePerGas: baseFee }),
      getBlobGasPrice: () => (rules.isActivatedEIP(4844) ? header.getBlobGasPrice() : undefined),
    },
  };
}

/** geth: with no fee given the base fee is 0 for the call, so that BASEFEE stays below the fee. */
function withoutBaseFee(block: CallBlock): CallBlock {
  if (block.header.baseFeePerGas === undefined) return block;
  return { header: { ...block.header, baseFeePerGas: 0n } };
}

/** Throws `request_invalid`. */
export function prepareCall(view: StateView, request: CallRequest, gasCap: bigint): PreparedCall {
  const { transaction } = request;
  const block = blockOf(view, request);
  const fees = feesOf(transaction, block.header.baseFeePerGas);
  const wanted = transaction.gas ?? gasCap;
  const free =
    fees.gasPrice === 0n && fees.feeCap === 0n && request.blockOverrides?.baseFeePerGas === undefined;
  return {
    block: free ? withoutBaseFee(block) : block,
    from: readAddress(transaction.from ?? `0x${'0'.repeat(40)}`),
    to: transaction.to === undefined ? undefined : readAddress(transaction.to),
    value: transaction.value ?? 0n,
    data: transaction.data ?? new Uint8Array(0),
    fees,
    gas: wanted > gasCap || wanted === 0n ? gasCap : wanted,
    transaction,
  };
}

const word = (hex: string): Uint8Array => hexToBytes(`0x${hex.slice(2).padStart(64, '0')}`);

async function overrideAccount(machine: Machine, name: string, override: AccountOverride): Promise<void> {
  const address = readAddress(name as Hex);
  const { state } = machine;
  const account = (await state.getAccount(address)) ?? new Account();
  if (override.nonce !== undefined) account.nonce = override.nonce;
  if (override.balance !== undefined) account.balance = override.balance;
  await state.putAccount(address, account);
  if (override.code !== undefined) await state.putCode(address, override.code);
  if (override.state !== undefined && override.stateDiff !== undefined)
    throw wrong(`account ${bytesToHex(address.bytes)} has both 'state' and 'stateDiff'`);
  if (override.state !== undefined) await state.clearStorage(address);
  for (const [slot, value] of Object.entries(override.state ?? override.stateDiff ?? {}))
    await state.putStorage(address, word(slot), word(value));
}

export async function applyOverrides(machine: Machine, request: CallRequest): Promise<void> {
  for (const [address, override] of Object.entries(request.stateOverrides ?? {}))
    await overrideAccount(machine, address, override);
}
