import { getAddress } from 'viem';
import { type Hex, lucidTimelock, type ProposalKind, proposalKinds } from '../src/index.ts';
import { deployGovernance, type Governance } from './kit/governance.ts';
import { openTestChain } from './kit/open-chain.ts';
import type { TestChain } from './kit/test-chain.ts';

jest.setTimeout(600_000);

const [AGAINST, FOR, ABSTAIN] = [0, 1, 2] as const;

let chain: TestChain;
let governance: Governance;
let parts: Governance['parts'];

beforeAll(async () => {
  chain = await openTestChain();
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

describe('the life of a proposal', () => {
  it('goes from discussion to execution, and changes the parameter then', async () => {
    const { governor } = parts;
    const [aye, second, third, nay] = parts.founders as [Hex, Hex, Hex, Hex];
    const proposal = await governance.propose('parameter_change', 'normal', peers());
    const terms = governor.events(proposal.receipt).find(({ name }) => name === 'ProposalTerms');
    expect(terms?.args).toEqual({ proposalId: proposal.id, proposer: getAddress(aye), kind: 0, level: 0 });
    expect(await governance.stage(proposal)).toBe('pending');
    expect(await governor.read('openProposals', [aye])).toEqual([proposal.id]);

    await governance.openVoting(proposal);
    expect(await governance.stage(proposal)).toBe('active');
    expect(await governor.read('votesNeeded', [proposal.id])).toBe(3n);
    await governance.vote(proposal, FOR, [aye, second, third]);
    await governance.vote(proposal, AGAINST, [nay]);
    expect(await governor.read('proposalVotes', [proposal.id])).toEqual([1n, 3n, 0n]);
    expect(await governor.read('hasVoted', [proposal.id, nay])).toBe(true);

    await governance.closeVoting(proposal);
    expect(await governance.stage(proposal)).toBe('succeeded');
    await governance.queue(proposal);
    expect(await governance.stage(proposal)).toBe('queued');
    const eta = await governance.eta(proposal);
    expect(eta - (await chain.now())).toBeLessThanOrEqual(
      Number(await governance.get('GOV_DELAY_NORMAL_SEC')),
    );

    await chain.advanceTo(eta);
    expect(await governance.stage(proposal)).toBe('ready');
    const receipt = await governance.execute(proposal);
    expect(governor.events(receipt).map(({ name }) => name)).toEqual(['ProposalExecuted']);
    expect(parts.registry.events(receipt).map(({ name }) => name)).toEqual(['ParameterSet']);
    expect(await governance.stage(proposal)).toBe('executed');
    expect(await governance.get('MAX_PEERS')).toBe(60n);
    expect(await governor.read('openProposals', [aye])).toEqual([]);
  });

  it('ends where the proposer takes it back, and only before the voting', async () => {
    const { governor } = parts;
    const [proposer, other] = parts.founders as [Hex, Hex];
    const proposal = await governance.propose('parameter_change', 'normal', peers());
    const late = await governance.propose('parameter_change', 'normal', peers(61n));
    expect(await governor.refused(other, 'cancel', governance.rest(proposal))).toEqual(
      refusal('GovernorUnableToCancel', proposal.id, getAddress(other)),
    );
    await governor.send(proposer, 'cancel', governance.rest(proposal));
    expect(await governance.stage(proposal)).toBe('canceled');
    await governance.openVoting(late);
    expect(await governor.refused(proposer, 'cancel', governance.rest(late))).toEqual(
      refusal('GovernorUnableToCancel', late.id, getAddress(proposer)),
    );
    expect((await governor.refused(proposer, 'castVote', [proposal.id, FOR]))?.error).toBe(
      'GovernorUnexpectedProposalState',
    );
  });

  it.each([
    ['too few votes for', 'parameter_change', [FOR, FOR], 'defeated'],
    ['abstentions do not make a quorum', 'parameter_change', [FOR, FOR, ABSTAIN, ABSTAIN], 'defeated'],
    ['67 %', 'parameter_change', [FOR, FOR, FOR, AGAINST], 'succeeded'],
    ['as many signatures as the kind needs', 'emergency_shutdown', [FOR, FOR, FOR], 'succeeded'],
    ['nobody', 'parameter_change', [], 'defeated'],
    ['75 % of a change of consensus', 'consensus_change', [FOR, FOR, FOR, AGAINST], 'succeeded'],
    ['less of a change of consensus', 'consensus_change', [FOR, FOR, AGAINST, AGAINST], 'defeated'],
  ] as const)('is decided by the votes: %s', async (_, kind, votes, stage) => {
    const proposal = await governance.propose(kind, 'normal', peers());
    await governance.openVoting(proposal);
    await Promise.all(votes.map((vote, at) => governance.vote(proposal, vote, [parts.founders[at]!])));
    await governance.closeVoting(proposal);
    expect(await governance.stage(proposal)).toBe(stage);
    if (stage === 'defeated')
      expect((await queueing(proposal))?.error).toBe('GovernorUnexpectedProposalState');
  });

  it('needs 67 % of the nodes, and 75 % where consensus or contracts change', async () => {
    for (const last of ['aa', 'bb', 'cc'])
      await parts.nodes.send(parts.oracle, 'report', [`0x${last.repeat(20)}`, 9_000, 1n]);
    await chain.advanceTo((await chain.now()) + 1);
    const needed: Partial<Record<ProposalKind, bigint>> = {};
    const made = [];
    for (const kind of proposalKinds) {
      const by: Hex = made.length < 4 ? parts.founders[0]! : parts.founders[1]!;
      made.push([kind, await governance.propose(kind, 'normal', peers(), by)] as const);
    }
    await governance.openVoting(made.at(-1)![1]);
    for (const [kind, { id }] of made) needed[kind] = await parts.governor.read('votesNeeded', [id]);
    expect(needed).toEqual({
      ...Object.fromEntries(proposalKinds.map((kind) => [kind, 5n])),
      ...{ consensus_change: 6n, contract_upgrade: 6n },
    });
    expect(await parts.governor.read('quorum', [BigInt((await chain.now()) - 1)])).toBe(5n);
  });

  it('needs the signatures of its kind, however few nodes there are', async () => {
    const few = await deployGovernance(chain, 2);
    const proposal = await few.propose('emergency_shutdown', 'normal', [few.set('MAX_PEERS', 60n)]);
    await few.pass(proposal);
    expect(await few.parts.governor.read('votesNeeded', [proposal.id])).toBe(3n);
    expect(await few.stage(proposal)).toBe('defeated');
  });

  it('expires where nobody queues it', async () => {
    const proposal = await governance.propose('parameter_change', 'normal', peers());
    await governance.pass(proposal);
    const end = Number(await parts.governor.read('proposalDeadline', [proposal.id]));
    const last = end + Number(await governance.get('GOV_GRACE_SEC'));
    if (chain.travels) {
      await chain.advanceTo(last);
      expect(await governance.stage(proposal)).toBe('succeeded');
    }
    await chain.advanceTo(last + 1);
    expect(await governance.stage(proposal)).toBe('expired');
    expect((await queueing(proposal))?.error).toBe('GovernorUnexpectedProposalState');
  });

  it('expires where nobody executes it', async () => {
    const proposal = await governance.propose('parameter_change', 'emergency', peers());
    await governance.pass(proposal);
    await governance.queue(proposal);
    const last = (await governance.eta(proposal)) + Number(await governance.get('GOV_GRACE_SEC'));
    if (chain.travels) {
      await chain.advanceTo(last);
      expect(await governance.stage(proposal)).toBe('ready');
    }
    await chain.advanceTo(last + 1);
    expect(await governance.stage(proposal)).toBe('expired');
    expect((await executing(proposal))?.error).toBe('GovernorUnexpectedProposalState');
    expect(await governance.get('MAX_PEERS')).toBe(50n);
  });
});

describe('levels', () => {
  it.each(['normal', 'urgent', 'emergency', 'immediate'] as const)(
    '%s waits as the registry says',
    async (level) => {
      const proposal = await governance.propose('parameter_change', level, peers(), parts.admin);
      await governance.pass(proposal);
      await governance.queue(proposal);
      const queuedAt = await chain.now();
      const delay = Number(await governance.get(`GOV_DELAY_${level.toUpperCase()}_SEC`));
      expect(await governance.eta(proposal)).toBeLessThanOrEqual(queuedAt + delay);
      expect(await governance.eta(proposal)).toBeGreaterThan(queuedAt + delay - 5);
      if (delay > 0 && chain.travels)
        expect((await executing(proposal))?.error).toBe('TimelockUnexpectedOperationState');
      await chain.advanceTo(await governance.eta(proposal));
      await governance.execute(proposal);
      expect(await governance.get('MAX_PEERS')).toBe(60n);
    },
  );

  it('immediate is for administrators', async () => {
    const [, other] = parts.founders as [Hex, Hex];
    const args = governance.proposing('parameter_change', 'immediate', peers());
    expect(await parts.governor.refused(other, 'proposeAs', args)).toEqual(
      refusal('OnlyAdminsAreImmediate', getAddress(other)),
    );
  });
});

it('can be deployed within the gas of a transaction', () => {
  for (const gas of Object.values(parts.gas)) expect(gas).toBeLessThan(8_000_000n);
});
