/** From the contract's JSON to what the chain takes. */
import {
  type AccountOverride,
  type BlockOverride,
  type CallRequest,
  type CallTransaction,
  type Hex,
  hexToBytes,
  type StateAt,
  type TraceOptions,
} from '@lucid/chain-application';
import type { CallRequest as CallBody } from '@lucid/contracts';
import type { Static } from 'typebox';

type Body = Static<typeof CallBody>;

export const stateAt = (block: number | undefined): StateAt => (block === undefined ? {} : { height: block });

/** The members that are there, each by its own conversion. */
export function converted<In extends object, Out>(
  input: In,
  conversions: { readonly [K in keyof In]-?: (value: NonNullable<In[K]>) => unknown },
  names: { readonly [K in keyof In]?: string } = {},
): Out {
  const output: Record<string, unknown> = {};
  for (const name in input) {
    const value = input[name];
    if (value !== undefined)
      output[names[name] ?? name] = conversions[name](value as NonNullable<typeof value>);
  }
  return output as Out;
}

export const hex = (value: string): Hex => value as Hex;

const same = <T>(value: T): T => value;

export const transactionMembers = {
  from: hex,
  to: hex,
  gas: BigInt,
  gasPrice: BigInt,
  maxFeePerGas: BigInt,
  maxPriorityFeePerGas: BigInt,
  value: BigInt,
  nonce: BigInt,
  input: hexToBytes,
  accessList: same,
};
export const transactionNames = { input: 'data' } as const;

const transactionOf = (transaction: Body['transaction']): CallTransaction =>
  converted(transaction, transactionMembers, transactionNames);

export const overrideMembers = {
  balance: BigInt,
  nonce: BigInt,
  code: hexToBytes,
  state: same,
  stateDiff: same,
};

const overrideOf = (override: NonNullable<Body['stateOverrides']>[string]): AccountOverride =>
  converted(override, overrideMembers);

export const blockMembers = {
  number: BigInt,
  time: BigInt,
  gasLimit: BigInt,
  feeRecipient: hex,
  prevRandao: hex,
  baseFeePerGas: BigInt,
};
export const blockNames = { time: 'timestampSec' } as const;

const blockOverrideOf = (override: NonNullable<Body['blockOverrides']>): BlockOverride =>
  converted(override, blockMembers, blockNames);

export const callRequest = (body: Body): CallRequest => ({
  ...stateAt(body.block),
  transaction: transactionOf(body.transaction),
  ...(body.stateOverrides && {
    stateOverrides: Object.fromEntries(
      Object.entries(body.stateOverrides).map(([address, override]) => [address, overrideOf(override)]),
    ),
  }),
  ...(body.blockOverrides && { blockOverrides: blockOverrideOf(body.blockOverrides) }),
});

/** Absent members stay absent. */
export const traceOptions = (
  options: { [K in keyof TraceOptions]?: TraceOptions[K] | undefined },
): TraceOptions => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
