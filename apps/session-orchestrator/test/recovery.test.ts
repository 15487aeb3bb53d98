import { createMemoryChunkStore } from '@lucid/chunk-store';
import { ProblemError } from '@lucid/service-kit';
import {
  createWorld,
  type Orchestrator,
  problemOf,
  recordSession,
  sampleBytes,
  stopSession,
  type World,
} from './world.ts';

let world: World;
let orchestrator: Orchestrator;
beforeEach(async () => {
  world = await createWorld();
  orchestrator = await world.startOrchestrator();
});
afterEach(() => world.close());

const stop = (sessionId: string, body?: Parameters<typeof stopSession>[2]) =>
  stopSession(orchestrator, sessionId, body);
const recorded = (more?: object) => recordSession(world, orchestrator, more);

describe('after a stop of the host that nobody planned', () => {
  test('a step that waits for its next try is tried at once after a restart', async () => {
    await world.close();
    world = await createWorld({
      environment: { ORCHESTRATOR_RETRY_BASE_MS: '60000', ORCHESTRATOR_RETRY_CAP_MS: '3600000' },
    });
    orchestrator = await world.startOrchestrator();
    const sessionId = await recorded();
    orchestrator.gate.fault = (name) => {
      if (name === 'finalizeTree') throw new ProblemError('unavailable');
    };
    await orchestrator.client.stopSession({ params: { sessionId }, query: {}, body: { closed: 'ended' } });
    await orchestrator.stack.idle();
    expect(await orchestrator.client.getSession({ params: { sessionId } })).toMatchObject({
      state: 'processing',
      step: 'tree',
    });
    await comeBack();
    expect((await stop(sessionId)).state).toBe('completed');
  });

  const comeBack = async (): Promise<void> => {
    await world.kill(orchestrator);
    await world.restart();
    orchestrator = await world.startOrchestrator();
    await orchestrator.stack.idle();
    await orchestrator.stack.idle();
  };

  test.each(['recording', 'paused'])(
    'a session that was %s is closed at its last durable record',
    async (state) => {
      const sessionId = await recorded();
      if (state === 'paused') await orchestrator.client.pauseSession({ params: { sessionId } });
      const brokenOffUs = world.clock.nowMs() * 1_000;
      await comeBack();
      const done = await stop(sessionId);
      expect(done).toMatchObject({
        state: 'completed',
        closed: 'interrupted',
        plainBytes: sampleBytes.length,
        reason: 'the host stopped unexpectedly; the session was closed at its last durable record',
      });
      // However late it is closed, it ended at its last record: that is what is signed.
      expect(done.endedAtUs).toBeLessThanOrEqual(brokenOffUs);
      expect(done.endedAtUs).toBeGreaterThanOrEqual(done.startedAtUs as number);
      expect(await world.verify(sessionId)).toMatchObject({
        ok: true,
        summary: { endedAtUs: done.endedAtUs, closed: 'interrupted' },
      });
    },
  );

  test('a session that had not begun to be stored is failed, with the reason', async () => {
    const { sessionId } = await world.newSession(orchestrator);
    orchestrator.gate.fault = (name) => {
      if (name === 'openSession') throw new ProblemError('unavailable');
    };
    await problemOf(orchestrator.client.startSession({ params: { sessionId } }));
    await createMemoryChunkStore(world.chunks).create(sessionId);
    await comeBack();
    expect(await orchestrator.client.getSession({ params: { sessionId } })).toMatchObject({
      state: 'failed',
      fault: 'host_stopped',
      reason: 'the host stopped before the first record was stored',
    });
    // The empty file that was made for it does not stay.
    expect(world.chunks.has(sessionId)).toBe(false);
  });

  test('a session whose first record was stored before is evidence of that', async () => {
    const { sessionId } = await world.newSession(orchestrator);
    orchestrator.gate.fault = (name) => {
      if (name === 'startRecording') throw new ProblemError('unavailable');
    };
    await problemOf(orchestrator.client.startSession({ params: { sessionId } }));
    await comeBack();
    expect(await stop(sessionId)).toMatchObject({ state: 'completed', closed: 'interrupted', records: 2 });
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
  });

  test.each(['starting', 'recording'])(
    'a session that was %s and whose records are gone is given up, with the reason',
    async (state) => {
      const { sessionId } = await world.newSession(orchestrator);
      orchestrator.gate.fault = (name) => {
        if (name === 'startRecording' && state === 'starting') throw new ProblemError('unavailable');
      };
      await problemOf(orchestrator.client.startSession({ params: { sessionId } }));
      expect((await orchestrator.client.getSession({ params: { sessionId } })).state).toBe(state);
      world.chunks.delete(sessionId);
      await comeBack();
      expect(await orchestrator.client.getSession({ params: { sessionId } })).toMatchObject({
        state: 'failed',
        fault: 'contradiction',
        reason: 'close: session-encryptor answered record_damaged',
      });
    },
  );

  test('a session whose start was never heard, but that took bytes, is evidence of them', async () => {
    const { sessionId } = await world.newSession(orchestrator);
    const params = { sessionId };
    orchestrator.gate.fault = (name, moment) => {
      if (name === 'startRecording' && moment === 'after') throw new ProblemError('unavailable');
    };
    expect(await problemOf(orchestrator.client.startSession({ params }))).toBe('unavailable');
    orchestrator.gate.fault = () => {};
    await world.capture(sessionId, sampleBytes);
    await world.restart();
    // Its key is gone, so starting it again is hopeless.
    expect(await problemOf(orchestrator.client.startSession({ params }))).toBe('wrong_state');
    expect(await stop(sessionId)).toMatchObject({
      state: 'completed',
      closed: 'interrupted',
      plainBytes: sampleBytes.length,
      reason: 'could not be started: session-encryptor answered key_forgotten',
    });
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
  });

  test('of the orchestrator alone, a running session goes on', async () => {
    const sessionId = await recorded();
    await world.kill(orchestrator);
    orchestrator = await world.startOrchestrator();
    await orchestrator.stack.idle();
    await world.capture(sessionId, sampleBytes, sampleBytes.length);
    expect(await stop(sessionId)).toMatchObject({
      state: 'completed',
      closed: 'ended',
      plainBytes: 2 * sampleBytes.length,
    });
  });

  test('of the other services alone, a running session is closed when it is looked at', async () => {
    await world.close();
    world = await createWorld({ environment: { ORCHESTRATOR_SUPERVISE_MS: '100' } });
    orchestrator = await world.startOrchestrator();
    const sessionId = await recorded();
    await world.restart();
    const gate = orchestrator.gate;
    while (!gate.calls.includes('finish')) await new Promise((resolve) => setImmediate(resolve));
    expect(await stop(sessionId)).toMatchObject({ state: 'completed', closed: 'interrupted' });
  });

  test('a pause that finds the recording gone closes the session', async () => {
    const sessionId = await recorded();
    await world.restart();
    expect(await problemOf(orchestrator.client.pauseSession({ params: { sessionId } }))).toBe('wrong_state');
    expect(await stop(sessionId)).toMatchObject({ state: 'completed', closed: 'interrupted' });
  });
});
