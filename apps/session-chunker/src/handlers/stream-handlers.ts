import type { sessionChunkerContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import { encodeDocument } from '@lucid/session-format';
import type { ChunkerContext } from '../context.ts';
import { compressChunk } from '../domain/compress-chunk.ts';
import { problem } from '../domain/problems.ts';

/** What would not be accepted as a record is refused before it stands in a queue. */
function judged<T>(encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    throw problem('invalid_request', { detail: (error as Error).message, cause: error });
  }
}

export const streamHandlers: Handlers<typeof sessionChunkerContract, ChunkerContext> = {
  openStream: ({ params, body }, _call, { streams }) => streams.open(params.sessionId, body.chunkSizeBytes),

  appendBytes: ({ params, query, body }, call, { streams }) =>
    streams.get(params.sessionId).append(params.track, { ...query, body }, call.signal),

  appendEvent: async ({ params, body }, call, { streams }) => {
    judged(() => encodeDocument('sessionEvent', body));
    return { index: await streams.get(params.sessionId).putEvent(body, call.signal) };
  },

  flushStream: ({ params }, call, { streams }) => streams.get(params.sessionId).flush(call.signal),

  closeStream: ({ params, body: { accepted = [], ...closing } }, _call, { streams }) => {
    judged(() => encodeDocument('sessionClose', { ...closing, chunks: 0, events: 0, plainBytes: 0 }));
    return streams.close(params.sessionId, closing, accepted);
  },

  compressChunk: async ({ body }, _call, { codec, scratch }) => compressChunk(codec, scratch, body),
};
