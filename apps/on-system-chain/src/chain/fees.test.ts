import { expect, test } from '@jest/globals';
import type { Header } from '../formats/header.ts';
import { blobBaseFee, gasUsedRatio, nextBaseFee, nextBlobBaseFee, tipsAtPercentiles } from './fees.ts';

const header = (fields: Partial<Header>): Header => ({
  parentHash: '0x',
  stateRoot: '0x',
  height: 1,
  timestampSec: 1,
  gasLimit: 20_000_000n,
  gasUsed: 10_000_000n,
  baseFee: 1_000_000_000n,
  blobGasUsed: undefined,
  excessBlobGas: undefined,
  hasRequests: false,
  ...fields,
});

// Cases of geth's consensus/misc/eip1559/eip1559_test.go.
test.each([
  [10_000_000n, 1_000_000_000n],
  [9_000_000n, 987_500_000n],
  [11_000_000n, 1_012_500_000n],
  [20_000_000n, 1_125_000_000n],
  [0n, 875_000_000n],
])('%d of 20,000,000 gas: the next base fee is %d', (gasUsed, expected) =>
  expect(nextBaseFee(header({ gasUsed }))).toBe(expected),
);

test('the base fee always grows where the block was fuller than aimed at', () => {
  expect(nextBaseFee(header({ baseFee: 7n, gasUsed: 10_000_001n }))).toBe(8n);
  expect(nextBaseFee(header({ baseFee: 7n, gasUsed: 0n }))).toBe(7n);
  expect(nextBaseFee(header({ baseFee: undefined }))).toBeUndefined();
});

// Cases of geth's consensus/misc/eip4844/eip4844_test.go, with Cancun's schedule.
test.each([
  [0n, 1n],
  [2_314_057n, 1n],
  [2_314_058n, 2n],
  [10 * 1024 * 1024, 23n],
])('with an excess of %d blob gas, a blob gas costs %d', (excess, expected) =>
  expect(blobBaseFee(header({ excessBlobGas: BigInt(excess) }))).toBe(expected),
);

test('the excess of blob gas goes on to the next block', () => {
  expect(nextBlobBaseFee(header({ excessBlobGas: 2_314_058n, blobGasUsed: 3n * 131_072n }))).toBe(2n);
  expect(nextBlobBaseFee(header({ excessBlobGas: 2_314_058n, blobGasUsed: 0n }))).toBe(1n);
  expect(nextBlobBaseFee(header({}))).toBeUndefined();
});

test('tips at percentiles of the block’s gas', () => {
  const paid = [
    { tip: 30n, gasUsed: 60n },
    { tip: 10n, gasUsed: 30n },
    { tip: 20n, gasUsed: 10n },
  ];
  expect(tipsAtPercentiles(paid, [0, 30, 31, 40, 41, 100])).toEqual([10n, 10n, 20n, 20n, 30n, 30n]);
  expect(tipsAtPercentiles([], [0, 50])).toEqual([0n, 0n]);
  expect(gasUsedRatio(header({ gasLimit: 0n }))).toBe(0);
});
