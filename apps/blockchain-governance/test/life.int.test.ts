/** The life of proposals by API alone, on the real chain: what it says at each stage, by itself where the keeper is on. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addressOf, codeOf, eventually, FOUNDERS, PAYER, STRANGER, World } from './world.ts';

jest.setTimeout(240_000);

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.dispose());

const [ADMIN, SECOND, THIRD, FOURTH] = FOUNDERS;

test('from its making to the changed parameter', async () => {
  const params = { name: 'MAX_PEERS' };
  expect(await world.client.getParameter({ params })).toMatchObject({
    ...{ value: '50', min: '10', max: '200', class: 'ordinary', fixed: false, changes: 1 },
  });
  const description = 'More peers, für alle ✓';
  const proposalId = await world.propose({ by: SECOND, description });
  const pending = await world.get(proposalId);
  expect(pending).toMatchObject({
    ...{ proposer: addressOf(SECOND), kind: 'parameter_change', level: 'normal', description },
    ...{ stage: 'pending', votesNeeded: null, eligibleNodes: null, etaSec: null, quorumPercent: 67 },
    ...{ delaySec: 86_400, graceSec: 604_800, signatures: 1, queued: null, executed: null },
    actions: [{ target: world.deployed.registry, value: '0', parameter: { name: 'MAX_PEERS', value: '60' } }],
  });
  expect(pending.votingStartsAtSec - pending.created.timestampSec).toBe(72 * 3_600);
  expect(await world.client.getNode({ params: { node: addressOf(SECOND) } })).toMatchObject({
    ...{ eligible: true, excluded: false, reportedAtSec: null, openProposals: [proposalId] },
  });

  await world.openVoting(proposalId);
  await Promise.all([
    world.vote(ADMIN, proposalId),
    world.vote(SECOND, proposalId, 'for', 'we need them'),
    world.vote(THIRD, proposalId),
    world.vote(FOURTH, proposalId, 'against'),
  ]);
  expect(await world.get(proposalId)).toMatchObject({
    ...{ stage: 'active', votes: { for: 3, against: 1, abstain: 0 }, votesNeeded: 3, eligibleNodes: 4 },
  });
  const { votes } = await world.client.listVotes({ params: { proposalId }, query: { limit: 10 } });
  expect(votes.map(({ voter, support, reason }) => [voter, support, reason]).sort()).toEqual(
    [
      [addressOf(ADMIN), 'for', ''],
      [addressOf(SECOND), 'for', 'we need them'],
      [addressOf(THIRD), 'for', ''],
      [addressOf(FOURTH), 'against', ''],
    ].sort(),
  );

  await world.closeVoting(proposalId);
  const queued = await world.atStage(proposalId, 'queued');
  expect(queued.etaSec).toBe((queued.queued?.timestampSec ?? 0) + 86_400);
  const { operations } = await world.client.listTimelock();
  expect(operations).toEqual([
    {
      ...{ proposalId, level: 'normal', stage: 'queued', etaSec: queued.etaSec },
      expiresAtSec: (queued.etaSec ?? 0) + 604_800,
    },
  ]);

  world.clock.setTo((queued.etaSec ?? 0) * 1000);
  const executed = await world.atStage(proposalId, 'executed');
  expect(executed.executed?.timestampSec).toBeGreaterThanOrEqual(queued.etaSec ?? 0);
  expect(await world.client.getParameter({ params })).toMatchObject({ value: '60', changes: 2 });
  const { changes } = await world.client.listParameterChanges({ params, query: { limit: 10 } });
  expect(changes).toMatchObject([
    { value: '50', oldValue: null, proposalId: null },
    { value: '60', oldValue: '50', proposalId, ...executed.executed },
  ]);
  expect((await world.client.listTimelock()).operations).toEqual([]);
  expect((await world.client.listProposals({ query: { stage: 'executed', limit: 20 } })).proposals).toEqual([
    executed,
  ]);
});

describe('levels', () => {
  test('an emergency waits an hour', async () => {
    const changes = [{ name: 'POLICY_TIMEOUT_MS', value: '900' }];
    const proposalId = await world.propose({ kind: 'emergency_shutdown', level: 'emergency', changes });
    await world.pass(proposalId);
    const { etaSec, queued, signatures } = await world.atStage(proposalId, 'queued');
    expect((etaSec ?? 0) - (queued?.timestampSec ?? 0)).toBe(3_600);
    expect(signatures).toBe(3);
    world.clock.setTo((etaSec ?? 0) * 1000);
    await world.atStage(proposalId, 'executed');
    expect((await world.client.getParameter({ params: { name: 'POLICY_TIMEOUT_MS' } })).value).toBe('900');
  });

  test('an administrator’s immediate one is executed as soon as it has passed, and others may make none', async () => {
    const changes = [{ name: 'HEARTBEAT_INTERVAL_SEC', value: '20' }];
    expect(await codeOf(world.prepare({ by: SECOND, level: 'immediate', changes }))).toBe(
      'immediate_for_admins',
    );
    const proposalId = await world.propose({ by: ADMIN, level: 'immediate', changes });
    await world.pass(proposalId);
    const { executed, queued } = await world.atStage(proposalId, 'executed');
    expect((executed?.timestampSec ?? 0) - (queued?.timestampSec ?? 0)).toBeLessThan(120);
  });

  test('what changes the rules needs a kind that may, and three quarters of the votes', async () => {
    const changes = [{ name: 'GOV_QUORUM_PERCENT', value: '60' }];
    expect(await codeOf(world.prepare({ changes }))).toBe('kind_insufficient');
    const proposalId = await world.propose({ kind: 'contract_upgrade', level: 'urgent', changes });
    await world.pass(proposalId);
    const { etaSec, quorumPercent } = await world.atStage(proposalId, 'queued');
    expect(quorumPercent).toBe(75);
    world.clock.setTo((etaSec ?? 0) * 1000);
    await world.atStage(proposalId, 'executed');
    const { kinds, levels } = await world.client.getGovernance();
    expect(kinds).toContainEqual({ kind: 'parameter_change', quorumPercent: 60, signatures: 1 });
    expect(kinds).toContainEqual({ kind: 'consensus_change', quorumPercent: 75, signatures: 3 });
    expect(levels).toEqual([
      { level: 'normal', delaySec: 86_400, adminsOnly: false },
      { level: 'urgent', delaySec: 14_400, adminsOnly: false },
      { level: 'emergency', delaySec: 3_600, adminsOnly: false },
      { level: 'immediate', delaySec: 0, adminsOnly: true },
    ]);
  });
});

test('its proposer takes it back before the voting', async () => {
  const proposalId = await world.propose({ by: THIRD });
  const params = { proposalId };
  const transaction = await world.client.prepareCancel({ params });
  const raw = await world.sign(THIRD, transaction);
  const relay = await world.client.cancelProposal({ params, body: { raw } });
  await world.included(relay);
  expect(await world.get(proposalId)).toMatchObject({
    stage: 'canceled',
    canceled: { transactionHash: relay.relayId },
  });
  expect((await world.client.cancelProposal({ params, body: { raw } })).state).toBe('included');
});

test('what expires says so', async () => {
  const proposalId = await world.propose();
  await world.openVoting(proposalId);
  await world.closeVoting(proposalId);
  expect((await world.get(proposalId)).stage).toBe('defeated');
  const { proposals } = await world.client.listProposals({ query: { stage: 'defeated', limit: 5 } });
  expect(proposals.map((each) => each.proposalId)).toContain(proposalId);
});

test('nodes: who is reported has a vote, or loses it', async () => {
  const node = addressOf(STRANGER);
  expect(await world.client.getNode({ params: { node } })).toMatchObject({ eligible: false, uptime: 0 });
  await world.report(STRANGER, 9_500, 3n);
  expect(await world.client.getNode({ params: { node } })).toMatchObject({
    ...{ eligible: true, uptime: 9_500, earnedLucid: '3' },
  });
  await world.report(STRANGER, 7_999, 3n);
  expect((await world.client.getNode({ params: { node } })).eligible).toBe(false);
  const { nodes, next } = await world.client.listNodes({ query: { limit: 3 } });
  const rest = await world.client.listNodes({ query: { limit: 3, after: next ?? '' } });
  const found = [...nodes, ...rest.nodes];
  expect(found.map((each) => each.node)).toEqual([...FOUNDERS, STRANGER].map(addressOf).sort());
  expect(found.filter(({ eligible }) => eligible)).toHaveLength(4);
  expect((await world.client.getGovernance()).eligibleNodes).toBe(4);
});

test('pages, filters, and what is there', async () => {
  const { proposals, next } = await world.client.listProposals({ query: { limit: 2 } });
  expect(proposals).toHaveLength(2);
  const more = await world.client.listProposals({ query: { limit: 50, after: next ?? '' } });
  const heights = [...proposals, ...more.proposals].map(({ created }) => created.height);
  expect(heights).toEqual([...heights].sort((a, b) => b - a));
  const own = await world.client.listProposals({ query: { proposer: addressOf(THIRD), limit: 50 } });
  expect(own.proposals.map(({ stage }) => stage)).toEqual(['canceled']);
  expect(await codeOf(world.client.listProposals({ query: { limit: 2, after: 'nonsense' } }))).toBe(
    'invalid_request',
  );
  const info = await world.client.getGovernance();
  expect(info).toMatchObject({ ...world.deployed, relayer: addressOf(PAYER), keeper: true, chainId: 1337 });
  const { parameters } = await world.client.listParameters();
  expect(parameters.length).toBeGreaterThan(30);
  expect(await codeOf(world.client.getParameter({ params: { name: 'NO_SUCH' } }))).toBe('parameter_unknown');
  await eventually(async () => (await fetch(`${world.origin}/ready`)).ok);
});
