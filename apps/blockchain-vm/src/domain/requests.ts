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
function converted<In extends object, Out>(
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

const hex = (value: string): Hex => value as Hex;

const transactionOf = (transaction: Body['transaction']): CallTransaction =>
  converted(
    transaction,
    {
      from: hex,
      to: hex,
      gas: BigInt,
      gasPrice: BigInt,
      maxFeePerGas: BigInt,
      maxPriorityFeePerGas: BigInt,
      value: BigInt,
      nonce: BigInt,
      input: hexToBytes,
      accessList: (list) => list,
    },
    { input: 'data' },
  );

const overrideOf = (override: NonNullable<Body['stateOverrides']>[string]): AccountOverride =>
  converted(override, {
    balance: BigInt,
    nonce: BigInt,
    code: hexToBytes,
    state: (slots) => slots,
    stateDiff: (slots) => slots,
  });

const blockOverrideOf = (override: NonNullable<Body['blockOverrides']>): BlockOverride =>
  converted(
    override,
    {
      number: BigInt,
      time: BigInt,
      gasLimit: BigInt,
      feeRecipient: hex,
      prevRandao: hex,
      baseFeePerGas: BigInt,
    },
    { time: 'timestampSec' },
  );

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
