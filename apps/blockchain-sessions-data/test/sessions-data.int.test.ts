/** Registered by another's client on the real chain, indexed, proven by the real ledger. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bytesToHex } from '@lucid/bytes';
import {
  type CollectionDefinition,
  type DocumentStore,
  DocumentStoreError,
  type FindOptions,
} from '@lucid/document-store';
import { inclusionProof, leafHash, rootOfLeaves } from '@lucid/merkle';
import { ownerAddress, sessionLeaf } from '@lucid/session-format';
import { accountOf, eventually } from '../../on-system-chain/test/chain-stack.ts';
import { blockchainSessionsData } from '../src/index.ts';
import { callOf, codeOf, fieldsOf, genesisOf, owner, sessionOf, World } from './world.ts';

const uploader = accountOf(0).address.toLowerCase();
const members = [10, 11, 12, 13, 14].map(sessionOf);
const leaves = members.map((each) => leafHash(sessionLeaf(each)));
const root = bytesToHex(rootOfLeaves(leaves));
const memberOf = (at: number) => ({
  ...fieldsOf(members[at]!),
  batch: { root, index: at, path: inclusionProof(leaves, at, leaves.length).map(bytesToHex) },
});
const paramsOf = (number: number) => ({ sessionId: sessionOf(number).sessionId });
const chunkHash = (index: number) => `${index + 1}`.padStart(64, 'd');

let world: World;
beforeAll(async () => {
  world = await World.start();
  await world.send(
    ...[1, 2, 3].map((each) => callOf.registerSession(sessionOf(each))),
    callOf.registerSessions(root, members.length),
    callOf.anchorChunk(sessionOf(1).sessionId, 7, chunkHash(7)),
    callOf.updateTotal(sessionOf(1).sessionId, 2),
    ...[0, 1].map((at) => callOf.storeChunk(sessionOf(1).sessionId, at, chunkHash(at), 1000 + at)),
    callOf.updateStatus(sessionOf(1).sessionId, 1, 2),
    callOf.complete(sessionOf(1).sessionId),
  );
}, 60_000);
afterAll(() => world?.dispose());

test('an anchor is told by session as soon as its block is there', async () => {
  const anchor = await world.client.getSessionAnchor({ params: paramsOf(1) });
  const { owner: address, ...rest } = sessionOf(1);
  expect(anchor).toMatchObject({ ...rest, owner: `0x${address}` });
  const [hash] = await world.send(callOf.registerSession(sessionOf(4)));
  const { result } = await world.rpc('eth_getTransactionReceipt', hash);
  const receipt = result as { blockHash: string; blockNumber: string };
  expect(await world.client.getSessionAnchor({ params: paramsOf(4) })).toMatchObject({
    ...{ transactionHash: hash, blockHash: receipt.blockHash, height: Number(receipt.blockNumber) },
    logIndex: 0,
  });
});

test('what is not registered is unknown, and the answer says how far the index is', async () => {
  const asked = world.client.getSessionAnchor({ params: paramsOf(99) });
  await expect(asked).rejects.toMatchObject({
    code: 'session_unknown',
    extensions: { indexedHeight: expect.any(Number) },
  });
  expect(await codeOf(world.client.verifySession({ params: paramsOf(99), query: {} }))).toBe(
    'session_unknown',
  );
});

test('sessions are listed in the order of the chain, page by page', async () => {
  await world.indexed();
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await world.client.listSessions({ query: { limit: 2, ...(after ? { after } : {}) } });
    seen.push(...page.sessions.map(({ sessionId }) => sessionId));
    after = page.next ?? undefined;
  } while (after);
  expect(seen.slice(0, 3)).toEqual([1, 2, 3].map((each) => sessionOf(each).sessionId));
  const { height } = await world.client.getSessionAnchor({ params: paramsOf(3) });
  const of = async (query: { fromHeight?: number; toHeight?: number }) =>
    (await world.client.listSessions({ query: { limit: 100, ...query } })).sessions.map(
      (each) => each.height,
    );
  for (const each of await of({ fromHeight: height + 1 })) expect(each).toBeGreaterThan(height);
  for (const each of await of({ toHeight: height })) expect(each).toBeLessThanOrEqual(height);
  expect(await of({ toHeight: 0 })).toEqual([]);
  expect(await codeOf(world.client.listSessions({ query: { limit: 2, after: 'nonsense' } }))).toBe(
    'invalid_request',
  );
});

test('a manifest leads to its sessions', async () => {
  const { manifestHash, sessionId } = sessionOf(2);
  const query = { limit: 10 };
  const found = await world.client.findManifest({ params: { manifestHash }, query });
  expect(found.sessions.map((each) => each.sessionId)).toEqual([sessionId]);
  const none = await world.client.findManifest({ params: { manifestHash: '0'.repeat(64) }, query });
  expect(none).toEqual({ sessions: [], next: null });
});

test('what was said of chunks is told in the order of the chain', async () => {
  await world.indexed();
  const { events, next } = await world.client.listChunks({ params: paramsOf(1), query: { limit: 100 } });
  expect(next).toBeNull();
  expect(events).toMatchObject([
    { event: 'anchored', index: 7, hash: chunkHash(7) },
    { event: 'total', uploader, chunks: 2 },
    { event: 'stored', uploader, index: 0, hash: chunkHash(0), sizeBytes: 1000 },
    { event: 'stored', uploader, index: 1, hash: chunkHash(1), sizeBytes: 1001 },
    { event: 'status', uploader, index: 1, status: 'missing' },
    {
      event: 'complete',
      uploader,
      chunks: 2,
      sizeBytes: 2001,
      root: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  ]);
});

describe('a session is judged by the ledger’s proof', () => {
  const verify = (query: object) => world.client.verifySession({ params: paramsOf(1), query });

  test('true for what was registered, with all fields, some or none', async () => {
    for (const query of [{}, fieldsOf(sessionOf(1)), { owner }, { chunkCount: 2 }])
      expect(await verify(query)).toMatchObject({ verified: true, faults: [] });
    const body = fieldsOf(sessionOf(1));
    expect(await world.client.verifySessionFields({ params: paramsOf(1), body })).toMatchObject({
      verified: true,
    });
  });

  test.each([
    ['manifestHash', '0'.repeat(64)],
    ['merkleRoot', '1'.repeat(64)],
    ['startedAt', 1],
    ['owner', 'age1another'],
    ['chunkCount', 3],
  ])('false for another %s', async (field, value) => {
    const verdict = await verify({ ...fieldsOf(sessionOf(1)), [field]: value });
    expect(verdict.verified).toBe(false);
    expect(verdict.faults.map(({ message }) => message)).toHaveLength(1);
  });
});

describe('a member of a batch is judged by its path', () => {
  const verify = (at: number, body: object) =>
    world.client.verifySessionFields({ params: { sessionId: members[at]!.sessionId }, body });

  test('true for each member', async () => {
    for (const at of members.keys())
      expect(await verify(at, memberOf(at))).toMatchObject({
        ...{ verified: true, faults: [], batch: { root, index: at, count: members.length } },
      });
  });

  test('false for another field, index or path, or a session that is no member', async () => {
    const good = memberOf(2);
    const other = { ...good.batch, path: good.batch.path.map(() => '0'.repeat(64)) };
    const bad = [
      { ...good, chunkCount: 1 },
      { ...good, owner: 'age1another' },
      { ...good, batch: { ...good.batch, index: 3 } },
      { ...good, batch: { ...good.batch, path: good.batch.path.slice(1) } },
      { ...good, batch: other },
    ];
    for (const body of bad)
      expect(await verify(2, body)).toMatchObject({
        verified: false,
        faults: [{ code: 'anchor_batch_wrong' }],
      });
    expect(await verify(1, good)).toMatchObject({ verified: false });
  });

  test('refused where the batch is unknown, the index beyond it, or a field is missing', async () => {
    const good = memberOf(2);
    const unknown = { ...good.batch, root: '9'.repeat(64) };
    expect(await codeOf(verify(2, { ...good, batch: unknown }))).toBe('batch_unknown');
    const beyond = { ...good.batch, index: members.length };
    expect(await codeOf(verify(2, { ...good, batch: beyond }))).toBe('invalid_request');
    const { owner: _, ...incomplete } = good;
    expect(await codeOf(verify(2, incomplete))).toBe('invalid_request');
  });
});

/** A store that says that it is full: for batches, or for single writes. */
const withoutRoom = (store: DocumentStore, room: { writes: boolean; batches: boolean }): DocumentStore => {
  const full = () => Promise.reject(new DocumentStoreError('store_full', 'full'));
  const replaced = (each: object, changes: object) => Object.setPrototypeOf(changes, each);
  return replaced(store, {
    batch: (operations: Parameters<DocumentStore['batch']>[0]) =>
      room.batches ? store.batch(operations) : full(),
    collection: async (definition: CollectionDefinition<object>) => {
      const inner = await store.collection(definition);
      return {
        definition: inner.definition,
        get: (key: string) => inner.get(key),
        find: (options: FindOptions) => inner.find(options),
        insert: (document: object) => inner.insert(document),
        replace: (document: object, version: number) =>
          room.writes ? inner.replace(document, version) : full(),
      };
    },
    check: () => store.check(),
    close: () => store.close(),
  });
};

/** Everything that the index says. */
async function dump() {
  await world.indexed();
  const query = { limit: 1000 };
  const { sessions } = await world.client.listSessions({ query });
  const { events } = await world.client.listChunks({ params: paramsOf(1), query });
  return { sessions, events };
}

test('an index made anew is the same, and so is one after a restart', async () => {
  const before = await dump();
  expect(before.sessions.length).toBeGreaterThan(2);
  expect(['clearing', 'behind', 'following']).toContain((await world.client.rebuild()).state);
  expect(await dump()).toEqual(before);
  await world.close();
  await world.open();
  expect(await dump()).toEqual(before);
  expect(await world.client.getSessionAnchor({ params: paramsOf(1) })).toEqual(before.sessions[0]);
});

test('where there is no room it says so, and a rebuild that was cut off goes on at the next start', async () => {
  const before = await dump();
  await world.close();
  const room = { writes: true, batches: true };
  await world.open((store) => withoutRoom(store, room));
  await world.indexed();
  room.batches = false;
  await world.send(callOf.registerSession(sessionOf(20)));
  expect(await codeOf(world.client.getSessionAnchor({ params: paramsOf(20) }))).toBe('store_full');
  room.writes = false;
  expect(await codeOf(world.client.rebuild())).toBe('store_full');
  room.writes = true;
  expect((await world.client.rebuild()).state).toBe('clearing');
  for (const asked of [
    world.client.getSessionAnchor({ params: paramsOf(98) }),
    world.client.listSessions({ query: { limit: 1 } }),
    world.client.verifySession({ params: paramsOf(1), query: {} }),
  ])
    expect(await codeOf(asked)).toBe('index_clearing');
  await world.close();
  await world.open();
  expect((await dump()).sessions).toEqual([
    ...before.sessions,
    await world.client.getSessionAnchor({ params: paramsOf(20) }),
  ]);
});

test('where the ledger is away it says so, and tells what it has', async () => {
  const known = await world.client.getSessionAnchor({ params: paramsOf(1) });
  await world.close();
  await world.open((each) => each, [blockchainSessionsData]);
  expect(await world.client.getSessionAnchor({ params: paramsOf(1) })).toEqual(known);
  for (const asked of [
    world.client.getSessionAnchor({ params: paramsOf(97) }),
    world.client.verifySession({ params: paramsOf(1), query: {} }),
    world.client.rebuild(),
  ])
    expect(await codeOf(asked)).toBe('ledger_unavailable');
  expect(await world.client.getStatus()).toMatchObject({ state: 'unreachable', headHeight: null, lag: null });
  await world.close();
  await world.open();
});

test('only the operator and the service itself may have it made anew', async () => {
  const { origin } = world.stack.targetOf('blockchain-sessions-data')!;
  const answer = await fetch(`${origin}/api/v1/rebuild`, { method: 'POST' });
  expect(answer.status).toBe(401);
});

test('another chain under the same index is noticed, and is indexed when the operator says so', async () => {
  await world.indexed();
  await world.close();
  for (const each of ['ledger', 'vm', 'chain']) await rm(join(world.folder, each), { recursive: true });
  await writeFile(join(world.folder, 'genesis.json'), genesisOf(1_710_000_000));
  await world.open();
  const status = await eventually(async () => {
    const { state } = await world.client.getStatus();
    return state === 'replaced' && state;
  });
  expect(status).toBe('replaced');
  for (const asked of [
    world.client.getSessionAnchor({ params: paramsOf(1) }),
    world.client.listSessions({ query: { limit: 1 } }),
    world.client.verifySession({ params: paramsOf(1), query: {} }),
  ])
    expect(await codeOf(asked)).toBe('chain_replaced');
  await world.client.rebuild();
  await world.indexed();
  expect((await world.client.listSessions({ query: { limit: 1 } })).sessions).toEqual([]);
  await world.send(callOf.registerSession(sessionOf(1)));
  expect(await world.client.getSessionAnchor({ params: paramsOf(1) })).toMatchObject({
    owner: `0x${ownerAddress(owner)}`,
  });
});
