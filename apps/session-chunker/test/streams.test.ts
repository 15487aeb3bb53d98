/** Cutting through the real encryptor: any slicing, any ages, exactly the bytes; and each declared error. */
import { sessionChunkerContract } from '@lucid/contracts';
import { createManualClock } from '@lucid/service-kit/testing';
import { openZstd } from '@lucid/zstd';
import fc from 'fast-check';
import {
  codeOf,
  type EvidenceRig,
  expectSameBytes,
  freshSessionId,
  noise,
  readSession,
  startEvidenceRig,
  startSession,
} from '../../session-recorder/test/evidence-rig.ts';

const put = (rig: EvidenceRig, sessionId: string, offset: number, body: Uint8Array, track = 0) =>
  rig.chunker.appendBytes({ params: { sessionId, track }, query: { offset, fromUs: 5, untilUs: 6 }, body });
const closing = { closed: 'ended', atUs: 9 } as const;

/** Half noise, half what compresses; sliced anew for each run. */
const pool = noise(25 * 90_000 + 100_000).map((byte, at) => (at % 200_000 < 100_000 ? byte : byte & 3));

describe('any slicing with any ages', () => {
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('send' as const),
        size: fc.integer({ min: 1, max: 90_000 }),
        track: fc.constantFrom(0, 3),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('event' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('again' as const), back: fc.integer({ min: 0, max: 50_000 }) }),
    },
  );

  it('gives back exactly the input', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 9 }),
        async (steps, seed) => {
          const clock = createManualClock();
          const rig = await startEvidenceRig({ clock, environment: { CHUNK_MAX_AGE_MS: '2000' } });
          const sessionId = await startSession(rig);
          const input = new Map([0, 3].map((track) => [track, pool.subarray(seed * 1000 + track)]));
          const sent = new Map([
            [0, 0],
            [3, 0],
          ]);
          let events = 0;
          for (const each of steps) {
            if (each.do === 'wait') await clock.advance(each.ms);
            else if (each.do === 'flush') await rig.chunker.flushStream({ params: { sessionId } });
            else if (each.do === 'event') {
              events += 1;
              await rig.chunker.appendEvent({ params: { sessionId }, body: { event: 'note', atUs: 7 } });
            } else {
              const track = each.do === 'send' ? each.track : 0;
              const at = sent.get(track) as number;
              const from = each.do === 'again' ? Math.max(0, at - each.back) : at;
              const until = each.do === 'again' ? at : at + each.size;
              const answer = await put(
                rig,
                sessionId,
                from,
                (input.get(track) as Uint8Array).slice(from, until),
                track,
              );
              expect(answer.acceptedBytes).toBe(until);
              sent.set(track, until);
            }
          }
          await rig.chunker.closeStream({ params: { sessionId }, body: closing });
          const session = await readSession(rig, sessionId);
          for (const [track, size] of sent)
            expectSameBytes(
              session.tracks.get(track) ?? new Uint8Array(0),
              (input.get(track) as Uint8Array).subarray(0, size),
            );
          expect(session.events).toHaveLength(events);
          expect(session.records.every((each) => each.plainSizeBytes <= 65_536)).toBe(true);
          await rig.close();
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('cutting by age', () => {
  it('cuts what is buffered when it is old enough, and idle sessions cost no timer', async () => {
    const clock = createManualClock();
    const rig = await startEvidenceRig({ clock, environment: { CHUNK_MAX_AGE_MS: '2000' } });
    const sessions = [await startSession(rig), await startSession(rig)] as const;
    const idle = [...clock.pendingMs];
    await put(rig, sessions[0], 0, noise(100));
    expect(clock.pendingMs.filter((ms) => ms === 2_000)).toHaveLength(1);
    await clock.advance(1_500);
    await put(rig, sessions[0], 100, noise(100));
    await put(rig, sessions[1], 0, noise(100));
    const chunks = async (sessionId: string) =>
      (await rig.reader.recordsHead({ params: { sessionId } })).chunks;
    expect([await chunks(sessions[0]), await chunks(sessions[1])]).toEqual([0, 0]);
    await clock.advance(500);
    expect([await chunks(sessions[0]), await chunks(sessions[1])]).toEqual([1, 0]);
    await clock.advance(1_500);
    expect([await chunks(sessions[0]), await chunks(sessions[1])]).toEqual([1, 1]);
    expect(clock.pendingMs.length).toBeLessThanOrEqual(idle.length);
    expect(await put(rig, sessions[0], 200, new Uint8Array(0))).toEqual({
      acceptedBytes: 200,
      durableBytes: 200,
    });
    await rig.close();
  });
});

describe('a stop', () => {
  it('stores what is buffered', async () => {
    const rig = await startEvidenceRig();
    const sessionId = await startSession(rig);
    await put(rig, sessionId, 0, noise(1000));
    await rig.close();
    expect(rig.chunks.get(sessionId)?.size).toBe(3);
  });
});

describe('errors', () => {
  let rig: EvidenceRig;
  beforeEach(async () => {
    rig = await startEvidenceRig();
  });
  afterEach(() => rig.close());

  const unknown = freshSessionId();
  const params = (sessionId: string) => ({ params: { sessionId } });
  const lost = async () => {
    const sessionId = await startSession(rig);
    await rig.services.encryptor.restart();
    await put(rig, sessionId, 0, noise(65_536));
    await rig.chunker.flushStream(params(sessionId)).catch(() => undefined);
    return sessionId;
  };
  const event = { event: 'note', atUs: 4 } as const;
  const note = (sessionId: string) => rig.chunker.appendEvent({ ...params(sessionId), body: event });
  const close = (sessionId: string) => rig.chunker.closeStream({ ...params(sessionId), body: closing });
  const open = (sessionId: string) =>
    rig.chunker.openStream({ ...params(sessionId), body: { chunkSizeBytes: 65_536 } });

  const situations: readonly (readonly [string, string, () => Promise<unknown>])[] = [
    ['openStream', 'session_lost', () => open(unknown)],
    ['openStream', 'session_lost', async () => open(await lost())],
    ['appendBytes', 'stream_unknown', () => put(rig, unknown, 0, noise(1))],
    ['appendBytes', 'offset_mismatch', async () => put(rig, await startSession(rig), 5, noise(1))],
    ['appendBytes', 'session_lost', async () => put(rig, await lost(), 65_536, noise(1))],
    ['appendEvent', 'stream_unknown', () => note(unknown)],
    ['appendEvent', 'session_lost', async () => note(await lost())],
    ['flushStream', 'stream_unknown', () => rig.chunker.flushStream(params(unknown))],
    ['flushStream', 'session_lost', async () => rig.chunker.flushStream(params(await lost()))],
    ['closeStream', 'session_lost', () => close(unknown)],
    ['closeStream', 'session_lost', async () => close(await lost())],
  ];
  it.each(situations)('%s answers %s', async (_operation, code, act) => {
    expect(await codeOf(act())).toBe(code);
  });

  it('no declared error is left out; store_full is in back-pressure.test.ts', () => {
    const declared = Object.entries(sessionChunkerContract.operations).flatMap(([name, operation]) =>
      ('errors' in operation ? operation.errors : []).map((code) => `${name} ${code}`),
    );
    const asserted = new Set(situations.map(([operation, code]) => `${operation} ${code}`));
    expect(declared.filter((each) => !asserted.has(each) && !each.endsWith('store_full'))).toEqual([]);
  });

  it('the expected offset is told', async () => {
    const sessionId = await startSession(rig);
    await put(rig, sessionId, 0, noise(10));
    await expect(put(rig, sessionId, 11, noise(1))).rejects.toMatchObject({ extensions: { expected: 10 } });
  });

  it('an event without what its kind needs is refused', async () => {
    const sessionId = await startSession(rig);
    const gap = { event: 'gap', atUs: 4, detail: { fromUs: 2, untilUs: 1, reason: 'x' } } as const;
    expect(await codeOf(rig.chunker.appendEvent({ ...params(sessionId), body: gap }))).toBe(
      'invalid_request',
    );
    const unexplained = { closed: 'interrupted', atUs: 4 } as const;
    expect(await codeOf(rig.chunker.closeStream({ ...params(sessionId), body: unexplained }))).toBe(
      'invalid_request',
    );
    await close(sessionId);
  });

  it('a session can be closed twice at once, and again', async () => {
    const sessionId = await startSession(rig);
    await put(rig, sessionId, 0, noise(10));
    const heads = await Promise.all([close(sessionId), close(sessionId)]);
    expect(heads[0]).toEqual(heads[1]);
    expect(await close(sessionId)).toEqual(heads[0]);
    expect(await codeOf(open(sessionId))).toBe('session_lost');
  });

  it('records that another writer added in between are counted', async () => {
    const sessionId = await startSession(rig);
    await put(rig, sessionId, 0, noise(10));
    const body = new TextEncoder().encode('{"atUs":4,"event":"note"}');
    const query = { type: 'event', atUs: 4 } as const;
    await rig.chunkerSide.putControl({ params: { sessionId, index: 1 }, query, body });
    expect(await close(sessionId)).toMatchObject({ records: 4, events: 1, chunks: 1, closed: 'ended' });
    await readSession(rig, sessionId);
  });

  it('bytes that another writer stored differently make the stream unknown, not wrong', async () => {
    const sessionId = await startSession(rig);
    await put(rig, sessionId, 0, noise(10));
    const query = { track: 0, compressed: false, fromUs: 1, untilUs: 2, plainOffset: 0, plainSizeBytes: 4 };
    await rig.chunkerSide.putChunk({ params: { sessionId, index: 1 }, query, body: noise(4) });
    expect(await codeOf(rig.chunker.flushStream(params(sessionId)))).toBe('stream_unknown');
    expect(await open(sessionId)).toMatchObject({ tracks: [{ track: 0, plainBytes: 4 }] });
    await put(rig, sessionId, 4, noise(10).slice(4));
    await close(sessionId);
    expectSameBytes((await readSession(rig, sessionId)).tracks.get(0), noise(10));
  });
});

it('compresses a chunk alone', async () => {
  const rig = await startEvidenceRig();
  const operator = rig.stack.clientOf(sessionChunkerContract);
  const plain = new Uint8Array(200_000).fill(65);
  const packed = await operator.compressChunk({ body: plain });
  expect(packed.length).toBeLessThan(1000);
  const back = new Uint8Array(plain.length);
  expect((await openZstd()).decompress(back, packed)).toBe(plain.length);
  expectSameBytes(back, plain);
  expectSameBytes(await operator.compressChunk({ body: noise(1000) }), noise(1000));
  await rig.close();
});
