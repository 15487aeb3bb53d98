/** What session-api alone may do, and the bundle as a stream. */
import { concatBytes } from '@lucid/bytes';
import { sessionOrchestratorContract } from '@lucid/contracts';
import fc from 'fast-check';
import {
  createWorld,
  type Orchestrator,
  problemOf,
  recordSession,
  stopSession,
  type World,
} from './world.ts';

let world: World;
let orchestrator: Orchestrator;
beforeAll(async () => {
  world = await createWorld();
  orchestrator = await world.startOrchestrator();
});
afterAll(() => world?.close());

const asSessionApi = () =>
  orchestrator.stack.clientOf(sessionOrchestratorContract, { as: 'session-api', retry: false });

test('a session under a policy is started by session-api only', async () => {
  const { sessionId, policyHash } = await world.newSession(orchestrator, { policyHash: 'ab'.repeat(32) });
  expect(policyHash).toBe('ab'.repeat(32));
  const params = { sessionId };
  expect(await problemOf(orchestrator.client.startSession({ params }))).toBe('consent_needed');
  expect((await orchestrator.client.getSession({ params })).state).toBe('created');
  expect((await asSessionApi().startSession({ params })).state).toBe('recording');
  await stopSession(orchestrator, sessionId);
});

test('sessions are found by their ids, in the order asked for, those that there are', async () => {
  const ids = [];
  for (let at = 0; at < 3; at += 1) ids.push((await world.newSession(orchestrator)).sessionId);
  const [a, b, c] = ids as [string, string, string];
  const found = await asSessionApi().findSessions({ body: { sessionIds: [c, 'cd'.repeat(32), a, b] } });
  expect(found.sessions.map(({ sessionId }) => sessionId)).toEqual([c, a, b]);
});

const bytesOf = async (sessionId: string, offset?: number) => {
  const query = offset === undefined ? {} : { offset };
  const { bytes, sizeBytes } = await orchestrator.client.readBundle({ params: { sessionId }, query });
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  const whole = concatBytes(...parts);
  expect(whole.length).toBe(sizeBytes);
  return whole;
};

test('the bundle is the very file, from any offset on', async () => {
  const sessionId = await recordSession(world, orchestrator);
  expect(await problemOf(bytesOf(sessionId))).toBe('not_ready');
  await stopSession(orchestrator, sessionId);
  const file = await bytesOf(sessionId);
  expect(Buffer.from(file).equals(Buffer.from((await world.bundle(sessionId)) as Uint8Array))).toBe(true);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: file.length + 10 }), async (offset) => {
      const rest = await bytesOf(sessionId, offset);
      expect(Buffer.from(rest).equals(Buffer.from(file.subarray(Math.min(offset, file.length))))).toBe(true);
    }),
    { numRuns: 200 },
  );
  await orchestrator.client.deleteSession({ params: { sessionId }, query: { reason: 'done' } });
  expect(await problemOf(bytesOf(sessionId))).toBe('session_deleted');
  expect(await problemOf(bytesOf('ef'.repeat(32)))).toBe('session_unknown');
});
