/** What plans must know of contracts: asked of contract-deployment, once for each. */
import type { ContractDescription, contractDeploymentContract, PlannedContract } from '@lucid/contracts';
import { type Client, isProblem } from '@lucid/service-kit';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';

export type Description = Static<typeof ContractDescription>;
export type ContractName = Static<typeof PlannedContract>;

const ZERO = `0x${'00'.repeat(20)}`;

/** Libraries that are deployed by the plan have no address yet; sizes and ABI do not depend on it. */
const unlinked = (contract: ContractName): ContractName => {
  if ('house' in contract || contract.libraries === undefined) return contract;
  return {
    ...contract,
    libraries: Object.fromEntries(Object.keys(contract.libraries).map((name) => [name, ZERO])),
  };
};

const REFUSALS = [
  'contract_unknown',
  'artifact_unknown',
  'library_missing',
  'arguments_invalid',
  'invalid_request',
];

export class ContractCatalog {
  readonly #deployment: Client<typeof contractDeploymentContract>;

  constructor(deployment: Client<typeof contractDeploymentContract>) {
    this.#deployment = deployment;
  }

  /** A lookup that asks for each contract once. */
  open(): (contract: ContractName) => Promise<Description> {
    const known = new Map<string, Promise<Description>>();
    return (contract) => {
      const key = JSON.stringify(unlinked(contract));
      const found = known.get(key) ?? this.#describe(unlinked(contract));
      known.set(key, found);
      return found;
    };
  }

  async #describe(contract: ContractName): Promise<Description> {
    try {
      return await this.#deployment.describeContract({ body: { contract } });
    } catch (error) {
      if (isProblem(error, ...REFUSALS))
        throw problem('plan_invalid', { detail: error.detail ?? error.code, cause: error });
      throw problem('deployment_unavailable', { cause: error });
    }
  }
}
