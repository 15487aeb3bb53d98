/** Sessions that are registered on the chain: their bundles carry the other kind of anchor. */
import { createWorld, recordSession, stopSession, type World } from './world.ts';

jest.setTimeout(60_000);

let world: World;
beforeEach(async () => {
  world = await createWorld({ onChain: true });
});
afterEach(() => world.close());

test('a bundle proves the registration on the chain, and is refreshed with it', async () => {
  const orchestrator = await world.startOrchestrator();
  const sessionId = await recordSession(world, orchestrator);
  expect((await stopSession(orchestrator, sessionId)).state).toBe('completed');
  const verdict = await world.verify(sessionId);
  expect(verdict).toMatchObject({
    ok: true,
    summary: { anchor: { block: { chainId: 1337, number: expect.any(Number) } } },
  });
  const { state } = await orchestrator.client.refreshBundle({ params: { sessionId } });
  expect(state).toBe('completed');
  expect(await world.verify(sessionId)).toMatchObject({
    ok: true,
    summary: { anchor: { block: { number: expect.any(Number) } } },
  });
});
