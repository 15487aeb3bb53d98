/** What the other services refuse, in the words of this contract, and the limit of queries; those services are scripted. */
import { afterEach, expect, test } from '@jest/globals';
import {
  blockchainApiContract,
  blockchainLedgerContract,
  blockchainSessionsDataContract,
  type ContractSpec,
  onSystemChainContract,
} from '@lucid/contracts';
import { senderOf } from '@lucid/limited-front';
import { type AnyServiceDefinition, defineService, type Handlers, ProblemError } from '@lucid/service-kit';
import { createManualClock, startTestStack, type TestStack } from '@lucid/service-kit/testing';
import { Type } from 'typebox';
import { blockchainApi } from '../src/index.ts';

let stack: TestStack | undefined;
afterEach(async () => {
  await stack?.close();
  stack = undefined;
});

/** Answers what is given; all else with the problem. */
function scripted<C extends ContractSpec>(
  contract: C,
  code: string,
  answers: object = {},
): AnyServiceDefinition {
  const refuse = () => Promise.reject(new ProblemError(code));
  const handlers = Object.fromEntries(Object.keys(contract.operations).map((name) => [name, refuse]));
  return defineService({
    contract,
    config: Type.Object({}),
    createContext: () => ({ close: () => {} }),
    handlers: { ...handlers, ...answers } as unknown as Handlers<C, { close(): void }>,
  });
}

/** JSON-RPC that answers each request with this error. */
const rpcRefuses = (code: number) => ({
  rpc: ({ body }: { body: { id: number }[] }) =>
    body.map(({ id }) => ({ jsonrpc: '2.0', id, error: { code, message: 'refused' } })),
});

async function start(options: {
  chain?: object;
  code?: string;
  sessions?: string;
  environment?: Record<string, string>;
}) {
  const clock = createManualClock();
  stack = await startTestStack({
    definitions: [
      scripted(onSystemChainContract, options.code ?? 'chain_unavailable', options.chain),
      scripted(blockchainLedgerContract, 'ledger_unavailable'),
      scripted(blockchainSessionsDataContract, options.sessions ?? 'ledger_unavailable'),
      blockchainApi,
    ],
    environment: options.environment ?? {},
    clock,
    clientOptions: { retry: false, breaker: false },
  });
  return { clock, client: stack.clientOf(blockchainApiContract, { retry: false, breaker: false }) };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  );
const hash = `0x${'1'.repeat(64)}`;
const sessionId = 'a'.repeat(64);

test('a chain that is away', async () => {
  const { client } = await start({ chain: rpcRefuses(-32002) });
  const address = `0x${'2'.repeat(40)}`;
  const asked = [
    () => client.getInfo(),
    () => client.getStatus(),
    () => client.getHeight(),
    () => client.getNetwork(),
    () => client.getConsensusStatus(),
    () => client.getLatestBlock(),
    () => client.getBalance({ params: { address }, query: {} }),
    () => client.listBlocks({ query: { limit: 1 } }),
    () => client.getBlock({ params: { blockHash: hash } }),
    () => client.getBlockByHeight({ params: { height: 1 } }),
    () => client.listPending({ query: { limit: 1 } }),
    () => client.getTransaction({ params: { transaction: hash } }),
    () => client.getAnchoring({ params: { sessionId } }),
    () => client.validateMerkle({ params: { sessionId }, query: {} }),
    () => client.verifyAnchoring({ body: { sessionId } }),
    () => client.submitTransaction({ body: { raw: '0x01' } }),
    () => client.submitTransactions({ body: { raw: ['0x01'] } }),
  ];
  for (const each of asked)
    expect([String(each), await codeOf(each())]).toEqual([String(each), 'chain_unavailable']);
});

test('a chain that does not answer at all', async () => {
  const { client } = await start({ code: 'unavailable', sessions: 'unavailable' });
  expect(await codeOf(client.getAnchoringStatus())).toBe('chain_unavailable');
  expect(await codeOf(client.getLatestBlock())).toBe('chain_unavailable');
  expect(await codeOf(client.rpc({ body: {} }))).toBe('chain_unavailable');
});

test('pruned blocks', async () => {
  const { client } = await start({ chain: rpcRefuses(4444) });
  for (const each of [
    client.getBlock({ params: { blockHash: hash } }),
    client.getBlockByHeight({ params: { height: 1 } }),
    client.getTransaction({ params: { transaction: hash } }),
  ])
    expect(await codeOf(each)).toBe('block_pruned');
});

test.each([
  ['chain_replaced', 'index_unreadable'],
  ['index_clearing', 'index_unreadable'],
  ['session_unknown', 'session_unknown'],
  ['store_full', 'chain_unavailable'],
])('an index that says %s', async (said, told) => {
  const { client } = await start({ sessions: said });
  expect(await codeOf(client.getAnchoring({ params: { sessionId } }))).toBe(told);
});

test.each([
  ['not_provable', 'not_provable'],
  ['batch_unknown', 'batch_unknown'],
])('a proof for which the index says %s', async (said, told) => {
  const { client } = await start({ sessions: said });
  expect(await codeOf(client.verifyAnchoring({ body: { sessionId } }))).toBe(told);
});

test('beyond the limit a caller is refused until its minute is over; health is not counted', async () => {
  const { clock } = await start({ environment: { CHAIN_API_QUERIES_PER_MINUTE: '3' } });
  const origin = stack?.targetOf('blockchain-api')?.origin ?? '';
  const ask = (path = '/api/v1/nothing') => fetch(`${origin}${path}`);
  for (let at = 0; at < 3; at++) expect((await ask()).status).toBe(404);
  const refused = await ask();
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('60');
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  expect(await refused.json()).toMatchObject({ type: 'urn:lucid:problem:too_many_requests', status: 429 });
  expect((await ask('/health')).status).toBe(200);
  await clock.advance(60_000);
  expect((await ask()).status).toBe(404);
});

test('all of an IPv6 /64 is one caller', () => {
  const of = (remoteAddress?: string) => senderOf({ socket: { remoteAddress } } as never);
  expect(of('::ffff:10.0.0.1')).toBe(of('10.0.0.1'));
  expect(of('2001:db8::1')).toBe(of('2001:db8:0:0:ffff::2'));
  expect(of('2001:db8::1')).not.toBe(of('2001:db8:0:1::1'));
  expect(of()).toBe('socket');
});
