/** For tests: a small network of our own, its accounts, and transactions signed by them. */
import { createCustomCommon, Mainnet } from '@ethereumjs/common';
import { createTx } from '@ethereumjs/tx';
import { privateToAddress } from '@ethereumjs/util';
import type { KvStore } from '@lucid/kv-store';
import {
  type BlockProposal,
  bytesToHex,
  type ChainApplication,
  type ChainApplicationOptions,
  type ExecutedBlock,
  type Hex,
  lucidGenesis,
  openChainApplication,
} from '../src/index.ts';

export const startSec = 1_700_000_000;
export const gwei = 1_000_000_000n;
const addressOf = (last: number): Hex => `0x${last.toString(16).padStart(40, '0')}`;

export const contracts = {
  /** sstore(word 0, word 1); log1(word 1, word 0) */
  store: addressOf(0x1001),
  /** Jumps for ever. */
  loops: addressOf(0x1002),
  /** revert(0, 0) */
  reverts: addressOf(0x1003),
} as const;
const codes: Readonly<Record<Hex, Hex>> = {
  [contracts.store]: '0x6020355f35556020355f525f3560205fa100',
  [contracts.loops]: '0x5b5f56',
  [contracts.reverts]: '0x5f5ffd',
};
export const proposer = addressOf(0xc0ffee);

export const keys = Array.from({ length: 8 }, (_, index) => new Uint8Array(32).fill(index + 1));
export const accounts = keys.map((key) => bytesToHex(privateToAddress(key)));

const common = createCustomCommon({ chainId: 1337 }, Mainnet, { hardfork: 'cancun' });

export const genesis = lucidGenesis({
  timestampSec: startSec,
  alloc: {
    ...Object.fromEntries(accounts.map((account) => [account, { balance: 10n ** 20n }])),
    ...Object.fromEntries(Object.entries(codes).map(([address, code]) => [address, { code }])),
  },
});

export const openChain = (
  store: KvStore,
  options: Partial<ChainApplicationOptions> = {},
): Promise<ChainApplication> => openChainApplication({ genesis, store, ...options });

export interface TransactionFields {
  readonly nonce: number | bigint;
  readonly to?: Hex | null;
  readonly value?: bigint;
  readonly data?: Hex;
  readonly gasLimit?: number | bigint;
  readonly type?: 0 | 1 | 2;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
  readonly chainId?: number;
}

/** Signed and encoded. */
export function transaction(sender: number, fields: TransactionFields): Uint8Array {
  const {
    maxFeePerGas = 10n * gwei,
    maxPriorityFeePerGas = 1n,
    type = 2,
    chainId = 1337,
    to,
    ...rest
  } = fields;
  const fees = type === 2 ? { maxFeePerGas, maxPriorityFeePerGas } : { gasPrice: maxFeePerGas };
  const rules = chainId === 1337 ? common : createCustomCommon({ chainId }, Mainnet, { hardfork: 'cancun' });
  const data = {
    type,
    gasLimit: 21_000,
    ...fees,
    ...rest,
    ...(to === null ? {} : { to: to ?? addressOf(0x9000) }),
    ...(type === 0 ? {} : { chainId }),
  };
  return createTx(data as Parameters<typeof createTx>[0], { common: rules })
    .sign(keys[sender]!)
    .serialize();
}

export const storeCall = (sender: number, nonce: number, slot: number, value: number): Uint8Array =>
  transaction(sender, {
    nonce,
    to: contracts.store,
    gasLimit: 100_000,
    data: `0x${slot.toString(16).padStart(64, '0')}${value.toString(16).padStart(64, '0')}`,
  });

/** The next block with these transactions, executed and not committed. */
export function propose(
  app: ChainApplication,
  transactions: readonly Uint8Array[],
  more: Partial<BlockProposal> = {},
): Promise<ExecutedBlock> {
  const { height, timestampSec } = app.info();
  return app.finalizeBlock({
    height: height + 1,
    timestampSec: timestampSec + 1,
    proposer,
    transactions,
    ...more,
  });
}

export async function commitNext(
  app: ChainApplication,
  transactions: readonly Uint8Array[],
): Promise<ExecutedBlock> {
  const executed = await propose(app, transactions);
  await app.commit(executed.blockHash);
  return executed;
}

/** Blocks that transfer, store, revert and create, of each account in turn. */
export function sampleBlocks(count: number): Uint8Array[][] {
  const nonces = keys.map(() => 0);
  const next = (sender: number): number => nonces[sender]!++;
  return Array.from({ length: count }, (_, height) => [
    transaction(0, { nonce: next(0), value: BigInt(height), to: addressOf(0x9000 + height) }),
    storeCall(1, next(1), height % 5, (height * 7) % 3),
    storeCall(1, next(1), height, height + 1),
    transaction(2, { nonce: next(2), to: contracts.reverts, gasLimit: 50_000 }),
    transaction(3, { nonce: next(3), to: null, data: '0x60015f5360015ff3', gasLimit: 120_000, type: 0 }),
    transaction(4, { nonce: next(4), to: accounts[5]!, value: 5n, type: 1 }),
  ]);
}
