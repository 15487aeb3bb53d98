import { bytesToUtf8 } from '@lucid/bytes';
import { sessionEncryptorContract, sessionRecorderContract } from '@lucid/contracts';
import { generateIdentity } from '@lucid/recipients';
import { ProblemError } from '@lucid/service-kit';
import { Gate } from './gate.ts';
import { createWorld, type Orchestrator, problemOf, terminalTrack, type World } from './world.ts';

let world: World;
let orchestrator: Orchestrator;
beforeEach(async () => {
  world = await createWorld();
  orchestrator = await world.startOrchestrator();
});
afterEach(() => world.close());

const unknown = { params: { sessionId: 'ff'.repeat(32) } };
const bytes = new Uint8Array(200_000).map((_, at) => (at * 7919) >> 5);

const stop = (sessionId: string, body: object = { closed: 'ended' }) =>
  orchestrator.client.stopSession({
    params: { sessionId },
    query: { waitMs: 20_000 },
    body: body as { closed: 'ended' },
  });
const recorded = async (more: object = {}): Promise<string> => {
  const { sessionId } = await world.newSession(orchestrator, more);
  await orchestrator.client.startSession({ params: { sessionId } });
  await world.capture(sessionId, bytes);
  return sessionId;
};

describe('a session from its creation to its evidence', () => {
  test('goes through its states and ends with a bundle that verifies', async () => {
    const created = await world.newSession(orchestrator, { title: 'a title', policyHash: '33'.repeat(32) });
    expect(created).toMatchObject({ state: 'created', anchored: false, title: 'a title' });
    const params = { sessionId: created.sessionId };
    expect((await orchestrator.client.startSession({ params })).state).toBe('recording');
    await world.capture(params.sessionId, bytes);
    expect((await orchestrator.client.pauseSession({ params })).state).toBe('paused');
    expect((await orchestrator.client.pauseSession({ params })).state).toBe('paused');
    expect((await orchestrator.client.resumeSession({ params })).state).toBe('recording');
    const done = await stop(params.sessionId);
    expect(done).toMatchObject({
      state: 'completed',
      closed: 'ended',
      anchored: true,
      plainBytes: bytes.length,
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
    expect((await orchestrator.client.getSession({ params: { sessionId } })).state).toBe('failed');
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

describe('retries and dead letters', () => {
  test('a step that fails for a while is tried again', async () => {
    const sessionId = await recorded();
    let failures = 5;
    orchestrator.gate.fault = (name, moment) => {
      if (name === 'finalizeTree' && moment === 'before' && failures-- > 0)
        throw new ProblemError('unavailable');
    };
    expect((await stop(sessionId)).state).toBe('completed');
    expect(orchestrator.gate.calls.filter((name) => name === 'finalizeTree')).toHaveLength(6);
  });

  test('a step that fails for good is a dead letter with its reason; retried, it goes on at that step', async () => {
    const sessionId = await recorded();
    orchestrator.gate.fault = (name) => {
      if (name === 'registerSession')
        throw new ProblemError('anchor_conflict', { remote: 'on-system-chain-client' });
    };
    const failed = await stop(sessionId);
    expect(failed).toMatchObject({
      state: 'failed',
      step: 'anchor',
      reason: 'anchor: on-system-chain-client answered anchor_conflict',
    });
    const { deadLetters } = await orchestrator.client.listDeadLetters();
    expect(deadLetters).toEqual([
      expect.objectContaining({ sessionId, step: 'anchor', attempts: 1, reason: failed.reason }),
    ]);
    orchestrator.gate.fault = () => {};
    const before = orchestrator.gate.calls.length;
    expect((await orchestrator.client.retryDeadLetter({ params: { sessionId } })).state).toBe('processing');
    await orchestrator.stack.idle();
    const done = await orchestrator.client.getSession({ params: { sessionId } });
    expect(done.state).toBe('completed');
    expect(done.reason).toBeUndefined();
    expect(orchestrator.gate.calls.slice(before)).not.toContain('finalizeTree');
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
    expect((await orchestrator.client.listDeadLetters()).deadLetters).toEqual([]);
    expect(await problemOf(orchestrator.client.retryDeadLetter({ params: { sessionId } }))).toBe('not_dead');
  });

  test('a step is given up after its last try', async () => {
    const sessionId = await recorded();
    orchestrator.gate.fault = (name) => {
      if (name === 'finish') throw new Error('disk on fire');
    };
    expect(await stop(sessionId)).toMatchObject({ state: 'failed', step: 'bundle' });
    expect((await orchestrator.client.listDeadLetters()).deadLetters[0]?.attempts).toBe(20);
  });
});

describe('granting', () => {
  test('a refreshed bundle has the new recipient and still verifies', async () => {
    const sessionId = await recorded();
    const params = { sessionId };
    await stop(sessionId);
    const before = await world.bundle(sessionId);
    const other = await generateIdentity();
    const encryptor = world.clientOf(sessionEncryptorContract, 'operator');
    const { wraps } = await encryptor.getRecipients({ params });
    await encryptor.grantRecipient({ params, body: { ...wraps[0], recipient: other.recipient } as never });
    expect((await orchestrator.client.refreshBundle({ params })).state).toBe('completed');
    const after = await world.bundle(sessionId);
    expect(Buffer.from(after as Uint8Array).includes(other.recipient)).toBe(true);
    expect(Buffer.from(before as Uint8Array).includes(other.recipient)).toBe(false);
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
  });

  test('the chain being away does not keep a bundle from being refreshed', async () => {
    const sessionId = await recorded();
    await stop(sessionId);
    orchestrator.gate.fault = (name) => {
      if (name === 'refreshAnchor') throw new ProblemError('unavailable');
    };
    await orchestrator.client.refreshBundle({ params: { sessionId } });
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
  });
});

describe('deletion', () => {
  test('destroys records, keys and tree, and leaves a tombstone in the ledger', async () => {
    const sessionId = await recorded({ title: 'private title' });
    const params = { sessionId };
    const done = await stop(sessionId);
    const gone = await orchestrator.client.deleteSession({
      params,
      query: { reason: 'asked for', by: 'the owner' },
    });
    expect(gone).toMatchObject({ state: 'deleted', reason: 'asked for' });
    expect([gone.title, gone.bundle, gone.step]).toEqual([undefined, undefined, undefined]);
    expect(world.chunks.has(sessionId)).toBe(false);
    const encryptor = world.clientOf(sessionEncryptorContract, 'operator');
    expect(await problemOf(encryptor.getRecipients({ params }))).toBe('session_unknown');
    const anchor = JSON.parse(bytesToUtf8(await orchestrator.client.getTombstone({ params })));
    expect(JSON.parse(Buffer.from(anchor.entry, 'base64').toString())).toMatchObject({
      type: 'SessionDeleted',
      sessionId,
      by: 'the owner',
      reason: 'asked for',
      manifestHash: done.manifestHash,
    });
    expect(await orchestrator.client.deleteSession({ params, query: { reason: 'again' } })).toEqual(gone);
    expect(await problemOf(orchestrator.client.getManifest({ params }))).toBe('session_deleted');
    expect(await problemOf(orchestrator.client.refreshBundle({ params }))).toBe('session_deleted');
    expect(await problemOf(orchestrator.client.startSession({ params }))).toBe('wrong_state');
    expect(await problemOf(stop(sessionId))).toBe('wrong_state');
    expect((await world.ledgerEntries()).map(({ type }) => type)).toEqual([
      'SessionRegistered',
      'SessionDeleted',
    ]);
    expect(JSON.stringify([...world.documents].map(([, rows]) => [...rows]))).not.toContain('private title');
  });

  test('of a session that never began', async () => {
    const { sessionId } = await world.newSession(orchestrator);
    const gone = await orchestrator.client.deleteSession({
      params: { sessionId },
      query: { reason: 'unused' },
    });
    expect(gone.state).toBe('deleted');
    expect((await world.ledgerEntries()).map(({ by }) => by)).toEqual(['operator']);
  });

  test('of a dead letter ends its being one', async () => {
    const sessionId = await recorded();
    orchestrator.gate.fault = (name) => {
      if (name === 'registerSession')
        throw new ProblemError('anchor_conflict', { remote: 'on-system-chain-client' });
    };
    await stop(sessionId);
    orchestrator.gate.fault = () => {};
    await orchestrator.client.deleteSession({ params: { sessionId }, query: { reason: 'hopeless' } });
    expect((await orchestrator.client.listDeadLetters()).deadLetters).toEqual([]);
  });
});

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
      await comeBack();
      const done = await stop(sessionId);
      expect(done).toMatchObject({
        state: 'completed',
        closed: 'interrupted',
        plainBytes: bytes.length,
        reason: 'the host stopped unexpectedly; the session was closed at its last durable record',
      });
      expect(await world.verify(sessionId)).toMatchObject({ ok: true });
    },
  );

  test('a session that had not begun to be stored is failed, with the reason', async () => {
    const { sessionId } = await world.newSession(orchestrator);
    orchestrator.gate.fault = (name) => {
      if (name === 'openSession') throw new ProblemError('unavailable');
    };
    await problemOf(orchestrator.client.startSession({ params: { sessionId } }));
    await comeBack();
    expect(await orchestrator.client.getSession({ params: { sessionId } })).toMatchObject({
      state: 'failed',
      reason: 'the host stopped before the first record was stored',
    });
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

  test('a session whose start was never heard, but that took bytes, is evidence of them', async () => {
    const { sessionId } = await world.newSession(orchestrator);
    const params = { sessionId };
    orchestrator.gate.fault = (name, moment) => {
      if (name === 'startRecording' && moment === 'after') throw new ProblemError('unavailable');
    };
    expect(await problemOf(orchestrator.client.startSession({ params }))).toBe('unavailable');
    orchestrator.gate.fault = () => {};
    await world.capture(sessionId, bytes);
    await world.restart();
    // Its key is gone, so starting it again is hopeless.
    expect(await problemOf(orchestrator.client.startSession({ params }))).toBe('wrong_state');
    expect(await stop(sessionId)).toMatchObject({
      state: 'completed',
      closed: 'interrupted',
      plainBytes: bytes.length,
      reason: 'could not be started: session-encryptor answered key_forgotten',
    });
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
  });

  test('of the orchestrator alone, a running session goes on', async () => {
    const sessionId = await recorded();
    await world.kill(orchestrator);
    orchestrator = await world.startOrchestrator();
    await orchestrator.stack.idle();
    await world.capture(sessionId, bytes, bytes.length);
    expect(await stop(sessionId)).toMatchObject({
      state: 'completed',
      closed: 'ended',
      plainBytes: 2 * bytes.length,
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
