import { getAddress, toHex } from 'viem';
import { type Hex, lucidGovernor, lucidTimelock, type ProposalKind, proposalKinds } from '../src/index.ts';
import { deploy } from './kit/deployed.ts';
import { deployGovernance, type Governance, keyOf } from './kit/governance.ts';
import { openTestChain } from './kit/open-chain.ts';
import type { TestChain } from './kit/test-chain.ts';

jest.setTimeout(600_000);

const [AGAINST, FOR] = [0, 1] as const;

let chain: TestChain;
let governance: Governance;
let parts: Governance['parts'];
let stranger: Hex;

beforeAll(async () => {
  chain = await openTestChain();
  stranger = chain.accounts[6]!;
});
afterAll(() => chain.close());

beforeEach(async () => {
  governance = await deployGovernance(chain, 4);
  parts = governance.parts;
});

const refusal = (error: string, ...args: unknown[]) => ({ error, args });
const peers = (value = 60n) => [governance.set('MAX_PEERS', value)];
const queueing = (proposal: Parameters<Governance['rest']>[0]) =>
  parts.governor.refused(parts.founders[0]!, 'queue', governance.rest(proposal), lucidTimelock.abi);
const executing = (proposal: Parameters<Governance['rest']>[0]) =>
  parts.governor.refused(parts.founders[0]!, 'execute', governance.rest(proposal), [
    ...lucidTimelock.abi,
    {
      type: 'error',
      name: 'ValueOutOfBounds',
      inputs: ['bytes32', 'uint256', 'uint256', 'uint256'].map((type) => ({ type, name: '' })),
    },
  ] as never);

describe('refusals', () => {
  it('hears eligible nodes only', async () => {
    const args = governance.proposing('parameter_change', 'normal', peers());
    expect(await parts.governor.refused(stranger, 'proposeAs', args)).toEqual(
      refusal('GovernorInsufficientProposerVotes', getAddress(stranger), 0n, 1n),
    );
    const proposal = await governance.propose('parameter_change', 'normal', peers());
    await governance.openVoting(proposal);
    expect(await parts.governor.refused(stranger, 'castVote', [proposal.id, FOR])).toEqual(
      refusal('NodeNotEligible', getAddress(stranger)),
    );
  });

  it('counts who was eligible when the voting began', async () => {
    const [, leaver] = parts.founders as [Hex, Hex];
    const proposal = await governance.propose('parameter_change', 'normal', peers());
    await governance.openVoting(proposal);
    await parts.nodes.send(parts.oracle, 'report', [stranger, 10_000, 1n]);
    await parts.nodes.send(parts.oracle, 'report', [leaver, 0, 0n]);
    expect((await parts.governor.refused(stranger, 'castVote', [proposal.id, FOR]))?.error).toBe(
      'NodeNotEligible',
    );
    await governance.vote(proposal, FOR, [leaver]);
    expect(await parts.governor.read('votesNeeded', [proposal.id])).toBe(3n);
  });

  it('refuses to vote or propose twice, and votes that are none', async () => {
    const [voter, other] = parts.founders as [Hex, Hex];
    const args = governance.proposing('parameter_change', 'normal', peers());
    await parts.governor.send(voter, 'proposeAs', args);
    expect((await parts.governor.refused(other, 'proposeAs', args))?.error).toBe(
      'GovernorUnexpectedProposalState',
    );
    const proposal = await governance.propose('parameter_change', 'normal', peers());
    await governance.openVoting(proposal);
    await governance.vote(proposal, FOR, [voter]);
    expect(await parts.governor.refused(voter, 'castVote', [proposal.id, AGAINST])).toEqual(
      refusal('GovernorAlreadyCastVote', getAddress(voter)),
    );
    expect(await parts.governor.refused(other, 'castVote', [proposal.id, 3])).toEqual(
      refusal('GovernorInvalidVoteType'),
    );
  });

  it('refuses to be early: votes while it is discussed, queueing while it is voted on, execution before it is queued', async () => {
    const { governor } = parts;
    const proposal = await governance.propose('parameter_change', 'normal', peers());
    if (chain.travels)
      expect((await governor.refused(parts.founders[0]!, 'castVote', [proposal.id, FOR]))?.error).toBe(
        'GovernorUnexpectedProposalState',
      );
    await governance.openVoting(proposal);
    await governance.vote(proposal, FOR, parts.founders);
    expect((await queueing(proposal))?.error).toBe('GovernorUnexpectedProposalState');
    await governance.closeVoting(proposal);
    expect((await executing(proposal))?.error).toBe('GovernorUnexpectedProposalState');
    await governance.queue(proposal);
    expect((await queueing(proposal))?.error).toBe('GovernorUnexpectedProposalState');
    await chain.advanceTo(await governance.eta(proposal));
    await governance.execute(proposal);
    expect((await executing(proposal))?.error).toBe('GovernorUnexpectedProposalState');
  });

  it('does not execute a value out of bounds, though it was voted', async () => {
    const proposal = await governance.propose('parameter_change', 'emergency', peers(201n));
    await governance.pass(proposal);
    await governance.queue(proposal);
    await chain.advanceTo(await governance.eta(proposal));
    expect(await executing(proposal)).toEqual(
      refusal('ValueOutOfBounds', keyOf('MAX_PEERS'), 201n, 10n, 200n),
    );
    expect(await governance.stage(proposal)).toBe('ready');
    expect(await governance.get('MAX_PEERS')).toBe(50n);
  });

  it('refuses other actions than were proposed, and lists of different lengths', async () => {
    const proposal = await governance.propose('parameter_change', 'normal', peers());
    await governance.pass(proposal);
    const other = { ...proposal, calldatas: peers(99n).map(({ data }) => data) };
    expect((await queueing(other))?.error).toBe('GovernorNonexistentProposal');
    const [kind, level, targets, , calldatas, description] = governance.proposing(
      'parameter_change',
      'normal',
      peers(),
    );
    for (const [t, v, c] of [
      [targets, [], calldatas],
      [[], [], []],
      [targets, [0n], []],
    ] as const)
      expect(
        (await parts.governor.refused(parts.founders[0]!, 'proposeAs', [kind, level, t, v, c, description]))
          ?.error,
      ).toBe('GovernorInvalidProposalLength');
  });

  it('lets a node have five open proposals, and others when those are over', async () => {
    const [proposer, other] = parts.founders as [Hex, Hex];
    let last = await governance.propose('parameter_change', 'normal', peers());
    for (let open = 1; open < 5; open++)
      last = await governance.propose('parameter_change', 'normal', peers());
    const args = governance.proposing('parameter_change', 'normal', peers());
    expect(await parts.governor.refused(proposer, 'proposeAs', args)).toEqual(
      refusal('TooManyOpenProposals', getAddress(proposer), 5n),
    );
    await governance.propose('parameter_change', 'normal', peers(), other);
    await governance.closeVoting(last);
    expect(await governance.stage(last)).toBe('defeated');
    await parts.governor.send(proposer, 'proposeAs', args);
    expect(await parts.governor.read('openProposals', [proposer])).toHaveLength(1);
  });
});

describe('what a kind allows', () => {
  const needed = (kind: ProposalKind) => refusal('ActionNeedsKind', 0n, proposalKinds.indexOf(kind));
  const proposing = (kind: ProposalKind, to: Hex, data: Hex) =>
    parts.governor.refused(
      parts.founders[0]!,
      'proposeAs',
      governance.proposing(kind, 'normal', [{ to, data }]),
    );
  const weaker = proposalKinds.filter((each) => each !== 'contract_upgrade');

  it('keeps consensus and governance from weaker kinds', async () => {
    const consensus = governance.set('COOLDOWN_SLOTS', 20n);
    for (const kind of weaker.filter((each) => each !== 'consensus_change'))
      expect(await proposing(kind, consensus.to, consensus.data)).toEqual(needed('consensus_change'));
    const quorum = governance.set('GOV_QUORUM_PERCENT', 51n);
    for (const kind of weaker)
      expect(await proposing(kind, quorum.to, quorum.data)).toEqual(needed('contract_upgrade'));
  });

  it('keeps roles, governor, timelock and new parameters for contract_upgrade', async () => {
    const { governor, timelock, nodes, registry, founders } = parts;
    const role = nodes.data('grantRole', [keyOf('ORACLE_ROLE'), founders[0]!]);
    const actions: readonly (readonly [Hex, Hex])[] = [
      [nodes.address, role],
      [timelock.address, timelock.data('grantRole', [keyOf('PROPOSER_ROLE'), founders[0]!])],
      [timelock.address, '0x'],
      [governor.address, governor.data('relay', [founders[0]!, 0n, '0x'])],
      [registry.address, '0x12345678'],
      [registry.address, '0x'],
    ];
    for (const [to, data] of actions)
      for (const kind of ['parameter_change', 'consensus_change', 'node_provisioning'] as const)
        expect(await proposing(kind, to, data)).toEqual(needed('contract_upgrade'));
  });

  it('keeps shutting out nodes for node_provisioning, and does it', async () => {
    const { nodes, founders } = parts;
    const exclude = { to: nodes.address, data: nodes.data('exclude', [founders[3]!, true]) };
    expect(await proposing('policy_update', exclude.to, exclude.data)).toEqual(needed('node_provisioning'));
    await governance.enact('node_provisioning', [exclude]);
    expect(await nodes.read('getVotes', [founders[3]!])).toBe(0n);
  });

  it('appoints another oracle, and changes its own numbers for later proposals, by contract_upgrade', async () => {
    const { nodes, governor } = parts;
    const before = await governance.propose('parameter_change', 'normal', peers(70n));
    const grant = { to: nodes.address, data: nodes.data('grantRole', [keyOf('ORACLE_ROLE'), stranger]) };
    await governance.enact('contract_upgrade', [grant, governance.set('GOV_QUORUM_PERCENT', 90n)]);
    await nodes.send(stranger, 'report', [stranger, 9_000, 1n]);
    const after = await governance.propose('parameter_change', 'normal', peers(71n));
    expect((await governor.read('termsOf', [before.id])).quorumPercent).toBe(67);
    expect((await governor.read('termsOf', [after.id])).quorumPercent).toBe(90);
  });
});

describe('the timelock', () => {
  it('is administered by nobody but itself, and used by the governor alone', async () => {
    const { timelock, governor, founders, admin, registry } = parts;
    const zero = toHex(0, { size: 32 });
    for (const account of [...chain.accounts]) {
      expect(await timelock.read('hasRole', [zero, account])).toBe(false);
      expect(await timelock.read('hasRole', [keyOf('EXECUTOR_ROLE'), account])).toBe(false);
    }
    expect(await timelock.read('hasRole', [keyOf('PROPOSER_ROLE'), governor.address])).toBe(true);
    const { data } = governance.set('MAX_PEERS', 60n);
    expect(
      (await timelock.refused(admin, 'schedule', [registry.address, 0n, data, zero, zero, 0n]))?.error,
    ).toBe('AccessControlUnauthorizedAccount');
    expect(
      (await timelock.refused(founders[0]!, 'execute', [registry.address, 0n, data, zero, zero]))?.error,
    ).toBe('AccessControlUnauthorizedAccount');
  });

  it('serves the governor it was made for', async () => {
    const { timelock, nodes } = parts;
    await expect(deploy(chain, lucidGovernor, [timelock.address, nodes.address])).rejects.toThrow(
      'was not created',
    );
    await expect(deploy(chain, lucidTimelock, [toHex(0, { size: 20 })])).rejects.toThrow('was not created');
  });

  it('has no delay of its own', async () => {
    expect(await parts.timelock.read('getMinDelay', [])).toBe(0n);
    const update = { from: stranger, to: parts.timelock.address, data: `0x64d62353${'0'.repeat(64)}` as Hex };
    await expect(chain.call(update)).rejects.toThrow('reverted');
  });
});
