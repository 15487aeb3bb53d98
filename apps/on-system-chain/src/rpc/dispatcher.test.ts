import { describe, expect, test } from '@jest/globals';
import { jsonText, ProblemError, silentLog } from '@lucid/service-kit';
import fc from 'fast-check';
import { BlockPruned } from '../chain/chain-view.ts';
import { Dispatcher } from './dispatcher.ts';
import { method } from './method.ts';
import { address, anything, count, optional, parameter } from './parameters.ts';
import { RpcError } from './rpc-error.ts';

const number = parameter((value) => Number(value));
const dispatcher = new Dispatcher({
  log: silentLog,
  methods: {
    subtract: method([number, number], ([minuend, subtrahend]) => minuend - subtrahend),
    sum: method([number, number, number], ([a, b, c]) => a + b + c),
    update: method(Array(5).fill(optional(anything)), () => null),
    notify_hello: method([optional(anything)], () => null),
    notify_sum: method([number, number, number], () => Promise.resolve(null)),
    get_data: method([], async () => ['hello', 5]),
    text: method([], () => jsonText('{"a":1}')),
    late_text: method([], async () => jsonText('{"a":2}')),
    account: method([address, optional(count)], ([account, height]) => [account, height ?? null]),
    fails: method([anything], async ([what]) => {
      throw failures[what as keyof typeof failures];
    }),
    big: method([], () => 'x'.repeat(6_000_000)),
    late_big: method([], async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return 'x'.repeat(6_000_000);
    }),
  },
});
const failures = {
  reverted: new RpcError(3, 'execution reverted', { data: '0x08c3' }),
  unavailable: new ProblemError('unavailable', { remote: 'blockchain-vm' }),
  state_unknown: new ProblemError('state_unknown', { remote: 'blockchain-vm' }),
  pruned: new BlockPruned('gone'),
  bug: new TypeError('of our own'),
};

const ask = async (text: string): Promise<unknown> => {
  const answer = await dispatcher.answerText(text);
  return answer === null ? null : JSON.parse(answer);
};
const call = async (name: string, ...params: unknown[]) =>
  (await ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method: name, params }))) as {
    result?: unknown;
    error?: { code: number; message: string; data?: string };
  };
const error = (code: number, id: unknown = null) => ({
  jsonrpc: '2.0',
  error: { code, message: expect.any(String) },
  id,
});

describe('examples of the specification (JSON-RPC 2.0, section 7)', () => {
  const foobar = { jsonrpc: '2.0', error: { code: -32601, message: expect.any(String) }, id: '1' };
  test.each<[string, string, unknown]>([
    [
      'positional parameters',
      '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
      { jsonrpc: '2.0', result: 19, id: 1 },
    ],
    [
      'positional parameters, the other way',
      '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
      { jsonrpc: '2.0', result: -19, id: 2 },
    ],
    ['a notification', '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', null],
    ['a notification of a method that is not there', '{"jsonrpc": "2.0", "method": "foobar"}', null],
    ['a method that is not there', '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', foobar],
    ['invalid JSON', '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', error(-32700)],
    ['an invalid request', '{"jsonrpc": "2.0", "method": 1, "params": "bar"}', error(-32600)],
    [
      'a batch of invalid JSON',
      '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0", "method"]',
      error(-32700),
    ],
    ['an empty batch', '[]', error(-32600)],
    ['an invalid batch', '[1]', [error(-32600)]],
    ['an invalid batch of three', '[1,2,3]', [error(-32600), error(-32600), error(-32600)]],
    [
      'a batch',
      `[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"}]`,
      [
        { jsonrpc: '2.0', result: 7, id: '1' },
        { jsonrpc: '2.0', result: 19, id: '2' },
        error(-32600),
        error(-32601, '5'),
        { jsonrpc: '2.0', result: ['hello', 5], id: '9' },
      ],
    ],
    [
      'a batch of notifications',
      '[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]',
      null,
    ],
    // Ethereum's methods name no parameters.
    [
      'named parameters',
      '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
      error(-32602, 3),
    ],
  ])('%s', async (_what, request, answer) => {
    expect(await ask(request)).toEqual(answer);
  });
});

describe('answers', () => {
  test('a result may be JSON already', async () => {
    expect(await call('text')).toMatchObject({ result: { a: 1 } });
    expect(await call('late_text')).toMatchObject({ result: { a: 2 } });
  });

  test('what is known is answered in the same turn', () => {
    expect(dispatcher.answerText('{"jsonrpc":"2.0","id":1,"method":"text"}')).toBe(
      '{"jsonrpc":"2.0","id":1,"result":{"a":1}}',
    );
  });

  test.each([
    [['0x1'], /^invalid argument 0: hex string/],
    [[], /^missing value for required argument 0$/],
    [[null], /^missing value for required argument 0$/],
    [[`0x${'1'.repeat(40)}`, '0x1', 3], /^too many arguments, want at most 2$/],
    [[`0x${'1'.repeat(40)}`, '7'], /^invalid argument 1: hex string without 0x prefix$/],
  ])('parameters %j are refused', async (params, message) => {
    expect(await call('account', ...params)).toMatchObject({
      error: { code: -32602, message: expect.stringMatching(message) },
    });
  });

  test.each([
    ['reverted', { code: 3, message: 'execution reverted', data: '0x08c3' }],
    ['unavailable', { code: -32002 }],
    ['state_unknown', { code: -32000 }],
    ['pruned', { code: 4444, message: 'pruned history unavailable' }],
    ['bug', { code: -32603, message: 'internal error' }],
  ])('a failure: %s', async (what, expected) => {
    expect(await call('fails', what)).toMatchObject({ error: expected });
  });

  test('a batch has at most 1,000 requests, and an answer that ends', async () => {
    const requests = (count: number, name: string) =>
      JSON.stringify(Array.from({ length: count }, (_, id) => ({ jsonrpc: '2.0', id, method: name })));
    expect(await ask(requests(1_001, 'text'))).toMatchObject({ error: { code: -32600 } });
    expect(await ask(requests(1_000, 'text'))).toHaveLength(1_000);
  });

  test.each(['big', 'late_big'])('a batch of %s answers has at most 25 MB of results', async (name) => {
    const requests = Array.from({ length: 40 }, (_, id) => ({ jsonrpc: '2.0', id, method: name }));
    const text = (await dispatcher.answerText(JSON.stringify(requests))) as string;
    expect(text.length).toBeLessThan(25_010_000);
    const answers = JSON.parse(text) as { result?: string; error?: { code: number } }[];
    expect(answers.filter(({ result }) => result !== undefined)).toHaveLength(4);
    expect(answers.filter(({ error }) => error?.code === -32003)).toHaveLength(36);
  });

  test.each(['__proto__', 'constructor', 'toString', ''])('%j is no method', async (name) => {
    expect(await call(name)).toMatchObject({ error: { code: -32601 } });
  });
});

test('whatever comes, one answer of JSON-RPC goes back', async () => {
  const requests = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record(
        {
          jsonrpc: fc.constantFrom('2.0', '1.0', 2, null),
          id: fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.object()),
          method: fc.oneof(fc.constantFrom('subtract', 'account', 'text', 'update'), fc.anything()),
          params: fc.oneof(fc.array(fc.anything()), fc.object(), fc.string()),
        },
        { requiredKeys: [] },
      )
      .map((each) =>
        JSON.stringify(each, (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
      ),
  );
  await fc.assert(
    fc.asyncProperty(requests, async (text) => {
      const answer = await dispatcher.answerText(text);
      if (answer === null) return;
      for (const each of [JSON.parse(answer)].flat()) {
        expect(each.jsonrpc).toBe('2.0');
        expect('result' in each !== 'error' in each).toBe(true);
        expect(each.id === null || ['string', 'number'].includes(typeof each.id)).toBe(true);
        expect(each.error?.code).not.toBe(-32603);
      }
    }),
    { numRuns: 500 },
  );
});
