import { getAddress, toHex } from 'viem';
import { defaultParameters, type Hex, lucidNodes, paramRegistry } from '../src/index.ts';
import { type Deployed, deploy } from './kit/deployed.ts';
import { keyOf } from './kit/governance.ts';
import { openTestChain } from './kit/open-chain.ts';
import type { TestChain } from './kit/test-chain.ts';

const NOBODY = toHex(0, { size: 20 });

let chain: TestChain;
let registry: Deployed<typeof paramRegistry.abi>;
let nodes: Deployed<typeof lucidNodes.abi>;
let timelock: Hex;
let oracle: Hex;
let founder: Hex;
let node: Hex;
let stranger: Hex;

beforeAll(async () => {
  chain = await openTestChain();
  [, timelock, oracle, founder, node, stranger] = chain.accounts as [Hex, Hex, Hex, Hex, Hex, Hex];
});
afterAll(() => chain.close());

beforeEach(async () => {
  registry = (await deploy(chain, paramRegistry, [timelock, defaultParameters])).contract;
  nodes = (await deploy(chain, lucidNodes, [registry.address, [oracle], [founder], [founder]])).contract;
});

const votesOf = (account: Hex) => nodes.read('getVotes', [account]);
const refusal = (error: string, ...args: unknown[]) => ({ error, args });
const needs = (role: string, account: Hex) =>
  refusal(
    'AccessControlUnauthorizedAccount',
    getAddress(account),
    role === 'DEFAULT_ADMIN_ROLE' ? toHex(0, { size: 32 }) : keyOf(role),
  );

it('counts the founders', async () => {
  expect(await votesOf(founder)).toBe(1n);
  expect(await votesOf(node)).toBe(0n);
  expect(await nodes.read('count', [])).toBe(1n);
  expect(await nodes.read('delegates', [founder])).toBe(getAddress(founder));
});

it.each([
  ['80 % and 1 LUCID', 8_000, 1n, 1n],
  ['all', 10_000, 2n ** 64n - 1n, 1n],
  ['too little uptime', 7_999, 1n, 0n],
  ['nothing earned', 10_000, 0n, 0n],
] as const)('judges a report: %s', async (_, uptime, earned, votes) => {
  const receipt = await nodes.send(oracle, 'report', [node, uptime, earned]);
  const reported = nodes.events(receipt).find(({ name }) => name === 'NodeReported');
  expect(reported?.args).toEqual({ node: getAddress(node), uptime, earned, eligible: votes === 1n });
  expect(await votesOf(node)).toBe(votes);
  expect(await nodes.read('count', [])).toBe(1n + votes);
  expect(await nodes.read('nodeOf', [node])).toMatchObject({ uptime, earned, excluded: false });
});

it('judges by the numbers of the registry', async () => {
  await registry.send(timelock, 'set', [keyOf('NODE_MIN_UPTIME_PERCENT'), 95n]);
  await nodes.send(oracle, 'report', [node, 9_499, 1n]);
  expect(await votesOf(node)).toBe(0n);
  await nodes.send(oracle, 'report', [node, 9_500, 1n]);
  expect(await votesOf(node)).toBe(1n);
});

it('gives one vote however often a node is reported, and takes it once', async () => {
  for (const uptime of [9_000, 9_500, 9_000]) await nodes.send(oracle, 'report', [node, uptime, 5n]);
  expect(await nodes.read('count', [])).toBe(2n);
  for (const uptime of [10, 20]) await nodes.send(oracle, 'report', [node, uptime, 5n]);
  await nodes.send(oracle, 'report', [founder, 0, 0n]);
  expect(await nodes.read('count', [])).toBe(0n);
});

it('remembers who was eligible at any second', async () => {
  await nodes.send(oracle, 'report', [node, 9_000, 1n]);
  const during = await chain.now();
  await chain.advanceTo(during + 2);
  await nodes.send(oracle, 'report', [node, 0, 1n]);
  const after = await chain.now();
  await chain.advanceTo(after + 1);
  const past = (second: number) => nodes.read('getPastVotes', [node, BigInt(second)]);
  expect([await past(during - 1), await past(during), await past(after - 1), await past(after)]).toEqual([
    0n,
    1n,
    1n,
    0n,
  ]);
  expect(await nodes.read('getPastTotalSupply', [BigInt(during)])).toBe(2n);
  expect(await nodes.read('getPastTotalSupply', [BigInt(after)])).toBe(1n);
  await expect(past((await chain.now()) + 1_000)).rejects.toThrow('reverted');
  expect(await nodes.read('CLOCK_MODE', [])).toBe('mode=timestamp');
  expect(Math.abs((await nodes.read('clock', [])) - (await chain.now()))).toBeLessThanOrEqual(2);
});

it('shuts a node out until it is let in again and reported', async () => {
  await nodes.send(oracle, 'report', [node, 9_000, 1n]);
  const [event] = nodes.events(await nodes.send(timelock, 'exclude', [node, true])).slice(-1);
  expect(event).toEqual({ name: 'NodeExcluded', args: { node: getAddress(node), excluded: true } });
  await nodes.send(oracle, 'report', [node, 10_000, 9n]);
  expect(await votesOf(node)).toBe(0n);
  await nodes.send(timelock, 'exclude', [node, false]);
  expect(await votesOf(node)).toBe(0n);
  await nodes.send(oracle, 'report', [node, 10_000, 9n]);
  expect(await votesOf(node)).toBe(1n);
});

it('hears oracles and the timelock alone', async () => {
  for (const from of [stranger, founder, timelock])
    expect(await nodes.refused(from, 'report', [node, 9_000, 1n])).toEqual(needs('ORACLE_ROLE', from));
  for (const from of [stranger, founder, oracle])
    expect(await nodes.refused(from, 'exclude', [founder, true])).toEqual(needs('DEFAULT_ADMIN_ROLE', from));
  expect(await nodes.refused(oracle, 'grantRole', [keyOf('ORACLE_ROLE'), stranger])).toEqual(
    needs('DEFAULT_ADMIN_ROLE', oracle),
  );
  await nodes.send(timelock, 'revokeRole', [keyOf('ORACLE_ROLE'), oracle]);
  expect(await nodes.refused(oracle, 'report', [node, 9_000, 1n])).toEqual(needs('ORACLE_ROLE', oracle));
});

it('refuses reports that cannot be, and delegation', async () => {
  expect(await nodes.refused(oracle, 'report', [node, 10_001, 1n])).toEqual(
    refusal('UptimeOutOfBounds', 10_001),
  );
  expect(await nodes.refused(oracle, 'report', [NOBODY, 1, 1n])).toEqual(refusal('ZeroAddress'));
  const delegation = { from: founder, to: nodes.address, data: '0x5c19a95c'.concat('0'.repeat(64)) as Hex };
  await expect(chain.call(delegation)).rejects.toThrow('reverted');
});
