// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of plans look so

/**
 * The house's own plan: timelock, parameters, nodes, governor (`contracts/` of `@lucid/chain-contracts`), with the parameters of the network
 * as their data. The timelock is made for the address that the governor will have, so nobody ever has rights over it.
 *
 * Nothing of it is compensated: until the governor stands, the three others obey nobody. A run that stops before leaves them behind,
 * without use and without harm; another run makes others.
 */
import { defaultParameters } from '@lucid/chain-contracts';
import type { governancePlan, PlanBody } from '@lucid/contracts';
import type { Static } from 'typebox';

type Body = Static<typeof PlanBody>;

/** Keccak-256 of their names; of the administrator: zero (OpenZeppelin, AccessControl). */
const ROLES = {
  admin: `0x${'00'.repeat(32)}`,
  proposer: '0xb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc1',
} as const;

const house = (name: string) => ({ house: name });

/** Whole numbers as decimal text. */
const parameters = defaultParameters.map(({ value, min, max, ...rest }) => ({
  ...rest,
  ...{ value: String(value), min: String(min), max: String(max) },
}));

const address = (name: string, description: string) => ({
  ...{ name, description: `addresses of ${description}` },
  // The contract passes over whom it knows: there would be fewer than were named.
  uniqueItems: true,
});

const checkOf = (
  id: string,
  [step, name]: readonly [string, string],
  [read, ...args]: readonly string[],
  equals: unknown,
): Body['steps'][number] => ({
  ...{ id, kind: 'check', contract: house(name), to: `\${${step}.address}` },
  ...{ function: read!, args: [...args], equals },
});

export const governance: Body & {
  readonly results: Record<(typeof governancePlan)['results'][number], string>;
} = {
  summary: 'Governance of the network: timelock, parameters, the nodes that vote, governor.',
  inputs: [
    // Without a founder nobody votes; without an oracle there is never another node.
    { ...address('oracles', 'those who report what nodes have done'), minItems: 1 },
    { ...address('admins', 'nodes that may propose at the immediate level'), default: [] },
    { ...address('founders', 'nodes that may vote from the beginning'), minItems: 1 },
    { name: 'parameters', description: 'definitions of parameters, with their bounds', default: parameters },
  ],
  steps: [
    { id: 'timelock', kind: 'deploy', contract: house('LucidTimelock'), args: ['${governor.address}'] },
    {
      ...{ id: 'registry', kind: 'deploy', contract: house('ParamRegistry') },
      args: ['${timelock.address}', '${inputs.parameters}'],
    },
    {
      ...{ id: 'nodes', kind: 'deploy', contract: house('LucidNodes') },
      args: ['${registry.address}', '${inputs.oracles}', '${inputs.admins}', '${inputs.founders}'],
    },
    {
      ...{ id: 'governor', kind: 'deploy', contract: house('LucidGovernor') },
      args: ['${timelock.address}', '${nodes.address}'],
    },
    checkOf('registryObeys', ['registry', 'ParamRegistry'], ['timelock'], '${timelock.address}'),
    checkOf('nodesAsk', ['nodes', 'LucidNodes'], ['registry'], '${registry.address}'),
    checkOf('governorUses', ['governor', 'LucidGovernor'], ['timelock'], '${timelock.address}'),
    checkOf('governorCounts', ['governor', 'LucidGovernor'], ['nodes'], '${nodes.address}'),
    checkOf(
      'governorProposes',
      ['timelock', 'LucidTimelock'],
      ['hasRole', ROLES.proposer, '${governor.address}'],
      true,
    ),
    checkOf(
      'deployerHasNothing',
      ['timelock', 'LucidTimelock'],
      ['hasRole', ROLES.admin, '${account}'],
      false,
    ),
    checkOf(
      'timelockRulesNodes',
      ['nodes', 'LucidNodes'],
      ['hasRole', ROLES.admin, '${timelock.address}'],
      true,
    ),
    checkOf('deployerRulesNothing', ['nodes', 'LucidNodes'], ['hasRole', ROLES.admin, '${account}'], false),
  ],
  results: {
    LucidTimelock: '${timelock.address}',
    ParamRegistry: '${registry.address}',
    LucidNodes: '${nodes.address}',
    LucidGovernor: '${governor.address}',
  },
  onFailure: 'stop',
};
