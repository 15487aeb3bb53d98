/** A contract on a test chain, with the types of its ABI. */
import {
  type Abi,
  type ContractEventName,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  concat,
  type DecodeFunctionResultParameters,
  decodeErrorResult,
  decodeFunctionResult,
  type EncodeFunctionDataParameters,
  encodeAbiParameters,
  encodeFunctionData,
  parseEventLogs,
} from 'viem';
import type { Hex } from '../../src/index.ts';
import { type Receipt, Reverted, type TestChain } from './test-chain.ts';

type Reads = 'view' | 'pure';
type Writes = 'nonpayable' | 'payable';

export interface Revert {
  readonly error: string;
  readonly args: readonly unknown[];
}

export class Deployed<const abi extends Abi> {
  readonly address: Hex;
  readonly abi: abi;
  readonly #chain: TestChain;

  constructor(chain: TestChain, abi: abi, address: Hex) {
    this.#chain = chain;
    this.abi = abi;
    this.address = address;
  }

  async read<name extends ContractFunctionName<abi, Reads>>(
    functionName: name,
    args: ContractFunctionArgs<abi, Reads, name>,
  ): Promise<ContractFunctionReturnType<abi, Reads, name>> {
    const data = this.#encode(functionName, args);
    const answer = await this.#chain.call({ from: this.#chain.accounts[0]!, to: this.address, data });
    const given = { abi: this.abi, functionName, data: answer };
    return decodeFunctionResult(given as unknown as DecodeFunctionResultParameters) as never;
  }

  /** Data of a call, as a proposal carries it. */
  data<name extends ContractFunctionName<abi, Writes>>(
    functionName: name,
    args: ContractFunctionArgs<abi, Writes, name>,
  ): Hex {
    return this.#encode(functionName, args);
  }

  /** Sends; throws where it reverts. */
  async send<name extends ContractFunctionName<abi, Writes>>(
    from: Hex,
    functionName: name,
    args: ContractFunctionArgs<abi, Writes, name>,
  ): Promise<Receipt> {
    const data = this.#encode(functionName, args);
    const receipt = await this.#chain.send({ from, to: this.address, data });
    if (!receipt.ok) throw new Error(`${functionName} reverted: ${await this.#why(from, data)}`);
    return receipt;
  }

  /** Why it is refused, by a call; a transaction that does the same must fail, too. `null` where it is not. */
  async refused<name extends ContractFunctionName<abi, Writes>>(
    from: Hex,
    functionName: name,
    args: ContractFunctionArgs<abi, Writes, name>,
    otherErrors: Abi = [],
  ): Promise<Revert | null> {
    const data = this.#encode(functionName, args);
    const reverted = await this.#revertOf(from, data);
    const { ok } = await this.#chain.send({ from, to: this.address, data });
    if (ok || !reverted) return null;
    return this.#revert(reverted, otherErrors);
  }

  /** Events of this contract in a receipt, decoded. */
  events(receipt: Receipt): readonly { name: ContractEventName<abi>; args: unknown }[] {
    const logs = receipt.logs.filter(({ address }) => address.toLowerCase() === this.address.toLowerCase());
    return parseEventLogs({ abi: this.abi as Abi, logs: logs as never }).map((each) => ({
      name: each.eventName as ContractEventName<abi>,
      args: each.args,
    }));
  }

  #revert(data: Hex, otherErrors: Abi): Revert {
    if (data === '0x') return { error: '', args: [] };
    const { errorName, args } = decodeErrorResult({ abi: [...this.abi, ...otherErrors] as Abi, data });
    return { error: errorName, args: args ?? [] };
  }

  async #why(from: Hex, data: Hex): Promise<string> {
    const reverted = await this.#revertOf(from, data);
    return reverted ? this.#revert(reverted, []).error : 'not any more';
  }

  async #revertOf(from: Hex, data: Hex): Promise<Hex | null> {
    try {
      await this.#chain.call({ from, to: this.address, data });
      return null;
    } catch (error) {
      if (error instanceof Reverted) return error.data;
      throw error;
    }
  }

  #encode(functionName: string, args: unknown): Hex {
    const given = { abi: this.abi, functionName, args };
    return encodeFunctionData(given as unknown as EncodeFunctionDataParameters);
  }
}

interface Creatable<abi extends Abi> {
  readonly contractName: string;
  readonly abi: abi;
  readonly bytecode: Hex;
}

/** Creation code with encoded arguments. */
export function creationCode(artifact: Creatable<Abi>, args: readonly unknown[]): Hex {
  const inputs = artifact.abi.find(({ type }) => type === 'constructor') as { inputs?: readonly never[] };
  return concat([artifact.bytecode, encodeAbiParameters(inputs?.inputs ?? [], args as never)]);
}

export async function deploy<const abi extends Abi>(
  chain: TestChain,
  artifact: Creatable<abi>,
  args: readonly unknown[],
  from = chain.accounts[0]!,
): Promise<{ contract: Deployed<abi>; gasUsed: bigint }> {
  const data = creationCode(artifact, args);
  const receipt = await chain.send({ from, data });
  if (!receipt.ok || !receipt.created) throw new Error(`${artifact.contractName} was not created`);
  return { contract: new Deployed(chain, artifact.abi, receipt.created), gasUsed: receipt.gasUsed };
}
