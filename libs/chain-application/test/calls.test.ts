/** Machines are used for one call after the other and remember what they read: no call may see what another one did. */
import { expect, test } from '@jest/globals';
import { createMemoryKvStore } from '@lucid/kv-store';
import fc from 'fast-check';
import {
  type CallRequest,
  type CallResult,
  type ChainApplication,
  type Hex,
  lucidGenesis,
} from '../src/index.ts';
import { accounts, commitNext, openChain, transaction } from './test-chain.ts';

const at = (last: number): Hex => `0x${last.toString(16).padStart(40, '0')}`;
const codes: Readonly<Record<Hex, Hex>> = {
  // Returns what a slot holds, and sets it: both words are given.
  [at(0xa1)]: '0x5f35545f526020355f355560205ff3',
  // The same, and then reverts with it.
  [at(0xa2)]: '0x5f35545f526020355f355560205ffd',
  // Creates an empty contract and returns its address.
  [at(0xa3)]: '0x5f5f5ff05f5260205ff3',
  // Returns the caller's balance.
  [at(0xa4)]: '0x33315f5260205ff3',
  // Destroys itself in favour of the caller.
  [at(0xa5)]: '0x33ff',
  // Sets slot 1 of the first contract to 7, by calling it, and returns what it held.
  [at(0xa6)]: '0x60015f52600760205260205f60405f5f60a15af160205ff3',
  // Returns the balance of an address that is given.
  [at(0xa7)]: '0x5f35315f5260205ff3',
};
const genesis = lucidGenesis({
  timestampSec: 1_700_000_000,
  alloc: {
    ...Object.fromEntries(accounts.map((account) => [account, { balance: 10n ** 20n }])),
    ...Object.fromEntries(
      Object.entries(codes).map(([address, code]) => [
        address,
        { code, balance: 5n, storage: { [word(1)]: word(3) } },
      ]),
    ),
  },
});

function word(value: number): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}
const data = (...words: (number | Hex)[]): Uint8Array =>
  Uint8Array.from(
    Buffer.concat(
      words.map((each) =>
        Buffer.from((typeof each === 'number' ? word(each) : each).slice(2).padStart(64, '0'), 'hex'),
      ),
    ),
  );
const [rich = at(0), other = at(0)] = accounts;
const requests: CallRequest[] = [
  ...[0xa1, 0xa2].flatMap((to) => [
    { transaction: { to: at(to), data: data(1, 9) } },
    { transaction: { to: at(to), data: data(1, 0) } },
    { transaction: { to: at(to), data: data(2, 1), from: rich, gasPrice: 10n ** 12n } },
  ]),
  { transaction: { to: at(0xa3), from: rich } },
  { transaction: { to: at(0xa4), from: rich, value: 1_000n } },
  { transaction: { to: at(0xa4), from: rich, gasPrice: 10n ** 12n } },
  { transaction: { to: at(0xa5), from: other } },
  { transaction: { to: at(0xa6) } },
  ...[0xa5, 0xa3].map((address) => ({ transaction: { to: at(0xa7), data: data(at(address)) } })),
  { transaction: { to: at(0xa7), data: data(rich) } },
  { transaction: { from: rich, data: Uint8Array.from([0x60, 1, 0x5f, 0x55, 0x5f, 0x5f, 0xf3]) } },
  {
    transaction: { to: at(0xa1), data: data(1, 4) },
    stateOverrides: { [at(0xa1)]: { stateDiff: { [word(1)]: word(8) } } },
  },
  { transaction: { to: at(0xa7), data: data(rich) }, stateOverrides: { [rich]: { balance: 1n } } },
  {
    transaction: { to: at(0xa1), data: data(1, 4) },
    stateOverrides: {
      [at(0xa1)]: { code: Uint8Array.from([0x60, 0xaa, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]) },
    },
  },
  { transaction: { to: at(0xa1), data: data(1, 4) }, height: 0 },
];
const readable = (result: CallResult): unknown =>
  JSON.parse(JSON.stringify(result, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
const ask = async (app: ChainApplication, request: CallRequest): Promise<unknown> =>
  readable(await app.call(request));

test('whatever was called before, and beside, a call gives what it gives alone', async () => {
  const store = createMemoryKvStore();
  const app = await openChain(store, { genesis });
  await commitNext(app, [
    transaction(2, {
      nonce: 0,
      to: at(0xa1),
      data: `0x${Buffer.from(data(2, 5)).toString('hex')}`,
      gasLimit: 100_000,
    }),
  ]);
  const alone: unknown[] = [];
  for (const request of requests) alone.push(await ask(await openChain(store.copy(), { genesis }), request));
  expect(new Set(alone.map((each) => JSON.stringify(each))).size).toBeGreaterThan(12);
  const indexes = fc.array(fc.nat({ max: requests.length - 1 }), { minLength: 2, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(indexes, fc.boolean(), async (order, together) => {
      const answers: unknown[] = [];
      if (together) answers.push(...(await Promise.all(order.map((index) => ask(app, requests[index]!)))));
      else for (const index of order) answers.push(await ask(app, requests[index]!));
      expect(answers).toEqual(order.map((index) => alone[index]));
      // Estimates and traces leave machines behind, too.
      await app.estimateGas(requests[order[0]!]!);
      await app.traceCall(requests[order[1]!]!).catch(() => undefined);
    }),
    { numRuns: 60 },
  );
});
