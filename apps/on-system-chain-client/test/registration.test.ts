/** Exactly once, whatever is lost and however often the process is killed. */
import { bytesToHex } from '@lucid/bytes';
import { encodeCall } from '@lucid/chain-client';
import { lucidAnchors } from '@lucid/chain-contracts';
import { leafHash, verifyInclusion } from '@lucid/merkle';
import { sessionLeaf } from '@lucid/session-format';
import fc from 'fast-check';
import { buildBatchTree } from '../src/domain/batch-tree.ts';
import { registrationOf } from '../src/domain/registration.ts';
import type { ChainStatus } from '../src/domain/session-chain.ts';
import { problemOf, startClient } from './client-stack.ts';
import { createMemoryChain } from './memory-chain.ts';
import { type Fault, ScriptedWorld, type Step, type Weather } from './scripted-world.ts';

jest.setTimeout(120_000);

const bodyOf = (number: number, chunkCount = 3) => ({
  sessionId: bytesToHex(new Uint8Array(32).fill(number + 1)),
  manifestHash: '11'.repeat(32),
  startedAt: 1_700_000_000,
  owner: 'age1owner',
  merkleRoot: '22'.repeat(32),
  chunkCount,
  checkpoint: 'a checkpoint\n',
});
type Body = ReturnType<typeof bodyOf>;

const callOf = (body: Body) => {
  const { sessionId, manifestHash, startedAt, owner, merkleRoot, chunkCount } = registrationOf(body);
  const values = [`0x${sessionId}`, `0x${manifestHash}`, BigInt(startedAt), `0x${owner}`];
  return encodeCall(lucidAnchors.abi as never, 'registerSession', [...values, `0x${merkleRoot}`, chunkCount]);
};

interface Asked {
  readonly body: Body;
  reference?: string | undefined;
  status: ChainStatus;
}

/** Goes on, starting anew where it was killed, until every session has an end. */
async function drive(
  world: ScriptedWorld,
  bodies: readonly Body[],
  forgets: () => boolean,
): Promise<Asked[]> {
  const asked: Asked[] = bodies.map((body) => ({ body, status: { state: 'pending' } }));
  const isOpen = ({ status }: Asked) => status.state === 'pending' || status.state === 'submitted';
  let process: Awaited<ReturnType<ScriptedWorld['start']>> | null = null;
  for (let rounds = 0; asked.some(isOpen); rounds++) {
    if (rounds > 2000) throw new Error('it never ends');
    try {
      if (process === null) {
        process = await world.start();
        await process.registrar.recover();
      }
    } catch {
      process = world.isDead ? null : process;
      continue;
    }
    const { chain } = process;
    await Promise.allSettled(
      asked.filter(isOpen).map(async (each) => {
        const { reference } = each;
        if (reference !== undefined && !forgets()) each.status = await chain.statusOf(reference);
        else Object.assign(each, await chain.registerSession(each.body));
      }),
    );
    if (world.isDead) process = null;
    world.pass();
  }
  return asked;
}

const stranger = `0x${'99'.repeat(20)}`;

function expectOnce(world: ScriptedWorld, asked: readonly Asked[]) {
  const executed = world.executed();
  for (const { body, status } of asked) {
    if (status.state !== 'confirmed' || !('anchor' in status)) throw new Error(JSON.stringify(status));
    expect(status.anchor.header).toBe(body.sessionId);
    const { tx, event } = executed.find((each) => each.tx.hash === status.transactionHash) ?? {};
    expect(event).toBeTruthy();
    if (tx?.from === stranger) continue;
    const own = executed.filter(
      (each) =>
        each.tx.from !== stranger &&
        each.event?.kind === 'session' &&
        each.event.registration.sessionId === body.sessionId,
    );
    expect(own.length).toBe(event?.kind === 'session' ? 1 : 0);
  }
  const counted = executed
    .filter(({ tx }) => tx.from !== stranger)
    .reduce((sum, { event }) => sum + (event === null ? 0 : event.kind === 'batch' ? event.count : 1), 0);
  // No registration of ours holds a session that is not proven by it, but for those that a stranger was first with.
  const strangers = executed.filter(({ tx, event }) => tx.from === stranger && event !== null).length;
  expect(counted).toBeGreaterThanOrEqual(asked.length - strangers);
  expect(counted).toBeLessThanOrEqual(asked.length);
}

const never = () => false;

test.each([1, 2, 5])('%i sessions, killed or cut off at any step: each is registered once', async (count) => {
  const bodies = Array.from({ length: count }, (_, number) => bodyOf(number));
  for (const fault of ['killed-before', 'killed-after', 'lost-before', 'lost-after'] as const) {
    let at = 0;
    for (let isOver = true; isOver; at++) {
      const calm = new Array<Step>(at).fill(['none', 'calm']);
      const world = new ScriptedWorld([...calm, [fault, 'calm']]);
      const asked = await drive(world, bodies, never);
      isOver = world.isOver;
      expectOnce(world, asked);
      expect(world.executed().filter(({ event }) => event !== null).length).toBe(1);
      expect(new Set(world.node.seen.map(({ nonce }) => nonce)).size).toBe(1);
    }
    expect(at).toBeGreaterThan(10);
  }
});

test('whatever befalls it, each session is registered once', async () => {
  const fault = fc.oneof(
    { weight: 8, arbitrary: fc.constant<Fault>('none') },
    {
      weight: 2,
      arbitrary: fc.constantFrom<Fault>('lost-before', 'lost-after', 'killed-before', 'killed-after'),
    },
  );
  const weather = fc.oneof(
    { weight: 8, arbitrary: fc.constant<Weather>('calm') },
    { weight: 3, arbitrary: fc.constantFrom<Weather>('block', 'pool-lost', 'dear', 'stranger') },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fault, weather), { maxLength: 150 }),
      fc.integer({ min: 1, max: 6 }),
      fc.infiniteStream(fc.boolean()),
      async (script, count, forgets) => {
        const bodies = Array.from({ length: count }, (_, number) => bodyOf(number));
        const world = new ScriptedWorld(script);
        world.strangers = bodies.slice(0, 2).map((body) => callOf(body));
        const asked = await drive(world, bodies, () => forgets.next().value === true);
        expectOnce(world, asked);
      },
    ),
    { numRuns: 150 },
  );
});

test('two processes that are asked for some of the same sessions put each into one batch', async () => {
  const world = new ScriptedWorld([]);
  world.isSlow = true;
  const bodies = Array.from({ length: 6 }, (_, number) => bodyOf(number));
  const ask = async (asked: readonly Body[]) => {
    const { chain } = await world.start();
    return Promise.all(
      asked.map(async (body) => [body.sessionId, (await chain.registerSession(body)).reference] as const),
    );
  };
  const [some, others] = await Promise.all([ask(bodies.slice(0, 4)), ask(bodies.slice(2))]);
  const batches = new Map(some);
  for (const [sessionId, reference] of others) expect(batches.get(sessionId) ?? reference).toBe(reference);
  expectOnce(world, await drive(world, bodies, never));
});

test('other values on the chain are a conflict, also when it is asked again', async () => {
  for (const count of [1, 3]) {
    const world = new ScriptedWorld([['none', 'stranger']]);
    world.strangers = [callOf(bodyOf(0, 9))];
    const bodies = Array.from({ length: count }, (_, number) => bodyOf(number));
    for (const _try of [1, 2]) {
      const [first, ...others] = await drive(world, bodies, never);
      expect(first?.status).toEqual({
        state: 'failed',
        reason: 'anchor_conflict: the chain holds other values for this session',
      });
      expect(others.map(({ status }) => status.state)).toEqual(others.map(() => 'confirmed'));
    }
  }
});

test('out of funds is said, nothing is sent, and it goes on when there are some', async () => {
  const world = new ScriptedWorld([]);
  const { balance } = world.node;
  world.node.balance = 0n;
  const { chain, registrar } = await world.start();
  await expect(chain.registerSession(bodyOf(0))).rejects.toThrow(/out of funds/);
  expect(registrar.fault).toBe('insufficient_funds');
  expect(world.node.seen).toEqual([]);
  world.node.balance = balance;
  expectOnce(world, await drive(world, [bodyOf(0)], never));
});

test('a transaction that the chain never takes is a failure, and begins anew', async () => {
  const world = new ScriptedWorld([]);
  const { gasMax } = world.node;
  world.node.gasMax = 30_000n;
  const bodies = [bodyOf(0), bodyOf(1)];
  for (const { status } of await drive(world, bodies, never))
    expect(status).toEqual({ state: 'failed', reason: 'the chain does not take its transaction' });
  world.node.gasMax = gasMax;
  expectOnce(world, await drive(world, bodies, never));
});

test('values that the contract has no place for are refused at once', async () => {
  const { chain } = await new ScriptedWorld([]).start();
  const { status } = await chain.registerSession(bodyOf(0, 2 ** 32));
  expect(status.state).toBe('failed');
});

test('the tree of a batch is that of RFC 9162, whatever its size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), (count, at) => {
      const leaves = Array.from({ length: count }, (_, number) =>
        sessionLeaf(registrationOf(bodyOf(number))),
      );
      const { root, path } = buildBatchTree(leaves);
      const index = at % count;
      const proof = path(index).map((hash) => Uint8Array.from(Buffer.from(hash, 'hex')));
      const claim = { index, size: count, root, proof };
      expect(verifyInclusion({ ...claim, leafHash: leafHash(leaves[index] as Uint8Array) })).toBe(true);
      expect(verifyInclusion({ ...claim, leafHash: leafHash(new Uint8Array(192)) })).toBe(false);
    }),
  );
});

test('a proof that cannot be read confirms nothing', async () => {
  const chain = createMemoryChain();
  const anchor = { format: 'lucid-anchor/2', kind: 'chain' } as never;
  Object.assign(chain, {
    registerSession: async () => ({ reference: 'chain/1/2', status: { state: 'confirmed', anchor } }),
  });
  const { client, stack } = await startClient({ chain });
  const body = bodyOf(0);
  expect(await problemOf(client.registerSession({ body }))).toBe('none');
  await stack.idle();
  const found = await client.getAnchor({ params: { sessionId: body.sessionId } });
  expect(found).toMatchObject({ status: 'failed', reason: 'the proof cannot be read' });
  expect([found.anchor, found.chainAnchor]).toEqual([undefined, undefined]);
  await stack.close();
});
