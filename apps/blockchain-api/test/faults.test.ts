/** What the other services refuse, in the words of this contract, and the limit of queries; those services are scripted. */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  blockchainApiContract,
  blockchainLedgerContract,
  blockchainSessionsDataContract,
  type ContractSpec,
  onSystemChainClientContract,
  onSystemChainContract,
} from '@lucid/contracts';
import { senderOf } from '@lucid/limited-front';
import {
  type AnyServiceDefinition,
  createServiceKeys,
  defineService,
  type Handlers,
  ProblemError,
} from '@lucid/service-kit';
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
  detail?: string,
): AnyServiceDefinition {
  const refuse = () => Promise.reject(new ProblemError(code, detail ? { detail } : {}));
  const handlers = Object.fromEntries(Object.keys(contract.operations).map((name) => [name, refuse]));
  return defineService({
    contract,
    config: Type.Object({}),
    createContext: () => ({ close: () => {} }),
    handlers: { ...handlers, ...answers } as unknown as Handlers<C, { close(): void }>,
  });
}

const scriptedAnchoring = (said: { code: string; detail?: string } | { answers: object }) =>
  'code' in said
    ? scripted(onSystemChainClientContract, said.code, {}, said.detail)
    : scripted(onSystemChainClientContract, 'unavailable', said.answers);

const keys = createServiceKeys([
  ...['on-system-chain', 'blockchain-ledger', 'blockchain-sessions-data', 'on-system-chain-client'],
  ...['blockchain-api', 'api-server', 'operator'],
]);

/** JSON-RPC that answers each request with this error. */
const rpcRefuses = (code: number) => ({
  rpc: ({ body }: { body: { id: number }[] }) =>
    body.map(({ id }) => ({ jsonrpc: '2.0', id, error: { code, message: 'refused' } })),
});

async function start(options: {
  chain?: object;
  code?: string;
  sessions?: string;
  /** What the service that anchors answers; absent: it is not there. */
  anchoring?: { code: string; detail?: string } | { answers: object };
  environment?: Record<string, string>;
}) {
  const { anchoring } = options;
  const clock = createManualClock();
  stack = await startTestStack({
    definitions: [
      scripted(onSystemChainContract, options.code ?? 'chain_unavailable', options.chain),
      scripted(blockchainLedgerContract, 'ledger_unavailable'),
      scripted(blockchainSessionsDataContract, options.sessions ?? 'ledger_unavailable'),
      ...(anchoring === undefined ? [] : [scriptedAnchoring(anchoring)]),
      blockchainApi,
    ],
    keys,
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

test('producers that take turns make nothing final', async () => {
  const getStatus = () => ({
    ...{ height: 3, blockHash: hash, stateRoot: hash, chainId: 1337, network: 'lucid_blocks' },
    ...{ timestampSec: 1, pendingTransactions: 0, queuedTransactions: 0, producer: null },
  });
  const getProducers = () => ({
    ...{ mode: 'leaders', slot: 1, epoch: 0, leader: null, fallbacks: [], turns: [], producers: [] },
    fileSha256: 'a'.repeat(64),
  });
  const { client } = await start({ chain: { getStatus, getProducers } });
  expect(await client.getConsensusStatus()).toEqual({
    ...{ mechanism: 'leader-schedule', producer: null, height: 3, confirmationsToFinal: null },
  });
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

describe('registering a session', () => {
  const body = {
    ...{ sessionId, manifestHash: 'b'.repeat(64), startedAt: 1_700_000_000, owner: 'age1owner' },
    ...{ merkleRoot: 'c'.repeat(64), chunkCount: 3, checkpoint: 'a checkpoint\n' },
  };
  const transactionHash = `0x${'d'.repeat(64)}`;

  test('goes on to the service that anchors, and its answer comes back', async () => {
    const handedOver: unknown[] = [];
    const answer = { sessionId, status: 'submitted', attempts: 1, transactionHash, blockHeight: 7 };
    const answers = {
      registerSession: (input: { body: unknown }, { caller }: { caller: string }) => {
        handedOver.push([caller, input.body]);
        return answer;
      },
    };
    const { client } = await start({ anchoring: { answers } });
    expect(await client.registerSession({ body })).toEqual(answer);
    expect(handedOver).toEqual([['blockchain-api', body]]);
  });

  test.each([
    ['anchor_conflict', 'anchor_conflict'],
    ['store_full', 'store_full'],
    ['unavailable', 'anchoring_unavailable'],
    ['deadline_exceeded', 'anchoring_unavailable'],
    ['invalid_request', 'invalid_request'],
  ])('that says %s', async (code, told) => {
    const { client } = await start({ anchoring: { code } });
    expect(await codeOf(client.registerSession({ body }))).toBe(told);
  });

  test('where the host has nobody who anchors', async () => {
    const { client } = await start({});
    await expect(client.registerSession({ body })).rejects.toMatchObject({
      ...{ code: 'anchoring_unavailable', remote: 'blockchain-api' },
    });
  });

  test('is for the operator alone', async () => {
    const handedOver: unknown[] = [];
    await start({ anchoring: { answers: { registerSession: () => handedOver.push(1) } } });
    const other = stack!.clientOf(blockchainApiContract, { as: 'api-server', retry: false, breaker: false });
    expect(await codeOf(other.registerSession({ body }))).toBe('forbidden');
    const { origin } = stack!.targetOf('blockchain-api')!;
    const nobody = await fetch(`${origin}/api/v1/anchoring/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(nobody.status).toBe(401);
    expect(handedOver).toEqual([]);
  });

  test.each([
    ['no checkpoint', { checkpoint: undefined }],
    ['a root of other length', { merkleRoot: 'cc' }],
    ['a member too many', { user_signature: '00' }],
  ])('is refused with %s', async (_what, change) => {
    const { client } = await start({});
    expect(await codeOf(client.registerSession({ body: { ...body, ...change } as never }))).toBe(
      'invalid_request',
    );
  });
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
