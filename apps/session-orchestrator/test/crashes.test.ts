/** Killed at every moment at which it asks anything of anybody: before the call, or after it took place and before its answer. */

import { ProblemError } from '@lucid/service-kit';
import fc from 'fast-check';
import { Gate } from './gate.ts';
import { createWorld, type Orchestrator, problemOf, type World } from './world.ts';

const bytes = new Uint8Array(70_000).map((_, at) => (at * 7919) >> 5);
const SLOW = process.env.LUCID_SLOW === '1';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const stop = (orchestrator: Orchestrator, sessionId: string) =>
  orchestrator.client.stopSession({
    params: { sessionId },
    query: { waitMs: 20_000 },
    body: { closed: 'ended' },
  });

/** Runs `work` until it ends or the orchestrator dies under it; resolves to whether it died. */
async function runUntilDeath(orchestrator: Orchestrator, work: () => Promise<unknown>): Promise<boolean> {
  await Promise.race([work().catch(() => {}), orchestrator.gate.died]);
  return orchestrator.gate.isDead;
}

/** Every k of the steps of `scene`, which begins anew with each; `after` judges. */
async function atEveryMoment(options: {
  /** Makes a session ready for the scene, with an orchestrator that lives. */
  prepare: (orchestrator: Orchestrator) => Promise<string>;
  scene: (orchestrator: Orchestrator, sessionId: string) => Promise<unknown>;
  wholeHost: boolean;
  after: (orchestrator: Orchestrator, sessionId: string) => Promise<void>;
}): Promise<number> {
  for (let k = 1; ; k++) {
    const gate = new Gate();
    const first = await world.startOrchestrator(gate);
    const sessionId = await options.prepare(first);
    await first.stack.idle();
    gate.killAt = gate.steps + k;
    const died = await runUntilDeath(first, () => options.scene(first, sessionId));
    await world.kill(first);
    if (options.wholeHost) await world.restart();
    const second = await world.startOrchestrator();
    await second.stack.idle();
    await options.after(second, sessionId);
    await world.kill(second);
    if (!died) return k;
  }
}

/** Uniform in [0, 1), the same for the same seed: mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const entriesOf = async (sessionId: string): Promise<string[]> =>
  (await world.ledgerEntries())
    .filter((entry) => entry.sessionId === sessionId)
    .map(({ type }) => type as string);

const recorded = async (orchestrator: Orchestrator): Promise<string> => {
  const { sessionId } = await world.newSession(orchestrator);
  await orchestrator.client.startSession({ params: { sessionId } });
  await world.capture(sessionId, bytes);
  return sessionId;
};

describe.each([false, true])('killed (whole host: %s)', (wholeHost) => {
  test('while a session is stopped and processed', async () => {
    const moments = await atEveryMoment({
      wholeHost,
      prepare: recorded,
      scene: stop,
      after: async (orchestrator, sessionId) => {
        const done = await stop(orchestrator, sessionId);
        expect(done).toMatchObject({ state: 'completed', plainBytes: bytes.length, anchored: true });
        expect(await world.verify(sessionId)).toMatchObject({ ok: true });
        expect(await entriesOf(sessionId)).toEqual(['SessionRegistered']);
      },
    });
    expect(moments).toBeGreaterThan(60);
  }, 240_000);

  test('while a session is started', async () => {
    const moments = await atEveryMoment({
      wholeHost,
      prepare: async (orchestrator) => (await world.newSession(orchestrator)).sessionId,
      scene: (orchestrator, sessionId) => orchestrator.client.startSession({ params: { sessionId } }),
      after: async (orchestrator, sessionId) => {
        const params = { sessionId };
        const found = await orchestrator.client.getSession({ params });
        // Nothing hangs: it never began, goes on, was closed as evidence, or failed and says why.
        if (found.state === 'created') await orchestrator.client.startSession({ params });
        if (found.state === 'failed') {
          expect(found.reason).toMatch(/before the first record was stored/);
          expect(world.chunks.has(sessionId)).toBe(false);
          return;
        }
        expect(await stop(orchestrator, sessionId)).toMatchObject({ state: 'completed' });
        expect(await world.verify(sessionId)).toMatchObject({ ok: true });
        expect(await entriesOf(sessionId)).toEqual(['SessionRegistered']);
      },
    });
    expect(moments).toBeGreaterThan(10);
  }, 120_000);

  test('while a session is deleted', async () => {
    const moments = await atEveryMoment({
      wholeHost,
      prepare: async (orchestrator) => {
        const sessionId = await recorded(orchestrator);
        expect((await stop(orchestrator, sessionId)).state).toBe('completed');
        return sessionId;
      },
      scene: (orchestrator, sessionId) =>
        orchestrator.client.deleteSession({ params: { sessionId }, query: { reason: 'for the test' } }),
      after: async (orchestrator, sessionId) => {
        const params = { sessionId };
        const gone = await orchestrator.client.deleteSession({ params, query: { reason: 'for the test' } });
        expect(gone.state).toBe('deleted');
        expect(gone.step).toBeUndefined();
        await orchestrator.client.getTombstone({ params });
        expect(world.chunks.has(sessionId)).toBe(false);
        expect(await entriesOf(sessionId)).toEqual(['SessionRegistered', 'SessionDeleted']);
      },
    });
    expect(moments).toBeGreaterThan(20);
  }, 120_000);
});

test('whatever is called, fails and restarts, every session ends with one entry and nothing durable is lost', async () => {
  const move = fc.oneof(
    { weight: 2, arbitrary: fc.constant('create' as const) },
    { weight: 2, arbitrary: fc.constant('start' as const) },
    { weight: 4, arbitrary: fc.constant('capture' as const) },
    { weight: 2, arbitrary: fc.constantFrom('pause' as const, 'resume' as const, 'refresh' as const) },
    { weight: 3, arbitrary: fc.constant('stop' as const) },
    { weight: 1, arbitrary: fc.constantFrom('delete' as const, 'retry' as const) },
    { weight: 2, arbitrary: fc.constantFrom('kill' as const, 'restart host' as const) },
  );
  const program = fc.array(fc.tuple(move, fc.nat(1), fc.nat(40)), { minLength: 20, maxLength: 50 });

  await fc.assert(
    fc.asyncProperty(program, fc.integer(), async (moves, seed) => {
      let at = 0;
      /**
       * One call in nine fails, half of them after it took place. Not drawn by fast-check, which prefers small numbers: then most calls
       * fail, nothing gets on, and every deletion is waited for in vain.
       */
      const next = random(seed);
      const flaky = (name: string, moment: 'before' | 'after') => {
        if (name === 'renewLease' || name === 'releaseLease') return;
        at++;
        if (next() >= 0.06) return;
        throw moment === 'before' && at % 5 === 0
          ? new ProblemError('deadline_exceeded')
          : new ProblemError('unavailable');
      };
      const begin = async (): Promise<Orchestrator> => {
        const gate = new Gate();
        const begun = await world.startOrchestrator(gate);
        gate.fault = flaky;
        return begun;
      };
      let orchestrator = await begin();
      const sessions: string[] = [];
      const durable = new Map<string, number>();
      const quietly = async (work: () => Promise<unknown>): Promise<void> => {
        await problemOf(work());
      };
      for (const [what, which, later] of moves) {
        // The newest or the one before it.
        const sessionId = sessions.at(-1 - which) ?? sessions.at(-1) ?? 'ff'.repeat(32);
        const params = { sessionId };
        const { client } = orchestrator;
        const actions: Record<typeof what, () => Promise<unknown>> = {
          create: async () => {
            const { sessionId: made } = await world.newSession(orchestrator);
            sessions.push(made);
            await client.startSession({ params: { sessionId: made } });
          },
          start: () => client.startSession({ params }),
          capture: async () => {
            const offset = durable.get(sessionId) ?? 0;
            await world.capture(sessionId, bytes, offset);
            durable.set(sessionId, offset + bytes.length);
          },
          pause: () => client.pauseSession({ params }),
          resume: () => client.resumeSession({ params }),
          refresh: () => client.refreshBundle({ params }),
          stop: () => client.stopSession({ params, query: { waitMs: later }, body: { closed: 'ended' } }),
          delete: () => client.deleteSession({ params, query: { reason: 'for the test' } }),
          retry: () => client.retryDeadLetter({ params }),
          kill: async () => {
            await world.kill(orchestrator);
            orchestrator = await begin();
          },
          'restart host': async () => {
            await world.kill(orchestrator);
            await world.restart();
            orchestrator = await begin();
          },
        };
        await quietly(actions[what]);
      }
      await settle(await calm(orchestrator), sessions, durable);
    }),
    { ...(SLOW ? { numRuns: 1_000, interruptAfterTimeLimit: 250_000 } : { numRuns: 8 }), endOnFailure: true },
  );

  /** The last orchestrator, without faults. */
  async function calm(orchestrator: Orchestrator): Promise<Orchestrator> {
    await world.kill(orchestrator);
    const last = await world.startOrchestrator();
    await last.stack.idle();
    return last;
  }

  async function settle(
    orchestrator: Orchestrator,
    sessions: readonly string[],
    durable: ReadonlyMap<string, number>,
  ): Promise<void> {
    const { client } = orchestrator;
    for (const sessionId of sessions) {
      const params = { sessionId };
      const before = await client.getSession({ params });
      if (before.state === 'starting') await problemOf(client.startSession({ params }));
      // Both wait for the end; a killed orchestrator may still hold the session up.
      if (before.state === 'deleted') await client.deleteSession({ params, query: { reason: 'again' } });
      if (before.state === 'failed') await problemOf(client.retryDeadLetter({ params }));
      if (before.state !== 'created' && before.state !== 'deleted')
        await problemOf(stop(orchestrator, sessionId));
      await orchestrator.stack.idle();
      const { state, plainBytes, reason } = await client.getSession({ params });
      expect(['created', 'completed', 'failed', 'deleted']).toContain(state);
      const entries = await entriesOf(sessionId);
      expect(entries.filter((type) => type === 'SessionRegistered').length).toBeLessThanOrEqual(1);
      expect(entries.filter((type) => type === 'SessionDeleted').length).toBe(state === 'deleted' ? 1 : 0);
      if (state === 'completed') {
        expect(await world.verify(sessionId)).toMatchObject({ ok: true });
        expect(plainBytes).toBeGreaterThanOrEqual(durable.get(sessionId) ?? 0);
      }
      if (state === 'failed') {
        expect(reason).toBeTruthy();
        expect(durable.has(sessionId)).toBe(false);
      }
    }
    expect((await client.listDeadLetters()).deadLetters).toEqual([]);
    await world.kill(orchestrator);
  }
}, 300_000);
