import { createBytesReader, verifyBundle } from '../src/index.ts';
import {
  sampleBundle,
  sampleCheckpoint,
  sampleSession,
  seededNumbers,
  toyDecompress,
} from './sample-session.ts';

const RUNS = Number(process.env.CLEAN_RUNS ?? (process.env.LUCID_SLOW ? 1000 : 100));
const SEED = process.env.SEED ?? 'clean';

test(`${RUNS} clean bundles raise no alarm (seed ${SEED})`, async () => {
  for (let run = 0; run < RUNS; run++) {
    const seed = `${SEED}/${run}`;
    const draw = seededNumbers(seed);
    const chunkBytes = [1, 40, 900, 70_000][draw(4)] ?? 1;
    const session = sampleSession({
      seed,
      chunks: draw(chunkBytes > 1000 ? 6 : 40),
      chunkBytes,
      anchored: draw(2) === 1,
      closed: draw(4) === 0 ? 'interrupted' : 'ended',
      withEvents: draw(3) > 0,
      compressed: draw(2) === 1,
    });
    const order = [...session.records.keys()];
    if (draw(3) === 0) order.sort(() => draw(3) - 1);
    const bundle = sampleBundle(session, order);
    const verdict = await verifyBundle(createBytesReader(bundle), {
      // Not given: that would require an anchor.
      recall: () => ({
        recorderKeys: [session.recorder.vkey],
        ledgerKeys: [session.ledger.vkey],
        witnessKeys: [session.witness.vkey],
      }),
      seenCheckpoint: sampleCheckpoint(session, session.records, 1 + draw(session.records.length)),
      requireAnchor: session.options.anchored ?? false,
      openSession: { unwrapSessionKey: () => session.sessionKey.slice(), decompress: toyDecompress },
    });
    expect({ seed, faults: verdict.faults.map(({ message }) => message) }).toEqual({ seed, faults: [] });
    expect(verdict.ok).toBe(true);
    expect(verdict.summary.records).toBe(session.records.length);
    expect(verdict.summary.openedChunks).toBe(verdict.summary.chunks);
    expect(verdict.summary.anchor === null).toBe(!session.options.anchored);
  }
});
