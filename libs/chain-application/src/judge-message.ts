/** What a call of a simulated block must fulfil, in geth's order, words and codes (core/state_transition.go). */
import { checksumAddress } from '@lucid/eth-proof';
import { shapeOf } from './call.ts';
import { floorGas, intrinsicGas } from './judge-transaction.ts';
import type { Machine } from './machine.ts';
import type { SimulatedMessage } from './simulated-message.ts';
import { type SimulationCode, SimulationRefusal } from './simulation-refusal.ts';

const maxUint64 = (1n << 64n) - 1n;
/** Osaka: blobs of one transaction (EIP-7594). */
const mostBlobs = 6;

type Judge = (code: SimulationCode, words: string) => SimulationRefusal;

/** What the sender of a call that is not held to fees need not pay. */
export const isFree = ({ call, tip }: SimulatedMessage, validation: boolean): boolean =>
  !validation && call.fees.feeCap === 0n && tip === 0n;

function judgeNonce(message: SimulatedMessage, stateNonce: bigint, refuse: Judge, address: string): void {
  const { nonce } = message;
  const told = `address ${address}, tx: ${nonce} state: ${stateNonce}`;
  if (stateNonce < nonce) throw refuse('nonceTooHigh', `nonce too high: ${told}`);
  if (stateNonce > nonce) throw refuse('nonceTooLow', `nonce too low: ${told}`);
  if (stateNonce === maxUint64)
    throw refuse('internal', `nonce has max value: address ${address}, nonce: ${stateNonce}`);
}

function judgeFees(message: SimulatedMessage, refuse: Judge, address: string): void {
  const { tip, call } = message;
  const { feeCap } = call.fees;
  const { baseFeePerGas } = call.block.header;
  if (baseFeePerGas === undefined) return;
  if (feeCap < tip)
    throw refuse(
      'invalidParams',
      `max priority fee per gas higher than max fee per gas: address ${address}, maxPriorityFeePerGas: ${tip}, maxFeePerGas: ${feeCap}`,
    );
  if (feeCap < baseFeePerGas)
    throw refuse(
      'baseFeeTooLow',
      `max fee per gas less than block base fee: address ${address}, maxFeePerGas: ${feeCap}, baseFee: ${baseFeePerGas}`,
    );
}

function judgeBlobs(machine: Machine, message: SimulatedMessage, validation: boolean, refuse: Judge): void {
  const { call, maxFeePerBlobGas } = message;
  const { blobVersionedHashes: blobs } = call.transaction;
  if (blobs === undefined) return;
  if (call.to === undefined) throw refuse('internal', 'blob transaction of type create');
  if (blobs.length === 0) throw refuse('internal', 'blob transaction missing blob hashes');
  if (machine.rules.isActivatedEIP(7594) && blobs.length > mostBlobs)
    throw refuse('internal', 'blob transaction has too many blobs');
  const foreign = blobs.findIndex((hash) => !hash.startsWith('0x01'));
  if (foreign >= 0) throw refuse('internal', `blob ${foreign} has invalid hash version`);
  const blobBaseFee = call.block.header.getBlobGasPrice() ?? 0n;
  if (maxFeePerBlobGas < blobBaseFee && (validation || maxFeePerBlobGas > 0n))
    throw refuse(
      'internal',
      `max fee per blob gas less than block blob gas fee: address ${checksumAddress(call.from.bytes)} blobGasFeeCap: ${maxFeePerBlobGas}, blobBaseFee: ${blobBaseFee}`,
    );
}

function judgeFunds(message: SimulatedMessage, balance: bigint, refuse: Judge, address: string): void {
  const { call, blobGas, maxFeePerBlobGas } = message;
  const wanted = call.gas * call.fees.feeCap + call.value + blobGas * maxFeePerBlobGas;
  const words = 'insufficient funds for gas * price + value: address';
  if (wanted >> 256n > 0n)
    throw refuse('insufficientFunds', `${words} ${address} required balance exceeds 256 bits`);
  if (balance < wanted)
    throw refuse('insufficientFunds', `${words} ${address} have ${balance} want ${wanted}`);
  if (balance < costBefore(message) + call.value)
    throw refuse('insufficientFunds', `insufficient funds for transfer: address ${address}`);
}

/** Wei that are taken before the execution. */
export const costBefore = ({ call, blobGas }: SimulatedMessage): bigint =>
  call.gas * call.fees.gasPrice + blobGas * (call.block.header.getBlobGasPrice() ?? 0n);

function judgeGas(machine: Machine, { call }: SimulatedMessage, refuse: Judge): void {
  const shape = shapeOf(call);
  const intrinsic = intrinsicGas(shape, machine.rules);
  if (call.gas < intrinsic)
    throw refuse('intrinsicGas', `intrinsic gas too low: have ${call.gas}, want ${intrinsic}`);
  const floor = floorGas(shape, machine.rules);
  if (call.gas < floor)
    throw refuse('internal', `insufficient gas for floor data gas cost: have ${call.gas}, want ${floor}`);
}

/** Throws a SimulationRefusal. */
export async function judgeMessage(
  machine: Machine,
  message: SimulatedMessage,
  validation: boolean,
): Promise<void> {
  const { call } = message;
  const { rules } = machine;
  const refuse: Judge = (code, words) =>
    new SimulationRefusal(code, `err: ${words} (supplied gas ${call.gas})`);
  const address = checksumAddress(call.from.bytes);
  const account = await machine.state.fields(call.from.bytes);
  if (validation) judgeNonce(message, account?.nonce ?? 0n, refuse, address);
  if (!isFree(message, validation)) judgeFees(message, refuse, address);
  judgeBlobs(machine, message, validation, refuse);
  if (call.to === undefined && rules.isActivatedEIP(3860)) {
    const limit = rules.param('maxInitCodeSize');
    if (BigInt(call.data.length) > limit)
      throw refuse(
        'initCodeSize',
        `max initcode size exceeded: code size ${call.data.length} limit ${limit}`,
      );
  }
  judgeFunds(message, account?.balance ?? 0n, refuse, address);
  judgeGas(machine, message, refuse);
}
