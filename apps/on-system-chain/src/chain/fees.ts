/** Fees of the next block (EIP-1559, EIP-4844), and what `eth_feeHistory` tells of those before. */
import type { Header } from '../formats/header.ts';

const elasticity = 2n;
const changeDenominator = 8n;
export const initialBaseFee = 1_000_000_000n;

/** Blob gas of a block: what is aimed at, the most, and how fast the price moves. */
interface BlobSchedule {
  readonly target: bigint;
  readonly max: bigint;
  readonly updateFraction: bigint;
}
const gasOfBlob = 131_072n;
const cancun: BlobSchedule = { target: 3n * gasOfBlob, max: 6n * gasOfBlob, updateFraction: 3_338_477n };
const prague: BlobSchedule = { target: 6n * gasOfBlob, max: 9n * gasOfBlob, updateFraction: 5_007_716n };

/** Schedules that change without a mark in the header (EIP-7892) are not told apart; ours is Cancun's. */
const scheduleOf = (header: Header): BlobSchedule => (header.hasRequests ? prague : cancun);

/** Base fee of the block after this one; undefined where this one has none. */
export function nextBaseFee({ baseFee, gasLimit, gasUsed }: Header): bigint | undefined {
  if (baseFee === undefined) return undefined;
  const target = gasLimit / elasticity;
  if (gasUsed === target || target === 0n) return baseFee;
  const distance = gasUsed > target ? gasUsed - target : target - gasUsed;
  const change = (baseFee * distance) / target / changeDenominator;
  if (gasUsed < target) return baseFee - change;
  return baseFee + (change > 0n ? change : 1n);
}

/** EIP-4844: factor * e^(numerator / denominator), by its Taylor series. */
function fakeExponential(factor: bigint, numerator: bigint, denominator: bigint): bigint {
  let sum = 0n;
  let term = factor * denominator;
  for (let at = 1n; term > 0n; at++) {
    sum += term;
    term = (term * numerator) / (denominator * at);
  }
  return sum / denominator;
}

/** Wei for each blob gas in this block; undefined before Cancun. */
export const blobBaseFee = (header: Header): bigint | undefined =>
  header.excessBlobGas === undefined
    ? undefined
    : fakeExponential(1n, header.excessBlobGas, scheduleOf(header).updateFraction);

/** In the block after this one. */
export function nextBlobBaseFee(header: Header): bigint | undefined {
  if (header.excessBlobGas === undefined) return undefined;
  const { target } = scheduleOf(header);
  const sum = header.excessBlobGas + (header.blobGasUsed ?? 0n);
  return blobBaseFee({ ...header, excessBlobGas: sum < target ? 0n : sum - target });
}

/** Between 0 and 1. */
export const gasUsedRatio = ({ gasUsed, gasLimit }: Header): number =>
  gasLimit === 0n ? 0 : Number(gasUsed) / Number(gasLimit);

export const blobGasUsedRatio = (header: Header): number =>
  Number(header.blobGasUsed ?? 0n) / Number(scheduleOf(header).max);

/** A transaction's share of a block's gas, and its tip. */
export interface PaidTip {
  readonly tip: bigint;
  readonly gasUsed: bigint;
}

/** At each percentile of the block's gas the tip that was paid, transactions sorted by tip; zeros for an empty block. */
export function tipsAtPercentiles(paid: readonly PaidTip[], percentiles: readonly number[]): bigint[] {
  const sorted = [...paid].sort((a, b) => (a.tip < b.tip ? -1 : a.tip > b.tip ? 1 : 0));
  const total = paid.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
  let at = 0;
  let gas = sorted[0]?.gasUsed ?? 0n;
  return percentiles.map((percentile) => {
    const threshold = (Number(total) * percentile) / 100;
    while (at < sorted.length - 1 && Number(gas) < threshold) gas += (sorted[++at] as PaidTip).gasUsed;
    return sorted[at]?.tip ?? 0n;
  });
}
