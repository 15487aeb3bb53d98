export type CodecName = 'auto' | 'native' | 'wasm';
