/** What steps would do, on the newest state, one after the other: `simulation.ts` of the chain client. */
import {
  type Abi,
  type AbiFunction,
  decodeRevert,
  decodeValues,
  type Hex,
  isChainClientError,
  reasonText,
  type SimulatedResult,
  type SimulatedTransaction,
  valuesToJson,
} from '@lucid/chain-client';
import {
  deploymentLimits,
  type SimulatedOutcome,
  type SimulatedStep,
  type Simulation,
} from '@lucid/contracts';
import type { Static } from 'typebox';
import type { Account } from './account.ts';
import { onChain } from './chain-failures.ts';
import type { ContractSource } from './contract-source.ts';
import { prepareCall, prepareCreation } from './prepared.ts';

type Step = Static<typeof SimulatedStep>;
type Outcome = Static<typeof SimulatedOutcome>;

interface Prepared {
  readonly transaction: SimulatedTransaction;
  readonly abi: Abi;
  /** Of a read. */
  readonly item?: AbiFunction;
}

const quantity = (value: bigint): string => `0x${value.toString(16)}`;

export class Simulations {
  readonly #source: ContractSource;
  readonly #account: Account;

  constructor({ source, account }: { source: ContractSource; account: Account }) {
    this.#source = source;
    this.#account = account;
  }

  async run(steps: readonly Step[]): Promise<Static<typeof Simulation>> {
    const prepared: Prepared[] = [];
    for (const step of steps) prepared.push(await this.#prepare(step));
    const { client, view, address } = this.#account;
    const firstNonce = await onChain(client.nextNonce());
    const blockHeight = Number(await onChain(view.height()));
    const [gasPrice, balance] = [await onChain(view.feePerGas()), await onChain(view.balance(address))];
    const results = await this.#simulate(prepared, firstNonce);
    const gas = results.reduce((sum, each) => sum + each.gas, 0n);
    return {
      ...{ account: address, blockHeight, firstNonce },
      steps: this.#outcomes(prepared, results, firstNonce),
      gas: quantity(gas),
      gasPriceWei: quantity(gasPrice),
      costWei: quantity(gas * gasPrice),
      balanceWei: quantity(balance),
    };
  }

  async #prepare(step: Step): Promise<Prepared> {
    const contract = await this.#source.load(step.contract);
    const { args = [] } = step;
    if (step.kind === 'create') {
      const value = BigInt(step.valueWei ?? '0x0');
      const { data } = prepareCreation(contract, args, value);
      return { transaction: { kind: 'create', data, value }, abi: contract.abi };
    }
    const value = step.kind === 'transact' ? BigInt(step.valueWei ?? '0x0') : 0n;
    const { data, item } = prepareCall(contract.abi, { function: step.function, args, value });
    const to = step.to as Hex;
    if (step.kind === 'read') return { transaction: { kind: 'read', to, data }, abi: contract.abi, item };
    return { transaction: { kind: 'call', to, data, value }, abi: contract.abi };
  }

  /** Where all together take more than a call may, the first is said to. */
  async #simulate(prepared: readonly Prepared[], nonce: number): Promise<readonly SimulatedResult[]> {
    const steps = prepared.map(({ transaction }) => transaction);
    try {
      return await this.#account.view.simulate({ from: this.#account.address, nonce }, steps);
    } catch (error) {
      if (isChainClientError(error, 'rpc_refused')) return [{ ok: false, gas: TOO_MUCH, data: '0x' }];
      return onChain(Promise.reject(error));
    }
  }

  #outcomes(
    prepared: readonly Prepared[],
    results: readonly SimulatedResult[],
    firstNonce: number,
  ): Outcome[] {
    let nonce = firstNonce;
    return results.map((result, at) => {
      const step = prepared[at]!;
      const isRead = step.transaction.kind === 'read';
      const own = isRead ? undefined : nonce++;
      const address = step.transaction.kind === 'create' ? { address: this.#account.createdBy(own!) } : {};
      const gas = isRead ? {} : { gas: quantity(result.gas) };
      return { ...gas, ...address, ...outcomeOf(step, result) };
    });
  }
}

/** More than any transaction may have. */
const TOO_MUCH = BigInt(deploymentLimits.transactionGas) + 1n;

function outcomeOf({ abi, item }: Prepared, { ok, gas, data }: SimulatedResult): Outcome {
  if (gas > BigInt(deploymentLimits.transactionGas))
    return failed('gas_too_high', `It needs more than ${deploymentLimits.transactionGas} gas.`);
  if (!ok) return failed('execution_reverted', `It reverts: ${reasonText(decodeRevert(data, abi))}.`);
  if (item === undefined) return { ok };
  try {
    return { ok, values: valuesToJson(item.outputs, decodeValues(item.outputs, data)) };
  } catch {
    return failed('execution_reverted', 'The answer does not fit the ABI: no such contract stands there.');
  }
}

const failed = (code: string, detail: string): Outcome => ({ ok: false, failure: { code, detail } });
