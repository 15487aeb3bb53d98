import { sampleRecord, sampleSessionId } from '@lucid/chunk-store/samples';

export const killSessionId = sampleSessionId('kill');

/** From 128 bytes to 400 kB, differing per index. */
export const killRecord = (index: number) =>
  sampleRecord({ sessionId: killSessionId, index, payloadSizeBytes: (index * 7919) % 400_000 });
