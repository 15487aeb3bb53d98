/** Every refusal by its name, before anything is paid for: the payer's account does not move. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lucidGovernor, lucidNodes, paramRegistry } from '@lucid/chain-contracts';
import { encodeFunctionData, type Hex } from 'viem';
import { accountOf, addressOf, codeOf, FOUNDERS, ORACLE, PAYER, STRANGER, World } from './world.ts';

jest.setTimeout(240_000);

const [ADMIN, SECOND, THIRD, FOURTH] = FOUNDERS;
const NOTHING = '12345';

let world: World;
beforeAll(async () => {
  world = await World.start({ environment: { GOVERNANCE_KEEPER: 'off' } });
});
afterAll(() => world?.dispose());

const paid = () => world.nonceOf(PAYER);
const queue = (proposalId: string) => world.client.queueProposal({ params: { proposalId } });
const execute = (proposalId: string) => world.client.executeProposal({ params: { proposalId } });
const cast = (proposalId: string, body: Awaited<ReturnType<World['signVote']>>) =>
  world.client.castVote({ params: { proposalId }, body });
const submit = (raw: Hex) => world.client.submitProposal({ body: { raw } });

/** A transaction of the test's own making. */
const signed = async (
  account: number,
  change: { to?: Hex; data?: Hex; value?: bigint; chainId?: number; nonce?: number },
) =>
  accountOf(account).signTransaction({
    ...{ type: 'eip1559', chainId: 1337, to: world.deployed.governor, gas: 2_000_000n },
    ...{ nonce: await world.nonceOf(account), maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n },
    ...change,
  });

const proposeData = (name: string, value: bigint, description: string): Hex => {
  const set = encodeFunctionData({
    abi: paramRegistry.abi,
    functionName: 'set',
    args: [keyOf(name), value],
  });
  return encodeFunctionData({
    abi: lucidGovernor.abi,
    functionName: 'propose',
    args: [[world.deployed.registry], [0n], [set], description],
  });
};
const keys = new Map<string, Hex>();
const keyOf = (name: string): Hex => keys.get(name) as Hex;
beforeAll(async () => {
  for (const { name, key } of (await world.client.listParameters()).parameters) keys.set(name, key as Hex);
});

describe('proposals', () => {
  const draft = (changes: { name: string; value: string }[]) => world.prepare({ by: SECOND, changes });

  test('values, parameters, kinds', async () => {
    const refusals: [string, Promise<unknown>][] = [
      ['value_out_of_bounds', draft([{ name: 'MAX_PEERS', value: '201' }])],
      ['value_out_of_bounds', draft([{ name: 'MAX_PEERS', value: '9'.repeat(78) }])],
      ['parameter_unknown', draft([{ name: 'NO_SUCH', value: '1' }])],
      ['parameter_fixed', draft([{ name: 'SLOT_DURATION_SEC', value: '100' }])],
      ['kind_insufficient', draft([{ name: 'COOLDOWN_SLOTS', value: '20' }])],
      ['kind_insufficient', draft([{ name: 'GOV_VOTING_SEC', value: '7200' }])],
      ['proposal_malformed', world.prepare({ changes: [] })],
      ['proposal_malformed', world.prepare({ description: `x #proposer=${addressOf(THIRD)}` })],
      ['immediate_for_admins', world.prepare({ by: SECOND, level: 'immediate' })],
      ['not_eligible', world.prepare({ by: STRANGER })],
    ];
    for (const [code, work] of refusals) expect(await codeOf(work)).toBe(code);
    await expect(draft([{ name: 'MAX_PEERS', value: '9' }])).rejects.toMatchObject({
      detail: 'MAX_PEERS takes 10 to 200; 9 is outside.',
      extensions: { parameter: 'MAX_PEERS', min: '10', max: '200' },
    });
  });

  test('shutting a node out needs its kind', async () => {
    const data = encodeFunctionData({
      abi: lucidNodes.abi,
      functionName: 'exclude',
      args: [addressOf(FOURTH), true],
    });
    const calls = [{ target: world.deployed.nodes, data }];
    expect(await codeOf(world.prepare({ calls }))).toBe('kind_insufficient');
    const { actions } = await world.prepare({ calls, kind: 'node_provisioning' });
    expect(actions).toEqual([{ target: world.deployed.nodes, value: '0', data }]);
  });

  test('the same twice, and more than a node may have', async () => {
    const description = 'once';
    await world.propose({ by: THIRD, description });
    expect(await codeOf(world.prepare({ by: SECOND, description }))).toBe('proposal_exists');
    for (let more = 0; more < 4; more++) await world.propose({ by: THIRD });
    expect(await codeOf(world.prepare({ by: THIRD }))).toBe('too_many_open');
  });

  test('transactions that are none, or do something else', async () => {
    const data = proposeData('MAX_PEERS', 61n, 'by hand');
    const cases: [string, Hex][] = [
      ['transaction_malformed', '0x02c0'],
      ['transaction_malformed', await signed(SECOND, { data, chainId: 1 })],
      ['transaction_malformed', await signed(SECOND, { data, to: world.deployed.registry })],
      ['transaction_malformed', await signed(SECOND, { data, value: 1n })],
      ['transaction_malformed', await signed(SECOND, { data: '0x12345678' })],
      ['value_out_of_bounds', await signed(SECOND, { data: proposeData('MAX_PEERS', 201n, 'too many') })],
      ['kind_insufficient', await signed(SECOND, { data: proposeData('COOLDOWN_SLOTS', 9n, 'kind') })],
      ['not_eligible', await signed(STRANGER, { data })],
      ['transaction_refused', await signed(SECOND, { data, nonce: 50 })],
    ];
    for (const [code, raw] of cases) expect([code, await codeOf(submit(raw))]).toEqual([code, code]);
    await world.send(SECOND, { to: addressOf(SECOND), data: '0x', gas: 21_000n });
    expect(await codeOf(submit(await signed(SECOND, { data, nonce: 0 })))).toBe('transaction_refused');
    const raw = await signed(SECOND, { data });
    const relay = await world.included(await submit(raw));
    expect(await submit(raw)).toEqual(relay);
    expect((await world.get(relay.proposalId)).kind).toBe('parameter_change');
  });
});

describe('votes', () => {
  let proposalId: string;
  beforeAll(async () => {
    proposalId = await world.propose({ by: ADMIN });
  });

  test('too early, unknown, by others, twice, forged, too late', async () => {
    const prepared = (account: number, id = proposalId) =>
      codeOf(
        world.client.prepareVote({
          params: { proposalId: id },
          body: { voter: addressOf(account), support: 'for' },
        }),
      );
    expect(await prepared(SECOND)).toBe('voting_not_begun');
    expect(await prepared(SECOND, NOTHING)).toBe('proposal_unknown');
    await world.openVoting(proposalId);
    const before = await paid();
    expect(await prepared(STRANGER)).toBe('not_eligible');
    await world.report(STRANGER, 9_000, 1n);
    expect(await prepared(STRANGER)).toBe('not_eligible');

    const good = await world.signVote(SECOND, proposalId, 'for');
    for (const forged of [
      { ...good, support: 'against' as const },
      { ...good, voter: addressOf(THIRD) },
      { ...good, reason: 'not signed' },
      { ...good, signature: `${good.signature.slice(0, -4)}0000` },
      { ...good, signature: '0x00' },
    ])
      expect(await codeOf(cast(proposalId, forged))).toBe('signature_wrong');
    expect(await codeOf(cast(NOTHING, good))).toBe('signature_wrong');
    expect(await paid()).toBe(before);

    const [first, again] = await Promise.all([cast(proposalId, good), cast(proposalId, good)]);
    expect(again.relayId).toBe(first.relayId);
    await world.included(first);
    expect(await paid()).toBe(before + 1);
    expect(await cast(proposalId, good)).toMatchObject({ state: 'included', relayId: first.relayId });
    expect(await prepared(SECOND)).toBe('already_voted');
    expect(await codeOf(cast(proposalId, { ...good, support: 'against' }))).toBe('already_voted');
    expect((await world.get(proposalId)).votes).toEqual({ for: 1, against: 0, abstain: 0 });

    const late = await world.signVote(THIRD, proposalId, 'abstain');
    await world.closeVoting(proposalId);
    expect(await prepared(THIRD)).toBe('voting_over');
    expect(await codeOf(cast(proposalId, late))).toBe('voting_over');
    expect(await paid()).toBe(before + 1);
  });

  test('one after the other of one node', async () => {
    const [one, other] = [await world.propose({ by: ADMIN }), await world.propose({ by: ADMIN })];
    await world.openVoting(other);
    const votes = [await world.signVote(FOURTH, one, 'for'), await world.signVote(FOURTH, other, 'for')];
    const first = await cast(one, votes[0]!);
    if (first.state === 'waiting')
      expect(['relay_busy', 'signature_wrong']).toContain(await codeOf(cast(other, votes[1]!)));
    await world.included(first);
    expect(await codeOf(cast(other, votes[1]!))).toBe('signature_wrong');
    expect((await world.vote(FOURTH, other)).state).toBe('included');
  });
});

describe('what comes after the vote', () => {
  test('unknown, too early, not passed, and in its order', async () => {
    const lost = await world.propose({ by: ADMIN });
    const passed = await world.propose({ by: ADMIN });
    const before = await paid();
    expect(await codeOf(queue(NOTHING))).toBe('proposal_unknown');
    expect(await codeOf(queue(passed))).toBe('stage_wrong');
    expect(await codeOf(execute(passed))).toBe('stage_wrong');
    expect(await codeOf(world.get(NOTHING))).toBe('proposal_unknown');
    expect(
      await codeOf(world.client.listVotes({ params: { proposalId: NOTHING }, query: { limit: 1 } })),
    ).toBe('proposal_unknown');
    expect(await paid()).toBe(before);
    await world.pass(passed);
    expect(await codeOf(queue(lost))).toBe('threshold_not_met');
    expect(await codeOf(execute(lost))).toBe('threshold_not_met');
    expect(await codeOf(execute(passed))).toBe('stage_wrong');
    const queued = await world.included(await queue(passed));
    expect(await queue(passed)).toEqual(queued);
    await expect(execute(passed)).rejects.toMatchObject({
      code: 'timelock_running',
      extensions: { etaSec: (await world.get(passed)).etaSec },
    });
    world.clock.setTo(((await world.get(passed)).etaSec ?? 0) * 1000);
    await world.included(await execute(passed));
    expect((await execute(passed)).state).toBe('included');
    expect((await world.get(passed)).stage).toBe('executed');
  });

  test('an action that fails is told, and nothing is paid for it', async () => {
    const data = encodeFunctionData({
      abi: lucidNodes.abi,
      functionName: 'report',
      args: [addressOf(1), 1, 1n],
    });
    const calls = [{ target: world.deployed.nodes, data }];
    const proposalId = await world.propose({
      by: ADMIN,
      kind: 'contract_upgrade',
      level: 'immediate',
      calls,
    });
    await world.pass(proposalId);
    await world.included(await queue(proposalId));
    const before = await paid();
    await world.atStage(proposalId, 'ready');
    await expect(execute(proposalId)).rejects.toMatchObject({
      code: 'execution_reverted',
      detail: 'It is refused with AccessControlUnauthorizedAccount.',
    });
    expect(await paid()).toBe(before);
    const { graceSec, etaSec } = await world.get(proposalId);
    world.clock.setTo(((etaSec ?? 0) + graceSec + 1) * 1000);
    expect((await world.get(proposalId)).stage).toBe('expired');
    expect(await codeOf(execute(proposalId))).toBe('stage_wrong');
  });

  test('only its proposer takes it back, and only before the voting', async () => {
    const proposalId = await world.propose({ by: SECOND });
    const params = { proposalId };
    const unsigned = await world.client.prepareCancel({ params });
    const cancel = async (account: number, transaction = unsigned) => {
      const nonce = `0x${(await world.nonceOf(account)).toString(16)}`;
      const raw = await world.sign(account, { ...transaction, nonce });
      return codeOf(world.client.cancelProposal({ params, body: { raw } }));
    };
    expect(await cancel(THIRD)).toBe('not_proposer');
    const other = await world.propose({ by: SECOND });
    const another = await world.client.prepareCancel({ params: { proposalId: other } });
    expect(await cancel(SECOND, another)).toBe('transaction_malformed');
    const { data } = (await world.prepare({ by: SECOND })).transaction;
    expect(await cancel(SECOND, { ...unsigned, data })).toBe('transaction_malformed');
    expect(await codeOf(world.client.prepareCancel({ params: { proposalId: NOTHING } }))).toBe(
      'proposal_unknown',
    );
    await world.openVoting(proposalId);
    expect(await codeOf(world.client.prepareCancel({ params }))).toBe('stage_wrong');
    expect(await cancel(SECOND)).toBe('stage_wrong');
  });
});

test('who may have it queue, execute and make its index anew', async () => {
  for (const path of [
    'governance/proposals/1/queue',
    'governance/proposals/1/execute',
    'governance/rebuild',
  ]) {
    const answer = await fetch(`${world.origin}/api/v1/${path}`, { method: 'POST' });
    expect(answer.status).toBe(401);
  }
  expect(await codeOf(world.client.getRelay({ params: { relayId: `0x${'0'.repeat(64)}` } }))).toBe(
    'relay_unknown',
  );
});

test('without an account that pays, votes are not relayed', async () => {
  const proposalId = await world.propose({ by: THIRD }).catch(() => world.propose({ by: FOURTH }));
  await world.close();
  await world.open({ environment: { CHAIN_ACCOUNT_KEY: undefined } });
  await world.openVoting(proposalId);
  const vote = await world.signVote(ADMIN, proposalId, 'for');
  expect(await codeOf(cast(proposalId, vote))).toBe('relaying_off');
  expect(await codeOf(queue(proposalId))).toBe('relaying_off');
  expect(await world.client.getGovernance()).toMatchObject({ relayer: null, keeper: false });
});

test('with an account that has nothing, it says so and keeps nothing', async () => {
  const { proposals } = await world.client.listProposals({ query: { stage: 'active', limit: 1 } });
  const proposalId = proposals[0]?.proposalId ?? '';
  await world.close();
  await world.open({ environment: { CHAIN_ACCOUNT_KEY: 'ab'.repeat(32) } });
  const vote = await world.signVote(ADMIN, proposalId, 'for');
  expect(await codeOf(cast(proposalId, vote))).toBe('relayer_funds');
  await world.close();
  await world.open();
  await world.included(await cast(proposalId, vote));
});

test('without a governor, or with an address that is none, there is no governance', async () => {
  for (const governor of [undefined, addressOf(ORACLE), world.deployed.registry]) {
    await world.close();
    await world.open({ environment: { GOVERNANCE_GOVERNOR_ADDRESS: governor } });
    expect(await codeOf(world.client.getGovernance())).toBe('governance_absent');
    expect(await codeOf(world.client.listProposals({ query: { limit: 1 } }))).toBe('governance_absent');
    expect((await fetch(`${world.origin}/ready`)).status).toBe(503);
  }
});

test('too many requests of one address are refused', async () => {
  await world.close();
  await world.open({
    environment: { GOVERNANCE_QUERIES_PER_MINUTE: '5', GOVERNANCE_WRITES_PER_MINUTE: '2' },
  });
  const post = () =>
    fetch(`${world.origin}/api/v1/governance/proposals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
  const statuses = [(await post()).status, (await post()).status, (await post()).status];
  expect(statuses).toEqual([400, 400, 429]);
});
