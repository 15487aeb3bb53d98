/** A session without a policy, from its making to its tombstone, and every problem on the way. */
import { bytesOf, codeOf, createWorld, problemOf, terminalTrack, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({
    environment: { SESSION_API_SESSIONS_PER_USER: '6', SESSION_API_RUNNING_PER_USER: '2' },
  });
});
afterEach(() => {
  world.fault.store = null;
  world.fault.away.clear();
});
afterAll(() => world?.close());

const bytes = new Uint8Array(200_000).map((_, at) => (at * 7919) >> 5);

test('made, started, recorded, stopped, downloaded, put away, taken out, deleted', async () => {
  const who = world.person();
  const { sessionId, state, consents } = await world.newSession(who, { title: 'a night' });
  expect([state, consents]).toEqual(['created', []]);
  const params = { sessionId };
  expect(await codeOf(who.api.downloadBundle({ params, query: {} }))).toBe('not_ready');
  expect(await codeOf(who.api.getManifest({ params }))).toBe('not_ready');
  expect(await who.api.listChunks({ params, query: {} })).toEqual({ records: [] });
  expect(await codeOf(who.api.getChunk({ params: { sessionId, index: 0 } }))).toBe('record_unknown');
  expect(await codeOf(who.api.stopSession({ params, query: {}, body: {} }))).toBe('wrong_state');
  expect(await codeOf(who.api.archiveSession({ params }))).toBe('wrong_state');

  expect((await who.api.startSession({ params })).state).toBe('recording');
  expect((await who.api.startSession({ params })).state).toBe('recording');
  await world.capture(sessionId, bytes);
  expect(await who.api.getStatus({ params })).toMatchObject({
    state: 'recording',
    pipeline: { stored: { plainBytes: 200_000, keyHeld: true }, recording: { durableBytes: 200_000 } },
  });
  expect(await who.api.getStatistics({ params })).toMatchObject({ plainBytes: 200_000 });
  expect((await who.api.pauseSession({ params })).state).toBe('paused');
  expect((await who.api.resumeSession({ params })).state).toBe('recording');
  expect(await codeOf(who.api.deleteSession({ params, query: { reason: 'early' } }))).toBe('wrong_state');
  await who.api.stopSession({ params, query: { waitMs: 20_000 }, body: {} });
  const done = await world.settled(sessionId);
  expect(done).toMatchObject({ state: 'completed', closed: 'ended' });

  const { records } = await who.api.listChunks({ params, query: {} });
  expect(records.map(({ index }) => index)).toEqual(records.map((_, at) => at));
  expect(records).toHaveLength(done.records as number);
  const last = { sessionId, index: records.length - 1 };
  expect((await who.api.getChunk({ params: last })).length).toBeGreaterThan(128);
  expect(await codeOf(who.api.getChunk({ params: { sessionId, index: records.length } }))).toBe(
    'record_unknown',
  );
  const proof = await who.api.getMerkleProof({ params: last, query: {} });
  expect([proof.leafHash, proof.root]).toEqual([records.at(-1)?.leafHash, done.merkleRoot]);
  expect(proof.checkpoint).toContain(`\n${records.length}\n`);
  expect(await codeOf(who.api.getMerkleProof({ params: { sessionId, index: 10_000 }, query: {} }))).toBe(
    'record_unknown',
  );

  const bundle = await who.api.downloadBundle({ params, query: {} });
  expect(bundle.fileName).toBe(`${sessionId}.lucid`);
  const file = await bytesOf(bundle);
  expect(bundle.sizeBytes).toBe(file.length);
  const rest = await who.api.downloadBundle({ params, query: { offset: 777 } });
  expect(Buffer.from(await bytesOf(rest)).equals(Buffer.from(file.subarray(777)))).toBe(true);

  const archived = await who.api.archiveSession({ params });
  expect(archived.archivedAtUs).toBeGreaterThan(0);
  expect((await who.api.listSessions({ query: {} })).sessions).toEqual([]);
  expect((await who.api.listSessions({ query: { archived: true } })).sessions).toHaveLength(1);
  expect((await who.api.restoreSession({ params })).archivedAtUs).toBeUndefined();
  expect((await who.api.listSessions({ query: { state: 'completed' } })).sessions).toHaveLength(1);

  expect((await who.api.deleteSession({ params, query: { reason: 'asked for' } })).state).toBe('deleted');
  expect(await codeOf(who.api.getChunk({ params: { sessionId, index: 0 } }))).toBe('session_deleted');
  expect(await codeOf(who.api.downloadBundle({ params, query: {} }))).toBe('session_deleted');
  expect((await who.api.listSessions({ query: {} })).sessions).toEqual([]);
  expect((await who.api.listSessions({ query: { state: 'deleted' } })).sessions).toHaveLength(1);
});

test('an idempotency key answers the first session, or refuses another request', async () => {
  const who = world.person();
  const idempotencyKey = 'order-2026-11';
  const first = await world.newSession(who, { idempotencyKey });
  const again = await world.newSession(who, { idempotencyKey });
  expect(again.sessionId).toBe(first.sessionId);
  expect(await codeOf(world.newSession(who, { idempotencyKey, title: 'other' }))).toBe(
    'idempotency_conflict',
  );
  // Keys of different people have nothing to do with each other.
  expect((await world.newSession(world.person(), { idempotencyKey })).sessionId).not.toBe(first.sessionId);
});

test('many requests with one key at once make one session', async () => {
  const who = world.person();
  const work = Array.from({ length: 8 }, () => world.newSession(who, { idempotencyKey: 'at-once-1' }));
  const ids = (await Promise.allSettled(work)).flatMap((each) =>
    each.status === 'fulfilled' ? [each.value.sessionId] : [],
  );
  expect(new Set(ids).size).toBe(1);
  expect((await who.api.listSessions({ query: {} })).sessions).toHaveLength(1);
});

test('the last places are taken once, however many ask at once', async () => {
  const who = world.person();
  const outcomes = await Promise.all(Array.from({ length: 9 }, () => codeOf(world.newSession(who))));
  expect(outcomes.filter((code) => code === 'none')).toHaveLength(6);
  expect(outcomes.filter((code) => code === 'too_many_sessions')).toHaveLength(3);
});

test('as many run as may, exactly; a stopped one gives its place back', async () => {
  const who = world.person();
  const ids = [];
  for (let at = 0; at < 4; at += 1) ids.push((await world.newSession(who)).sessionId);
  const starts = await Promise.all(
    ids.map((sessionId) => codeOf(who.api.startSession({ params: { sessionId } }))),
  );
  expect(starts.filter((code) => code === 'none')).toHaveLength(2);
  expect(starts.filter((code) => code === 'too_many_running')).toHaveLength(2);
  const running = ids[starts.indexOf('none')] as string;
  await who.api.stopSession({ params: { sessionId: running }, query: {}, body: {} });
  const waiting = ids[starts.indexOf('too_many_running')] as string;
  expect((await who.api.startSession({ params: { sessionId: waiting } })).state).toBe('recording');
});

test('the profile of users runs one session', async () => {
  const who = world.person({ role: 'USER', profile: 'user' });
  const ids = [(await world.newSession(who)).sessionId, (await world.newSession(who)).sessionId];
  expect(await codeOf(who.api.startSession({ params: { sessionId: ids[0] as string } }))).toBe('none');
  expect(
    (await problemOf(who.api.startSession({ params: { sessionId: ids[1] as string } })))?.extensions.limit,
  ).toBe(1);
});

test('ten sessions a minute, and no eleventh', async () => {
  const who = world.person();
  const outcomes = await Promise.all(Array.from({ length: 12 }, () => problemOf(world.newSession(who))));
  const refused = outcomes.filter((each) => each?.code === 'too_many_requests');
  expect(refused).toHaveLength(2);
  expect(refused[0]?.extensions.retryAfterMs).toBeGreaterThan(0);
});

test('the status may be asked a hundred times a minute, a bundle five times', async () => {
  const who = world.person();
  const { sessionId } = await world.newSession(who);
  const params = { sessionId };
  const asked = await Promise.all(Array.from({ length: 103 }, () => codeOf(who.api.getStatus({ params }))));
  expect(asked.filter((code) => code === 'too_many_requests')).toHaveLength(3);
  const bundles = await Promise.all(
    Array.from({ length: 7 }, () => codeOf(who.api.downloadBundle({ params, query: {} }))),
  );
  expect(bundles.filter((code) => code === 'too_many_requests')).toHaveLength(2);
});

test('a chunk may be asked for a thousand times a minute', async () => {
  const who = world.person();
  const { sessionId } = await world.newSession(who);
  const params = { sessionId };
  const asked = await Promise.all(
    Array.from({ length: 1002 }, () => codeOf(who.api.listChunks({ params, query: { limit: 1 } }))),
  );
  expect(asked.filter((code) => code === 'too_many_requests')).toHaveLength(2);
});

test('what cannot be a session is refused', async () => {
  const who = world.person();
  const [a, b] = [world.person().address, world.person().address];
  const parties = { host: who.address, user: a };
  const twice = [terminalTrack, terminalTrack];
  expect(await codeOf(world.newSession(who, { tracks: twice }))).toBe('invalid_request');
  expect(await codeOf(world.newSession(who, { policy: 'strict' }))).toBe('parties_unsound');
  expect(await codeOf(world.newSession(who, { parties }))).toBe('parties_unsound');
  const not = [
    { host: a, user: b },
    { host: who.address, user: who.address },
    { host: who.address, user: `${a.slice(0, -1)}${a.endsWith('z') ? 'y' : 'z'}` },
  ];
  for (const each of not)
    expect(await codeOf(world.newSession(who, { policy: 'strict', parties: each }))).toBe('parties_unsound');
  expect(await codeOf(world.newSession(who, { policy: { format: 'lucid-policy/1' }, parties }))).toBe(
    'policy_unsound',
  );
  expect((await who.api.listSessions({ query: {} })).sessions).toEqual([]);
});

test('store and orchestrator away are told, and over by themselves', async () => {
  const who = world.person();
  const { sessionId } = await world.newSession(who);
  const params = { sessionId };
  world.fault.store = 'store_unavailable';
  expect(await codeOf(who.api.getSession({ params }))).toBe('unavailable');
  expect(await codeOf(world.newSession(who))).toBe('unavailable');
  world.fault.store = 'store_full';
  expect(await codeOf(world.newSession(who))).toBe('store_full');
  expect(await codeOf(who.api.storePolicy({ body: { name: 'mine', policy: {} } }))).toBe('policy_unsound');
  world.fault.store = null;
  world.fault.away.add('session-orchestrator');
  expect(await codeOf(who.api.getSession({ params }))).toBe('unavailable');
  expect(await codeOf(who.api.startSession({ params }))).toBe('unavailable');
  expect(await codeOf(world.newSession(who))).toBe('unavailable');
  world.fault.away.clear();
  expect((await who.api.startSession({ params })).state).toBe('recording');
  // The place of the session that came to nothing was given back.
  for (let at = 0; at < 5; at += 1) expect(await codeOf(world.newSession(who))).toBe('none');
  expect(await codeOf(world.newSession(who))).toBe('too_many_sessions');
});

test('an administrator cleans up what is gone', async () => {
  const who = world.person();
  const admin = world.person({ role: 'ADMIN', profile: 'admin' });
  const { sessionId } = await world.newSession(who);
  expect(await codeOf(who.api.cleanStorage({}))).toBe('forbidden');
  await who.api.startSession({ params: { sessionId } });
  await who.api.stopSession({ params: { sessionId }, query: { waitMs: 20_000 }, body: {} });
  await world.settled(sessionId);
  await admin.api.deleteSession({ params: { sessionId }, query: { reason: 'by the administrator' } });
  const cleaned = await admin.api.cleanStorage({});
  expect(cleaned.forgottenSessions).toBe(0);
  expect(cleaned.examined).toBeGreaterThan(0);
});
