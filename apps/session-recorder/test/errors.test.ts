/** Every error that the contract declares for an operation is answered by it in some situation. */

import { ChunkStoreError } from '@lucid/chunk-store';
import { sessionRecorderContract } from '@lucid/contracts';
import {
  codeOf,
  type EvidenceRig,
  fileTrack,
  freshSessionId,
  noise,
  startEvidenceRig,
  startSession,
  terminalTrack,
} from './evidence-rig.ts';

let rig: EvidenceRig;
let full: boolean;
beforeEach(async () => {
  full = false;
  rig = await startEvidenceRig({
    chunkStore: (store) =>
      new Proxy(store, {
        get: (target, name) => {
          const value = Reflect.get(target, name, target);
          if (name === 'append' && full) return () => Promise.reject(new ChunkStoreError('store_full'));
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
  });
});
afterEach(async () => {
  full = false;
  await rig.close();
});

const unknown = freshSessionId();
const put = (sessionId: string, { offset = 0, track = 0, body = noise(10) } = {}) =>
  rig.agent.putBytes({ params: { sessionId, track }, query: { offset, fromUs: 1, untilUs: 2 }, body });
const note = (sessionId: string) =>
  rig.agent.putEvent({ params: { sessionId }, body: { event: 'note', atUs: 3 } });
const params = (sessionId: string) => ({ params: { sessionId } });
const stop = (sessionId: string) =>
  rig.recorder.stopRecording({ ...params(sessionId), body: { closed: 'ended', atUs: 9 } });
const start = (
  sessionId: string,
  tracks: (typeof terminalTrack | typeof fileTrack)[] = [terminalTrack, fileTrack],
) => rig.recorder.startRecording({ body: { sessionId, chunkSizeBytes: 65_536, tracks } });

const lost = async () => {
  const sessionId = await startSession(rig);
  await rig.services.encryptor.restart();
  await put(sessionId);
  await rig.agent.flushRecording(params(sessionId)).catch(() => undefined);
  return sessionId;
};
const stopped = async () => {
  const sessionId = await startSession(rig);
  await stop(sessionId);
  return sessionId;
};
/** A store that became full, with everything that the chunker may hold waiting for it. */
const clogged = async () => {
  const sessionId = await startSession(rig);
  full = true;
  for (let at = 0; at < 4; at += 1) await put(sessionId, { offset: at * 65_536, body: noise(65_536) });
  await rig.agent.flushRecording(params(sessionId)).catch(() => undefined);
  return sessionId;
};

const situations: readonly (readonly [string, string, () => Promise<unknown>])[] = [
  ['startRecording', 'recording_exists', async () => start(await startSession(rig), [terminalTrack])],
  ['startRecording', 'session_lost', () => start(freshSessionId())],
  ['startRecording', 'session_lost', async () => start(await stopped())],
  ['putBytes', 'recording_unknown', () => put(unknown)],
  ['putBytes', 'recording_not_running', async () => put(await stopped())],
  [
    'putBytes',
    'recording_not_running',
    async () => {
      const sessionId = await startSession(rig);
      await rig.recorder.pauseRecording(params(sessionId));
      await put(sessionId);
    },
  ],
  ['putBytes', 'track_unknown', async () => put(await startSession(rig), { track: 8 })],
  ['putBytes', 'offset_mismatch', async () => put(await startSession(rig), { offset: 1 })],
  ['putBytes', 'session_lost', async () => put(await lost(), { offset: 10 })],
  ['putBytes', 'store_full', async () => put(await clogged(), { offset: 4 * 65_536 })],
  ['putEvent', 'recording_unknown', () => note(unknown)],
  ['putEvent', 'recording_unknown', async () => note(await stopped())],
  ['putEvent', 'session_lost', async () => note(await lost())],
  ['putEvent', 'store_full', async () => note(await clogged())],
  ['heartbeat', 'recording_unknown', () => rig.agent.heartbeat(params(unknown))],
  ['heartbeat', 'session_lost', async () => rig.agent.heartbeat(params(await lost()))],
  ['flushRecording', 'recording_unknown', () => rig.agent.flushRecording(params(unknown))],
  ['flushRecording', 'session_lost', async () => rig.agent.flushRecording(params(await lost()))],
  ['flushRecording', 'store_full', async () => rig.agent.flushRecording(params(await clogged()))],
  ['pauseRecording', 'recording_unknown', () => rig.recorder.pauseRecording(params(unknown))],
  ['pauseRecording', 'session_lost', async () => rig.recorder.pauseRecording(params(await lost()))],
  ['pauseRecording', 'store_full', async () => rig.recorder.pauseRecording(params(await clogged()))],
  ['resumeRecording', 'recording_unknown', () => rig.recorder.resumeRecording(params(unknown))],
  [
    'resumeRecording',
    'session_lost',
    async () => {
      const sessionId = await startSession(rig);
      await rig.recorder.pauseRecording(params(sessionId));
      await rig.services.encryptor.restart();
      await rig.services.chunker.restart();
      await rig.recorder.resumeRecording(params(sessionId));
    },
  ],
  [
    'resumeRecording',
    'store_full',
    async () => {
      const sessionId = await startSession(rig);
      await put(sessionId);
      await rig.recorder.pauseRecording(params(sessionId));
      full = true;
      await rig.recorder.resumeRecording(params(sessionId));
    },
  ],
  ['stopRecording', 'session_lost', () => stop(unknown)],
  ['stopRecording', 'session_lost', async () => stop(await lost())],
  [
    'stopRecording',
    'bytes_missing',
    async () => {
      const sessionId = await startSession(rig);
      await put(sessionId);
      await rig.services.chunker.restart();
      await stop(sessionId);
    },
  ],
  ['stopRecording', 'store_full', async () => stop(await clogged())],
  ['getRecording', 'recording_unknown', () => rig.agent.getRecording(params(unknown))],
];

it.each(situations)('%s answers %s', async (_operation, code, act) => {
  expect(await codeOf(act())).toBe(code);
});

it('no declared error is left out', () => {
  const declared = Object.entries(sessionRecorderContract.operations).flatMap(([name, operation]) =>
    ('errors' in operation ? operation.errors : []).map((code) => `${name} ${code}`),
  );
  const asserted = new Set(situations.map(([operation, code]) => `${operation} ${code}`));
  expect(declared.filter((each) => !asserted.has(each))).toEqual([]);
});

describe('refused events', () => {
  const event = async (body: Parameters<typeof rig.agent.putEvent>[0]['body']) =>
    codeOf(rig.agent.putEvent({ ...params(await startSession(rig)), body }));

  it('pausing and resuming have operations of their own', async () => {
    expect(await event({ event: 'pause', atUs: 3 })).toBe('invalid_request');
    expect(await event({ event: 'resume', atUs: 3 })).toBe('invalid_request');
  });
  it('a gap says from when to when, and why', async () => {
    expect(await event({ event: 'gap', atUs: 3 })).toBe('invalid_request');
    expect(
      await event({ event: 'gap', atUs: 3, detail: { fromUs: 1, untilUs: 2, reason: 'encoder died' } }),
    ).toBe('no problem');
  });
  it('of a track that is not recorded', async () => {
    expect(await event({ event: 'note', atUs: 3, track: 9 })).toBe('invalid_request');
  });
});
