import { base64ToBytes, bytesToHex, bytesToUtf8 } from '@lucid/bytes';
import { onSystemChainClientContract } from '@lucid/contracts';
import {
  type BatchOperation,
  type Collection,
  type DocumentStore,
  DocumentStoreError,
} from '@lucid/document-store';
import fc from 'fast-check';
import { deletion, problemOf, registration, sessionA, startClient } from './client-stack.ts';
import { createMemoryChain, ledgerKey, type MemoryChain } from './memory-chain.ts';

type Client = Awaited<ReturnType<typeof startClient>>;
let running: Client[] = [];
const start = async (options: Parameters<typeof startClient>[0]): Promise<Client> => {
  const client = await startClient(options);
  running.push(client);
  return client;
};
afterEach(async () => {
  const stopping = running;
  running = [];
  await Promise.all(stopping.map(({ stack }) => stack.close()));
});

const params = { sessionId: sessionA };

test('a session is pending at once, confirmed soon, and its anchor holds the exact entry', async () => {
  const chain = createMemoryChain();
  const { client, stack } = await start({ chain });
  expect(await client.registerSession({ body: registration })).toEqual({
    sessionId: sessionA,
    status: 'pending',
    attempts: 0,
  });
  await stack.idle();
  const { status, anchor } = await client.getAnchor({ params });
  expect(status).toBe('confirmed');
  expect(anchor).toMatchObject({ format: 'lucid-anchor/1', kind: 'ledger', ledger: ledgerKey, index: 0 });
  expect(JSON.parse(bytesToUtf8(base64ToBytes(anchor?.entry ?? '')))).toEqual({
    ...registration,
    type: 'SessionRegistered',
  });
});

test('the same again answers what became of it; other values are refused; one entry', async () => {
  const chain = createMemoryChain();
  const { client, stack } = await start({ chain });
  await Promise.all([1, 2, 3].map(() => client.registerSession({ body: registration })));
  await stack.idle();
  expect((await client.registerSession({ body: registration })).status).toBe('confirmed');
  expect(await problemOf(client.registerSession({ body: { ...registration, chunkCount: 4 } }))).toBe(
    'anchor_conflict',
  );
  expect(chain.entries.length).toBe(1);
});

test('a deletion is an entry of its own', async () => {
  const chain = createMemoryChain();
  const { client, stack } = await start({ chain });
  await client.registerSession({ body: registration });
  await client.registerDeletion({ body: deletion });
  await stack.idle();
  expect(chain.entries.map(({ key }) => key)).toEqual([`session/${sessionA}`, `deleted/${sessionA}`]);
  const { status, anchor } = await client.getDeletion({ params });
  expect(status).toBe('confirmed');
  expect(JSON.parse(bytesToUtf8(base64ToBytes(anchor?.entry ?? '')))).toEqual({
    ...deletion,
    type: 'SessionDeleted',
  });
  expect(await problemOf(client.registerDeletion({ body: { ...deletion, reason: 'other' } }))).toBe(
    'anchor_conflict',
  );
});

test('a head of the audit log is one entry, however often it is handed in', async () => {
  const chain = createMemoryChain();
  const { stack } = await start({ chain });
  const client = stack.clientOf(onSystemChainClientContract, { as: 'authentication', retry: false });
  const head = { entries: 7, hash: 'ab'.repeat(32), at: 1_700_000_000 };
  const asked = await Promise.all([1, 2, 3].map(() => client.registerAuditHead({ body: head })));
  expect(asked.map(({ hash, status }) => [hash, status])).toEqual(new Array(3).fill([head.hash, 'pending']));
  await stack.idle();
  const { status, anchor } = await client.registerAuditHead({ body: head });
  expect(status).toBe('confirmed');
  expect(chain.entries.map(({ key }) => key)).toEqual([`audit/${head.hash}`]);
  expect(JSON.parse(bytesToUtf8(base64ToBytes(anchor?.entry ?? '')))).toEqual({
    ...head,
    type: 'AuditHead',
    format: 'lucid-audit/1',
  });
  expect(await problemOf(client.registerAuditHead({ body: { ...head, entries: 8 } }))).toBe(
    'anchor_conflict',
  );
  const other = stack.clientOf(onSystemChainClientContract, { as: 'session-orchestrator', retry: false });
  expect(await problemOf(other.registerAuditHead({ body: head }))).toBe('forbidden');
});

test('a store out of reach or without room is said so', async () => {
  for (const [code, problem] of [
    ['store_unavailable', 'unavailable'],
    ['store_full', 'store_full'],
  ] as const) {
    const refuse = async () => {
      throw new DocumentStoreError(code, 'for the test');
    };
    const { client } = await start({
      chain: createMemoryChain(),
      wrap: (store) =>
        Object.assign(Object.create(store) as DocumentStore, {
          close: store.close.bind(store),
          async collection(definition: Parameters<DocumentStore['collection']>[0]) {
            const inner = (await store.collection(definition)) as Collection<object>;
            return { get: inner.get.bind(inner), find: inner.find.bind(inner), insert: refuse };
          },
        }),
    });
    expect(await problemOf(client.registerSession({ body: registration }))).toBe(problem);
  }
});

test('what was never handed in is unknown', async () => {
  const { client } = await start({ chain: createMemoryChain() });
  expect(await problemOf(client.getAnchor({ params }))).toBe('anchor_unknown');
  expect(await problemOf(client.getDeletion({ params }))).toBe('anchor_unknown');
  expect(await problemOf(client.refreshAnchor({ params }))).toBe('anchor_unknown');
});

describe('a chain that is not there', () => {
  test('is asked again, less and less often, until it answers', async () => {
    const chain = createMemoryChain();
    const askedAtMs: number[] = [];
    const { client, clock, stack } = await start({ chain });
    const down = () => {
      askedAtMs.push(clock.nowMs());
      throw new Error('no connection');
    };
    chain.onStep = down;
    await client.registerSession({ body: registration });
    await stack.idle();
    await clock.advance(300_000);
    const pauses = askedAtMs.slice(1).map((at, index) => at - (askedAtMs[index] as number));
    // The random source of the test is 0x80808080: 0.502 of each bound.
    expect(pauses.slice(0, 6)).toEqual([101, 201, 402, 804, 1607, 3213]);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_500);
    expect(await client.getAnchor({ params })).toMatchObject({
      status: 'pending',
      reason: 'the ledger could not be asked',
    });
    chain.onStep = () => {};
    await clock.advance(60_000);
    await stack.idle();
    expect((await client.getAnchor({ params })).status).toBe('confirmed');
    expect((await client.getAnchor({ params })).reason).toBeUndefined();
  });

  test('is given up at last, and asked again when the session is handed in again', async () => {
    const chain = createMemoryChain();
    chain.onStep = () => {
      throw new Error('no connection');
    };
    const { client, clock, stack } = await start({
      chain,
      environment: { CHAIN_CLIENT_EXPIRE_MS: '100000' },
    });
    await client.registerSession({ body: registration });
    await stack.idle();
    await clock.advance(99_000);
    expect((await client.getAnchor({ params })).status).toBe('pending');
    await clock.advance(60_000);
    await stack.idle();
    expect(await client.getAnchor({ params })).toMatchObject({
      status: 'expired',
      reason: 'the ledger could not be asked',
    });
    expect(clock.pendingMs.length).toBeLessThanOrEqual(1);
    chain.onStep = () => {};
    expect((await client.registerSession({ body: registration })).status).toBe('pending');
    await stack.idle();
    expect((await client.getAnchor({ params })).status).toBe('confirmed');
  });
});

test('a chain that takes its time is followed to finality', async () => {
  const chain = createMemoryChain();
  chain.confirmAfter = 3;
  const { client, clock, stack } = await start({ chain });
  await client.registerSession({ body: registration });
  await stack.idle();
  expect((await client.getAnchor({ params })).status).toBe('submitted');
  await clock.advance(10_000);
  await stack.idle();
  expect(await client.getAnchor({ params })).toMatchObject({ status: 'confirmed', attempts: 4 });
});

describe('a chain that lies', () => {
  const lies: [string, MemoryChain['falsify'], RegExp][] = [
    ['another place', (proof) => ({ ...proof, index: proof.index + 1 }), /does not lead/],
    [
      'a longer path',
      (proof) => ({ ...proof, inclusion: [...proof.inclusion, '00'.repeat(32)] }),
      /does not lead/,
    ],
    ['a path that is no hash', (proof) => ({ ...proof, inclusion: ['xyz'] }), /cannot be read/],
    ['no note', (proof) => ({ ...proof, checkpoint: 'nothing' }), /cannot be read/],
    [
      'a changed root',
      (proof) => ({ ...proof, checkpoint: proof.checkpoint.replace(/\n[A-Za-z0-9+/]{4}/, '\nAAAA') }),
      /not signed/,
    ],
    [
      'another name',
      (proof) => ({ ...proof, checkpoint: proof.checkpoint.replaceAll('ledger', 'forged') }),
      /not signed/,
    ],
  ];
  test.each(lies)('about %s is not believed', async (_what, falsify, why) => {
    const chain = createMemoryChain();
    chain.falsify = falsify;
    const { client, stack } = await start({ chain });
    await client.registerSession({ body: registration });
    await stack.idle();
    const { status, reason, anchor } = await client.getAnchor({ params });
    expect(status).toBe('failed');
    expect(reason).toMatch(why);
    expect(anchor).toBeUndefined();
    chain.falsify = (proof) => proof;
    await client.registerSession({ body: registration });
    await stack.idle();
    expect((await client.getAnchor({ params })).status).toBe('confirmed');
  });

  test('an entry of other values under the key of the session is a failure', async () => {
    const chain = createMemoryChain();
    chain.add(`session/${sessionA}`, new Uint8Array([1]));
    const { client, stack } = await start({ chain });
    await client.registerSession({ body: registration });
    await stack.idle();
    expect(await client.getAnchor({ params })).toMatchObject({
      status: 'failed',
      reason: 'another entry stands there',
    });
  });
});

test('a refreshed anchor has the newest proof; a false one does not replace it', async () => {
  const chain = createMemoryChain();
  const { client, stack } = await start({ chain });
  await client.registerSession({ body: registration });
  await stack.idle();
  const before = await client.getAnchor({ params });
  for (let at = 0; at < 5; at++) chain.add(`other/${at}`, new Uint8Array([at]));
  const { anchor } = await client.refreshAnchor({ params });
  expect(before.anchor?.inclusion.length).toBe(0);
  expect(anchor?.inclusion.length).toBe(3);
  chain.falsify = (proof) => ({ ...proof, index: 1 });
  expect((await client.refreshAnchor({ params })).anchor).toEqual(anchor);
  expect((await client.getAnchor({ params })).anchor).toEqual(anchor);
});

/** Fails the k-th write of the store or step of the chain, and everything after it: the process is dead. */
function dieAt(k: number, chain: MemoryChain) {
  let steps = 0;
  const state = { died: false };
  const step = () => {
    steps++;
    if (steps >= k) {
      state.died = true;
      throw new Error(`killed at step ${k}`);
    }
  };
  chain.onStep = step;
  const around =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      step();
      const result = await work(...args);
      // Killed after the write reached the disk, before its answer reached the process.
      step();
      return result;
    };
  const wrap = (store: DocumentStore): DocumentStore =>
    Object.assign(Object.create(store) as DocumentStore, {
      check: store.check.bind(store),
      close: store.close.bind(store),
      batch: around((operations: readonly BatchOperation[]) => store.batch(operations)),
      async collection(definition: Parameters<DocumentStore['collection']>[0]) {
        const inner = (await store.collection(definition)) as Collection<object>;
        return {
          definition: inner.definition,
          get: inner.get.bind(inner),
          find: inner.find.bind(inner),
          insert: around((document: object) => inner.insert(document)),
          replace: around((document: object, version: number) => inner.replace(document, version)),
        };
      },
    });
  return { wrap, state };
}

test('killed at any step, restarted: confirmed with one entry', async () => {
  let k = 1;
  for (; ; k++) {
    const chain = createMemoryChain();
    chain.confirmAfter = 1;
    const { wrap, state } = dieAt(k, chain);
    const first = await start({ chain, wrap });
    await problemOf(first.client.registerSession({ body: registration }));
    await first.clock.advance(5_000);
    await first.stack.close();
    chain.onStep = () => {};
    const second = await start({ chain, documents: first.documents, clock: first.clock });
    await second.client.registerSession({ body: registration });
    await second.clock.advance(120_000);
    await second.stack.idle();
    expect((await second.client.getAnchor({ params })).status).toBe('confirmed');
    expect(chain.entries.length).toBe(1);
    if (!state.died) break;
  }
  expect(k).toBeGreaterThan(6);
});

test('whatever fails and however often it is restarted, each session gets one entry', async () => {
  const sessions = ['01', '02', '03'].map((each) => each.repeat(32));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('down', 'lost answer', 'up', 'restart', 'register'), {
        minLength: 5,
        maxLength: 30,
      }),
      fc.infiniteStream(fc.nat(2)),
      async (moves, which) => {
        const chain = createMemoryChain();
        let client = await start({ chain });
        const modes: Record<string, MemoryChain['onStep']> = {
          up: () => {},
          down: () => {
            throw new Error('down');
          },
          'lost answer': (step) => {
            if (step === 'after') throw new Error('lost');
          },
        };
        for (const move of moves) {
          const sessionId = sessions[which.next().value as number] as string;
          if (modes[move]) chain.onStep = modes[move];
          else if (move === 'register')
            await client.client.registerSession({ body: { ...registration, sessionId } });
          else {
            await client.stack.close();
            client = await start({ chain, documents: client.documents, clock: client.clock });
          }
          await client.clock.advance(700);
        }
        chain.onStep = () => {};
        for (const sessionId of sessions)
          await client.client.registerSession({ body: { ...registration, sessionId } });
        await client.clock.advance(200_000);
        await client.stack.idle();
        for (const sessionId of sessions)
          expect((await client.client.getAnchor({ params: { sessionId } })).status).toBe('confirmed');
        expect(chain.entries.map(({ key }) => key).sort()).toEqual(sessions.map((each) => `session/${each}`));
        expect(new Set(chain.entries.map(({ bytes }) => bytesToHex(bytes))).size).toBe(3);
      },
    ),
    { numRuns: 20 },
  );
}, 60_000);
