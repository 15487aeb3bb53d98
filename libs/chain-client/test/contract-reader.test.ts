/** Many calls in few requests, and every answer that a node may give in place of a result. */
import { expect, test } from '@jest/globals';
import { encodeErrorResult, encodeFunctionResult, type Hex, parseAbi } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import {
  ContractReader,
  isChainClientError,
  type JsonRpcRequest,
  question,
  rawQuestion,
  readCall,
  readSignedCall,
} from '../src/index.ts';

const abi = parseAbi(['function double(uint256) view returns (uint256)', 'error TooLarge(uint256 most)']);
const contract = { address: `0x${'c1'.repeat(20)}`, abi } as const;
const of = (value: number) => question(contract, 'double', [BigInt(value)]);

type Answer = { readonly result: unknown } | { readonly error: unknown };

/** A node that answers each call by its data, and the requests that it got. */
function nodeOf(answer: (data: Hex, at: number) => Answer | null) {
  const batches: (readonly JsonRpcRequest[])[] = [];
  const reader = new ContractReader(
    { chainId: 1337 },
    {
      call: async () => Promise.reject(new Error('nobody is there')),
      callAll: async (requests) => {
        batches.push(requests);
        const answers = requests.map(({ id, params }, at) => {
          const given = answer((params[0] as { data: Hex }).data, at);
          return given && { jsonrpc: '2.0', id, ...given };
        });
        // A batch is answered in any order.
        return answers.filter((each) => each !== null).reverse();
      },
    },
  );
  return { reader, batches };
}

const doubled = (data: Hex): Answer => ({
  result: encodeFunctionResult({ abi, functionName: 'double', result: BigInt(`0x${data.slice(10)}`) * 2n }),
});
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => (isChainClientError(error) ? error.code : 'other'),
  );

test('answers in the order of the questions, a hundred in a request, at a time', async () => {
  const { reader, batches } = nodeOf(doubled);
  const values = await reader.ask(
    Array.from({ length: 250 }, (_, at) => of(at)),
    { atSec: 255 },
  );
  expect(values).toEqual(Array.from({ length: 250 }, (_, at) => BigInt(at) * 2n));
  expect(batches.map(({ length }) => length)).toEqual([100, 100, 50]);
  expect(batches[0]?.[0]?.params.slice(1)).toEqual(['latest', {}, { time: '0xff' }]);
  expect(await reader.ask([])).toEqual([]);
});

test('what reverts, what fails, and what a node does not execute are told apart', async () => {
  const data = encodeErrorResult({ abi, errorName: 'TooLarge', args: [9n] });
  const answers: Answer[] = [
    { error: { code: 3, message: 'execution reverted', data } },
    { error: { code: -32_000, message: 'out of gas' } },
    doubled(`${of(0).data.slice(0, 10)}${'0'.repeat(63)}4` as Hex),
  ];
  const { reader } = nodeOf((_data, at) => answers[at] as Answer);
  expect(await reader.tryAll([of(1), of(2), of(3)])).toEqual([
    { ok: false, reason: { name: 'TooLarge', args: [9n] } },
    { ok: false, reason: { name: 'failed', args: [] } },
    { ok: true, value: 8n },
  ]);
  expect(await codeOf(reader.ask([of(1)]))).toBe('call_reverted');
  const refusing = nodeOf(() => ({ error: { code: -32_002, message: 'not now' } })).reader;
  expect(await codeOf(refusing.tryAll([of(1)]))).toBe('rpc_refused');
});

test.each([
  ['an answer is missing', (_data: Hex, at: number) => (at === 0 ? { result: `0x${'0'.repeat(64)}` } : null)],
  ['there is no contract', () => ({ result: '0x' })],
  ['a result is none', () => ({ result: 5 })],
  ['an error is none', () => ({ error: 'no' })],
] as const)('malformed: %s', async (_, answer) => {
  expect(await codeOf(nodeOf(answer).reader.tryAll([of(1), of(2)]))).toBe('rpc_malformed');
});

test('raw calls keep their bytes', async () => {
  const { reader, batches } = nodeOf(() => ({ result: '0xAB' }));
  const from: Hex = `0x${'f1'.repeat(20)}`;
  const asked = rawQuestion({ from, to: contract.address, data: '0x01', value: 5n, abi: [] });
  expect(await reader.ask([asked])).toEqual(['0xab']);
  expect(batches[0]?.[0]?.params).toEqual([
    { from, to: contract.address, data: '0x01', value: '0x5' },
    'latest',
  ]);
});

test('signed bytes are read, and what is none is not', async () => {
  const account = privateKeyToAccount(`0x${'11'.repeat(32)}`);
  const call = { to: contract.address, data: of(7).data, value: 3n, gas: 50_000n, nonce: 4 };
  const raw = await account.signTransaction({ ...call, type: 'eip1559', chainId: 1337, maxFeePerGas: 1n });
  const signed = await readSignedCall(raw);
  expect(signed).toMatchObject({
    ...{ chainId: 1337, from: account.address.toLowerCase(), to: contract.address, nonce: 4, value: 3n },
    data: call.data,
  });
  expect(readCall(abi, call.data)).toEqual({ functionName: 'double', args: [7n] });
  expect(readCall(abi, '0x12345678')).toBeNull();
  const old = await account.signTransaction({ ...call, type: 'legacy', gasPrice: 1n });
  expect((await readSignedCall(old))?.chainId).toBeUndefined();
  for (const none of ['0x', '0x02c0', '0xzz', raw.slice(0, -2), `${raw}00`])
    expect(await readSignedCall(none as Hex)).toBeNull();
});
