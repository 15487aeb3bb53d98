/** What a proposal does, in words: the calls that the timelock makes. */
import { type Hex, readCall } from '@lucid/chain-client';
import type { ProposalAction } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { Contracts } from './contracts.ts';
import type { ParameterDefined } from './governance-event.ts';

/** Lists of equal length, as the governor takes them. */
export interface Actions {
  readonly targets: readonly Hex[];
  /** Wei. */
  readonly values: readonly bigint[];
  readonly calldatas: readonly Hex[];
}

/** Names of parameters by their keys. */
export type ParameterNames = ReadonlyMap<string, string>;

export const namesOf = (definitions: readonly ParameterDefined[]): ParameterNames =>
  new Map(definitions.map(({ parameterKey, name }) => [parameterKey, name]));

function parameterOf({ registry }: Contracts, target: Hex, data: Hex, names: ParameterNames) {
  const call = target === registry.address ? readCall(registry.abi, data) : null;
  if (call?.functionName !== 'set') return {};
  const [key, value] = call.args as readonly [Hex, bigint];
  const name = names.get(key);
  return name === undefined ? {} : { parameter: { name, value: String(value) } };
}

export const tellActions = (
  contracts: Contracts,
  { targets, values, calldatas }: Actions,
  names: ParameterNames,
): Static<typeof ProposalAction>[] =>
  targets.map((target, at) => {
    const data = calldatas[at] as Hex;
    return { target, value: String(values[at]), data, ...parameterOf(contracts, target, data, names) };
  });
