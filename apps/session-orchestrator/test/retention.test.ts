import { bytesToUtf8 } from '@lucid/bytes';
import { createManualClock, type ManualClock } from '@lucid/service-kit/testing';
import { createWorld, type Orchestrator, type World } from './world.ts';

const DAY_MS = 86_400_000;
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
}, 60_000);

test('the retention of the node holds for sessions that do not say otherwise', async () => {
  await begin({ ORCHESTRATOR_RETENTION_DAYS: '2', ORCHESTRATOR_SUPERVISE_MS: '3600000' });
  const ordinary = await finished();
  const longer = await finished({ retentionDays: 30 });
  await pass(2);
  await until(ordinary, 'deleted');
  expect(await stateOf(longer)).toBe('completed');
}, 60_000);
