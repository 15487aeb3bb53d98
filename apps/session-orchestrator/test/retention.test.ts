import { bytesToUtf8 } from '@lucid/bytes';
import { ProblemError } from '@lucid/service-kit';
import { createManualClock, type ManualClock } from '@lucid/service-kit/testing';
import { createWorld, type Orchestrator, problemOf, type World } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let clock: ManualClock;
let world: World;
let orchestrator: Orchestrator;

const begin = async (environment: Record<string, string> = {}): Promise<void> => {
  clock = createManualClock();
  world = await createWorld({ clock, environment });
  orchestrator = await world.startOrchestrator();
};
afterEach(() => world.close());

const stateOf = async (sessionId: string) =>
  (await orchestrator.client.getSession({ params: { sessionId } })).state;

/** Moves the clock by small steps until the session is in this state. */
async function until(sessionId: string, state: string): Promise<void> {
  for (let turn = 0; turn < 400; turn++) {
    if ((await stateOf(sessionId)) === state) return;
    await clock.advance(5);
  }
  throw new Error(`the session stays ${await stateOf(sessionId)}`);
}

async function finished(more: object = {}): Promise<string> {
  const { sessionId } = await world.newSession(orchestrator, more);
  const params = { sessionId };
  await orchestrator.client.startSession({ params });
  await orchestrator.client.stopSession({ params, query: {}, body: { closed: 'ended' } });
  await until(sessionId, 'completed');
  return sessionId;
}

/** A day in steps that no worker sleeps through. */
async function pass(days: number): Promise<void> {
  for (let day = 0; day < days; day++) await clock.advance(DAY_MS);
}

test('a session is deleted when it need not be kept any longer, with a tombstone', async () => {
  await begin({ ORCHESTRATOR_SUPERVISE_MS: '3600000' });
  const short = await finished({ retentionDays: 1 });
  const kept = await finished();
  const { retainUntilUs, endedAtUs } = await orchestrator.client.getSession({ params: { sessionId: short } });
  expect((retainUntilUs ?? 0) - (endedAtUs ?? 0)).toBe(DAY_MS * 1_000);
  await clock.advance(DAY_MS - 60_000);
  expect(await stateOf(short)).toBe('completed');
  await clock.advance(60_000);
  await until(short, 'deleted');
  for (let turn = 0; turn < 100; turn++) await clock.advance(5);
  const anchor = JSON.parse(
    bytesToUtf8(await orchestrator.client.getTombstone({ params: { sessionId: short } })),
  );
  expect(JSON.parse(Buffer.from(anchor.entry, 'base64').toString())).toMatchObject({
    type: 'SessionDeleted',
    by: 'retention',
    reason: 'retention',
  });
  expect(await stateOf(kept)).toBe('completed');
  expect(world.chunks.has(kept)).toBe(true);
  expect(world.chunks.has(short)).toBe(false);
}, 180_000);

test('the retention of the node holds for sessions that do not say otherwise', async () => {
  await begin({ ORCHESTRATOR_RETENTION_DAYS: '2', ORCHESTRATOR_SUPERVISE_MS: '3600000' });
  const ordinary = await finished();
  const longer = await finished({ retentionDays: 30 });
  await pass(2);
  await until(ordinary, 'deleted');
  expect(await stateOf(longer)).toBe('completed');
}, 180_000);

describe('a session that is never started', () => {
  test('cannot be started after 8 h, and is forgotten after 24 h', async () => {
    await begin({ ORCHESTRATOR_SUPERVISE_MS: '3600000' });
    const kept = await finished();
    const { sessionId } = await world.newSession(orchestrator);
    const params = { sessionId };
    await clock.advance(8 * HOUR_MS - 60_000);
    expect(await stateOf(sessionId)).toBe('created');
    await clock.advance(60_000);
    await until(sessionId, 'failed');
    expect(await orchestrator.client.getSession({ params })).toMatchObject({ fault: 'never_started' });
    expect(await problemOf(orchestrator.client.startSession({ params }))).toBe('wrong_state');
    await clock.advance(16 * HOUR_MS);
    for (let turn = 0; turn < 50; turn++) await clock.advance(5);
    expect(await problemOf(orchestrator.client.getSession({ params }))).toBe('session_unknown');
    expect(await world.ledgerEntries()).toMatchObject([{ type: 'SessionRegistered', sessionId: kept }]);
    expect(await stateOf(kept)).toBe('completed');
  }, 180_000);

  test('cannot be started too late before the worker came, either', async () => {
    await begin({ ORCHESTRATOR_SUPERVISE_MS: '3600000', ORCHESTRATOR_START_WITHIN_MS: '60000' });
    const { sessionId } = await world.newSession(orchestrator);
    orchestrator.gate.fault = (name) => {
      if (name === 'find') throw new ProblemError('unavailable');
    };
    await clock.advance(60_000);
    const params = { sessionId };
    expect((await orchestrator.client.getSession({ params })).state).toBe('created');
    expect(await problemOf(orchestrator.client.startSession({ params }))).toBe('wrong_state');
    expect((await orchestrator.client.getSession({ params })).state).toBe('failed');
  }, 180_000);

  test('waits for nothing any more once it was started', async () => {
    await begin({ ORCHESTRATOR_SUPERVISE_MS: '3600000', ORCHESTRATOR_START_WITHIN_MS: '60000' });
    const { sessionId } = await world.newSession(orchestrator);
    await orchestrator.client.startSession({ params: { sessionId } });
    await clock.advance(120_000);
    expect(await stateOf(sessionId)).toBe('recording');
  }, 180_000);
});

test('a session that runs for too long is closed at its last record', async () => {
  await begin({ ORCHESTRATOR_SUPERVISE_MS: '10000', ORCHESTRATOR_LONGEST_SESSION_MS: '600000' });
  const { sessionId } = await world.newSession(orchestrator);
  await orchestrator.client.startSession({ params: { sessionId } });
  const capturedUs = clock.nowMs() * 1_000;
  await world.capture(sessionId, new Uint8Array(1_000));
  await clock.advance(590_000);
  expect(await stateOf(sessionId)).toBe('recording');
  await clock.advance(20_000);
  await until(sessionId, 'completed');
  expect(await orchestrator.client.getSession({ params: { sessionId } })).toMatchObject({
    closed: 'interrupted',
    reason: 'the session reached the longest time that sessions may last here',
    endedAtUs: capturedUs,
  });
  expect(await world.verify(sessionId)).toMatchObject({ ok: true });
}, 180_000);
