import type { Metrics } from '@lucid/service-kit';

/** Full, old enough, or because an event, a flush or the end came behind it. */
const cutReasons = ['size', 'age', 'asked'] as const;
export type CutReason = (typeof cutReasons)[number];

export interface ChunkerMeter {
  bytesTaken(sizeBytes: number): void;
  chunkCut(why: CutReason): void;
  /** A chunk became durable, so long after it was handed on. */
  chunkStored(packedSizeBytes: number, durationMs: number): void;
  openStreams(count: number): void;
}

export function chunkerMeter(metrics: Metrics): ChunkerMeter {
  const taken = metrics.counter({
    name: 'lucid_chunker_taken_bytes_total',
    help: 'Captured bytes that were taken since the start.',
  });
  const packed = metrics.counter({
    name: 'lucid_chunker_packed_bytes_total',
    help: 'Bytes of chunks after compression that became durable since the start.',
  });
  const cuts = new Map(
    cutReasons.map((why) => [
      why,
      metrics.counter({
        name: 'lucid_chunker_cuts_total',
        help: 'Chunks that were cut since the start, by why.',
        labels: { why },
      }),
    ]),
  );
  const seconds = metrics.histogram({
    name: 'lucid_chunker_store_seconds',
    help: 'How long a cut chunk takes from the encryptor’s call to its answer: sealed, durable, in the tree.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  });
  const streams = metrics.gauge({ name: 'lucid_chunker_open_streams', help: 'Sessions that are open here.' });
  return {
    bytesTaken: (sizeBytes) => taken.add(sizeBytes),
    chunkCut: (why) => cuts.get(why)?.add(),
    chunkStored(packedSizeBytes, durationMs) {
      packed.add(packedSizeBytes);
      seconds.observe(durationMs / 1_000);
    },
    openStreams: (count) => streams.set(count),
  };
}
