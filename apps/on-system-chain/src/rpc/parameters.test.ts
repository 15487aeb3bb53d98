import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blockOverrides, callTransaction, stateOverrides } from './call-parameters.ts';
import { logFilter } from './log-filter.ts';
import * as parameters from './parameters.ts';
import { ParameterError } from './rpc-error.ts';

const hash = `0x${'ab'.repeat(32)}`;
const address = `0x${'CD'.repeat(20)}`;

describe('values', () => {
  test.each([
    ['0x0', 0n],
    ['0x1f', 31n],
    [`0x${'f'.repeat(64)}`, 2n ** 256n - 1n],
  ])('quantity %s', (text, value) => expect(parameters.readQuantity(text)).toBe(value));

  test.each(['', '0x', '1', '0x01', '0xg', `0x1${'0'.repeat(64)}`, 1, null, [], '0x-1', ' 0x1'])(
    'no quantity: %j',
    (value) => expect(() => parameters.readQuantity(value)).toThrow(ParameterError),
  );

  test('addresses come in any case, and go on in lower case', () => {
    expect(parameters.readAddress(address)).toBe(address.toLowerCase());
    for (const wrong of ['0x', `${address}0`, address.slice(2), hash])
      expect(() => parameters.readAddress(wrong)).toThrow(ParameterError);
  });

  test.each([
    ['0x0', 0n],
    ['0x00', 0n],
    [hash, BigInt(hash)],
    ['0x', 0n],
  ])('slot %s', (text, value) => expect(parameters.readSlot(text)).toBe(value));

  test.each([
    ['latest', 'latest'],
    ['0x10', 16],
    [hash, { hash }],
    [{ blockHash: hash, requireCanonical: true }, { hash }],
    [{ blockNumber: '0x10' }, 16],
    [{ blockNumber: 'safe' }, 'safe'],
  ])('block %j', (value, id) => expect(parameters.readBlockId(value)).toEqual(id));

  test.each([
    'newest',
    '16',
    16,
    {},
    { blockHash: hash, blockNumber: '0x1' },
    [hash],
    { blockHash: '0x1' },
    '0x010',
  ])('no block: %j', (value) => expect(() => parameters.readBlockId(value)).toThrow(ParameterError));
});

describe('calls', () => {
  test('data and input are the same', () => {
    expect(callTransaction.read({ data: '0xAB' })).toEqual({ input: '0xab' });
    expect(callTransaction.read({ data: '0xab', input: '0xab' })).toEqual({ input: '0xab' });
    expect(() => callTransaction.read({ data: '0xab', input: '0xac' })).toThrow(/both "data" and "input"/);
  });

  test('what clients send beside is passed over, null is absent', () => {
    expect(callTransaction.read({ to: null, type: '0x2', chainId: '0x1', foo: 1 })).toEqual({});
  });

  test.each([
    [{ gasPrice: '0x1', maxFeePerGas: '0x1' }, /both gasPrice/],
    [{ to: '0x1' }, /^to: /],
    [{ gas: '100' }, /^gas: hex string without 0x prefix/],
    [{ accessList: [{ address }] }, null],
    [{ accessList: [{ address, storageKeys: ['0x1'] }] }, /^accessList: /],
  ])('%j', (value, message) => {
    if (message === null) expect(() => callTransaction.read(value)).not.toThrow();
    else expect(() => callTransaction.read(value)).toThrow(message);
  });

  test('overrides', () => {
    expect(stateOverrides.read({ [address]: { balance: '0x1', stateDiff: { [hash]: hash } } })).toEqual({
      [address.toLowerCase()]: { balance: '0x1', stateDiff: { [hash]: hash } },
    });
    expect(() => stateOverrides.read({ [address]: { state: {}, stateDiff: {} } })).toThrow(/both/);
    expect(blockOverrides.read({ coinbase: address, baseFee: '0x7' })).toEqual({
      feeRecipient: address.toLowerCase(),
      baseFeePerGas: '0x7',
    });
  });
});

describe('filters', () => {
  test('one address or many, topics that may be anything', () => {
    expect(logFilter.read({ address, topics: [null, hash, [hash, null], []] })).toMatchObject({
      addresses: [address.toLowerCase()],
      topics: [null, [hash], null, null],
    });
  });
  test.each([
    { blockHash: hash, fromBlock: '0x1' },
    { topics: Array(5).fill(null) },
    { address: Array(1_001).fill(address) },
    { fromBlock: 7 },
  ])('%# is refused', (filter) => expect(() => logFilter.read(filter)).toThrow(ParameterError));
});

test('whatever is handed to a reader, it reads it or says what is wrong', () => {
  const readers = [
    ...Object.values(parameters).filter(
      (each): each is parameters.Parameter<unknown> => typeof each === 'object' && 'read' in each,
    ),
    callTransaction,
    stateOverrides,
    blockOverrides,
    logFilter,
  ];
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^0[xX]?[0-9a-fA-F]{0,66}$/));
  const values = fc.oneof(
    fc.jsonValue(),
    texts,
    fc.array(texts),
    fc.dictionary(texts, fc.oneof(texts, fc.jsonValue())),
  );
  expect(readers.length).toBeGreaterThan(15);
  fc.assert(
    fc.property(fc.constantFrom(...readers), values, (reader, value) => {
      try {
        reader.read(value);
      } catch (error) {
        expect(error).toBeInstanceOf(ParameterError);
        expect((error as Error).message.length).toBeLessThan(300);
      }
    }),
    { numRuns: 3_000 },
  );
});
