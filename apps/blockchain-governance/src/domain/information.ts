/** The rules that hold now, from the registry. */
import { type Hex, question } from '@lucid/chain-client';
import { proposalKinds, proposalLevels, supermajorityKinds } from '@lucid/chain-contracts';
import type { GovernanceInfo } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { Governance } from './contracts.ts';

interface InformationOptions {
  readonly governance: Governance;
  readonly chainId: number;
  readonly relayer: Hex | null;
  readonly hasKeeper: boolean;
}

const levelParameter = (level: string): string => `GOV_DELAY_${level.toUpperCase()}_SEC`;
const kindParameter = (kind: string): string => `GOV_SIGNATURES_${kind.toUpperCase()}`;
const names = [
  ...['GOV_DISCUSSION_SEC', 'GOV_VOTING_SEC', 'GOV_GRACE_SEC', 'GOV_MAX_OPEN_PROPOSALS'],
  ...['GOV_QUORUM_PERCENT', 'GOV_SUPERMAJORITY_PERCENT'],
  ...proposalLevels.map(levelParameter),
  ...proposalKinds.map(kindParameter),
];

/** @throws ProblemError governance_absent, chain_unavailable */
export async function tellGovernance(options: InformationOptions): Promise<Static<typeof GovernanceInfo>> {
  const { governance, chainId, relayer, hasKeeper } = options;
  const { governor, registry, nodes, timelock } = await governance.contracts();
  const [count] = await governance.ask(question(nodes, 'count', []));
  const values = await governance.ask(...names.map((name) => question(registry, 'getByName', [name])));
  const numbers = new Map(names.map((name, at) => [name, Number(values[at])]));
  const numberOf = (name: string): number => numbers.get(name) as number;
  return {
    chainId,
    ...{ governor: governor.address, timelock, registry: registry.address, nodes: nodes.address },
    eligibleNodes: Number(count),
    discussionSec: numberOf('GOV_DISCUSSION_SEC'),
    votingSec: numberOf('GOV_VOTING_SEC'),
    graceSec: numberOf('GOV_GRACE_SEC'),
    maxOpenProposals: numberOf('GOV_MAX_OPEN_PROPOSALS'),
    levels: proposalLevels.map((level) => ({
      level,
      delaySec: numberOf(levelParameter(level)),
      adminsOnly: level === 'immediate',
    })),
    kinds: proposalKinds.map((kind) => ({
      kind,
      quorumPercent: numberOf(
        supermajorityKinds.includes(kind) ? 'GOV_SUPERMAJORITY_PERCENT' : 'GOV_QUORUM_PERCENT',
      ),
      signatures: numberOf(kindParameter(kind)),
    })),
    relayer,
    keeper: hasKeeper,
  };
}
