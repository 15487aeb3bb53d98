/** A whole governance on a test chain: five founders, an oracle, an administrator among the founders. */
import { getContractAddress, keccak256, toHex } from 'viem';
import {
  defaultParameters,
  type Hex,
  lucidGovernor,
  lucidNodes,
  lucidTimelock,
  type ParameterDefinition,
  type ProposalKind,
  type ProposalLevel,
  type ProposalStage,
  paramRegistry,
  proposalKinds,
  proposalLevels,
  proposalStages,
} from '../../src/index.ts';
import { type Deployed, deploy } from './deployed.ts';
import type { Receipt, TestChain } from './test-chain.ts';

/** Where the clock is that on the wall: seconds that leave room for the votes of a node with a block a second. */
const SHORT: Readonly<Record<string, bigint>> = {
  GOV_DISCUSSION_SEC: 3n,
  GOV_VOTING_SEC: 14n,
  GOV_DELAY_NORMAL_SEC: 6n,
  GOV_DELAY_URGENT_SEC: 4n,
  GOV_DELAY_EMERGENCY_SEC: 2n,
  GOV_GRACE_SEC: 12n,
};

const shortened = (each: ParameterDefinition): ParameterDefinition => {
  const value = SHORT[each.name];
  return value === undefined ? each : { ...each, value, min: 1n };
};

export const keyOf = (name: string): Hex => keccak256(toHex(name));

export interface Proposal {
  readonly id: bigint;
  readonly targets: readonly Hex[];
  readonly values: readonly bigint[];
  readonly calldatas: readonly Hex[];
  readonly description: string;
}

export interface Action {
  readonly to: Hex;
  readonly data: Hex;
}

export async function deployGovernance(chain: TestChain, founders: number) {
  const deployer = chain.accounts[0]!;
  const definitions = chain.travels ? defaultParameters : defaultParameters.map(shortened);
  const governorAddress = getContractAddress({ from: deployer, nonce: (await chain.nonceOf(deployer)) + 3n });
  const timelock = await deploy(chain, lucidTimelock, [governorAddress]);
  const registry = await deploy(chain, paramRegistry, [timelock.contract.address, definitions]);
  const accounts = chain.accounts.slice(1, 1 + founders);
  const [oracle, admin] = [chain.accounts[7]!, chain.accounts[1]!];
  const nodes = await deploy(chain, lucidNodes, [registry.contract.address, [oracle], [admin], accounts]);
  const governor = await deploy(chain, lucidGovernor, [timelock.contract.address, nodes.contract.address]);
  if (governor.contract.address !== governorAddress.toLowerCase())
    throw new Error('something was sent between');
  await chain.advanceTo((await chain.now()) + 1);
  return new Governance(chain, {
    ...{ timelock: timelock.contract, registry: registry.contract, nodes: nodes.contract },
    ...{ governor: governor.contract, oracle, admin, founders: accounts },
    gas: {
      LucidTimelock: timelock.gasUsed,
      ParamRegistry: registry.gasUsed,
      LucidNodes: nodes.gasUsed,
      LucidGovernor: governor.gasUsed,
    },
  });
}

interface Parts {
  readonly timelock: Deployed<typeof lucidTimelock.abi>;
  readonly registry: Deployed<typeof paramRegistry.abi>;
  readonly nodes: Deployed<typeof lucidNodes.abi>;
  readonly governor: Deployed<typeof lucidGovernor.abi>;
  readonly oracle: Hex;
  readonly admin: Hex;
  readonly founders: readonly Hex[];
  readonly gas: Readonly<Record<string, bigint>>;
}

let proposals = 0;

export class Governance {
  readonly parts: Parts;
  readonly #chain: TestChain;

  constructor(chain: TestChain, parts: Parts) {
    this.#chain = chain;
    this.parts = parts;
  }

  set(name: string, value: bigint): Action {
    const { registry } = this.parts;
    return { to: registry.address, data: registry.data('set', [keyOf(name), value]) };
  }

  get = (name: string): Promise<bigint> => this.parts.registry.read('getByName', [name]);

  /** Arguments of `proposeAs`, with a description of its own. */
  proposing(kind: ProposalKind, level: ProposalLevel, actions: readonly Action[]) {
    return [
      proposalKinds.indexOf(kind),
      proposalLevels.indexOf(level),
      actions.map(({ to }) => to),
      actions.map(() => 0n),
      actions.map(({ data }) => data),
      `proposal ${++proposals}`,
    ] as const;
  }

  async propose(
    kind: ProposalKind,
    level: ProposalLevel,
    actions: readonly Action[],
    from: Hex = this.parts.founders[0]!,
  ): Promise<Proposal & { readonly receipt: Receipt }> {
    const args = this.proposing(kind, level, actions);
    const receipt = await this.parts.governor.send(from, 'proposeAs', args);
    const [, , targets, values, calldatas, description] = args;
    const id = await this.parts.governor.read('hashProposal', [
      targets,
      values,
      calldatas,
      keyOf(description),
    ]);
    return { id, targets, values, calldatas, description, receipt };
  }

  /** Arguments of `queue`, `execute` and `cancel`. */
  rest({ targets, values, calldatas, description }: Proposal) {
    return [targets, values, calldatas, keyOf(description)] as const;
  }

  async stage({ id }: Pick<Proposal, 'id'>): Promise<ProposalStage> {
    return proposalStages[await this.parts.governor.read('stage', [id])]!;
  }

  /** To the first second in which votes count. */
  async openVoting({ id }: Proposal): Promise<void> {
    await this.#chain.advanceTo(Number(await this.parts.governor.read('proposalSnapshot', [id])) + 1);
  }

  /** To the first second after the voting. */
  async closeVoting({ id }: Proposal): Promise<void> {
    await this.#chain.advanceTo(Number(await this.parts.governor.read('proposalDeadline', [id])) + 1);
  }

  async vote({ id }: Proposal, support: number, voters: readonly Hex[]): Promise<void> {
    await Promise.all(voters.map((from) => this.parts.governor.send(from, 'castVote', [id, support])));
  }

  /** From a new proposal to one that has passed. */
  async pass(proposal: Proposal, voters: readonly Hex[] = this.parts.founders): Promise<void> {
    await this.openVoting(proposal);
    await this.vote(proposal, 1, voters);
    await this.closeVoting(proposal);
  }

  async queue(proposal: Proposal): Promise<Receipt> {
    return this.parts.governor.send(this.parts.founders[0]!, 'queue', this.rest(proposal));
  }

  async execute(proposal: Proposal): Promise<Receipt> {
    return this.parts.governor.send(this.parts.founders[0]!, 'execute', this.rest(proposal));
  }

  async eta({ id }: Proposal): Promise<number> {
    return Number(await this.parts.governor.read('proposalEta', [id]));
  }

  /** Passes, waits and executes: what it takes to change anything. */
  async enact(kind: ProposalKind, actions: readonly Action[]): Promise<Receipt> {
    const proposal = await this.propose(kind, 'emergency', actions);
    await this.pass(proposal);
    await this.queue(proposal);
    await this.#chain.advanceTo(await this.eta(proposal));
    return this.execute(proposal);
  }
}
