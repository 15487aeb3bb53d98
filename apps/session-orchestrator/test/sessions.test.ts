import { bytesToUtf8 } from '@lucid/bytes';
import { sessionOrchestratorContract, sessionRecorderContract } from '@lucid/contracts';
import { ProblemError } from '@lucid/service-kit';
import { Gate } from './gate.ts';
import {
  createWorld,
  type Orchestrator,
  problemOf,
  recordSession,
  sampleBytes,
  stopSession,
  terminalTrack,
  type World,
} from './world.ts';

let world: World;
let orchestrator: Orchestrator;
beforeEach(async () => {
  world = await createWorld();
  orchestrator = await world.startOrchestrator();
});
afterEach(() => world.close());

const unknown = { params: { sessionId: 'ff'.repeat(32) } };

const stop = (sessionId: string, body?: Parameters<typeof stopSession>[2]) =>
  stopSession(orchestrator, sessionId, body);
const recorded = (more?: object) => recordSession(world, orchestrator, more);

describe('a session from its creation to its evidence', () => {
  test('goes through its states and ends with a bundle that verifies', async () => {
    const created = await world.newSession(orchestrator, { title: 'a title', policyHash: '33'.repeat(32) });
    expect(created).toMatchObject({ state: 'created', anchored: false, title: 'a title' });
    const params = { sessionId: created.sessionId };
    // Under a policy session-api starts it.
    const sessionApi = orchestrator.stack.clientOf(sessionOrchestratorContract, { as: 'session-api' });
    expect((await sessionApi.startSession({ params })).state).toBe('recording');
    await world.capture(params.sessionId, sampleBytes);
    expect((await orchestrator.client.pauseSession({ params })).state).toBe('paused');
    expect((await orchestrator.client.pauseSession({ params })).state).toBe('paused');
    expect((await orchestrator.client.resumeSession({ params })).state).toBe('recording');
    const done = await stop(params.sessionId);
    expect(done).toMatchObject({
      state: 'completed',
      closed: 'ended',
      anchored: true,
      plainBytes: sampleBytes.length,
      chunks: 4,
      // Header, four chunks, pause, resume, close.
      records: 8,
    });
    expect(done.step).toBeUndefined();
    expect(await world.verify(params.sessionId)).toMatchObject({ ok: true });
    const manifest = JSON.parse(bytesToUtf8(await orchestrator.client.getManifest({ params })));
    expect(manifest).toMatchObject({ policyHash: '33'.repeat(32), treeSize: 8, merkleRoot: done.merkleRoot });
    const states = world.events
      .filter(({ event }) => event.type === 'session')
      .map(({ event }) => event.state);
    expect(states).toEqual([
      'created',
      'starting',
      'recording',
      'paused',
      'recording',
      'stopped',
      'processing',
      'completed',
    ]);
    expect((await world.ledgerEntries()).map(({ type }) => type)).toEqual(['SessionRegistered']);
  });

  test('every call is idempotent', async () => {
    const sessionId = await recorded();
    const params = { sessionId };
    expect((await orchestrator.client.startSession({ params })).state).toBe('recording');
    const [first, second] = await Promise.all([stop(sessionId), stop(sessionId)]);
    expect(first).toEqual(second);
    expect(await stop(sessionId, { closed: 'interrupted', reason: 'late' })).toEqual(first);
    expect(await world.ledgerEntries()).toHaveLength(1);
  });

  test('many who start one session at once start it once', async () => {
    const { sessionId } = await world.newSession(orchestrator);
    const starts = await Promise.all(
      Array.from({ length: 5 }, () => orchestrator.client.startSession({ params: { sessionId } })),
    );
    expect(starts.map(({ state }) => state)).toEqual(Array(5).fill('recording'));
  });

  test('an interruption says why, in the evidence too', async () => {
    const sessionId = await recorded();
    const done = await stop(sessionId, { closed: 'interrupted', reason: 'the agent vanished' });
    expect(done).toMatchObject({ state: 'completed', closed: 'interrupted', reason: 'the agent vanished' });
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
  });

  test('a session in which nothing was captured is evidence too', async () => {
    const { sessionId } = await world.newSession(orchestrator);
    await orchestrator.client.startSession({ params: { sessionId } });
    expect(await stop(sessionId)).toMatchObject({ state: 'completed', chunks: 0, records: 2 });
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
  });

  test('stopSession without waiting answers at once', async () => {
    const sessionId = await recorded();
    const { state } = await orchestrator.client.stopSession({
      params: { sessionId },
      query: {},
      body: { closed: 'ended' },
    });
    expect(state).toBe('stopped');
    await orchestrator.stack.idle();
    expect((await orchestrator.client.getSession({ params: { sessionId } })).state).toBe('completed');
  });

  test('lists newest first, by state and by page', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 5; at++) ids.unshift((await world.newSession(orchestrator)).sessionId);
    const ofAll = await orchestrator.client.listSessions({ query: { limit: 3 } });
    const rest = await orchestrator.client.listSessions({ query: { limit: 3, after: ofAll.next } });
    expect(rest.next).toBeUndefined();
    expect(new Set([...ofAll.sessions, ...rest.sessions].map(({ sessionId }) => sessionId))).toEqual(
      new Set(ids),
    );
    await orchestrator.client.startSession({ params: { sessionId: ids[2] as string } });
    const { sessions } = await orchestrator.client.listSessions({ query: { state: 'recording' } });
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual([ids[2]]);
    expect(await problemOf(orchestrator.client.listSessions({ query: { after: 'nonsense' } }))).toBe(
      'invalid_request',
    );
  });
});

describe('what is refused', () => {
  test('an unknown session, by every operation', async () => {
    const { client } = orchestrator;
    const calls = [
      client.getSession(unknown),
      client.startSession(unknown),
      client.pauseSession(unknown),
      client.resumeSession(unknown),
      client.stopSession({ ...unknown, query: {}, body: { closed: 'ended' } }),
      client.deleteSession({ ...unknown, query: { reason: 'x' } }),
      client.getManifest(unknown),
      client.getTombstone(unknown),
      client.refreshBundle(unknown),
      client.retryDeadLetter(unknown),
    ];
    for (const call of calls) expect(await problemOf(call)).toBe('session_unknown');
  });

  test('what its state does not allow; the state is told', async () => {
    const { client } = orchestrator;
    const { sessionId } = await world.newSession(orchestrator);
    const params = { sessionId };
    await expect(client.pauseSession({ params })).rejects.toMatchObject({
      code: 'wrong_state',
      extensions: { state: 'created' },
    });
    expect(await problemOf(client.resumeSession({ params }))).toBe('wrong_state');
    expect(await problemOf(stop(sessionId))).toBe('wrong_state');
    expect(await problemOf(client.getManifest({ params }))).toBe('not_ready');
    expect(await problemOf(client.getTombstone({ params }))).toBe('not_ready');
    expect(await problemOf(client.refreshBundle({ params }))).toBe('not_ready');
    expect(await problemOf(client.retryDeadLetter({ params }))).toBe('not_dead');
    await client.startSession({ params });
    expect(await problemOf(client.deleteSession({ params, query: { reason: 'x' } }))).toBe('wrong_state');
    await stop(sessionId);
    expect(await problemOf(client.startSession({ params }))).toBe('wrong_state');
    expect(await problemOf(client.pauseSession({ params }))).toBe('wrong_state');
  });

  test('a recipient that is none', async () => {
    const { sessionId } = await world.newSession(orchestrator, {
      recipients: [{ recipient: 'age1qqqqqqqqqqqqq' }],
    });
    expect(await problemOf(orchestrator.client.startSession({ params: { sessionId } }))).toBe(
      'invalid_request',
    );
    const { state, reason } = await orchestrator.client.getSession({ params: { sessionId } });
    expect(state).toBe('failed');
    expect(reason).toMatch(/could not be started/);
  });

  test('two tracks of one number', async () => {
    const tracks = [terminalTrack, terminalTrack];
    expect(await problemOf(world.newSession(orchestrator, { tracks }))).toBe('invalid_request');
  });

  test('a start without room', async () => {
    orchestrator.gate.fault = (name) => {
      if (name === 'openSession') throw new ProblemError('store_full', { remote: 'session-encryptor' });
    };
    const { sessionId } = await world.newSession(orchestrator);
    expect(await problemOf(orchestrator.client.startSession({ params: { sessionId } }))).toBe('store_full');
    expect(await orchestrator.client.getSession({ params: { sessionId } })).toMatchObject({
      state: 'failed',
      fault: 'store_full',
    });
  });

  test('a document store without room or out of reach', async () => {
    const { DocumentStoreError } = await import('@lucid/document-store');
    for (const [code, problem] of [
      ['store_full', 'store_full'],
      ['store_unavailable', 'unavailable'],
    ] as const) {
      orchestrator.gate.fault = (name) => {
        if (name === 'batch') throw new DocumentStoreError(code, 'for the test');
      };
      expect(await problemOf(world.newSession(orchestrator))).toBe(problem);
    }
    orchestrator.gate.fault = () => {};
  });

  test('a start while a service is away can be repeated', async () => {
    orchestrator.gate.fault = (name) => {
      if (name === 'startRecording') throw new ProblemError('unavailable', { remote: 'session-recorder' });
    };
    const { sessionId } = await world.newSession(orchestrator);
    expect(await problemOf(orchestrator.client.startSession({ params: { sessionId } }))).toBe('unavailable');
    expect((await orchestrator.client.getSession({ params: { sessionId } })).state).toBe('starting');
    orchestrator.gate.fault = () => {};
    expect((await orchestrator.client.startSession({ params: { sessionId } })).state).toBe('recording');
  });
});

test('two orchestrators over one store finish each session once', async () => {
  const second = await world.startOrchestrator(new Gate());
  const sessions = await Promise.all(Array.from({ length: 6 }, () => recorded()));
  const ends = await Promise.all(
    sessions.map((sessionId, at) =>
      (at % 2 ? orchestrator : second).client.stopSession({
        params: { sessionId },
        query: { waitMs: 20_000 },
        body: { closed: 'ended' },
      }),
    ),
  );
  expect(ends.map(({ state }) => state)).toEqual(Array(6).fill('completed'));
  expect(await world.ledgerEntries()).toHaveLength(6);
  for (const sessionId of sessions) expect(await world.verify(sessionId)).toMatchObject({ ok: true });
});

test('a recorder may read and stop a session, and nothing else', async () => {
  const sessionId = await recorded();
  const { sessionOrchestratorContract } = await import('@lucid/contracts');
  const recorder = orchestrator.stack.clientOf(sessionOrchestratorContract, { as: 'session-recorder' });
  const params = { sessionId };
  expect((await recorder.getSession({ params })).state).toBe('recording');
  expect(await problemOf(recorder.deleteSession({ params, query: { reason: 'x' } }))).toBe('forbidden');
  expect(await problemOf(recorder.startSession({ params }))).toBe('forbidden');
  const body = { closed: 'interrupted' as const, reason: 'gone' };
  expect((await recorder.stopSession({ params, query: {}, body })).state).toBe('stopped');
  const agent = world.clientOf(sessionRecorderContract, 'operator');
  await orchestrator.stack.idle();
  expect((await agent.getRecording({ params })).state).toBe('stopped');
});
