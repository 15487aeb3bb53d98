/** What session-chunker reads from the environment. */
import { type Static, Type } from 'typebox';

export const ChunkerConfig = Type.Object({
  CHUNK_MAX_AGE_MS: Type.Integer({
    default: 2_000,
    minimum: 10,
    maximum: 600_000,
    description: 'how long captured bytes wait for a full chunk',
  }),
  CHUNK_WINDOW: Type.Integer({
    default: 4,
    minimum: 1,
    maximum: 64,
    description: 'chunks of a session that may wait to be stored before its source has to wait',
  }),
  LUCID_ZSTD: Type.Union([Type.Literal('auto'), Type.Literal('native'), Type.Literal('wasm')], {
    default: 'auto',
    description: 'which Zstandard codec is used',
  }),
});
export type ChunkerConfig = Static<typeof ChunkerConfig>;
