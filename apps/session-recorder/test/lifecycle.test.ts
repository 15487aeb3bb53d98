/** Pause, resume, gaps, restarts, vanished agents, events for who watches. */
import { createMemoryEvents, type Events } from '@lucid/events';
import { createManualClock } from '@lucid/service-kit/testing';
import {
  codeOf,
  type EvidenceRig,
  expectSameBytes,
  fileTrack,
  noise,
  readSession,
  startEvidenceRig,
  startSession,
  TestAgent,
  terminalTrack,
  until,
} from './evidence-rig.ts';

let rig: EvidenceRig;
const params = (sessionId: string) => ({ params: { sessionId } });
const stop = (sessionId: string) =>
  rig.recorder.stopRecording({
    ...params(sessionId),
    body: { closed: 'ended', atUs: 9_000_000_000_000_000 },
  });

describe('a recording', () => {
  let events: Events;
  beforeEach(async () => {
    events = createMemoryEvents({ nowMs: Date.now });
    rig = await startEvidenceRig({ events });
  });
  afterEach(() => rig.close());

  it('paused takes no bytes, and the evidence says so', async () => {
    const sessionId = await startSession(rig);
    const agent = new TestAgent(rig, sessionId, noise(30_000));
    await agent.send(10_000);
    expect(await rig.recorder.pauseRecording(params(sessionId))).toMatchObject({ state: 'paused' });
    expect(await rig.recorder.pauseRecording(params(sessionId))).toMatchObject({ state: 'paused' });
    expect(await codeOf(agent.send(10))).toBe('recording_not_running');
    await rig.services.recorder.restart();
    expect(await codeOf(agent.send(10))).toBe('recording_not_running');
    expect(await rig.recorder.resumeRecording(params(sessionId))).toMatchObject({ state: 'recording' });
    await agent.finish(10_000);
    await stop(sessionId);
    const session = await readSession(rig, sessionId);
    expect(session.records.map((each) => each.type)).toEqual([
      'header',
      'chunk',
      'event',
      'event',
      'chunk',
      'close',
    ]);
    expect(session.events.map((each) => each.event)).toEqual(['pause', 'resume']);
    expectSameBytes(session.tracks.get(0), noise(30_000));
  });

  it('keeps gaps where they happened', async () => {
    const sessionId = await startSession(rig);
    const agent = new TestAgent(rig, sessionId, noise(20_000));
    await agent.send(10_000);
    const detail = { fromUs: 3, untilUs: 4, reason: 'encoder restarted' };
    const gap = { event: 'gap', atUs: 4, track: 0, detail } as const;
    expect(await rig.agent.putEvent({ ...params(sessionId), body: gap })).toEqual({ index: 2 });
    await agent.finish(10_000);
    await stop(sessionId);
    const session = await readSession(rig, sessionId);
    expect(session.records.map((each) => each.type)).toEqual(['header', 'chunk', 'event', 'chunk', 'close']);
    expect(session.events).toEqual([gap]);
  });

  it('is taken up again by its agent alone after the recorder died, with nothing stored twice', async () => {
    const sessionId = await startSession(rig);
    const agent = new TestAgent(rig, sessionId, noise(200_000));
    await agent.send(100_000);
    await rig.services.recorder.restart();
    await until(async () => (await rig.recorder.listRecordings()).recordings.length === 1);
    await agent.finish(50_000);
    await stop(sessionId);
    expectSameBytes((await readSession(rig, sessionId)).tracks.get(0), noise(200_000));
  });

  it('is taken up by being started again, too', async () => {
    const sessionId = await startSession(rig);
    const agent = new TestAgent(rig, sessionId, noise(70_000));
    await agent.sendAll(70_000);
    const body = { sessionId, chunkSizeBytes: 65_536, tracks: [terminalTrack, fileTrack] };
    const { tracks } = await rig.recorder.startRecording({ body });
    expect(tracks[0]?.acceptedBytes).toBe(70_000);
    await agent.finish(70_000);
    await stop(sessionId);
  });

  it('is remembered when it is stopped, and can be stopped again', async () => {
    const sessionId = await startSession(rig);
    await new TestAgent(rig, sessionId, noise(100)).finish(100);
    expect(await stop(sessionId)).toEqual({ records: 3 });
    expect(await stop(sessionId)).toEqual({ records: 3 });
    const recording = await rig.agent.getRecording(params(sessionId));
    expect(recording).toMatchObject({
      state: 'stopped',
      tracks: [
        { track: 0, acceptedBytes: 100, durableBytes: 100 },
        { track: 3, durableBytes: 0 },
      ],
    });
    expect(await rig.recorder.listRecordings()).toEqual({ recordings: [] });
  });

  it('tells who watches it', async () => {
    const sessionId = await startSession(rig);
    const heard: unknown[] = [];
    await events.bus.subscribe(`session.${sessionId}`, {
      onEvent: (event) => void heard.push(event),
      onGap: () => void heard.push('gap'),
      onError: (error) => void heard.push(error),
    });
    await new TestAgent(rig, sessionId, noise(100)).finish(100);
    await rig.recorder.pauseRecording(params(sessionId));
    await stop(sessionId);
    await until(() => heard.length >= 4);
    expect(heard).toEqual([
      { type: 'durable', track: 0, durableBytes: 100 },
      { type: 'event', event: 'pause', index: 2 },
      { type: 'recording', state: 'paused' },
      { type: 'recording', state: 'stopped' },
    ]);
  });

  it('does not mind a bus that is down', async () => {
    await events.close();
    const sessionId = await startSession(rig);
    await new TestAgent(rig, sessionId, noise(100)).finish(100);
    expect(await stop(sessionId)).toEqual({ records: 3 });
    expect(rig.stack.logLines.some((line) => line.msg === 'an event was not published')).toBe(true);
  });
});

describe('the watchdog', () => {
  const timeoutMs = 10_000;
  let clock: ReturnType<typeof createManualClock>;
  beforeEach(async () => {
    clock = createManualClock();
    const environment = { RECORDER_AGENT_TIMEOUT_MS: String(timeoutMs), CHUNK_MAX_AGE_MS: '2000' };
    rig = await startEvidenceRig({ clock, environment });
  });
  afterEach(() => rig.close());

  const stoppedAs = (sessionId: string) => rig.stops.filter((each) => each.sessionId === sessionId);

  it('sets no timer while nothing is recorded', async () => {
    const before = clock.pendingMs.filter((ms) => ms <= timeoutMs / 4);
    expect(before).toEqual([]);
  });

  it('ends a session whose agent fell silent, and keeps what it sent', async () => {
    const sessionId = await startSession(rig);
    await new TestAgent(rig, sessionId, noise(1000)).send(1000);
    await clock.advance(timeoutMs);
    expect(stoppedAs(sessionId)).toEqual([]);
    await clock.advance(timeoutMs / 2);
    await until(() => stoppedAs(sessionId).length > 0);
    expect(stoppedAs(sessionId)[0]).toMatchObject({
      closed: 'interrupted',
      reason: expect.stringMatching(/^capture agent vanished/),
    });
    await until(async () => (await rig.recorder.listRecordings()).recordings.length === 0);
    const session = await readSession(rig, sessionId);
    expect(session.close).toMatchObject({ closed: 'interrupted', plainBytes: 1000 });
  });

  it('lets an agent live that has nothing to send but says so, and tells it what is durable', async () => {
    const sessionId = await startSession(rig);
    await new TestAgent(rig, sessionId, noise(1000)).send(1000);
    for (let beats = 0; beats < 20; beats += 1) {
      await clock.advance(timeoutMs / 2);
      const recording = await rig.agent.heartbeat(params(sessionId));
      expect(recording.tracks[0]).toEqual({ track: 0, acceptedBytes: 1000, durableBytes: 1000 });
      expect(recording.lastSeenAtUs).toBe(clock.nowMs() * 1000);
    }
    expect(rig.stops).toEqual([]);
  });

  it('notices after its own restart that the agent died meanwhile', async () => {
    const sessionId = await startSession(rig);
    await rig.services.recorder.restart();
    await clock.advance(timeoutMs * 2);
    await until(() => stoppedAs(sessionId).length > 0);
  });

  it('ends a session that cannot go on, soon', async () => {
    const sessionId = await startSession(rig);
    for (const victim of [rig.services.encryptor, rig.services.chunker, rig.services.recorder])
      await victim.restart();
    await clock.advance(timeoutMs / 2);
    await until(() => stoppedAs(sessionId).length > 0);
    expect(stoppedAs(sessionId)[0]).toMatchObject({
      closed: 'interrupted',
      reason: expect.stringMatching(/key is gone/),
    });
    const session = await readSession(rig, sessionId);
    expect(session.close).toMatchObject({ closed: 'interrupted' });
  });
});
