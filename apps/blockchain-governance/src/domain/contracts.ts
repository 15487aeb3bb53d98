/** The contracts of governance: where they are, as the governor says, and what is asked of them. */
import {
  type Abi,
  type Answers,
  ChainClientError,
  type ContractAt,
  type ContractReader,
  type Hex,
  isChainClientError,
  type Outcome,
  type Question,
  question,
} from '@lucid/chain-client';
import { lucidGovernor, lucidNodes, lucidTimelock, paramRegistry } from '@lucid/chain-contracts';
import { askingChain, problem } from '../problem.ts';

export interface Contracts {
  readonly governor: ContractAt<typeof lucidGovernor.abi>;
  readonly registry: ContractAt<typeof paramRegistry.abi>;
  readonly nodes: ContractAt<typeof lucidNodes.abi>;
  readonly timelock: Hex;
  /** Of EIP-712, as the governor checks signatures by it. */
  readonly domain: { readonly name: string; readonly version: string };
}

/** Errors of all four: a revert passes from one to the other. */
const errors: Abi = [lucidGovernor, lucidTimelock, paramRegistry, lucidNodes]
  .flatMap(({ abi }) => abi as Abi)
  .filter(({ type }) => type === 'error');

/** As it is, with reverts of any of the contracts told by name. */
export const judged = <Q extends Question<unknown>>(asked: Q): Q => ({ ...asked, abi: errors });

const lower = (address: string): Hex => address.toLowerCase() as Hex;

interface GovernanceOptions {
  readonly reader: ContractReader;
  readonly governor: string | undefined;
  /** Seconds since 1970. */
  readonly nowSec: () => number;
}

/** Asks the contracts at the time that a block made now would have. Nothing is asked before the governor was found. */
export class Governance {
  readonly #options: GovernanceOptions;
  #contracts: Promise<Contracts> | null = null;

  constructor(options: GovernanceOptions) {
    this.#options = options;
  }

  /** @throws ProblemError governance_absent, chain_unavailable */
  contracts(): Promise<Contracts> {
    this.#contracts ??= this.#find().catch((error: unknown) => {
      this.#contracts = null;
      throw error;
    });
    return this.#contracts;
  }

  nowSec = (): number => this.#options.nowSec();

  /** @throws ProblemError chain_unavailable; ChainClientError call_reverted */
  ask<const Q extends readonly Question<unknown>[]>(...questions: Q): Promise<Answers<Q>> {
    return askingChain(this.#options.reader.ask(questions, this.#at));
  }

  /** @throws ProblemError chain_unavailable */
  tryAll<T>(questions: readonly Question<T>[]): Promise<Outcome<T>[]> {
    return askingChain(this.#options.reader.tryAll(questions, this.#at));
  }

  /** @throws ProblemError chain_unavailable; ChainClientError call_reverted */
  gasOf(asked: Question<unknown>): Promise<bigint> {
    return askingChain(this.#options.reader.gasOf(asked, this.#at));
  }

  /** @throws ProblemError chain_unavailable; ChainClientError call_reverted, insufficient_funds */
  unsigned(asked: Question<unknown> & { readonly from: Hex }) {
    return askingChain(this.#options.reader.unsigned(asked, this.#at));
  }

  get #at() {
    return { atSec: this.nowSec() };
  }

  async #find(): Promise<Contracts> {
    const { reader, governor: given } = this.#options;
    if (given === undefined) throw problem('governance_absent');
    const governor = { address: lower(given), abi: lucidGovernor.abi };
    try {
      await reader.checkChain();
      const [timelock, nodes, registry, [, name, version]] = await reader.ask([
        question(governor, 'timelock', []),
        question(governor, 'nodes', []),
        question(governor, 'registry', []),
        question(governor, 'eip712Domain', []),
      ]);
      return {
        governor,
        registry: { address: lower(registry), abi: paramRegistry.abi },
        nodes: { address: lower(nodes), abi: lucidNodes.abi },
        timelock: lower(timelock),
        domain: { name, version },
      };
    } catch (cause) {
      if (isChainClientError(cause, 'call_reverted', 'rpc_malformed', 'wrong_chain'))
        throw problem('governance_absent', { cause });
      if (cause instanceof ChainClientError) throw problem('chain_unavailable', { cause });
      throw cause;
    }
  }
}
