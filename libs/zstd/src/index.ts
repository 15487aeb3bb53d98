export { ZSTD_LEVEL, type ZstdCodec, ZstdError } from './codec.ts';
export { type CodecChoice, isCodecChoice, openZstd } from './open-zstd.ts';
