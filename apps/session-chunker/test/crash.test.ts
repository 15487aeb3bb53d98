/** Services die in the middle of a recording: nothing that was reported durable is lost, nothing is stored twice. */
import type { ChunkStore } from '@lucid/chunk-store';
import {
  codeOf,
  type EvidenceRig,
  expectSameBytes,
  noise,
  readSession,
  startEvidenceRig,
  startSession,
  TestAgent,
  until,
} from '../../session-recorder/test/evidence-rig.ts';

let rig: EvidenceRig;
beforeEach(async () => {
  rig = await startEvidenceRig();
});
afterEach(() => rig.close());

const end = (sessionId: string) =>
  rig.recorder.stopRecording({ params: { sessionId }, body: { closed: 'ended', atUs: 9_000_000 } });

it.each(['chunker', 'recorder'] as const)('the %s, at random moments', async (victim) => {
  const sessionId = await startSession(rig);
  const bytes = noise(1_500_000, 7);
  const agent = new TestAgent(rig, sessionId, bytes);
  const deaths = (async () => {
    for (let times = 0; times < 20; times += 1) {
      for (let turn = 0; turn < (times * 7) % 23; turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
      await rig.services[victim].restart();
    }
  })();
  await agent.finish(33_333);
  await deaths;
  await agent.finish(33_333);
  await end(sessionId);
  const session = await readSession(rig, sessionId);
  expectSameBytes(session.tracks.get(0), bytes);
  expect(session.close).toMatchObject({ closed: 'ended', plainBytes: bytes.length });
});

it('the chunker, with bytes that were accepted but not durable: the agent sends them again, and an end before that is refused', async () => {
  const sessionId = await startSession(rig);
  const bytes = noise(100_000, 3);
  const agent = new TestAgent(rig, sessionId, bytes);
  await agent.sendAll(100_000);
  expect(agent.durable).toBe(0);
  await rig.services.chunker.restart();
  expect(await codeOf(end(sessionId))).toBe('bytes_missing');
  await agent.finish(50_000);
  await end(sessionId);
  expectSameBytes((await readSession(rig, sessionId)).tracks.get(0), bytes);
});

it('the encryptor: the session is lost to the agent, and can be closed as interrupted', async () => {
  const sessionId = await startSession(rig);
  const agent = new TestAgent(rig, sessionId, noise(300_000));
  await agent.sendAll(70_000);
  await rig.agent.flushRecording({ params: { sessionId } });
  await rig.services.encryptor.restart();
  await agent.sendAll(70_000);
  const more = new TestAgent(rig, sessionId, noise(400_000));
  more.sent = 300_000;
  await more.send(1000);
  expect(await codeOf(rig.agent.flushRecording({ params: { sessionId } }))).toBe('session_lost');
  expect(await codeOf(more.send(1000))).toBe('session_lost');
  expect(await codeOf(rig.agent.heartbeat({ params: { sessionId } }))).toBe('session_lost');
  expect(await codeOf(end(sessionId))).toBe('session_lost');
  const body = { closed: 'interrupted' as const, atUs: 9_000_000, reason: 'the key is gone' };
  await rig.recorder.stopRecording({ params: { sessionId }, body });
  const session = await readSession(rig, sessionId);
  expectSameBytes(session.tracks.get(0), noise(300_000));
  expect(session.close).toMatchObject({ closed: 'interrupted', plainBytes: 300_000 });
  // Not when it was closed: of the time after the last record nothing is known.
  const chunks = session.records.filter(({ type }) => type === 'chunk');
  expect(session.close?.atUs).toBe(Math.max(...chunks.map((each) => each.capturedUntilUs)));
});

it.each(['chunker', 'nobody else'])(
  'the encryptor, behind its store and before its answer (and %s): all bytes are stored, so the session ended',
  async (other) => {
    await rig.close();
    let dying = false;
    rig = await startEvidenceRig({
      chunkStore: (store, life) => {
        const append: ChunkStore['append'] = async (...args) => {
          await store.append(...args);
          if (!dying) return;
          dying = false;
          life.kill();
        };
        const bound = (value: unknown) => (typeof value === 'function' ? value.bind(store) : value);
        return new Proxy(store, {
          get: (target, name) => (name === 'append' ? append : bound(Reflect.get(target, name, target))),
        });
      },
    });
    const sessionId = await startSession(rig);
    const agent = new TestAgent(rig, sessionId, noise(50_000));
    await agent.sendAll(50_000);
    dying = true;
    const flushing = codeOf(rig.agent.flushRecording({ params: { sessionId } }));
    await until(() => !dying);
    if (other === 'chunker') await rig.services.chunker.restart();
    await rig.services.encryptor.restart();
    expect(await flushing).toBe('session_lost');
    await end(sessionId);
    const session = await readSession(rig, sessionId);
    expectSameBytes(session.tracks.get(0), noise(50_000));
    expect(session.close).toMatchObject({ closed: 'ended', plainBytes: 50_000 });
  },
);

it('all of them, one after the other, and only closing is left', async () => {
  const sessionId = await startSession(rig);
  const agent = new TestAgent(rig, sessionId, noise(200_000));
  await agent.finish(60_000);
  for (const victim of [rig.services.recorder, rig.services.chunker, rig.services.encryptor])
    await victim.restart();
  await end(sessionId);
  await end(sessionId);
  const session = await readSession(rig, sessionId);
  expectSameBytes(session.tracks.get(0), noise(200_000));
  expect(session.records.filter((each) => each.type === 'close')).toHaveLength(1);
});

it('a closing that dies is finished by the next one, with one closing record', async () => {
  for (const victim of ['chunker', 'encryptor', 'recorder'] as const) {
    for (let turns = 0; turns < 12; turns += 1) {
      const sessionId = await startSession(rig);
      const agent = new TestAgent(rig, sessionId, noise(70_000));
      await agent.finish(70_000);
      const ending = end(sessionId).catch((error: unknown) => error);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await rig.services[victim].restart();
      await ending;
      await end(sessionId);
      const session = await readSession(rig, sessionId);
      expectSameBytes(session.tracks.get(0), noise(70_000));
      expect(session.close).toMatchObject({ closed: 'ended', chunks: session.records.length - 2 });
    }
  }
});
