import { testTransports } from '@lucid/service-kit/testing';
import {
  codeOf,
  type EvidenceRig,
  expectSameBytes,
  fileTrack,
  freshSessionId,
  noise,
  readSession,
  recorderVerifierKey,
  startEvidenceRig,
  startSession,
  TestAgent,
  terminalTrack,
} from './evidence-rig.ts';

describe.each(testTransports)('a recording over %s', (transport) => {
  let rig: EvidenceRig;
  beforeEach(async () => {
    rig = await startEvidenceRig({ transport });
  });
  afterEach(() => rig.close());

  it('gives evidence that holds exactly what was handed in', async () => {
    const sessionId = await startSession(rig);
    const text = new TextEncoder().encode('all work and no play\n'.repeat(20_000));
    const random = noise(300_000);
    const [terminal, file] = [
      new TestAgent(rig, sessionId, text),
      new TestAgent(rig, sessionId, random, fileTrack.track),
    ];
    await Promise.all([terminal.sendAll(10_007), file.sendAll(70_001)]);
    await rig.agent.putEvent({
      params: { sessionId },
      body: { event: 'note', atUs: 3_000_000, detail: { a: 1 } },
    });
    await rig.recorder.stopRecording({ params: { sessionId }, body: { closed: 'ended', atUs: 9_000_000 } });
    const session = await readSession(rig, sessionId);
    expectSameBytes(session.tracks.get(0), text);
    expectSameBytes(session.tracks.get(fileTrack.track), random);
    expect(session.events.map((each) => each.event)).toEqual(['note']);
    expect(session.close).toMatchObject({
      closed: 'ended',
      plainBytes: text.length + random.length,
      events: 1,
    });
    expect(session.header).toMatchObject({
      recorder: recorderVerifierKey,
      software: 'lucid/0.1.0',
      tracks: [terminalTrack, fileTrack],
    });
    expect(session.records.filter((each) => each.compressed && each.track === 0).length).toBeGreaterThan(5);
    expect(session.records.filter((each) => each.compressed && each.track === 3).length).toBe(0);
  });
});

it('unknown recordings are unknown', async () => {
  const rig = await startEvidenceRig();
  expect(await codeOf(rig.agent.getRecording({ params: { sessionId: freshSessionId() } }))).toBe(
    'recording_unknown',
  );
  await rig.close();
});
