/** Sessions on the real chain: vm, ledger, node. */
import { encodeCall } from '@lucid/chain-client';
import { addresses, lucidAnchors } from '@lucid/chain-contracts';
import { type BatchOperation, createMemoryDocumentStore, type DocumentStore } from '@lucid/document-store';
import { encodeDocument, ownerAddress, parseDocument } from '@lucid/session-format';
import { judgeChainAnchor } from '@lucid/verifier';
import { BatchStore } from '../src/store/batch-store.ts';
import {
  type ChainStack,
  type ChainStackOptions,
  type ChainWorld,
  createWorld,
  eventually,
  ledgerKey,
  outcomeOf,
  poorKey,
  removeWorld,
  sessionBody,
  startChainClient,
} from './chain-stack.ts';
import { deletion } from './client-stack.ts';

jest.setTimeout(120_000);

let world: ChainWorld;
let running: ChainStack[] = [];
const start = async (options?: ChainStackOptions): Promise<ChainStack> => {
  const started = await startChainClient(world, options);
  running.push(started);
  return started;
};
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  for (const { stack } of running) await stack.close();
  running = [];
  await removeWorld(world);
});

type Body = ReturnType<typeof sessionBody>;
type Outcome = Awaited<ReturnType<typeof outcomeOf>>;

const expectedOf = ({ checkpoint: _checkpoint, ...body }: Body) => ({
  ...body,
  owner: ownerAddress(body.owner),
});

/** What a bundle would carry, judged as a verifier does. */
function expectProven(body: Body, { status, anchor, chainAnchor, reason }: Outcome) {
  expect({ status, reason, anchor }).toEqual({ status: 'confirmed', reason: undefined, anchor: undefined });
  const parsed = parseDocument('anchor', encodeDocument('anchor', chainAnchor as never));
  if (!parsed.ok || parsed.value.kind !== 'chain') throw new Error('not an anchor on a chain');
  expect(judgeChainAnchor(parsed.value, expectedOf(body), { ledgerKey })).toMatchObject({ ok: true });
  const other = { ...expectedOf(body), chunkCount: body.chunkCount + 1 };
  expect(judgeChainAnchor(parsed.value, other, { ledgerKey }).ok).toBe(false);
}

const registrations = async ({ ledger }: ChainStack) => {
  const { height } = await ledger.getChainHead();
  const { logs } = await ledger.findLogs({
    body: { fromHeight: 0, toHeight: height, addresses: [addresses.lucidAnchors] },
  });
  return logs;
};

const callOf = (body: Body) =>
  encodeCall(lucidAnchors.abi as never, 'registerSession', [
    ...[`0x${body.sessionId}`, `0x${body.manifestHash}`, BigInt(body.startedAt)],
    ...[`0x${ownerAddress(body.owner)}`, `0x${body.merkleRoot}`, body.chunkCount],
  ]);

test('one session is registered by itself, a deletion stays in the ledger', async () => {
  const client = await start();
  const body = sessionBody();
  const asked = await client.anchors.registerSession({ body });
  expect(asked).toEqual({ sessionId: body.sessionId, status: 'pending', attempts: 0 });
  const outcome = await outcomeOf(client, body.sessionId);
  expectProven(body, outcome);
  expect(outcome.chainAnchor?.batch).toBeUndefined();
  const logs = await registrations(client);
  expect(logs.map(({ transactionHash, height }) => ({ transactionHash, height }))).toEqual([
    { transactionHash: outcome.transactionHash, height: outcome.blockHeight },
  ]);
  await client.anchors.registerDeletion({ body: { ...deletion, sessionId: body.sessionId } });
  const deleted = await eventually(async () => {
    const found = await client.anchors.getDeletion({ params: { sessionId: body.sessionId } });
    return found.status === 'confirmed' && found;
  });
  expect(deleted.anchor?.kind).toBe('ledger');
  const other = { ...body, chunkCount: 4 };
  await expect(client.anchors.registerSession({ body: other })).rejects.toMatchObject({
    code: 'anchor_conflict',
  });
});

test('300 sessions share some transactions, each has its own proof', async () => {
  const client = await start();
  const bodies = Array.from({ length: 300 }, () => sessionBody());
  await Promise.all(bodies.map((body) => client.anchors.registerSession({ body })));
  const outcomes = await Promise.all(bodies.map(({ sessionId }) => outcomeOf(client, sessionId)));
  for (const [at, outcome] of outcomes.entries()) expectProven(bodies[at] as Body, outcome);
  const transactions = new Set(outcomes.map(({ transactionHash }) => transactionHash));
  expect(transactions.size).toBeLessThan(30);
  expect((await registrations(client)).length).toBe(transactions.size);
  const counts = new Map(
    outcomes.map(({ transactionHash, chainAnchor }) => [transactionHash, chainAnchor?.batch?.count ?? 1]),
  );
  expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(300);
});

test('a refreshed anchor has a newer checkpoint', async () => {
  const client = await start();
  const body = sessionBody();
  await client.anchors.registerSession({ body });
  const before = await outcomeOf(client, body.sessionId);
  await client.ledger.appendEntry({ query: {}, body: new Uint8Array([1]) });
  const after = await client.anchors.refreshAnchor({ params: { sessionId: body.sessionId } });
  expectProven(body, after);
  expect(after.chainAnchor?.checkpoint).not.toBe(before.chainAnchor?.checkpoint);
});

/** After `writes` writes nothing more reaches the disk: the process is dead, whatever it goes on doing. */
function dyingAfter(writes: number) {
  let left = writes;
  const step = () => {
    if (left-- <= 0) throw new Error('killed');
  };
  return (store: DocumentStore): DocumentStore =>
    Object.assign(Object.create(store) as DocumentStore, {
      check: store.check.bind(store),
      close: store.close.bind(store),
      async batch(operations: readonly BatchOperation[]) {
        step();
        return store.batch(operations);
      },
      async collection(definition: Parameters<DocumentStore['collection']>[0]) {
        const inner = await store.collection(definition);
        const around =
          <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
          (...args: A): Promise<R> => {
            step();
            return work(...args);
          };
        return Object.assign(Object.create(inner) as object, {
          definition: inner.definition,
          get: inner.get.bind(inner),
          getMany: inner.getMany.bind(inner),
          find: inner.find.bind(inner),
          insert: around((document: object) => inner.insert(document)),
          replace: around((document: object, version: number) => inner.replace(document, version)),
          remove: around((key: string, version?: number) => inner.remove(key, version)),
        });
      },
    });
}

test('killed in the middle and started again, each session is registered once', async () => {
  const bodies: Body[] = [];
  for (const writes of [6, 7, 8, 9, 10, 12, 15, 20]) {
    const own = Array.from({ length: 6 }, () => sessionBody());
    bodies.push(...own);
    const killed = await start({ wrap: dyingAfter(writes) });
    await Promise.allSettled(own.map((body) => killed.anchors.registerSession({ body })));
    await eventually(async () =>
      killed.stack.logLines.some((line) => JSON.stringify(line).includes('killed')),
    );
    running = running.filter((each) => each !== killed);
    await killed.stack.close();
  }
  const client = await start();
  await Promise.all(bodies.map((body) => client.anchors.registerSession({ body })));
  const outcomes = await Promise.all(bodies.map(({ sessionId }) => outcomeOf(client, sessionId)));
  for (const [at, outcome] of outcomes.entries()) expectProven(bodies[at] as Body, outcome);
  const transactions = new Set(outcomes.map(({ transactionHash }) => transactionHash));
  expect((await registrations(client)).length).toBe(transactions.size);
  const store = await BatchStore.open(createMemoryDocumentStore(world.documents));
  expect((await store.batchesOf(bodies.map(({ sessionId }) => sessionId))).size).toBe(bodies.length);
});

test('what the chain holds already is taken up, by itself or among others', async () => {
  const client = await start();
  await eventually(() => client.chain.getStatus().catch(() => null));
  const [lone, among, conflicting] = [sessionBody(), sessionBody(), sessionBody()];
  for (const body of [lone, among, { ...conflicting, chunkCount: 9 }])
    await client.stranger.send({
      ...{ intentId: body.sessionId, to: addresses.lucidAnchors, data: callOf(body) },
    });
  const [there, thereToo] = (await registrations(client)).map(({ transactionHash }) => transactionHash);
  await client.anchors.registerSession({ body: lone });
  const outcome = await outcomeOf(client, lone.sessionId);
  expectProven(lone, outcome);
  expect(outcome.transactionHash).toBe(there);
  const bodies = [among, conflicting, sessionBody(), sessionBody()];
  await Promise.all(bodies.map((body) => client.anchors.registerSession({ body })));
  const [taken, refused, ...others] = await Promise.all(
    bodies.map(({ sessionId }) => outcomeOf(client, sessionId)),
  );
  expectProven(among, taken as Outcome);
  expect(taken?.transactionHash).toBe(thereToo);
  expect(refused).toMatchObject({
    status: 'failed',
    reason: 'anchor_conflict: the chain holds other values for this session',
  });
  for (const [at, each] of others.entries()) expectProven(bodies[at + 2] as Body, each);
});

test('a document store that was lost anchors nothing twice that was registered by itself', async () => {
  const first = await start();
  const body = sessionBody();
  await first.anchors.registerSession({ body });
  const before = await outcomeOf(first, body.sessionId);
  running = [];
  await first.stack.close();
  world.documents.clear();
  const second = await start();
  await second.anchors.registerSession({ body });
  const after = await outcomeOf(second, body.sessionId);
  expectProven(body, after);
  expect(after.transactionHash).toBe(before.transactionHash);
  expect((await registrations(second)).length).toBe(1);
});

test('without the key again, what went to the chain is neither lost nor handed to the ledger', async () => {
  const first = await start();
  const body = sessionBody();
  await first.anchors.registerSession({ body });
  const before = await outcomeOf(first, body.sessionId);
  running = [];
  await first.stack.close();
  const second = await start({ environment: { CHAIN_ACCOUNT_KEY: '' } });
  const params = { sessionId: body.sessionId };
  expect(await second.anchors.registerSession({ body })).toEqual(before);
  expect(await second.anchors.refreshAnchor({ params })).toEqual(before);
  const key = `session/${body.sessionId}`;
  await expect(second.ledger.getEntryByKey({ params: { key } })).rejects.toMatchObject({
    code: 'not_in_log',
  });
  const other = sessionBody();
  await second.anchors.registerSession({ body: other });
  expect((await outcomeOf(second, other.sessionId)).anchor?.kind).toBe('ledger');
  running = [];
  await second.stack.close();
  const third = await start();
  const refreshed = await third.anchors.refreshAnchor({ params: { sessionId: other.sessionId } });
  expect(refreshed).toMatchObject({ status: 'confirmed', anchor: { kind: 'ledger' } });
});

test('what fell between the chain and its own document waits for the key, and is not handed to the ledger', async () => {
  const body = sessionBody();
  const params = { sessionId: body.sessionId };
  // Its document, the wish, the member, the seal, the signed bytes: what is not kept any more is the reference.
  const sending = await start({ wrap: dyingAfter(5) });
  await eventually(() => sending.chain.getStatus().catch(() => null));
  await sending.anchors.registerSession({ body });
  const [sent] = await eventually(async () => {
    const found = await registrations(sending).catch(() => []);
    return found.length > 0 && found;
  });
  running = [];
  await sending.stack.close();
  const logging = await start({ environment: { CHAIN_ACCOUNT_KEY: '' } });
  const waiting = await eventually(async () => {
    const found = await logging.anchors.getAnchor({ params });
    return found.attempts > 0 && found;
  });
  expect(waiting).toMatchObject({
    status: 'pending',
    reason: expect.stringContaining('it went to the chain'),
  });
  const key = `session/${body.sessionId}`;
  await expect(logging.ledger.getEntryByKey({ params: { key } })).rejects.toMatchObject({
    code: 'not_in_log',
  });
  running = [];
  await logging.stack.close();
  const client = await start();
  const outcome = await outcomeOf(client, body.sessionId);
  expectProven(body, outcome);
  expect(outcome.transactionHash).toBe(sent?.transactionHash);
});

test('what fell between the ledger’s log and its own document is found there, and not registered on the chain', async () => {
  const body = sessionBody();
  const key = `session/${body.sessionId}`;
  const logging = await start({ environment: { CHAIN_ACCOUNT_KEY: '' }, wrap: dyingAfter(1) });
  await logging.anchors.registerSession({ body });
  const left = await eventually(() => logging.ledger.getEntryByKey({ params: { key } }).catch(() => null));
  running = [];
  await logging.stack.close();
  const client = await start();
  const { status, anchor } = await outcomeOf(client, body.sessionId);
  expect({ status, anchor }).toMatchObject({
    ...{ status: 'confirmed', anchor: { kind: 'ledger', index: left.index } },
  });
  expect(await registrations(client)).toEqual([]);
});

test('an account without funds waits, and readiness says so', async () => {
  const client = await start({ environment: { CHAIN_ACCOUNT_KEY: poorKey } });
  const body = sessionBody();
  await client.anchors.registerSession({ body });
  await eventually(async () => {
    const { reason } = await client.anchors.getAnchor({ params: { sessionId: body.sessionId } });
    return reason === 'the account of CHAIN_ACCOUNT_KEY is out of funds';
  });
  const readiness = (await client.stack.ready())['on-system-chain-client'];
  expect(readiness?.dependencies.chain).toMatchObject({ status: 'down', error: 'insufficient_funds' });
});

test('a chain that is away is waited for, and readiness says so', async () => {
  const body = sessionBody();
  const alone = await start({ hasChain: false });
  await alone.anchors.registerSession({ body });
  await eventually(async () => {
    const found = await alone.anchors.getAnchor({ params: { sessionId: body.sessionId } });
    return found.reason === 'the chain could not be asked';
  });
  expect((await alone.stack.ready())['on-system-chain-client']?.dependencies.chain?.status).toBe('down');
  running = [];
  await alone.stack.close();
  const client = await start();
  expectProven(body, await outcomeOf(client, body.sessionId));
  expect((await client.stack.ready())['on-system-chain-client']?.status).toBe('ready');
});

test('a node of another chain is not written to', async () => {
  const client = await start({ environment: { CHAIN_ID: '1' } });
  const body = sessionBody();
  await client.anchors.registerSession({ body });
  await eventually(async () => {
    const { reason } = await client.anchors.getAnchor({ params: { sessionId: body.sessionId } });
    return reason === 'the node is of another chain than CHAIN_ID says';
  });
  expect(await registrations(client)).toEqual([]);
  const readiness = (await client.stack.ready())['on-system-chain-client'];
  expect(readiness?.dependencies.chain).toMatchObject({ status: 'down', error: 'wrong_chain' });
});

test('a key that is none is refused by name, and not printed', async () => {
  const none = '0'.repeat(64);
  const refused = await start({ environment: { CHAIN_ACCOUNT_KEY: none } }).catch((error) => error);
  expect(refused).toMatchObject({ name: 'ConfigError' });
  expect(refused.message).toContain('CHAIN_ACCOUNT_KEY');
  expect(refused.message).not.toContain(none);
});
