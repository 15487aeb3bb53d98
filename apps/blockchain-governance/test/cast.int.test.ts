/** What docs/governance.md says to strangers, done as it says: with cast alone, and with cast and the API. LUCID_CAST names the program. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { secretOf } from '../../on-system-chain/test/chain-stack.ts';
import { addressOf, FOUNDERS, STRANGER, World } from './world.ts';

jest.setTimeout(240_000);

const program = process.env.LUCID_CAST;
const where = describeWhere(program ? null : 'LUCID_CAST names no cast', 'governance by cast');
const run = promisify(execFile);

/** Standard output of cast. */
const cast = async (...args: readonly string[]): Promise<string> =>
  (
    await run(program ?? '', args, { env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent' } })
  ).stdout.trim();

where('a stranger', () => {
  const [PROPOSER, SECOND, THIRD] = FOUNDERS;
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world?.dispose());

  const url = () => world.stack.targetOf('on-system-chain')?.origin ?? '';
  const call = (to: string, signature: string, ...args: readonly string[]) =>
    cast('call', '--rpc-url', url(), to, signature, ...args);
  const send = (account: number, signature: string, ...args: readonly string[]) =>
    cast(
      ...['send', '--rpc-url', url(), '--private-key', secretOf(account), '--async'],
      ...[world.deployed.governor, signature, ...args],
    );

  it('proposes and votes with cast alone', async () => {
    const { governor, registry } = world.deployed;
    const key = await cast('keccak', 'MAX_PEERS');
    const set = await cast('calldata', 'set(bytes32,uint256)', key, '60');
    const text = 'more peers, by cast';
    await send(
      PROPOSER,
      'proposeAs(uint8,uint8,address[],uint256[],bytes[],string)',
      ...['0', '0', `[${registry}]`, '[0]', `[${set}]`, text],
    );
    const id = await call(
      ...[governor, 'getProposalId(address[],uint256[],bytes[],bytes32)(uint256)'],
      ...[`[${registry}]`, '[0]', `[${set}]`, await cast('keccak', text)],
    );
    const proposalId = id.split(' ')[0] ?? '';
    const { actions } = await world.atStage(proposalId, 'pending');
    expect(actions).toMatchObject([{ parameter: { name: 'MAX_PEERS', value: '60' } }]);
    await world.openVoting(proposalId);
    for (const account of FOUNDERS.slice(0, 3))
      await send(account, 'castVote(uint256,uint8)', proposalId, '1');
    while ((await world.get(proposalId)).votes.for < 3)
      await call(governor, 'proposalVotes(uint256)', proposalId);
    await world.closeVoting(proposalId);
    await world.atStage(proposalId, 'queued');
    expect(await call(registry, 'getByName(string)(uint256)', 'MAX_PEERS')).toBe('50');
  });

  it('signs with cast what the API has prepared', async () => {
    const { transaction, proposalId } = await world.prepare({ by: SECOND });
    const raw = await cast(
      ...[
        'mktx',
        '--rpc-url',
        url(),
        '--private-key',
        secretOf(SECOND),
        '--nonce',
        String(Number(transaction.nonce)),
      ],
      ...[
        '--gas-limit',
        String(Number(transaction.gas)),
        '--gas-price',
        String(Number(transaction.maxFeePerGas)),
      ],
      ...[
        '--priority-gas-price',
        String(Number(transaction.maxPriorityFeePerGas)),
        transaction.to,
        transaction.data,
      ],
    );
    await world.included(await world.client.submitProposal({ body: { raw } }));
    await world.openVoting(proposalId);
    const params = { proposalId };
    for (const [account, reason] of [
      [THIRD, undefined],
      [SECOND, 'it is time'],
    ] as const) {
      const vote = { voter: addressOf(account), support: 'for' as const, ...(reason ? { reason } : {}) };
      const typed = await world.client.prepareVote({ params, body: vote });
      const signature = await cast(
        'wallet',
        'sign',
        '--private-key',
        secretOf(account),
        '--data',
        JSON.stringify(typed),
      );
      await world.included(await world.client.castVote({ params, body: { ...vote, signature } }));
    }
    expect((await world.get(proposalId)).votes.for).toBe(2);
    const { eligible } = await world.client.getNode({ params: { node: addressOf(STRANGER) } });
    expect(eligible).toBe(false);
  });
});
