import { getAddress, toHex } from 'viem';
import {
  defaultParameters,
  type Hex,
  type ParameterDefinition,
  parameterClasses,
  paramRegistry,
} from '../src/index.ts';
import { type Deployed, deploy } from './kit/deployed.ts';
import { keyOf } from './kit/governance.ts';
import { openTestChain } from './kit/open-chain.ts';
import type { TestChain } from './kit/test-chain.ts';

const MINUTES = 60_000;

let chain: TestChain;
let registry: Deployed<typeof paramRegistry.abi>;
/** Stands for the timelock here. */
let timelock: Hex;
let stranger: Hex;

beforeAll(async () => {
  chain = await openTestChain();
  [, timelock, stranger] = chain.accounts as [Hex, Hex, Hex];
  registry = await created(defaultParameters);
});
afterAll(() => chain.close());

const created = async (definitions: readonly ParameterDefinition[], owner = timelock) =>
  (await deploy(chain, paramRegistry, [owner, definitions])).contract;

const definition = (change: Partial<ParameterDefinition> = {}): ParameterDefinition => ({
  ...{
    name: 'A_NUMBER',
    description: 'Of a test.',
    value: 5n,
    min: 1n,
    max: 9n,
    class: 0,
    fixedValue: false,
  },
  ...change,
});
const refusal = (error: string, ...args: unknown[]) => ({ error, args });

it('holds the parameters that a network begins with', async () => {
  expect(await registry.read('timelock', [])).toBe(getAddress(timelock));
  expect(await registry.read('keys', [])).toEqual(defaultParameters.map(({ name }) => keyOf(name)));
  for (const each of defaultParameters) {
    expect(await registry.read('getByName', [each.name])).toBe(each.value);
    expect(await registry.read('parameter', [keyOf(each.name)])).toEqual({
      ...{ value: each.value, min: each.min, max: each.max, class: each.class, fixedValue: each.fixedValue },
      changes: 1n,
    });
  }
});

it('says definitions in events', async () => {
  const receipt = await registry.send(timelock, 'add', [definition({ name: 'SAID' })]);
  expect(registry.events(receipt)).toEqual([
    { name: 'ParameterDefined', args: { key: keyOf('SAID'), definition: definition({ name: 'SAID' }) } },
  ]);
});

it('sets within bounds, and keeps what was', async () => {
  const own = await created([definition()]);
  const before = await chain.now();
  for (const [oldValue, newValue] of [
    [5n, 1n],
    [1n, 9n],
    [9n, 9n],
  ] as const) {
    const receipt = await own.send(timelock, 'set', [keyOf('A_NUMBER'), newValue]);
    expect(own.events(receipt)).toEqual([
      { name: 'ParameterSet', args: { key: keyOf('A_NUMBER'), oldValue, newValue } },
    ]);
  }
  const history = await own.read('history', [keyOf('A_NUMBER')]);
  expect(history.map(({ value }) => value)).toEqual([5n, 1n, 9n, 9n]);
  const times = history.map(({ setAt }) => Number(setAt));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.at(-1)).toBeGreaterThan(before);
});

it.each([
  ['a value below', 'ValueOutOfBounds', 'A_NUMBER', 0n, [0n, 1n, 9n]],
  ['a value above', 'ValueOutOfBounds', 'A_NUMBER', 10n, [10n, 1n, 9n]],
  [
    'a value that wraps to one within',
    'ValueOutOfBounds',
    'A_NUMBER',
    2n ** 128n + 5n,
    [2n ** 128n + 5n, 1n, 9n],
  ],
  ['an unknown name', 'ParameterUnknown', 'ANOTHER', 5n, []],
  ['a fixed one', 'ParameterIsFixed', 'FIXED', 6n, []],
] as const)('refuses %s', async (_, error, name, value, args) => {
  const own = await created([definition(), definition({ name: 'FIXED', fixedValue: true })]);
  expect(await own.refused(timelock, 'set', [keyOf(name), value])).toEqual(
    refusal(error, keyOf(name), ...args),
  );
  expect(await own.read('getByName', ['FIXED'])).toBe(5n);
});

it('obeys the timelock alone', async () => {
  const only = refusal('OnlyTimelock', getAddress(stranger));
  const key = keyOf('MAX_PEERS');
  expect(await registry.refused(stranger, 'set', [key, 60n])).toEqual(only);
  expect(await registry.refused(stranger, 'add', [definition({ name: 'MINE' })])).toEqual(only);
  expect(await registry.read('has', [keyOf('MINE')])).toBe(false);
});

it.each([
  ['no name', { name: '' }, 'NameLength', [0n]],
  ['65 bytes of name', { name: 'N'.repeat(65) }, 'NameLength', [65n]],
  ['64 characters of more than 64 bytes', { name: 'é'.repeat(64) }, 'NameLength', [128n]],
  ['257 bytes of description', { description: 'd'.repeat(257) }, 'DescriptionLength', [257n]],
  ['a value out of its bounds', { value: 10n }, 'ValueOutOfBounds', [keyOf('A_NUMBER'), 10n, 1n, 9n]],
  ['bounds the wrong way round', { min: 9n, max: 1n }, 'ValueOutOfBounds', [keyOf('A_NUMBER'), 5n, 9n, 1n]],
  ['a name that is taken', { name: 'MAX_PEERS' }, 'ParameterExists', ['MAX_PEERS']],
] as const)('refuses a definition with %s', async (_, change, error, args) => {
  expect(await registry.refused(timelock, 'add', [definition(change)])).toEqual(refusal(error, ...args));
});

it('takes the longest name and description', async () => {
  const longest = definition({ name: 'N'.repeat(64), description: 'd'.repeat(256) });
  await registry.send(timelock, 'add', [longest]);
  expect(await registry.read('getByName', [longest.name])).toBe(5n);
});

it('is not created without a timelock, or with a definition out of bounds', async () => {
  await expect(created([], toHex(0, { size: 20 }))).rejects.toThrow('was not created');
  await expect(created([definition({ value: 0n })])).rejects.toThrow('was not created');
  await expect(created([definition(), definition()])).rejects.toThrow('was not created');
});

it(
  'keeps the last 100 changes',
  async () => {
    const own = await created([definition({ max: 1_000n })]);
    for (let value = 100n; value < 220n; value++) await own.send(timelock, 'set', [keyOf('A_NUMBER'), value]);
    const history = await own.read('history', [keyOf('A_NUMBER')]);
    expect(history.map(({ value }) => value)).toEqual(
      Array.from({ length: 100 }, (_, at) => BigInt(120 + at)),
    );
    expect((await own.read('parameter', [keyOf('A_NUMBER')])).changes).toBe(121n);
  },
  5 * MINUTES,
);

it(
  'holds 256 parameters and no more',
  async () => {
    const named = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => definition({ name: `P${from + at}` }));
    const own = await created(named(0, 50));
    for (const each of named(50, 206)) await own.send(timelock, 'add', [each]);
    expect(await own.refused(timelock, 'add', named(256, 1) as never)).toEqual(refusal('TooManyParameters'));
  },
  10 * MINUTES,
);

it('has defaults that say what is known of them', () => {
  const names = defaultParameters.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, description, value, min, max, class: kind } of defaultParameters) {
    expect(name).toMatch(/^[A-Z][A-Z_]{2,63}$/);
    expect(description.length).toBeLessThanOrEqual(256);
    expect(min <= value && value <= max).toBe(true);
    expect(parameterClasses[kind]).toBeDefined();
  }
});
